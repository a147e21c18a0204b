"""The small networks of LSGAN, layer by layer: the ring (section 4.3), figures 3, 4 and 6, and the extended paper's."""

from __future__ import annotations

import keras
from keras import layers

from repro.layers.label_maps import LabelledConv2D, LinearLabelMap


def _normal(std: float = 0.02) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=std)


def _truncated() -> keras.initializers.Initializer:
    return keras.initializers.TruncatedNormal(stddev=0.02)


def _batch_norm() -> layers.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


# ---- Section 4.3: the ring of Gaussians; from the authors' `mixture_gaussian` ----


def _tanh_mlp(inputs: int, outputs: int, name: str) -> keras.Model:
    dense = {"kernel_initializer": keras.initializers.Orthogonal(gain=1.4)}
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(128, "tanh", **dense),
            layers.Dense(128, "tanh", **dense),
            layers.Dense(outputs, **dense),
        ],
        name=name,
    )


def ring_generator(z_dim: int = 256) -> keras.Model:
    """Latents (n, z_dim) to points (n, 2); 49,666 weights as published."""
    return _tanh_mlp(z_dim, 2, "ring_generator")


def ring_discriminator() -> keras.Model:
    """Points (n, 2) to raw scores (n, 1); 17,025 weights."""
    return _tanh_mlp(2, 1, "ring_discriminator")


# ---- Figure 4: handwritten Chinese characters; from the authors' `mcgan.py` ----


def label_dimension(width: float) -> int:
    """Length of Φ(y): 256 at the published width."""
    return round(256 * width)


def character_generator(
    classes: int | None, *, width: float = 1.0, z_dim: int = 1024, label_std: float = 0.02
) -> keras.Model:
    """Latents (n, z_dim) and labels (n,) to images (n, 28, 28, 1) in 0..1.

    Args:
        classes: Number of classes; None builds the unconditional twin, without Φ and its concatenation.
        width: Factor on every published width; 1 is figure 4.
        z_dim: Dimension of the latent.
        label_std: Standard deviation of Φ's initial kernel; 0.02 as released.
    """
    latent = keras.Input((z_dim,))
    inputs, x = [latent], latent
    if classes is not None:
        labels = keras.Input((), dtype="int32")
        inputs.append(labels)
        x = layers.Concatenate()([x, LinearLabelMap(classes, label_dimension(width), _normal(label_std))(labels)])
    maps = round(128 * width)
    x = layers.Dense(7 * 7 * maps, kernel_initializer=_normal())(x)
    x = layers.ReLU()(_batch_norm()(x))  # over the flat features, before the reshape
    x = layers.Reshape((7, 7, maps))(x)
    x = layers.Conv2DTranspose(maps, 5, 2, "same", kernel_initializer=_normal())(x)
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.Conv2DTranspose(1, 5, 2, "same", activation="sigmoid", kernel_initializer=_normal())(x)
    return keras.Model(inputs if classes is not None else latent, x, name="character_generator")


def character_discriminator(classes: int | None, *, width: float = 1.0, label_std: float = 0.02) -> keras.Model:
    """Images (n, 28, 28, 1) in 0..1 and labels (n,) to raw scores (n, 1).

    Φ(y) is concatenated to the output of every hidden layer, not to the image. Arguments as the generator's.
    """
    e = label_dimension(width)
    image = keras.Input((28, 28, 1))
    labels = keras.Input((), dtype="int32")
    phi = LinearLabelMap(classes, e, _normal(label_std))(labels) if classes is not None else None

    def labelled(x: keras.KerasTensor) -> keras.KerasTensor:
        return x if phi is None else layers.Concatenate()([x, phi])

    x = layers.Conv2D(1 + e, 5, 2, "same", kernel_initializer=_truncated())(image)
    x = layers.LeakyReLU(0.2)(x)
    filters = round(64 * width) + e
    if phi is None:
        x = layers.Conv2D(filters, 5, 2, "same", kernel_initializer=_truncated())(x)
    else:
        x = LabelledConv2D(filters, 5, 2, kernel_initializer=_truncated())([x, phi])
    x = layers.LeakyReLU(0.2)(_batch_norm()(x))
    x = layers.Dense(round(1024 * width), kernel_initializer=_normal())(labelled(layers.Flatten()(x)))
    x = layers.LeakyReLU(0.2)(_batch_norm()(x))
    x = layers.Dense(1, kernel_initializer=_normal())(labelled(x))
    return keras.Model([image, labels] if phi is not None else image, x, name="character_discriminator")


# ---- Figure 3: scenes; from the authors' `vgg.py` ----


def _deconvolution(filters: int, kernel: int, stride: int, activation: str | None = None) -> layers.Layer:
    return layers.Conv2DTranspose(filters, kernel, stride, "same", activation=activation, kernel_initializer=_normal())


def _convolution(filters: int) -> layers.Layer:
    return layers.Conv2D(filters, 5, 2, "same", kernel_initializer=_truncated())


