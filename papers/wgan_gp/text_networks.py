"""The networks of WGAN-GP for lines of text (section 5.5): one-dimensional residual networks, without any norm."""

from __future__ import annotations

import keras
from keras import layers

from papers.wgan_gp.image_networks import Z_DIM
from repro.layers.fan_uniform import GLOROT, HE, FanUniform
from repro.layers.piecewise import PiecewiseLinear

LENGTH = 32
BRANCH = 0.3  # factor on a block's convolutions


def text_generator(vocabulary: int, d: int = 512, blocks: int = 5, length: int = LENGTH) -> keras.Model:
    """Latents (n, 128) to distributions over characters (n, length, vocabulary), each of sum 1.

    Nothing is sampled: D sees the distributions, and only what is read is decided, by the most probable character.
    15,225,856 + 513 weights a character as published.

    Args:
        vocabulary: Number of characters.
        d: Channels.
        blocks: Residual blocks.
        length: Of a line.

    Reference:
        Authors' gan_language.py.
    """
    latent = keras.Input((Z_DIM,))
    x = layers.Dense(length * d, kernel_initializer=FanUniform(GLOROT))(latent)
    x = layers.Reshape((length, d))(x)
    for _ in range(blocks):
        x = _block(x, d)
    return keras.Model(latent, layers.Softmax()(_convolution(vocabulary, 1)(x)), name="text_generator")


def text_critic(vocabulary: int, d: int = 512, blocks: int = 5, length: int = LENGTH) -> keras.Model:
    """One-hot characters or distributions (n, length, vocabulary) to scores (n, 1).

    13,128,705 + 512 (vocabulary + 1) weights as published; arguments as the generator's.
    """
    line = keras.Input((length, vocabulary))
    x = _convolution(d, 1)(line)
    for _ in range(blocks):
        x = _block(x, d)
    scores = layers.Dense(1, kernel_initializer=FanUniform(GLOROT))(layers.Flatten()(x))
    return keras.Model(line, scores, name="text_critic")


def _convolution(filters: int, kernel: int) -> layers.Layer:
    return layers.Conv1D(filters, kernel, padding="same", kernel_initializer=FanUniform(HE))


def _block(x: keras.KerasTensor, d: int) -> keras.KerasTensor:
    h = _convolution(d, 5)(PiecewiseLinear()(x))
    h = _convolution(d, 5)(PiecewiseLinear()(h))
    return layers.Add()([layers.Rescaling(BRANCH)(h), x])
