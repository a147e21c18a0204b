"""The networks of the random-architecture study: DCGANs with any choice of table 1's options (section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers

from papers.wgan_gp.architectures import DEPTHS, Architecture
from papers.wgan_gp.image_networks import Z_DIM, batch_norm, convolution, deconvolution, nothing
from repro.layers.piecewise import PiecewiseLinear
from repro.layers.smooth import smooth

if TYPE_CHECKING:
    from collections.abc import Callable


STAGES = min(DEPTHS)  # layers of the DCGAN


def nonlinearity(name: str) -> layers.Layer:
    """The layer of a name in `NONLINEARITIES`, or of `elu`; LeakyReLU has slope 0.2, as in all of the authors' code."""
    if name in ("relu", "leaky_relu"):
        return PiecewiseLinear(0.2 if name == "leaky_relu" else 0.0)
    return layers.Activation({"smooth": smooth, "tanh": "tanh", "elu": "elu"}[name])


def study_generator(architecture: Architecture, side: int = 32, *, channels: int = 3) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, channels) in -1..1.

    Layers beyond the DCGAN's four are 3x3 convolutions after the second, at a quarter of the side: where the authors'
    research code (wgan_imagenet32_stab.py) puts them; 4, 8 and 16 of them give table 1's depths. Norm, where there is
    any, follows every layer but the last.

    Args:
        architecture: Its options of G are used.
        side: A multiple of 8.
        channels: Of the image.
    """
    d, base = architecture.filters_g, side // 8

    def hidden(x: keras.KerasTensor) -> keras.KerasTensor:
        norm = batch_norm if architecture.norm_g else nothing
        return nonlinearity(architecture.nonlinearity_g)(norm()(x))

    latent = keras.Input((Z_DIM,))
    x = layers.Dense(base * base * 4 * d, kernel_initializer="glorot_uniform")(latent)
    x = hidden(layers.Reshape((base, base, 4 * d))(x))
    x = hidden(deconvolution(2 * d)(x))
    for _ in range(architecture.depth_g - STAGES):
        x = hidden(convolution(2 * d, 3)(x))
    x = hidden(deconvolution(d)(x))
    return keras.Model(latent, deconvolution(channels, activation="tanh")(x), name="study_generator")


def study_critic(
    architecture: Architecture, side: int = 32, *, channels: int = 3, norm: Callable[[], layers.Layer] = batch_norm
) -> keras.Model:
    """Images (n, side, side, channels) to scores (n, 1); the generator's mirror.

    The first layer is never normalised; deeper ones are 3x3 convolutions after the second, as in the generator.

    Args:
        architecture: Its options of D are used.
        side: At least 8.
        channels: Of the image.
        norm: Makes the norm where the architecture has one: `batch_norm`, or `layer_norm` with the penalty.
    """
    d = architecture.filters_d

    def hidden(x: keras.KerasTensor) -> keras.KerasTensor:
        made = norm if architecture.norm_d else nothing
        return nonlinearity(architecture.nonlinearity_d)(made()(x))

    image = keras.Input((side, side, channels))
    x = nonlinearity(architecture.nonlinearity_d)(convolution(d, 5, 2)(image))
    x = hidden(convolution(2 * d, 5, 2)(x))
    for _ in range(architecture.depth_d - STAGES):
        x = hidden(convolution(2 * d, 3)(x))
    x = hidden(convolution(4 * d, 5, 2)(x))
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    return keras.Model(image, scores, name="study_critic")
