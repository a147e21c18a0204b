"""The networks of GAN 2014, layer by layer, from the released settings files (section 5).

G mixes rectifiers and sigmoids, D is maxout with dropout on the input of every layer. D's outputs are raw scores; the
sigmoid is in the loss. Every image network takes or gives (n, height, width, channels).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from repro.layers.ceil_pooling import CeilMaxPooling2D
from repro.layers.maxout import ChannelMaxout, Maxout, SparseNormal
from repro.layers.untied_bias import UntiedBias

KEEP_INPUT, KEEP_HIDDEN = 0.8, 0.5  # of D's dropout; Keras takes the rate that is dropped


def uniform(around: float) -> keras.initializers.Initializer:
    """U(-around, around)."""
    return keras.initializers.RandomUniform(-around, around)


def column_norm(most: float | None) -> keras.constraints.Constraint | None:
    """L2 norm of a unit's incoming weights at most so much; None for no bound."""
    return None if most is None else keras.constraints.MaxNorm(most, axis=0)


def marginal_bias(images: np.ndarray) -> np.ndarray:
    """The output bias at which G starts with the mean image: log(m / (1 - m)), m clipped to 1e-7 from 0 and 1.

    Args:
        images: Training images, scale 0..1, shape (n, ...).

    Returns:
        float32, flat; -16.118 for a pixel that is always black.
    """
    mean = images.reshape(len(images), -1).mean(axis=0, dtype=np.float64).clip(1e-7, 1 - 1e-7)
    return np.log(mean / (1 - mean)).astype(np.float32)


def _dense(
    units: int,
    activation: str | None,
    kernel: keras.initializers.Initializer,
    bias: np.ndarray | float = 0.0,
    most: float | None = None,
) -> layers.Layer:
    # A list, not an array: that is how a saved network can hold it.
    fixed = bias.tolist() if isinstance(bias, np.ndarray) else bias
    initializer = keras.initializers.Constant(fixed)
    return layers.Dense(
        units, activation, kernel_initializer=kernel, bias_initializer=initializer, kernel_constraint=column_norm(most)
    )


def generator(
    shape: tuple[int, int, int],
    output_bias: np.ndarray,
    *,
    hidden: Sequence[int] = (1200, 1200),
    ranges: Sequence[float] = (0.05, 0.05, 0.05),
    z_dim: int = 100,
    most: float | None = None,
) -> keras.Model:
    """Latents (n, z_dim) to images in 0..1: rectifiers, then a sigmoid; the defaults are MNIST's, 2,503,984 weights.

    Args:
        shape: Of an image.
        output_bias: Of the last layer, see `marginal_bias`.
        hidden: Widths of the hidden layers.
        ranges: Half-widths of the uniform initial weights, layer by layer.
        z_dim: Dimension of the latent.
        most: Bound on column norms.
    """
    stack = [keras.Input((z_dim,))]
    for width, around in zip(hidden, ranges, strict=False):
        stack.append(_dense(width, "relu", uniform(around), most=most))
    stack.append(_dense(math.prod(shape), "sigmoid", uniform(ranges[-1]), output_bias, most))
    return keras.Sequential([*stack, layers.Reshape(shape)], name="generator")


def discriminator(
    shape: tuple[int, int, int],
    *,
    hidden: Sequence[int] = (240, 240),
    pieces: int = 5,
    ranges: Sequence[float] = (0.005, 0.005, 0.005),
    most: float | None = None,
) -> keras.Model:
    """Images to raw scores (n, 1): maxout layers; the defaults are MNIST's, 1,231,441 weights.

    Args:
        shape: Of an image.
        hidden: Units of the maxout layers.
        pieces: Affine pieces per unit.
        ranges: Half-widths of the uniform initial weights, layer by layer.
        most: Bound on the column norms of every piece.
    """
    stack = [keras.Input(shape), layers.Flatten(), layers.Dropout(1 - KEEP_INPUT)]
    for units, around in zip(hidden, ranges, strict=False):
        stack.append(Maxout(units, pieces, uniform(around), column_norm(most)))
        stack.append(layers.Dropout(1 - KEEP_HIDDEN))
    return keras.Sequential([*stack, _dense(1, None, uniform(ranges[-1]), most=most)], name="discriminator")


# ---- The Toronto face database: two stages ----


