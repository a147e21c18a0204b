"""Guided backpropagation, and how much of it falls on an object."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


@tf.custom_gradient
def _guided(x: tf.Tensor, slope: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, None]]]:
    """A leaky rectifier whose gradient passes only where its input and the gradient itself are positive."""

    def back(gradient: tf.Tensor) -> tuple[tf.Tensor, None]:
        return tf.where((x > 0) & (gradient > 0), gradient, 0.0), None

    return tf.where(x > 0, x, slope * x), back


def guided_network(network: keras.Model, last: keras.layers.Layer) -> Callable[[tf.Tensor], tf.Tensor]:
    """The network up to the output of a layer, as a function with guided gradients.

    Batch norm takes its stored statistics. Leaks count in the forward pass only.

    Args:
        network: A chain of layers.
        last: One of them.

    Reference:
        Springenberg et al., "Striving for simplicity", 1412.6806, section 3.4.
    """
    chain = network.layers[1 : network.layers.index(last) + 1]

    def forward(x: tf.Tensor) -> tf.Tensor:
        for layer in chain:
            if isinstance(layer, keras.layers.LeakyReLU):
                x = _guided(x, tf.constant(layer.negative_slope))
            elif isinstance(layer, keras.layers.ReLU):
                x = _guided(x, tf.constant(0.0))
            else:
                x = layer(x, training=False) if hasattr(layer, "stored_mean") else layer(x)
        return x

    return forward


def saliency(forward: Callable[[tf.Tensor], tf.Tensor], images: np.ndarray, channel: int) -> np.ndarray:
    """Guided gradient of each image's strongest response of one channel: float32, the shape of `images`.

    Args:
        forward: From `guided_network`; its output is (n, h, w, channels).
        images: As the network takes them, float32, shape (n, side, side, channels).
        channel: Which map.
    """
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        response = tf.reduce_sum(tf.reduce_max(forward(x)[..., channel], axis=[1, 2]))
    return tape.gradient(response, x).numpy()


def lift(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Share of a map's energy inside a mask over the mask's share of the area: float64, shape (n,); 1 is chance.

    A map without energy, or a picture without the object, has NaN.

    Args:
        maps: Gradients, shape (n, side, side, channels).
        masks: bool, shape (n, side, side).
    """
    energy = (maps.astype(np.float64) ** 2).sum(axis=3)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (energy * masks).sum(axis=(1, 2)) / energy.sum(axis=(1, 2))
        return share / masks.mean(axis=(1, 2))


def gini(maps: np.ndarray) -> np.ndarray:
    """Gini coefficient of each map's absolute values: float64, shape (n,); 0 if even, near 1 for a point."""
    values = np.sort(np.abs(maps.reshape(len(maps), -1).astype(np.float64)), axis=1)
    n = values.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return (2 * np.arange(1, n + 1) - n - 1) @ values.T / (n * values.sum(axis=1))
