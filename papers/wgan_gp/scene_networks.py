"""The networks of WGAN-GP for scenes: the seven architectures of figure 2, and the ResNet of figure 4."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import layers

from papers.wgan_gp.image_networks import (
    Z_DIM,
    batch_norm,
    convolution,
    deconvolution,
    layer_norm,
    nothing,
)
from repro.layers.fan_uniform import GLOROT, HE, FanUniform
from repro.layers.gate import Gate
from repro.layers.piecewise import PiecewiseLinear

LIMIT = 0.02 * 3**0.5  # of the uniform initial values with standard deviation 0.02 that DCGAN's networks have here


def networks_of(row: str, side: int = 64, d: int = 64, norm: Callable = batch_norm) -> tuple[keras.Model, keras.Model]:
    """Generator, latents (n, 128) to images (n, side, side, 3) in -1..1, and critic, images to scores (n, 1).

    Args:
        row: A key of `papers.wgan_gp.scenes.ROWS`.
        side: A multiple of 16; the published networks are those of 64.
        d: Base width.
        norm: Makes the critic's norm where the row has one: `batch_norm`, or `layer_norm` under the penalty.

    Reference:
        Section 5.2; appendix E; authors' gan_64x64.py.
    """
    if row == "resnet101":
        return deep_generator(side, d), deep_critic(side, d, norm=norm)
    if row == "gated":
        return gated_generator(side, d), gated_critic(side, d, norm=norm)
    if row == "tanh":
        bounded = {"activation": lambda: layers.Activation("tanh")}
        return scene_generator(side, d, **bounded), scene_critic(side, d, norm=norm, **bounded)
    if row == "bare":
        return scene_generator(side, d, norm=nothing), scene_critic(side, d, norm=nothing)
    generators = {"baseline": scene_generator, "constant": constant_generator, "perceptron": perceptron_generator}
    return generators[row](side, d), scene_critic(side, d, norm=norm)


# ---- Rows 1 to 4 and 6: DCGAN's networks and what replaces its generator ----


def _uniform() -> keras.initializers.Initializer:
    return keras.initializers.RandomUniform(-LIMIT, LIMIT)


def _deconvolution(filters: int, activation: str | None = None) -> layers.Layer:
    return layers.Conv2DTranspose(filters, 5, 2, "same", activation=activation, kernel_initializer=_uniform())


def scene_generator(
    side: int = 64,
    d: int = 64,
    *,
    norm: Callable[[], layers.Layer] = batch_norm,
    activation: Callable[[], layers.Layer] = layers.ReLU,
) -> keras.Model:
    """DCGAN's: latents (n, 128) to images (n, side, side, 3); 5,364,739 trainable weights, 5,362,819 without norm.

    Args:
        side: A multiple of 16.
        d: Base width.
        norm: Makes each hidden norm.
        activation: Makes each hidden activation.
    """
    base, latent = side // 16, keras.Input((Z_DIM,))
    x = layers.Dense(base * base * 8 * d, kernel_initializer=_uniform())(latent)
    x = activation()(norm()(layers.Reshape((base, base, 8 * d))(x)))
    for filters in (4 * d, 2 * d, d):
        x = activation()(norm()(_deconvolution(filters)(x)))
    return keras.Model(latent, _deconvolution(3, "tanh")(x), name="scene_generator")


def scene_critic(
    side: int = 64,
    d: int = 64,
    *,
    norm: Callable[[], layers.Layer] = batch_norm,
    activation: Callable[[], layers.Layer] | None = None,
) -> keras.Model:
    """DCGAN's: images (n, side, side, 3) to scores (n, 1); 4,316,545 trainable weights, 4,314,753 without norm.

    Args:
        side: A multiple of 16.
        d: Base width.
        norm: Makes the norm of all hidden layers but the first.
        activation: Makes each hidden activation; LeakyReLU of slope 0.2 if None.
    """
    activation = activation or (lambda: PiecewiseLinear(0.2))
    image = x = keras.Input((side, side, 3))
    for place, filters in enumerate((d, 2 * d, 4 * d, 8 * d)):
        x = layers.Conv2D(filters, 5, 2, "same", kernel_initializer=_uniform())(x)
        x = activation()(norm()(x) if place else x)
    scores = layers.Dense(1, kernel_initializer=_uniform())(layers.Flatten()(x))
    return keras.Model(image, scores, name="scene_critic")


def constant_generator(side: int = 64, d: int = 64) -> keras.Model:
    """Row 2: d filters in every layer and no batch norm; 444,291 weights. Arguments as `scene_generator`'s."""
    base, latent = side // 16, keras.Input((Z_DIM,))
    x = layers.Dense(base * base * d, kernel_initializer="glorot_uniform")(latent)
    x = layers.ReLU()(layers.Reshape((base, base, d))(x))
    for _ in range(3):
        x = layers.ReLU()(deconvolution(d)(x))
    return keras.Model(latent, deconvolution(3, activation="tanh")(x), name="constant_generator")


