"""Maxout, and the initial values that go with it in the networks of 2014."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class Maxout(keras.layers.Layer):
    """An affine map to `units * pieces` values with one bias each, then the largest of each `pieces` adjacent ones.

    Args:
        units: Number of outputs.
        pieces: Affine pieces per output, at least 1.
        kernel_initializer: Of the (inputs, units * pieces) kernel.
        kernel_constraint: Applied after every update; None for none.

    Call arguments:
        x: float32, shape (n, inputs).

    Returns:
        float32, shape (n, units).

    Reference:
        Maxout networks, arXiv 1302.4389; GAN 2014, section 5, as in the library that its code runs on: adjacent
        pieces, no zero among them.
    """

    def __init__(
        self,
        units: int,
        pieces: int,
        kernel_initializer: str | dict[str, Any] | keras.initializers.Initializer = "glorot_uniform",
        kernel_constraint: str | dict[str, Any] | keras.constraints.Constraint | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.pieces = units, pieces
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.Zeros()
        self.kernel_constraint = keras.constraints.get(kernel_constraint)

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units * self.pieces),
            initializer=self.kernel_initializer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = self.add_weight(shape=(self.units * self.pieces,), initializer=self.bias_initializer, name="bias")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return largest_of_adjacent(tf.nn.bias_add(tf.matmul(x, self.kernel.value), self.bias.value), self.pieces)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        own = {
            "units": self.units,
            "pieces": self.pieces,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="repro")
class ChannelMaxout(keras.layers.Layer):
    """The largest of each `pieces` adjacent channels: (n, height, width, units * pieces) to (n, height, width, units).

    Args:
        pieces: Channels per output, at least 1.
    """

    def __init__(self, pieces: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pieces = pieces

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return largest_of_adjacent(x, self.pieces)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pieces": self.pieces}


def largest_of_adjacent(x: tf.Tensor, pieces: int) -> tf.Tensor:
    """The largest of each `pieces` adjacent values of the last axis, which shrinks by that factor."""
    apart = [tf.shape(x)[0], *x.shape[1:-1], x.shape[-1] // pieces, pieces]
    return tf.reduce_max(tf.reshape(x, apart), axis=-1)


@keras.saving.register_keras_serializable(package="repro")
class SparseNormal(keras.initializers.Initializer):
    """Every output unit gets exactly so many weights from N(0, 1), the others are 0.

    Args:
        nonzero: Weights per output unit that are not zero; at most the number of inputs.
        seed: Decides which, and their values.

    Reference:
        `sparse_init` of the library that GAN 2014's code runs on (its TFD generator).
    """

    def __init__(self, nonzero: int, seed: int | None = None) -> None:
        self.nonzero, self.seed = nonzero, seed

    def __call__(self, shape: tuple[int, int], dtype: str | None = None, **kwargs: Any) -> tf.Tensor:
        """Draws a kernel of shape (inputs, outputs)."""
        seed = [self.seed or 0, 0]
        order = tf.random.stateless_uniform(shape, seed, alg="philox")
        # The places of the smallest numbers of a column are a draw without replacement.
        ranks = tf.argsort(tf.argsort(order, axis=0), axis=0)
        values = tf.random.stateless_normal(shape, [seed[0], 1], alg="philox")
        return tf.cast(tf.where(ranks < self.nonzero, values, 0.0), dtype or "float32")

    def get_config(self) -> dict[str, Any]:
        return {"nonzero": self.nonzero, "seed": self.seed}
