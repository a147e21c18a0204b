"""Figure 1's toy in one dimension: a generator whose density is known, and the three kinds of steps that train it."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import AdversarialModel


class UnitInterval:
    """Latents uniform on (0, 1): float32, shape (n, 1); neither end is ever drawn."""

    def draw(self, n: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws n latents, odd multiples of 2^-24; `seed` is two int32."""
        return tf.random.stateless_uniform([n, 1], seed, alg="philox") + 2.0**-24


class NormalQuantile(layers.Layer):
    """z to m + s times the z-quantile of N(0, 1), so that z uniform on (0, 1) gives exactly N(m, s²).

    Args:
        mean: Initial m.
        std: Initial s, positive; its logarithm is trained.
    """

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.mean_initializer = keras.initializers.Constant(mean)
        self.log_std_initializer = keras.initializers.Constant(float(np.log(std)))

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the two weights."""
        self.mean = self.add_weight(shape=(), initializer=self.mean_initializer, name="mean")
        self.log_std = self.add_weight(shape=(), initializer=self.log_std_initializer, name="log_std")

    def call(self, z: tf.Tensor) -> tf.Tensor:
        """Points, of the shape of z."""
        return self.mean + tf.exp(self.log_std) * tf.math.ndtri(z)


def generator(mean: float, std: float) -> keras.Model:
    """Latents (n, 1) in (0, 1) to points (n, 1); two weights, m and log s."""
    return keras.Sequential([keras.Input((1,)), NormalQuantile(mean, std)], name="toy_generator")


def discriminator(width: int) -> keras.Model:
    """Points (n, 1) to logits (n, 1); two tanh layers."""
    dense = [layers.Dense(width, "tanh"), layers.Dense(width, "tanh"), layers.Dense(1)]
    return keras.Sequential([keras.Input((1,)), *dense], name="toy_discriminator")


def stepwise(
    updates: Sequence[int], rates: Sequence[float]
) -> float | keras.optimizers.schedules.PiecewiseConstantDecay:
    """A learning rate that belongs to an optimizer's own count of updates: `rates[i]` for the i-th `updates[i]`."""
    if len(rates) == 1:
        return rates[0]
    ends = np.cumsum(updates)[:-1]
    return keras.optimizers.schedules.PiecewiseConstantDecay([int(end) - 1 for end in ends], list(rates))


class Toy(AdversarialModel):
    """A step of either player; what a training step consists of is said below."""

    def improve_discriminator(self, real: tf.Tensor, purpose: str) -> None:
        """One update of D on real points (n, 1) and as many fresh fakes; G does not move."""
        G, D, loss = self.generator, self.discriminator, self.loss_function
        fake = G(self.latents(purpose, tf.shape(real)[0]), training=True)
        self.descend(D, lambda: loss.discriminator(D(real, training=True), D(fake, training=True)))

    def improve_generator(self, n: int) -> None:
        """One update of G on n fresh fakes; D does not move."""
        G, D, loss = self.generator, self.discriminator, self.loss_function
        self.descend(G, lambda: loss.generator(D(G(self.latents("G", n), training=True), training=True)))


class OnlyDiscriminator(Toy):
    """Each step is one update of D; real is (n, 1)."""

    def train_step(self, real: tf.Tensor) -> None:
        self.improve_discriminator(real, "D")


class OnlyGenerator(Toy):
    """Each step is one update of G, on as many fakes as there are real points."""

    def train_step(self, real: tf.Tensor) -> None:
        self.improve_generator(tf.shape(real)[0])


class Rounds(Toy):
    """Each step is a round of algorithm 1: k updates of D, each on fresh points, then one of G; real is (k, n, 1)."""

    def train_step(self, real: tf.Tensor) -> None:
        for place, batch in enumerate(tf.unstack(real)):
            self.improve_discriminator(batch, f"D {place}")
        self.improve_generator(tf.shape(real)[1])
