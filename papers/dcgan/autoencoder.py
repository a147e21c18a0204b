"""The denoising autoencoder of section 4.1.1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import SeededModel

if TYPE_CHECKING:
    from typing import Any


AT_ONCE = 1_000


def network(
    shape: tuple[int, int, int], code: int = 128, input_dropout: float = 0.2, code_dropout: float = 0.5
) -> keras.Model:
    """Images less their mean to rectified codes (n, code) and images of linear outputs; 789,632 weights for 32x32x3.

    Args:
        shape: Of an image.
        code: Units of the code.
        input_dropout: Share of pixels that are dropped: the noise.
        code_dropout: Share of the code that is dropped.
    """
    image = keras.Input(shape)
    x = layers.Dropout(input_dropout)(layers.Flatten()(image))
    codes = layers.Dense(code, "relu")(x)
    out = layers.Dense(math.prod(shape))(layers.Dropout(code_dropout)(codes))
    return keras.Model(image, [codes, layers.Reshape(shape)(out)], name="autoencoder")


class Autoencoder(SeededModel):
    """Trains the network on images in 0..1 less their mean, by squared error.

    Of images as they are, whose pixels are all positive, the units of the code learn the mean and little else: on rooms
    each of them is active always or never, so that all images have one hash.

    Args:
        autoencoder: See `network`.
        mean: Image in 0..1 that is subtracted.
        seed: See `SeededModel`.
    """

    def __init__(self, autoencoder: keras.Model, mean: np.ndarray, seed: int = 0) -> None:
        super().__init__({"autoencoder": autoencoder}, seed)
        self.mean = tf.constant(mean, tf.float32)

    def compile(self, optimizer: keras.optimizers.Optimizer, **kwargs: bool) -> None:
        """Compiles with one optimizer."""
        self.compile_networks({"autoencoder": optimizer}, **kwargs)

    def call(self, images: tf.Tensor, **kwargs: Any) -> list[tf.Tensor]:
        return self.autoencoder(images - self.mean, **kwargs)

    def train_step(self, data: tf.Tensor) -> None:
        def loss() -> tf.Tensor:
            _, out = self(data, training=True)
            return tf.reduce_mean((out - (data - self.mean)) ** 2)

        self.descend(self.autoencoder, loss)

    def bits(self, images: np.ndarray) -> np.ndarray:
        """Which units of the code are active, of uint8 images: bool, shape (n, code)."""
        parts = [
            self(images[at : at + AT_ONCE].astype(np.float32) / 255, training=False)[0].numpy() > 0
            for at in range(0, len(images), AT_ONCE)
        ]
        return np.concatenate(parts)
