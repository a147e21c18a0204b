"""The CIFAR ResNet with labels: class-conditional batch norm in G, a class head in the critic (appendix F)."""

from __future__ import annotations

import keras
from keras import layers

from papers.wgan_gp.image_networks import Z_DIM, resnet_features, resnet_images
from repro.layers.class_affine import ClassAffine


def conditional_generator(classes: int, side: int = 32, filters: int = 128, *, channels: int = 3) -> keras.Model:
    """Latents (n, 128) and labels (n,) to images (n, side, side, channels) in -1..1; 1,218,307 trainable weights.

    Each block's two norms have scale and offset by class; that before the last convolution has one for all.

    Args:
        classes: Number of classes; 10 has the published count.
        side, filters, channels: See `resnet_generator`.
    """
    latent, label = keras.Input((Z_DIM,)), keras.Input((), dtype="int32")

    def norm(x: keras.KerasTensor) -> keras.KerasTensor:
        plain = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False)
        return ClassAffine(classes)([plain(x), label])

    image = resnet_images(latent, side, filters, channels, norm)
    return keras.Model([latent, label], image, name="conditional_generator")


def classifying_critic(classes: int, side: int = 32, filters: int = 128, *, channels: int = 3) -> keras.Model:
    """Images (n, side, side, channels) to scores (n, 1) and class logits (n, classes); 1,055,115 weights.

    Labels enter the critic nowhere: both heads are linear in the same features.

    Args:
        classes: Number of classes; 10 has the published count.
        side, filters, channels: See `resnet_critic`.
    """
    image = keras.Input((side, side, channels))
    features = resnet_features(image, filters)
    heads = [layers.Dense(units, kernel_initializer="glorot_uniform")(features) for units in (1, classes)]
    return keras.Model(image, heads, name="classifying_critic")
