"""The convolutional networks of WGAN-GP: initial values, the nets for digits and small images, the CIFAR ResNet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers

from repro.layers.fan_uniform import GLOROT, HE, FanUniform
from repro.layers.piecewise import PiecewiseLinear

if TYPE_CHECKING:
    from collections.abc import Callable


Z_DIM = 128


def convolution(filters: int, kernel: int, stride: int = 1, gain: float = HE, bias: bool = True) -> layers.Layer:
    """A "same" convolution with the authors' initial values."""
    start = FanUniform(gain, stride)
    return layers.Conv2D(filters, kernel, stride, "same", use_bias=bias, kernel_initializer=start)


def deconvolution(filters: int, gain: float = HE, activation: str | None = None) -> layers.Layer:
    """A "same" transposed convolution, 5x5 of stride 2, with the authors' initial values."""
    return layers.Conv2DTranspose(filters, 5, 2, "same", activation=activation, kernel_initializer=FanUniform(gain, 2))


def batch_norm() -> layers.Layer:
    """Batch norm as in the authors' code; they use batch statistics always, when sampling too."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def layer_norm() -> layers.Layer:
    """The critic's norm: mean and variance over all of a sample, one scale and offset a channel.

    Keras' own LayerNormalization over all axes would learn a scale for every pixel.
    """
    return layers.GroupNormalization(groups=1, epsilon=1e-5)


def nothing() -> layers.Layer:
    """In a norm's place where there is none."""
    return layers.Identity()


# ---- Section 5.6: digits; authors' gan_mnist.py ----


def digit_generator(side: int = 28, d: int = 64, *, norm: bool) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, 1) in 0..1; 1,554,177 weights, or 1,562,753 with batch norm.

    Args:
        side: A multiple of 4.
        d: Base width.
        norm: Whether every hidden layer has batch norm (clipping) or none (penalty).
    """

    def hidden(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(batch_norm()(x) if norm else x)

    base = -(-side // 8)
    latent = keras.Input((Z_DIM,))
    x = hidden(layers.Dense(base * base * 4 * d, kernel_initializer="glorot_uniform")(latent))
    x = hidden(deconvolution(2 * d)(layers.Reshape((base, base, 4 * d))(x)))
    extra = 2 * base - side // 4
    x = layers.Cropping2D(((0, extra), (0, extra)))(x) if extra else x  # 8x8 to 7x7
    x = hidden(deconvolution(d)(x))
    return keras.Model(latent, deconvolution(1, activation="sigmoid")(x), name="digit_generator")


def digit_critic(side: int = 28, d: int = 64, *, norm: bool) -> keras.Model:
    """Images (n, side, side, 1) in 0..1 to scores (n, 1); 1,030,145 weights, or 1,030,913 with batch norm."""
    return small_critic(side, d, channels=1, norm=batch_norm if norm else nothing)


# ---- Section 5.3: small images; authors' gan_cifar.py ----


def small_generator(side: int = 32, d: int = 128, *, channels: int = 3) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, channels) in -1..1; 5,179,907 weights, 1,565,955 with d = 64.

    Args:
        side: A multiple of 8.
        d: Base width.
        channels: Of the image.
    """
    base = side // 8
    latent = keras.Input((Z_DIM,))
    x = layers.Dense(base * base * 4 * d, kernel_initializer="glorot_uniform")(latent)
    x = layers.Reshape((base, base, 4 * d))(layers.ReLU()(batch_norm()(x)))  # normalised as a flat vector
    for filters in (2 * d, d):
        x = layers.ReLU()(batch_norm()(deconvolution(filters)(x)))
    return keras.Model(latent, deconvolution(channels, activation="tanh")(x), name="small_generator")


