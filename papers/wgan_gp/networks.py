"""The networks of WGAN-GP, layer by layer: perceptrons for points in the plane (section 3)."""

from __future__ import annotations

import keras
from keras import layers

from repro.layers.piecewise import PiecewiseLinear


def perceptron(inputs: int, hidden: int, width: int, outputs: int, name: str) -> keras.Model:
    """ReLU layers of one width and a linear output, without normalisation.

    Kernels are He-uniform, the last one Glorot-uniform, biases 0 (authors' gan_toy.py).

    Args:
        inputs: Dimension of a point or latent.
        hidden: Number of hidden layers.
        width: Units of each.
        outputs: Dimension of the output.
        name: Of the network.
    """
    parts: list[layers.Layer] = [keras.Input((inputs,))]
    for _ in range(hidden):
        parts += [layers.Dense(width, kernel_initializer="he_uniform"), PiecewiseLinear()]
    parts.append(layers.Dense(outputs, kernel_initializer="glorot_uniform"))
    return keras.Sequential(parts, name=name)  # at once: `add` builds all layers again for each


def planar_critic(width: int = 512, hidden: int = 3) -> keras.Model:
    """Points (n, 2) to scores (n, 1); 527,361 weights as released, 2,891,265 with figure 1b's twelve layers."""
    return perceptron(2, hidden, width, 1, "planar_critic")


def planar_generator(width: int = 512, hidden: int = 3) -> keras.Model:
    """Latents (n, 2) to points (n, 2); 527,874 weights as released, 2,891,778 with figure 1b's twelve layers."""
    return perceptron(2, hidden, width, 2, "planar_generator")
