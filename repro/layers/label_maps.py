"""Linear label maps, and convolutions over images with a label map concatenated at every pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class LinearLabelMap(keras.layers.Layer):
    """The linear map Φ(y) = kernel[y] + bias of a one-hot label, without the one-hot.

    Weights, values and gradients are those of a dense layer without activation on the one-hot vector.

    Args:
        classes: Number of classes K.
        dimension: Length of Φ(y).
        kernel_initializer: Of the (K, dimension) kernel.

    Call arguments:
        labels: int32, shape (n,), in 0..K-1.

    Returns:
        float32, shape (n, dimension).

    Reference:
        Section 4 of LSGAN, arXiv 1611.04076: "linear mapping" of the labels.
    """

    def __init__(
        self,
        classes: int,
        dimension: int,
        kernel_initializer: str | dict[str, Any] | keras.initializers.Initializer = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.classes, self.dimension = classes, dimension
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.kernel = self.add_weight(
            shape=(self.classes, self.dimension), initializer=self.kernel_initializer, name="kernel"
        )
        self.bias = self.add_weight(shape=(self.dimension,), initializer=self.bias_initializer, name="bias")

    def call(self, labels: tf.Tensor) -> tf.Tensor:
        return _rows(self.kernel.value, tf.cast(labels, tf.int32)) + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape, self.dimension)

    def get_config(self) -> dict[str, Any]:
        initializer = keras.initializers.serialize(self.kernel_initializer)
        own = {"classes": self.classes, "dimension": self.dimension, "kernel_initializer": initializer}
        return {**super().get_config(), **own}


@tf.custom_gradient
def _rows(kernel: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None]]]:
    """Rows of a kernel; the gradient is dense, so that an optimizer decays the moments of absent rows too."""
    kernel = tf.convert_to_tensor(kernel)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        return tf.math.unsorted_segment_sum(upstream, labels, tf.shape(kernel)[0]), None

    return tf.gather(kernel, labels), gradient


@keras.saving.register_keras_serializable(package="repro")
class LabelledConv2D(keras.layers.Layer):
    """A convolution over `[x, Φ tiled to every pixel]`, at little more than the cost of the one over x.

    The label half of the convolution depends on Φ and on which kernel taps fall inside the image, and on nothing
    else; it is summed once per class of border rows and columns. Stored weights are those of the plain
    convolution over the concatenated maps, and so are values and gradients up to rounding.

    Args:
        filters, kernel_size, strides: As in `keras.layers.Conv2D`; padding is "same".
        kernel_initializer: Of the (kernel, kernel, channels + dimension, filters) kernel.

    Call arguments:
        inputs: x, float32 (n, height, width, channels), and Φ, float32 (n, dimension).

    Returns:
        float32, shape (n, height / strides, width / strides, filters).

    Reference:
        Figure 4 of LSGAN, arXiv 1611.04076; the authors' `mcgan.py` concatenates the tiled maps.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int,
        kernel_initializer: str | dict[str, Any] | keras.initializers.Initializer = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: Sequence[Sequence[int | None]]) -> None:
        (_, height, width, self._channels), (_, dimension) = input_shape
        shape = (self.kernel_size, self.kernel_size, self._channels + dimension, self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer=self.bias_initializer, name="bias")
        # (border classes, kernel taps): which taps of a row or column fall inside; and each output's class.
        self._row_taps, self._row_class = _taps_inside(height, self.kernel_size, self.strides)
        self._column_taps, self._column_class = _taps_inside(width, self.kernel_size, self.strides)

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        x, phi = inputs
        kernel = tf.convert_to_tensor(self.kernel.value)
        over_image = tf.nn.conv2d(x, kernel[:, :, : self._channels], self.strides, "SAME")
        taps = tf.einsum("ai,ijcf->ajcf", self._row_taps, kernel[:, :, self._channels :])
        taps = tf.einsum("bj,ajcf->cabf", self._column_taps, taps)
        rows, columns = len(self._row_taps), len(self._column_taps)
        flat = tf.reshape(taps, [tf.shape(taps)[0], rows * columns * self.filters])
        of_label = tf.reshape(phi @ flat, [-1, rows, columns, self.filters])
        everywhere = tf.gather(tf.gather(of_label, self._row_class, axis=1), self._column_class, axis=2)
        return over_image + everywhere + self.bias

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        (n, height, width, _), _ = input_shape
        return (n, -(-height // self.strides), -(-width // self.strides), self.filters)

    def get_config(self) -> dict[str, Any]:
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
        return {**super().get_config(), **own}


def _taps_inside(size: int, kernel: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Which kernel taps fall inside, once per distinct case, and the case of each output place ("same" padding)."""
    outputs = -(-size // stride)
    before = max((outputs - 1) * stride + kernel - size, 0) // 2
    places = np.arange(outputs)[:, None] * stride - before + np.arange(kernel)[None, :]
    inside = ((places >= 0) & (places < size)).astype(np.float32)
    cases, case_of_place = np.unique(inside, axis=0, return_inverse=True)
    return cases, case_of_place.reshape(-1).astype(np.int32)


@keras.saving.register_keras_serializable(package="repro")
class JoinOneHot(keras.layers.Layer):
    """Appends a one-hot label to features, or ten (or so) constant maps to images.

    Args:
        classes: Number of classes K.
        named: What every layer takes.

    Call arguments:
        inputs: Pair of float32 (n, units) or (n, h, w, channels), and labels, int32 (n,), in 0..K-1.

    Returns:
        The same with K more units or channels at the end.

    Reference:
        DCGAN's released `mnist/train_cond_dcgan.py`: `conv_cond_concat`.
    """

    def __init__(self, classes: int, **named: Any) -> None:
        super().__init__(**named)
        self.classes = classes

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        x, labels = inputs
        one_hot = tf.one_hot(tf.cast(labels, tf.int32), self.classes, dtype=x.dtype)
        if len(x.shape) == 4:
            one_hot = tf.tile(one_hot[:, None, None], [1, x.shape[1], x.shape[2], 1])
        return tf.concat([x, one_hot], axis=-1)

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        features, _ = input_shape
        return (*features[:-1], features[-1] + self.classes)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}