def small_critic(
    side: int = 32,
    d: int = 128,
    *,
    channels: int = 3,
    norm: Callable[[], layers.Layer] = nothing,
    activation: Callable[[], layers.Layer] | None = None,
) -> keras.Model:
    """Images (n, side, side, channels) to scores (n, 1); 4,114,689 weights without norm, 1,033,345 with d = 64.

    Args:
        side: At least 8.
        d: Base width.
        channels: Of the image.
        norm: Makes the norm of the second and third convolution: `batch_norm` for clipping and the regular GAN.
        activation: Makes each hidden activation; LeakyReLU of slope 0.2 if None.
    """
    activation = activation or (lambda: PiecewiseLinear(0.2))
    image = keras.Input((side, side, channels))
    x = activation()(convolution(d, 5, 2)(image))
    for filters in (2 * d, 4 * d):
        x = activation()(norm()(convolution(filters, 5, 2)(x)))
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(layers.Flatten()(x))
    return keras.Model(image, scores, name="small_critic")


# ---- Section 5.4, appendix F: the ResNet for CIFAR-10; authors' gan_cifar_resnet.py ----


def resnet_generator(side: int = 32, filters: int = 128, *, channels: int = 3) -> keras.Model:
    """Latents (n, 128) to images (n, side, side, channels) in -1..1; 1,204,483 trainable weights.

    Args:
        side: 4 times a power of two; 32 takes three blocks.
        filters: Of every convolution but the last.
        channels: Of the image.
    """
    latent = keras.Input((Z_DIM,))
    image = resnet_images(latent, side, filters, channels, lambda x: batch_norm()(x))
    return keras.Model(latent, image, name="resnet_generator")


def resnet_images(
    latent: keras.KerasTensor,
    side: int,
    filters: int,
    channels: int,
    norm: Callable[[keras.KerasTensor], keras.KerasTensor],
) -> keras.KerasTensor:
    """Latents to images, symbolic tensors both; `norm` maps a block's tensor to its norm."""
    x = layers.Dense(4 * 4 * filters, kernel_initializer="glorot_uniform")(latent)
    x = layers.Reshape((4, 4, filters))(x)
    while x.shape[1] < side:
        x = _up_block(x, filters, norm)
    x = layers.ReLU()(batch_norm()(x))  # plain with labels, too
    x = convolution(channels, 3, gain=GLOROT)(x)
    return layers.Activation("tanh")(x)


def _up_block(
    x: keras.KerasTensor, filters: int, norm: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.KerasTensor:
    h = layers.ReLU()(norm(x))
    h = convolution(filters, 3)(layers.UpSampling2D(2)(h))  # before the first convolution, as in the code
    h = convolution(filters, 3)(layers.ReLU()(norm(h)))
    # A 1x1 convolution of repeated pixels is the repetition of the convolved ones, at a quarter of the work.
    shortcut = layers.UpSampling2D(2)(convolution(filters, 1, gain=GLOROT)(x))
    return layers.Add()([h, shortcut])


def resnet_critic(side: int = 32, filters: int = 128, *, channels: int = 3) -> keras.Model:
    """Images (n, side, side, channels) in -1..1 to scores (n, 1); 1,053,825 weights, no norm anywhere."""
    image = keras.Input((side, side, channels))
    scores = layers.Dense(1, kernel_initializer="glorot_uniform")(resnet_features(image, filters))
    return keras.Model(image, scores, name="resnet_critic")


def resnet_features(image: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Images to the critic's features (n, filters), symbolic tensors both."""
    h = convolution(filters, 3)(PiecewiseLinear()(convolution(filters, 3)(image)))
    shortcut = convolution(filters, 1, gain=GLOROT)(layers.AveragePooling2D(2)(image))
    x = layers.Add()([layers.AveragePooling2D(2)(h), shortcut])
    for down in (True, False, False):
        x = _critic_block(x, filters, down)
    return layers.GlobalAveragePooling2D()(PiecewiseLinear()(x))


def _critic_block(x: keras.KerasTensor, filters: int, down: bool) -> keras.KerasTensor:
    h = convolution(filters, 3)(PiecewiseLinear()(x))
    h = convolution(filters, 3)(PiecewiseLinear()(h))
    if not down:
        return layers.Add()([h, x])
    # The code convolves the shortcut and then pools; a 1x1 convolution of means is the mean of the convolved.
    shortcut = convolution(filters, 1, gain=GLOROT)(layers.AveragePooling2D(2)(x))
    return layers.Add()([layers.AveragePooling2D(2)(h), shortcut])
