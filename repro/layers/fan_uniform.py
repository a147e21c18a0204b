"""Initial values by both fans, where a stride divides one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

HE, GLOROT = 4.0, 2.0  # over fan_in + fan_out: the squared standard deviations of WGAN-GP's two rules


@keras.saving.register_keras_serializable(package="repro")
class FanUniform(keras.initializers.Initializer):
    """Uniform with variance gain / (fan_in + fan_out), where a stride divides one of the fans.

    That of a convolution's outputs, of which there are fewer, or of a transposed one's inputs: in both kernels,
    (k, k, in, out) and (k, k, out, in), it is the last axis.

    Args:
        gain: `HE` or `GLOROT`.
        stride: Of the layer.
        seed: An int; a random one if None.

    Reference:
        WGAN-GP's authors' tflib/ops: conv2d, deconv2d, conv1d.
    """

    def __init__(self, gain: float = HE, stride: int = 1, seed: int | None = None) -> None:
        self.gain, self.stride, self.seed = gain, stride, seed

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
        *kernel, full, strided = shape
        fans = int(np.prod(kernel)) * (full + strided / self.stride**2)
        limit = float(np.sqrt(3 * self.gain / fans))
        return keras.initializers.RandomUniform(-limit, limit, seed=self.seed)(shape, dtype)

    def get_config(self) -> dict:
        """Arguments that make an equal initializer."""
        return {"gain": self.gain, "stride": self.stride, "seed": self.seed}
