"""Critics on points in the plane, for a fixed generator (section 3): what figures 1a and 1b and `collapse` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from papers.wgan_gp.model import improve_critic
from repro.data import planar
from repro.training import SeededModel, place_seed

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np

    from papers.wgan_gp.model import Clipping, CrossEntropy, GradientPenalty


class CriticOfNoisyData(SeededModel):
    """A critic trained against a generator at rest: the same real points plus N(0, I) (section 3.1).

    Trained on stacks of real batches, shape (k, n, 2), one update for each.

    Args:
        critic: Points (n, 2) to scores (n, 1).
        constraint: `Clipping`, `GradientPenalty` or `CrossEntropy`.
        seed: See `SeededModel`.
        shift: Moves every fake; (0, 0) in the paper.
    """

    def __init__(
        self,
        critic: keras.Model,
        constraint: Clipping | GradientPenalty | CrossEntropy,
        seed: int = 0,
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        super().__init__({"discriminator": critic}, seed)
        self.constraint, self.shift = constraint, shift

    def call(self, points: tf.Tensor) -> tf.Tensor:
        return self.discriminator(points)

    def train_step(self, stack: tf.Tensor) -> None:
        for turn, real in enumerate(tf.unstack(stack)):
            fake = noisy(real, self.key(f"noise {turn}")) + tf.constant(self.shift)
            epsilon = self.uniform(f"epsilon {turn}", [tf.shape(real)[0], 1])
            improve_critic(self, self.constraint, real, fake, epsilon)


def noisy(points: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """The generator at rest: points plus N(0, I), in the scaled coordinates; `seed` is two int32."""
    return points + tf.random.stateless_normal(tf.shape(points), seed, alg="philox")


def real_points(name: str, n: int, seed: int) -> Callable[[tf.Tensor | np.int64], tf.Tensor]:
    """The batch of a step, fresh samples of shape (n, 2), as a function of the step, int64."""
    return lambda step: planar.draw(name, n, tf.stack([place_seed(seed, "real points"), tf.cast(step, tf.int32)]))


def judged_points(name: str, n: int, seed: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Points on which a critic is judged: real, their noisy copies, and epsilon, shapes (n, 2), (n, 2), (n, 1)."""
    first = place_seed(seed, "judged points")
    real = planar.draw(name, n, [first, 0])
    return real, noisy(real, tf.constant([first, 1])), tf.random.stateless_uniform([n, 1], [first, 2], alg="philox")