def perceptron_generator(side: int = 64, d: int = 64) -> keras.Model:
    """Row 3: four ReLU layers of 8 d units, 512 as published; 7,157,760 weights. Arguments as `scene_generator`'s."""
    latent = x = keras.Input((Z_DIM,))
    for _ in range(4):
        x = layers.Dense(8 * d, "relu", kernel_initializer="he_uniform")(x)
    x = layers.Dense(side * side * 3, "tanh", kernel_initializer="glorot_uniform")(x)
    return keras.Model(latent, layers.Reshape((side, side, 3))(x), name="perceptron_generator")


# ---- Row 5: gates ----


def gated_generator(side: int = 64, d: int = 64) -> keras.Model:
    """`scene_generator` with gates, before which every layer is twice as wide; 10,724,675 trainable weights."""
    base, latent = side // 16, keras.Input((Z_DIM,))
    x = layers.Dense(base * base * 16 * d, kernel_initializer="glorot_uniform")(latent)
    x = Gate()(batch_norm()(layers.Reshape((base, base, 16 * d))(x)))
    for filters in (8 * d, 4 * d, 2 * d):
        x = Gate()(batch_norm()(deconvolution(filters)(x)))
    return keras.Model(latent, deconvolution(3, activation="tanh")(x), name="gated_generator")


def gated_critic(side: int = 64, d: int = 64, *, norm: Callable[[], layers.Layer] = batch_norm) -> keras.Model:
    """`scene_critic` with gates, before which every layer is twice as wide; 8,624,897 trainable weights."""
    image = x = keras.Input((side, side, 3))
    for place, filters in enumerate((2 * d, 4 * d, 8 * d, 16 * d)):
        x = convolution(filters, 5, 2)(x)
        x = Gate()(norm()(x) if place else x)
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    return keras.Model(image, scores, name="gated_critic")


# ---- Row 7: 33 bottleneck blocks of three layers, a first and a last layer ----


