"""A small classifier of images, trained on real ones only: it judges generated images by classes and by features."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import SeededModel


def network(classes: int, side: int = 28, channels: int = 1, width: int | None = None) -> keras.Model:
    """Images (n, side, side, channels) in 0..1 to (logits (n, classes), features (n, width)).

    Conv 3x3 32, 32, max-pool 2, conv 3x3 64, 64, max-pool 2, dense `width` (None: 256, and 128 above 28 pixels),
    dropout 0.5, dense; ReLU, "same" padding. Above 32 pixels the second pool is of 4.
    """
    image = x = keras.Input((side, side, channels))
    for filters, pool in ((32, 2), (64, 4 if side > 32 else 2)):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(pool)(x)
    features = layers.Dense(width or (256 if side <= 28 else 128), "relu")(layers.Flatten()(x))
    logits = layers.Dense(classes)(layers.Dropout(0.5)(features))
    return keras.Model(image, [logits, features], name="recogniser")


class Recogniser(SeededModel):
    """Trains the network on pairs (images in 0..1, labels) by cross entropy."""

    def __init__(
        self, classes: int, seed: int = 0, side: int = 28, channels: int = 1, width: int | None = None
    ) -> None:
        super().__init__({"classifier": network(classes, side, channels, width)}, seed)

    def compile(self, optimizer: keras.optimizers.Optimizer, **kwargs: bool) -> None:
        """Compiles with one optimizer."""
        self.compile_networks({"classifier": optimizer}, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> list[tf.Tensor]:
        return self.classifier(*args, **kwargs)

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> None:
        images, labels = data

        def loss() -> tf.Tensor:
            logits, _ = self.classifier(images, training=True)
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

        self.descend(self.classifier, loss)


def predict(classifier: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax probabilities float32 (n, classes) and features float32 (n, d) of uint8 images of the network's shape."""
    shape = (250, *classifier.input_shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8)])
    def part(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits, features = classifier(tf.cast(batch, tf.float32) / 255, training=False)
        return tf.nn.softmax(logits), features

    found = []
    for start in range(0, len(images), shape[0]):
        batch = images[start : start + shape[0]]
        padded = np.zeros(shape, np.uint8)
        padded[: len(batch)] = batch
        found.append([values.numpy()[: len(batch)] for values in part(padded)])
    probabilities, features = zip(*found, strict=True)
    return np.concatenate(probabilities), np.concatenate(features)


def top1(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Share of images whose most probable class is their label, 0..1."""
    return float((probabilities.argmax(axis=1) == labels).mean())
