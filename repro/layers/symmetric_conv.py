"""Strided convolutions with the same padding on both sides, as Theano has them, and their adjoints.

Keras' "same" pads an even side at stride 2 once more behind than in front, so that every result is one pixel off. With
image, kernel and result turned by half a circle it pads once more in front, which is what is wanted; that is faster on
a processor, backwards above all, than to pad apart or inside the operation. Where layers follow each other, the turns
between them cancel, for what stands between works on every place alike: only the first layer turns its input
(`turned_output`), and only the last one its result (`turned_input`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf


def _checked(kernel: int, stride: int) -> None:
    """Refuses what "same" does not make symmetric.

    Raises:
        ValueError: If the kernel is even or not larger than the stride, or the stride above 2.
    """
    if kernel % 2 == 0 or kernel <= stride or stride > 2:
        raise ValueError(
            f"an odd kernel larger than the stride, 1 or 2, is expected. Received: {kernel}, stride {stride}"
        )


def _turned(x: tf.Tensor) -> tf.Tensor:
    """Images (n, h, w, channels) turned by half a circle."""
    return tf.reverse(x, [1, 2])


def _between_turns(
    layer: SymmetricConv2D | SymmetricConv2DTranspose,
    x: tf.Tensor,
    operation: Callable[[tf.Tensor, tf.Tensor | keras.Variable], tf.Tensor],
) -> tf.Tensor:
    """What an operation on images, kernel and "SAME" makes of x with equal padding, turned as the layer says."""
    if layer.strides[0] == 1 and not layer.turned_input and not layer.turned_output:
        return operation(x, layer.kernel)
    y = operation(x if layer.turned_input else _turned(x), tf.reverse(layer.kernel, [0, 1]))
    return y if layer.turned_output else _turned(y)


@keras.saving.register_keras_serializable(package="repro")
class SymmetricConv2D(keras.layers.Conv2D):
    """A convolution with kernel // 2 zeros on every side: (n, h, w, c) to (n, h / stride, w / stride, filters).

    Sides must be multiples of the stride. At stride 1 it is Keras' own with "same".

    Args:
        filters: Number of maps.
        kernel_size: Odd side of the kernel.
        strides: Of both axes.
        turned_input: Whether images come turned by half a circle, as a layer with `turned_output` left them.
        turned_output: Whether the result stays turned by half a circle; maps that are looked at must be turned back.
        named: What `Conv2D` takes; `padding` is fixed.

    Raises:
        ValueError: If the kernel is even or not larger than the stride, or the stride above 2.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        *,
        turned_input: bool = False,
        turned_output: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, **(named | {"padding": "same"}))
        _checked(self.kernel_size[0], self.strides[0])
        self.turned_input, self.turned_output = turned_input, turned_output

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Convolves, turned where "same" is one-sided."""
        y = _between_turns(self, x, lambda x, kernel: tf.nn.conv2d(x, kernel, self.strides, "SAME"))
        return self.activation(y if self.bias is None else y + self.bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "turned_input": self.turned_input, "turned_output": self.turned_output}


@keras.saving.register_keras_serializable(package="repro")
class SymmetricConv2DTranspose(keras.layers.Conv2DTranspose):
    """The adjoint of `SymmetricConv2D`: (n, h, w, c) to (n, stride * h, stride * w, filters).

    Arguments as there.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        *,
        turned_input: bool = False,
        turned_output: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, **(named | {"padding": "same"}))
        _checked(self.kernel_size[0], self.strides[0])
        self.turned_input, self.turned_output = turned_input, turned_output

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """The gradient of the convolution with respect to its input."""
        stride = self.strides[0]
        shape = [tf.shape(x)[0], stride * x.shape[1], stride * x.shape[2], self.filters]
        y = _between_turns(self, x, lambda x, kernel: tf.nn.conv2d_transpose(x, kernel, shape, stride, "SAME"))
        y = tf.ensure_shape(y, [None, *shape[1:]])
        return self.activation(y if self.bias is None else y + self.bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "turned_input": self.turned_input, "turned_output": self.turned_output}
