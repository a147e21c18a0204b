"""A small network that reads what a picture shows: one softmax head per attribute, one linear head per quantity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import SeededModel

AT_ONCE = 250


def network(shape: tuple[int, int, int], classes: Mapping[str, int], quantities: tuple[str, ...] = ()) -> keras.Model:
    """Images in 0..1 to logits (n, K) per attribute and one number (n, 1) per quantity, as a dict by name.

    Three convolutions of 3x3 at stride 2 (16, 32, 64 maps; batch norm, LeakyReLU 0.2), dense 64 with ReLU, the heads.

    Args:
        shape: Of an image.
        classes: Values that each attribute can take.
        quantities: Names of the linear heads.
    """
    image = x = keras.Input(shape)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, 2, "same", use_bias=False)(x)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dense(64, "relu")(layers.Flatten()(x))
    heads = {name: layers.Dense(count)(x) for name, count in classes.items()}
    heads |= {name: layers.Dense(1)(x) for name in quantities}
    return keras.Model(image, heads, name="reader")


class AttributeReader(SeededModel):
    """Trains the network on pairs (images in 0..1, dict of targets): cross entropy, squared error for quantities.

    Args:
        reader: Built by `network`.
        quantities: Names of its linear heads.
        seed: See `SeededModel`.
    """

    def __init__(self, reader: keras.Model, quantities: tuple[str, ...] = (), seed: int = 0) -> None:
        super().__init__({"reader": reader}, seed)
        self.quantities = quantities

    def compile(self, optimizer: keras.optimizers.Optimizer, **kwargs: bool) -> None:
        """Compiles with one optimizer."""
        self.compile_networks({"reader": optimizer}, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> dict[str, tf.Tensor]:
        return self.reader(*args, **kwargs)

    def train_step(self, data: tuple[tf.Tensor, dict[str, tf.Tensor]]) -> None:
        images, targets = data

        def loss() -> tf.Tensor:
            total = 0.0
            for name, head in self.reader(images, training=True).items():
                wanted = targets[name]
                if name in self.quantities:
                    total += tf.reduce_mean((head[:, 0] - wanted) ** 2)
                else:
                    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(wanted, tf.int32), head)
                    total += tf.reduce_mean(entropy)
            return total

        self.descend(self.reader, loss)


class Reading:
    """What a reader says of n images.

    Args:
        heads: Its outputs: logits, shape (n, K), or numbers, shape (n, 1).
        quantities: Names of the latter.
    """

    def __init__(self, heads: Mapping[str, np.ndarray], quantities: tuple[str, ...] = ()) -> None:
        self._heads = {name: head for name, head in heads.items() if name not in quantities}
        self.number = {name: heads[name][:, 0] for name in quantities}

    def value(self, name: str) -> np.ndarray:
        """The most probable value of an attribute: int64, shape (n,)."""
        return self._heads[name].argmax(axis=1)

    def confidence(self, name: str) -> np.ndarray:
        """The largest probability of an attribute's values, 0..1: shape (n,)."""
        logits = self._heads[name].astype(np.float64)
        logits = logits - logits.max(axis=1, keepdims=True)
        return 1 / np.exp(logits).sum(axis=1)

    def sure(self, least: float, names: tuple[str, ...] | None = None) -> np.ndarray:
        """Which images are read with at least that confidence, on every attribute named, or on all: bool, (n,)."""
        return np.all([self.confidence(name) >= least for name in names or self._heads], axis=0)

    def abstention(self, least: float) -> float:
        """Share of readings, all attributes pooled, below that confidence, 0..1."""
        return float(np.mean([self.confidence(name) < least for name in self._heads]))


def read(reader: keras.Model, images: np.ndarray, quantities: tuple[str, ...] = ()) -> Reading:
    """Reads uint8 images (n, side, side, channels) with the reader's moving averages."""

    @tf.function(reduce_retracing=True)
    def part(batch: tf.Tensor) -> dict[str, tf.Tensor]:
        return reader(tf.cast(batch, tf.float32) / 255, training=False)

    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(images), AT_ONCE):
        for name, head in part(tf.constant(images[start : start + AT_ONCE])).items():
            found.setdefault(name, []).append(head.numpy())
    return Reading({name: np.concatenate(parts) for name, parts in found.items()}, quantities)
