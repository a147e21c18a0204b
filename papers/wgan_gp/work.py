"""What a step of training costs, counted from the layers: multiply-adds, the same on every machine."""

from __future__ import annotations

import math

import keras
from keras import layers

from papers.wgan_gp.methods import Method


def multiply_adds(network: keras.Model) -> int:
    """Multiply-adds of one sample's pass through a network: those of its dense layers and convolutions.

    A convolution takes its kernel once for each place of its output, a transposed one for each place of its input.
    """
    count = 0
    for layer in network.layers:
        if isinstance(layer, (layers.Dense, layers.Conv2D, layers.Conv2DTranspose)):
            seen = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
            count += math.prod(layer.kernel.shape) * math.prod(seen.shape[1:-1])
    return count


def of_step(method: Method, generator: keras.Model, critic: keras.Model, batch_size: int) -> int:
    """Multiply-adds of one step, updates of the critic and one of the generator.

    With g and d those of a batch's pass through each network: an update of the critic takes g for the fakes and 6d for
    real and fake, forward (1), back to the weights (1) and back through the layers (1) each. The penalty takes 4d more:
    forward, the slope, and back through the slope to weights and layers; the smooth activations of appendix D, whose
    work nobody reads, take 2d beyond that. That only the penalty needs the first layer's gradient by the images is not
    counted, 1 to 2 %. The generator's update takes 3g and 2d: D's own weights need no gradient.

    Args:
        method: Of training.
        generator, critic: Built networks.
        batch_size: Of both networks.
    """
    g, d = (batch_size * multiply_adds(network) for network in (generator, critic))
    update = g + (10 if method.constraint == "penalty" else 6) * d
    return method.critic_steps * update + 3 * g + 2 * d