def face_generator(
    shape: tuple[int, int, int], output_bias: np.ndarray, *, hidden: Sequence[int] = (8000, 8000), most: float = 1.9365
) -> keras.Model:
    """The first stage: latents (n, 100) to faces in 0..1, one layer of rectifiers, one of sigmoids; 83,250,304 weights.

    The last layer starts with 100 weights from N(0, 1) per output. Arguments as `generator`'s.
    """
    return keras.Sequential(
        [
            keras.Input((100,)),
            _dense(hidden[0], "relu", uniform(0.05), most=most),
            _dense(hidden[1], "sigmoid", uniform(0.05), -2.0, most),
            _dense(math.prod(shape), "sigmoid", SparseNormal(100), output_bias, most),
            layers.Reshape(shape),
        ],
        name="generator",
    )


def deeper_face_generator(
    shape: tuple[int, int, int], output_bias: np.ndarray, *, hidden: Sequence[int] = (8000, 8000), most: float = 1.9365
) -> keras.Model:
    """The second stage: two new layers in front of the three of the first, all trained; 84,858,404 weights.

    The old latent becomes sigmoids that start near 0.12. Whoever trains it copies the last three layers' weights.
    """
    old = face_generator(shape, output_bias, hidden=hidden, most=most).layers
    fresh = [_dense(hidden[0], "relu", uniform(0.05), most=most), _dense(100, "sigmoid", uniform(0.05), -2.0, most)]
    return keras.Sequential([keras.Input((100,)), *fresh, *old], name="generator")


# ---- CIFAR-10, and rooms in its place: images of zero mean and norm 55, so the output is linear ----


def object_generator(
    shape: tuple[int, int, int] = (32, 32, 3),
    *,
    hidden: Sequence[int] = (8000, 8000),
    ranges: Sequence[float] = (0.05, 0.05, 0.5),
) -> keras.Model:
    """Figure 2c: latents (n, 100) to images by rectifiers, sigmoids and a linear layer; 89,395,072 weights.

    Arguments as `generator`'s.
    """
    return keras.Sequential(
        [
            keras.Input((100,)),
            _dense(hidden[0], "relu", uniform(ranges[0])),
            _dense(hidden[1], "sigmoid", uniform(ranges[1])),
            _dense(math.prod(shape), None, uniform(ranges[2])),
            layers.Reshape(shape),
        ],
        name="generator",
    )


def deconvolutional_generator(
    *, hidden: Sequence[int] = (8000, 8000), ranges: Sequence[float] = (0.05, 0.05, 0.05)
) -> keras.Model:
    """Figure 2d: latents (n, 100) to images (n, 32, 32, 3) by one transposed convolution; 64,825,072 weights.

    The second hidden layer is 10x10 with hidden[1] / 100 channels; the output has a bias per pixel and channel.
    """
    transposed = layers.Conv2DTranspose(3, 5, 3, "valid", use_bias=False, kernel_initializer=uniform(ranges[2]))
    return keras.Sequential(
        [
            keras.Input((100,)),
            _dense(hidden[0], "relu", uniform(ranges[0])),
            _dense(hidden[1], "sigmoid", uniform(ranges[1])),
            layers.Reshape((10, 10, hidden[1] // 100)),
            transposed,
            UntiedBias(),
        ],
        name="generator",
    )


def convolutional_discriminator(
    *, channels: Sequence[int] = (32, 32, 192), dense: int = 500, ranges: Sequence[float] = (0.005,) * 5
) -> keras.Model:
    """Figure 2d: images (n, 32, 32, 3) to raw scores (n, 1); 12,454,073 weights.

    Maxout over two adjacent channels comes first, then max pooling that rounds up: 33, 16, 15, 7, 9, 5 pixels a side.

    Args:
        channels: Outputs of the three convolutions, after maxout.
        dense: Units of the maxout layer on top.
        ranges: Half-widths of the uniform initial weights, layer by layer.
    """
    stack = [keras.Input((32, 32, 3)), layers.Dropout(1 - KEEP_INPUT)]
    shapes = [(8, 4, 4), (8, 3, 4), (5, 3, 2)]  # kernel, zero padding, pooling
    for count, around, (kernel, padding, pool) in zip(channels, ranges, shapes, strict=False):
        stack.append(layers.ZeroPadding2D(padding))
        stack.append(layers.Conv2D(2 * count, kernel, kernel_initializer=uniform(around)))
        stack += [ChannelMaxout(2), CeilMaxPooling2D(pool, 2), layers.Dropout(1 - KEEP_HIDDEN)]
    stack += [layers.Flatten(), Maxout(dense, 5, uniform(ranges[3])), layers.Dropout(1 - KEEP_HIDDEN)]
    return keras.Sequential([*stack, _dense(1, None, uniform(ranges[4]))], name="discriminator")
