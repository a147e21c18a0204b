"""The networks of DCGAN, layer by layer, from figure 1 and the released code.

No layer has a bias. Weights start at N(0, 0.02). Batch norm is on every layer but G's last and D's first and last; in
G's first it is over the units of the dense layer, before the reshape. D's outputs are logits; the sigmoid is in the
loss. `maps` is the number of maps of D's first convolution, 128 in figure 1; all others are multiples of it.

Between the first and the last convolution of a network all maps are turned by half a circle: see `symmetric_conv`.
"""

from __future__ import annotations

import keras
from keras import layers

from repro.layers.batch_norm import BatchNorm
from repro.layers.label_maps import JoinOneHot
from repro.layers.symmetric_conv import SymmetricConv2D, SymmetricConv2DTranspose

LEAK = 0.2
FIRST = 4  # side of G's first maps and of D's last


def _drawn() -> dict:
    return {"use_bias": False, "kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02)}


def _dense(units: int, activation: str | None = None) -> layers.Layer:
    return layers.Dense(units, activation, **_drawn())


def _convolution(filters: int, kernel: int, stride: int, turns: dict) -> layers.Layer:
    return SymmetricConv2D(filters, kernel, stride, **turns, **_drawn())


def _deconvolution(filters: int, kernel: int, stride: int, turns: dict, activation: str | None = None) -> layers.Layer:
    return SymmetricConv2DTranspose(filters, kernel, stride, activation=activation, **turns, **_drawn())


def _turns(place: int, of: int) -> dict[str, bool]:
    """How the convolution at a place, counted from 0, is turned among those of its network."""
    return {"turned_input": place > 0, "turned_output": place < of - 1}


def _projected(z: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """The "project and reshape" of figure 1."""
    x = layers.ReLU()(BatchNorm()(_dense(FIRST * FIRST * filters)(z)))
    return layers.Reshape((FIRST, FIRST, filters))(x)


def _scored(x: keras.KerasTensor) -> keras.KerasTensor:
    return _dense(1)(layers.Flatten()(x))


def _leaky(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.LeakyReLU(LEAK)(x)


# ---- Figure 1: scenes and faces at 64x64; at 32x32 the released SVHN networks ----


def _levels(side: int) -> int:
    levels = (side // FIRST).bit_length() - 1
    if side != FIRST << levels or levels < 1:
        raise ValueError(f"the side is 4 doubled some times. Received: {side}")
    return levels


def image_generator(side: int = 64, *, maps: int = 128, z_dim: int = 100, channels: int = 3) -> keras.Model:
    """Latents (n, z_dim) to images (n, side, side, channels) in -1..1; 18,885,760 weights as published.

    Args:
        side: 4 doubled once per deconvolution of 5x5, stride 2.
        maps: Maps before the last one; doubled at every level towards the latent.
        z_dim: Dimension of the latent.
        channels: 3 for colour, 1 for grey.

    Raises:
        ValueError: If no number of doublings gives that side.
    """
    levels = _levels(side)
    z = keras.Input((z_dim,))
    x = _projected(z, maps << (levels - 1))
    for place in range(levels - 1):
        x = layers.ReLU()(BatchNorm()(_deconvolution(maps << (levels - 2 - place), 5, 2, _turns(place, levels))(x)))
    return keras.Model(z, _deconvolution(channels, 5, 2, _turns(levels - 1, levels), "tanh")(x), name="image_generator")


def image_discriminator(side: int = 64, *, maps: int = 128, channels: int = 3) -> keras.Model:
    """Images (n, side, side, channels) in -1..1 to logits (n, 1); 17,232,768 weights as published.

    Arguments as the generator's.
    """
    image = keras.Input((side, side, channels))
    levels = _levels(side)
    x = _leaky(_convolution(maps, 5, 2, _turns(0, levels))(image))
    for level in range(1, levels):
        x = _leaky(BatchNorm()(_convolution(maps << level, 5, 2, _turns(level, levels))(x)))
    return keras.Model(image, _scored(x), name="image_discriminator")


# ---- ImageNet at 32x32, whose D gives the 28,672 features of table 1; from the released `load_pretrained.py` ----


def object_generator(*, maps: int = 128, z_dim: int = 256) -> keras.Model:
    """Latents (n, z_dim) to images (n, 32, 32, 3) in -1..1; 6,690,688 weights as published.

    Kernels of 3x3, strides 2 and 1 in turn. Arguments as `image_generator`'s.
    """
    z = keras.Input((z_dim,))
    x = _projected(z, 4 * maps)
    for place, (filters, stride) in enumerate(((4, 2), (2, 1), (2, 2), (1, 1), (1, 2))):
        x = layers.ReLU()(BatchNorm()(_deconvolution(filters * maps, 3, stride, _turns(place, 6))(x)))
    return keras.Model(z, _deconvolution(3, 3, 1, _turns(5, 6), "tanh")(x), name="object_generator")


def object_discriminator(*, maps: int = 128) -> keras.Model:
    """Images (n, 32, 32, 3) in -1..1 to logits (n, 1); 4,586,112 weights as published."""
    image = keras.Input((32, 32, 3))
    x = _leaky(_convolution(maps, 3, 1, _turns(0, 6))(image))
    for place, (filters, stride) in enumerate(((1, 2), (2, 1), (2, 2), (4, 1), (4, 2)), start=1):
        x = _leaky(BatchNorm()(_convolution(filters * maps, 3, stride, _turns(place, 6))(x)))
    return keras.Model(image, _scored(x), name="object_discriminator")


# ---- MNIST with labels: images in 0..1, batch norm without gain and shift; from `mnist/train_cond_dcgan.py` ----


def digit_generator(*, maps: int = 64, dense: int = 1024, z_dim: int = 100, classes: int = 10) -> keras.Model:
    """Latents (n, z_dim) and labels (n,) to digits (n, 28, 28, 1) in 0..1; 6,820,538 weights as published.

    Args:
        maps: Maps before the last one.
        dense: Units of the first layer.
        z_dim: Dimension of the latent.
        classes: Number of labels; each joins the input of every layer.
    """
    z, labels = keras.Input((z_dim,)), keras.Input((), dtype="int32")

    def hidden(layer: layers.Layer, x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(BatchNorm(affine=False)(layer(JoinOneHot(classes)([x, labels]))))

    x = hidden(_dense(dense), z)
    x = layers.Reshape((7, 7, 2 * maps))(hidden(_dense(7 * 7 * 2 * maps), x))
    x = hidden(_deconvolution(maps, 5, 2, _turns(0, 2)), x)
    x = _deconvolution(1, 5, 2, _turns(1, 2), "sigmoid")(JoinOneHot(classes)([x, labels]))
    return keras.Model([z, labels], x, name="digit_generator")


def digit_discriminator(*, maps: int = 64, dense: int = 1024, classes: int = 10) -> keras.Model:
    """Digits (n, 28, 28, 1) in 0..1 and labels (n,) to logits (n, 1); 6,688,202 weights as published.

    Arguments as the generator's.
    """
    image, labels = keras.Input((28, 28, 1)), keras.Input((), dtype="int32")

    def joined(x: keras.KerasTensor) -> keras.KerasTensor:
        return JoinOneHot(classes)([x, labels])

    x = _leaky(_convolution(maps, 5, 2, _turns(0, 2))(joined(image)))
    x = _leaky(BatchNorm(affine=False)(_convolution(2 * maps, 5, 2, _turns(1, 2))(joined(x))))
    x = _leaky(BatchNorm(affine=False)(_dense(dense)(joined(layers.Flatten()(x)))))
    return keras.Model([image, labels], _dense(1)(joined(x)), name="digit_discriminator")


def dense_digit_generator(*, dense: int = 1024, z_dim: int = 100, classes: int = 10) -> keras.Model:
    """Table 3's "permutation invariant GAN": as `digit_generator`, but dense; 1,982,112 weights.

    Its code was not released: widths and layers are ours. Arguments as `digit_generator`'s.
    """
    z, labels = keras.Input((z_dim,)), keras.Input((), dtype="int32")
    x = z
    for _ in range(2):
        x = layers.ReLU()(BatchNorm(affine=False)(_dense(dense)(JoinOneHot(classes)([x, labels]))))
    x = _dense(28 * 28, "sigmoid")(JoinOneHot(classes)([x, labels]))
    return keras.Model([z, labels], layers.Reshape((28, 28, 1))(x), name="dense_digit_generator")


def dense_digit_discriminator(*, dense: int = 1024, classes: int = 10) -> keras.Model:
    """D of the same baseline: no batch norm on its first layer, as in `digit_discriminator`; 1,872,906 weights."""
    image, labels = keras.Input((28, 28, 1)), keras.Input((), dtype="int32")
    x = _leaky(_dense(dense)(JoinOneHot(classes)([layers.Flatten()(image), labels])))
    x = _leaky(BatchNorm(affine=False)(_dense(dense)(JoinOneHot(classes)([x, labels]))))
    x = _dense(1)(JoinOneHot(classes)([x, labels]))
    return keras.Model([image, labels], x, name="dense_digit_discriminator")


def classifier(discriminator: keras.Model, classes: int, dropout: float) -> keras.Model:
    """D with a softmax in place of its score, for table 2's supervised network: images in 0..1 to {"label": logits}.

    Args:
        discriminator: `image_discriminator` or `object_discriminator`; its layers are made again.
        classes: Number of logits.
        dropout: Rate before the last layer, 0..1.
    """
    image = keras.Input(discriminator.input_shape[1:])
    x = layers.Rescaling(2.0, -1.0)(image)
    for layer in discriminator.layers[1:-1]:
        x = type(layer).from_config(layer.get_config())(x)
    return keras.Model(image, {"label": _dense(classes)(layers.Dropout(dropout)(x))}, name="classifier")
