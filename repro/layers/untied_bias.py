"""A bias of its own for every pixel and channel."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="repro")
class UntiedBias(keras.layers.Layer):
    """Adds a trained number per place: float32 of any shape (n, ...) to the same shape.

    Reference:
        The "deconvolutional" generator of GAN 2014's released code (figure 2d).
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape):
        self.bias = self.add_weight(shape=tuple(input_shape[1:]), initializer=self.bias_initializer, name="bias")

    def call(self, x):
        return x + self.bias.value

    def compute_output_shape(self, input_shape):
        return input_shape
