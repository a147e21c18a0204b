"""A nonlinearity of pairs of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class Gate(keras.layers.Layer):
    """sigmoid(a) tanh(b) of the even channels a and the odd channels b: half as many channels.

    Call arguments:
        x: float32, shape (..., channels), an even number of channels.

    Reference:
        van den Oord et al. 2016 (1606.05328), equation 2; pairs of channels as in WGAN-GP's authors' gan_64x64.py.
    """

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return keras.ops.sigmoid(x[..., ::2]) * keras.ops.tanh(x[..., 1::2])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] // 2)
