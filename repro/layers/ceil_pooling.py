"""Max pooling whose last window may hang over the edge."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class CeilMaxPooling2D(keras.layers.Layer):
    """Max pooling with ceil((n - pool) / strides) + 1 outputs a side, counted from the top left.

    Keras knows two others: "valid" leaves the rest at the edge out, "same" starts outside the image.

    Args:
        pool: Side of a window.
        strides: Step between windows.

    Call arguments:
        x: float32, shape (n, height, width, channels).

    Reference:
        The convolutional networks of GAN 2014's released code.
    """

    def __init__(self, pool: int, strides: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool, self.strides = pool, strides

    def call(self, x: tf.Tensor) -> tf.Tensor:
        over = [[0, (self._outputs(side) - 1) * self.strides + self.pool - side] for side in x.shape[1:3]]
        padded = tf.pad(x, [[0, 0], *over, [0, 0]], constant_values=x.dtype.min)
        return tf.nn.max_pool2d(padded, self.pool, self.strides, "VALID")

    def _outputs(self, side: int) -> int:
        return -(-(side - self.pool) // self.strides) + 1

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        n, height, width, channels = input_shape
        return (n, self._outputs(height), self._outputs(width), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pool": self.pool, "strides": self.strides}