def scene_generator(side: int = 112, *, width: float = 1.0, z_dim: int = 1024) -> keras.Model:
    """Latents (n, z_dim) to images (n, side, side, 3) in -1..1.

    Args:
        side: A multiple of 16; everything follows from side / 16, as in the released code.
        width: Factor on every published width; 1 is figure 3.
        z_dim: Dimension of the latent.
    """
    base, first = side // 16, round(256 * width)
    latent = keras.Input((z_dim,))
    x = layers.Dense(base * base * first, kernel_initializer=_normal())(latent)
    x = layers.Reshape((base, base, first))(x)
    x = layers.ReLU()(_batch_norm()(x))  # per channel, after the reshape
    for filters, stride in ((256, 2), (256, 1), (256, 2), (256, 1), (128, 2), (64, 2)):
        x = layers.ReLU()(_batch_norm()(_deconvolution(round(filters * width), 3, stride)(x)))
    return keras.Model(latent, _deconvolution(3, 3, 1, "tanh")(x), name="scene_generator")


def scene_discriminator(side: int = 112, *, width: float = 1.0) -> keras.Model:
    """Images (n, side, side, 3) in -1..1 to raw scores (n, 1). Arguments as the generator's."""
    return _strided_discriminator((side, side, 3), width, norm=True, name="scene_discriminator")


def _strided_discriminator(shape: tuple[int, int, int], width: float, norm: bool, name: str) -> keras.Model:
    image = keras.Input(shape)
    x = layers.LeakyReLU(0.2)(_convolution(round(64 * width))(image))
    for filters in (128, 256, 512):
        x = _convolution(round(filters * width))(x)
        x = layers.LeakyReLU(0.2)(_batch_norm()(x) if norm else x)
    return keras.Model(image, layers.Dense(1, kernel_initializer=_normal())(layers.Flatten()(x)), name=name)


# ---- Figure 6: with and without batch norm; from the authors' `stability_comparison` ----


def stability_generator(side: int = 64, *, norm: bool, width: float = 1.0, z_dim: int = 1024) -> keras.Model:
    """Latents (n, z_dim) to images (n, side, side, 3) in -1..1, with or without batch norm.

    Args:
        side: A multiple of 16.
        norm: Whether every hidden layer is normalised.
        width: Factor on every published width; 1 is figure 6.
        z_dim: Dimension of the latent.
    """

    def hidden(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(_batch_norm()(x) if norm else x)

    base, first = side // 16, round(512 * width)
    latent = keras.Input((z_dim,))
    x = layers.Dense(base * base * first, kernel_initializer=_normal())(latent)
    x = hidden(layers.Reshape((base, base, first))(x))
    for filters in (256, 128, 64):
        x = hidden(_deconvolution(round(filters * width), 5, 2)(x))
    return keras.Model(latent, _deconvolution(3, 5, 2, "tanh")(x), name="stability_generator")


def stability_discriminator(side: int = 64, *, norm: bool, width: float = 1.0) -> keras.Model:
    """Images (n, side, side, 3) in -1..1 to raw scores (n, 1). Arguments as the generator's."""
    return _strided_discriminator((side, side, 3), width, norm, name="stability_discriminator")


# ---- The extended paper's data sets of small variance; from the authors' `small_variance_datasets` ----


def digit_generator(*, width: float = 1.0, z_dim: int = 100) -> keras.Model:
    """Latents (n, z_dim) to images (n, 28, 28, 1) in -1..1; 4,944,129 trainable weights at width 1."""
    first = round(512 * width)
    latent = keras.Input((z_dim,))
    x = layers.Dense(16 * first, kernel_initializer=_normal())(latent)
    x = layers.Reshape((4, 4, first))(layers.ReLU()(_batch_norm()(x)))
    # "same" gives 8x8 where the released code asks for 7x7; without the first row and column it is the same.
    x = layers.Cropping2D(((1, 0), (1, 0)))(_deconvolution(round(256 * width), 5, 2)(x))
    x = layers.ReLU()(_batch_norm()(x))
    x = layers.ReLU()(_batch_norm()(_deconvolution(round(128 * width), 5, 2)(x)))
    return keras.Model(latent, _deconvolution(1, 5, 2, "tanh")(x), name="digit_generator")


def digit_discriminator() -> keras.Model:
    """Images (n, 28, 28, 1) in -1..1 to raw scores (n, 1); 1,252,671 trainable weights."""
    image = keras.Input((28, 28, 1))
    x = layers.LeakyReLU(0.2)(_convolution(20)(image))
    x = layers.LeakyReLU(0.2)(_batch_norm()(_convolution(50)(x)))
    x = layers.Dense(500, kernel_initializer=_normal())(layers.Flatten()(x))
    x = layers.LeakyReLU(0.2)(_batch_norm()(x))
    return keras.Model(image, layers.Dense(1, kernel_initializer=_normal())(x), name="digit_discriminator")
