"""The networks of LSGAN, layer by layer: the ring (section 4.3) and the characters (figure 4)."""

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

    def labelled(x):
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
