"""A bias of its own for every pixel and channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class UntiedBias(keras.layers.Layer):
    """Adds a trained number per place: float32 of any shape (n, ...) to the same shape.

    Reference:
        The "deconvolutional" generator of GAN 2014's released code (figure 2d).
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.bias = self.add_weight(shape=tuple(input_shape[1:]), initializer=self.bias_initializer, name="bias")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x + self.bias.value

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
