"""ReLU and LeakyReLU for networks whose input gradients are differentiated again."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class PiecewiseLinear(keras.layers.Layer):
    """x where x is positive, else slope times x: values and gradients of ReLU (slope 0) and LeakyReLU.

    The second derivative is zero wherever it exists. TensorFlow's own ReLU carries it as zeros back through the whole
    forward pass; here the factor is a constant for the tape, and nothing is carried.

    Args:
        slope: Of the negative part.

    Call arguments:
        x: float32, any shape.
    """

    def __init__(self, slope: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slope = slope

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * tf.stop_gradient(tf.where(x > 0, tf.ones([], x.dtype), tf.constant(self.slope, x.dtype)))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slope": self.slope}
