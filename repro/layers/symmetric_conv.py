"""Strided convolutions with the same padding on both sides, as Theano has them, and their adjoints.

Keras' "same" pads an even side at stride 2 once more behind than in front, so that every result is one pixel off.
"""

from __future__ import annotations

import keras
import tensorflow as tf


def _margins(kernel: int, stride: int) -> list[int]:
    """Zeros before and after that a convolution reads: kernel // 2 before; a last row that it never reaches is left.

    Raises:
        ValueError: If the kernel is even, or not larger than the stride.
    """
    if kernel % 2 == 0 or kernel <= stride:
        raise ValueError(f"an odd kernel larger than the stride is expected. Received: {kernel}, stride {stride}")
    return [kernel // 2, kernel - stride - kernel // 2]


@keras.saving.register_keras_serializable(package="repro")
class SymmetricConv2D(keras.layers.Conv2D):
    """A convolution with kernel // 2 zeros on every side: (n, h, w, c) to (n, h / stride, w / stride, filters).

    Sides must be multiples of the stride. At stride 1 it is Keras' own with "same".

    Args:
        filters: Number of maps.
        kernel_size: Odd side of the kernel.
        strides: Of both axes.
        named: What `Conv2D` takes; `padding` is fixed.

    Raises:
        ValueError: If the kernel is even, or not larger than the stride.
    """

    def __init__(self, filters, kernel_size, strides=1, **named):
        super().__init__(filters, kernel_size, strides, **(named | {"padding": "same"}))
        self._between = _margins(self.kernel_size[0], self.strides[0])

    def call(self, x):
        """Pads, then convolves: faster on a processor than padding inside the convolution."""
        if self.strides[0] > 1:
            y = tf.nn.conv2d(
                tf.pad(x, [[0, 0], self._between, self._between, [0, 0]]), self.kernel, self.strides, "VALID"
            )
        else:
            y = tf.nn.conv2d(x, self.kernel, 1, "SAME")
        return self.activation(y if self.bias is None else y + self.bias)


@keras.saving.register_keras_serializable(package="repro")
class SymmetricConv2DTranspose(keras.layers.Conv2DTranspose):
    """The adjoint of `SymmetricConv2D`: (n, h, w, c) to (n, stride * h, stride * w, filters).

    Arguments as there.
    """

    def __init__(self, filters, kernel_size, strides=1, **named):
        super().__init__(filters, kernel_size, strides, **(named | {"padding": "same"}))
        self._between = _margins(self.kernel_size[0], self.strides[0])

    def call(self, x):
        """The gradient of the padded convolution with respect to its input."""
        stride = self.strides[0]
        shape = [tf.shape(x)[0], stride * x.shape[1], stride * x.shape[2], self.filters]
        padding = [[0, 0], self._between, self._between, [0, 0]]
        y = tf.nn.conv2d_transpose(x, self.kernel, shape, stride, padding if stride > 1 else "SAME")
        y = tf.ensure_shape(y, [None, *shape[1:]])
        return self.activation(y if self.bias is None else y + self.bias)
