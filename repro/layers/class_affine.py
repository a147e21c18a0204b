"""A scale and an offset per class and channel: what makes a norm class-conditional."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class ClassAffine(keras.layers.Layer):
    """scale[y] x + offset[y], one number a channel: after a norm without its own, a class-conditional norm.

    Args:
        classes: Number of classes K.
        kwargs: What every layer takes.

    Call arguments:
        inputs: x, float32 (n, height, width, channels), and labels, int32 (n,), in 0..K-1.

    Returns:
        float32, the shape of x.

    Reference:
        V. Dumoulin et al., "A Learned Representation for Artistic Style", section 2.2, arXiv 1610.07629.
    """

    def __init__(self, classes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        self.scale_initializer, self.offset_initializer = keras.initializers.Ones(), keras.initializers.Zeros()

    def build(self, input_shape: Sequence[Sequence[int | None]]) -> None:
        shape = (self.classes, input_shape[0][-1])
        self.scale = self.add_weight(shape=shape, initializer=self.scale_initializer, name="scale")
        self.offset = self.add_weight(shape=shape, initializer=self.offset_initializer, name="offset")

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        x, labels = inputs
        # A product with the one-hot label has a dense gradient: an optimizer decays the moments of absent classes too.
        chosen = tf.one_hot(tf.cast(labels, tf.int32), self.classes)
        scale, offset = (tf.matmul(chosen, table.value)[:, None, None, :] for table in (self.scale, self.offset))
        return scale * x + offset

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}
