"""LSGAN-GP of the extended paper (1712.06391): least squares with a penalty on D's slope around real images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from papers.lsgan.model import LeastSquares
from papers.wgan_gp.model import WGAN, input_gradient_norms

if TYPE_CHECKING:
    from repro.training import Normal, Uniform


@dataclass(frozen=True)
class PenaltyAroundData(LeastSquares):
    """Labels (0,1,1), and a penalty on slopes other than one at disturbed real images, in DRAGAN's way.

    Attributes:
        weight: lambda; beside means over the batch, where the released code has 150 beside sums over 64.
        reach: Disturbances are uniform from 0 to this, times a share of the sample's own; images are in -1..1.
    """

    weight: float = 150 / 64
    reach: float = 30.0

    def loss(self, critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, disturbance: tf.Tensor) -> tf.Tensor:
        """The objective of D and the weighted penalty; `disturbance` has the shape of `real`."""
        slopes = input_gradient_norms(critic, real + disturbance)
        penalty = tf.reduce_mean(tf.square(slopes - 1))
        return self.discriminator(critic(real, training=True), critic(fake, training=True)) + self.weight * penalty

    def project(self, critic: keras.Model) -> None:
        """Leaves the weights as they are."""


class LSGANGP(WGAN):
    """LSGAN-GP, trained as `WGAN` is, on stacks of real batches; arguments are those of `WGAN`.

    D must not use batch norm: see `input_gradient_norms`. The released code draws its noise once, when its graph is
    built; here it is fresh at every update.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        latent: Uniform | Normal,
        constraint: PenaltyAroundData = PenaltyAroundData(),
        seed: int = 0,
        *,
        critic_steps: int = 1,
    ) -> None:
        super().__init__(generator, critic, latent, constraint, seed, critic_steps=critic_steps)

    def generator_loss(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """1/2 E[(D(G(z)) - c)²], of raw scores (n, 1)."""
        return self.loss_function.generator(fake_scores)

    def noise(self, stack: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Latents (critic_steps, m, dimension) and disturbances of the stack's shape, of all updates of D."""
        latents, share = super().noise(stack)
        return latents, share * self.loss_function.reach * self.uniform("disturbance", tf.shape(stack))