def deep_generator(side: int = 64, d: int = 64) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, 3) in -1..1; 101 layers, 9,189,587 trainable weights.

    Args:
        side: A multiple of 16.
        d: Base width, even, at least 4; the last blocks have d / 2 filters.
    """
    base, latent = side // 16, keras.Input((Z_DIM,))
    x = layers.Dense(base * base * 8 * d, kernel_initializer="glorot_uniform")(latent)
    x = layers.Reshape((base, base, 8 * d))(x)
    for filters in (4 * d, 2 * d, d, d // 2):
        for _ in range(6):
            x = _bottleneck(x, x.shape[-1], batch_norm)
        x = _bottleneck(x, filters, batch_norm, "up")
    for _ in range(5):
        x = _bottleneck(x, x.shape[-1], batch_norm)
    x = layers.Rescaling(1 / 5)(convolution(3, 1, gain=GLOROT)(x))
    return keras.Model(latent, layers.Activation("tanh")(x), name="deep_generator")


def deep_critic(side: int = 64, d: int = 64, *, norm: Callable[[], layers.Layer] = batch_norm) -> keras.Model:
    """Images (n, side, side, 3) to scores (n, 1); 101 layers, 7,618,801 trainable weights. See `deep_generator`."""
    image = keras.Input((side, side, 3))
    x = convolution(d // 2, 1, gain=GLOROT)(image)
    for _ in range(5):
        x = _bottleneck(x, x.shape[-1], norm)
    for filters in (d, 2 * d, 4 * d, 8 * d):
        x = _bottleneck(x, filters, norm, "down")
        for _ in range(6):
            x = _bottleneck(x, filters, norm)
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    return keras.Model(image, layers.Rescaling(1 / 5)(scores), name="deep_critic")


def _bottleneck(
    x: keras.KerasTensor, filters: int, norm: Callable[[], layers.Layer], resample: str = ""
) -> keras.KerasTensor:
    """1x1, 3x3 and 1x1 convolution, each after a ReLU, then the norm; 0.3 of it is added to the shortcut."""
    h = convolution(x.shape[-1] // 2, 1)(PiecewiseLinear()(x))
    if resample == "up":
        middle = layers.Conv2DTranspose(filters // 2, 3, 2, "same", kernel_initializer=FanUniform(HE, 2))
        shortcut = _depth_to_space(convolution(4 * filters, 1, gain=GLOROT)(x))
    elif resample == "down":
        middle, shortcut = convolution(filters // 2, 3, 2), convolution(filters, 1, 2, gain=GLOROT)(x)
    else:
        middle, shortcut = convolution(filters // 2, 3), x
    h = middle(PiecewiseLinear()(h))
    h = norm()(convolution(filters, 1, bias=False)(PiecewiseLinear()(h)))
    return layers.Add()([shortcut, layers.Rescaling(0.3)(h)])


def _depth_to_space(x: keras.KerasTensor) -> keras.KerasTensor:
    """(n, h, w, 4 c) to (n, 2 h, 2 w, c), in TensorFlow's order of channels."""
    _, height, width, channels = x.shape
    x = layers.Reshape((height, width, 2, 2, channels // 4))(x)
    x = layers.Permute((1, 3, 2, 4, 5))(x)
    return layers.Reshape((2 * height, 2 * width, channels // 4))(x)


# ---- Figure 4: the ResNet for 128x128 bedrooms ----


def bedroom_generator(side: int = 128, width: float = 1.0) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, 3) in -1..1; 8,544,515 trainable weights as published.

    Args:
        side: 16, 32, 64 or 128; a smaller one leaves out the last blocks.
        width: Factor on every published width.

    Reference:
        Section 5.2 says "deep ResNet"; the layers are those of the authors' research code, wgan_imagenet128.py.
    """
    latent, first = keras.Input((Z_DIM,)), round(512 * width)
    x = layers.Dense(4 * 4 * first, kernel_initializer="glorot_uniform")(latent)
    x = layers.Reshape((4, 4, first))(x)
    for filters in (512, 256, 128, 64)[: _halvings(side, 8)]:
        x = _enlarging_block(x, round(filters * width))
    x = layers.UpSampling2D(2)(layers.ReLU()(batch_norm()(x)))
    x = convolution(3, 5, gain=GLOROT / 4)(x)
    return keras.Model(latent, layers.Activation("tanh")(x), name="bedroom_generator")


def _enlarging_block(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    # Kernels that follow an enlargement are halved at the start, so the gain is a quarter.
    h = layers.UpSampling2D(2)(layers.ReLU()(batch_norm()(x)))
    h = convolution(filters, 3, gain=HE / 4)(h)
    h = convolution(filters, 3)(layers.ReLU()(batch_norm()(h)))
    # A 1x1 convolution of repeated pixels is the repetition of the convolved ones, at a quarter of the work.
    shortcut = layers.UpSampling2D(2)(convolution(filters, 1, gain=GLOROT / 4)(x))
    return layers.Add()([h, shortcut])


def bedroom_critic(side: int = 128, width: float = 1.0) -> keras.Model:
    """Images (n, side, side, 3) to scores (n, 1), layer norm throughout; 47,757,697 weights as published.

    Args:
        side: 16, 32, 64 or 128; a smaller one leaves out the first of the blocks that halve.
        width: Factor on every published width.
    """
    widths = [round(filters * width) for filters in (128, 256, 512, 1024)][3 - _halvings(side, 16) :]
    image = keras.Input((side, side, 3))
    x = convolution(widths[0], 5, 2)(image)
    for filters in widths[1:]:
        x = _layer_normed_block(x, filters, down=True)
    for _ in range(2):
        x = _layer_normed_block(x, widths[-1], down=False)
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, scores, name="bedroom_critic")


def _layer_normed_block(x: keras.KerasTensor, filters: int, down: bool) -> keras.KerasTensor:
    h = convolution(x.shape[-1], 3)(PiecewiseLinear()(layer_norm()(x)))
    h = convolution(filters, 3, 2 if down else 1)(PiecewiseLinear()(layer_norm()(h)))
    shortcut = convolution(filters, 1, gain=GLOROT)(layers.AveragePooling2D(2)(x)) if down else x
    return layers.Add()([h, shortcut])


def _halvings(side: int, smallest: int) -> int:
    """How often a side can be halved until it is `smallest`."""
    return (side // smallest).bit_length() - 1
