"""Least Squares Generative Adversarial Networks (Mao et al., 1611.04076): equations 2, 8, 9 and the two models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

from repro.training import AdversarialModel

if TYPE_CHECKING:
    import keras

    from papers.gan2014.model import Loss
    from repro.training import Normal, Uniform


@dataclass(frozen=True)
class LeastSquares:
    """The least-squares objectives (equation 2), as means over the batch.

    Attributes:
        a: Label of fake samples for D.
        b: Label of real samples for D.
        c: Value that G wants D to give to fakes.
        summed: Whether to take sums over the batch, as the released code does; where an optimizer feels the scale.
    """

    a: float = 0.0
    b: float = 1.0
    c: float = 1.0
    summed: bool = False

    def discriminator(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """1/2 E[(D(x) - b)²] + 1/2 E[(D(G(z)) - a)²], of raw scores (n, 1)."""
        return 0.5 * self._over_batch((real_scores - self.b) ** 2) + 0.5 * self._over_batch((fake_scores - self.a) ** 2)

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """1/2 E[(D(G(z)) - c)²], of raw scores (n, 1)."""
        return 0.5 * self._over_batch((fake_scores - self.c) ** 2)

    def _over_batch(self, errors: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(errors) if self.summed else tf.reduce_mean(errors)


ZERO_ONE = LeastSquares(0.0, 1.0, 1.0)  # equation 9; the paper trains with it
PEARSON = LeastSquares(-1.0, 1.0, 0.0)  # equation 8; b - c = 1 and b - a = 2


class LSGAN(AdversarialModel):
    """LSGAN for images: a step of D, then a step of G, both on the same z, as released.

    D does not move G, so the fakes of both steps are the same and are generated once.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent: Uniform | Normal,
        loss: Loss = ZERO_ONE,
        seed: int = 0,
    ) -> None:
        super().__init__(generator, discriminator, latent, loss, seed)

    def train_step(self, real: tf.Tensor) -> None:
        G, D = self.generator, self.discriminator
        with self.watch(G) as tape:
            fake = G(self.latents("both", tf.shape(real)[0]), training=True)
            seen = tf.stop_gradient(fake)
            self.descend(D, lambda: self.loss_function.discriminator(D(real, training=True), D(seen, training=True)))
            g_loss = self.loss_function.generator(D(fake, training=True))
        self.apply(G, self.gradients(G, tape, g_loss))


class ConditionalLSGAN(LSGAN):
    """LSGAN conditioned on labels through linear maps Φ, one in G and one in D (section 4, figure 4).

    Trained on pairs (images, labels); the labels of the real images of a step are those of its fakes, as released.
    """

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> None:
        real, labels = data
        G, D = self.generator, self.discriminator
        with self.watch(G) as tape:
            fake = G([self.latents("both", tf.shape(real)[0]), labels], training=True)
            seen = tf.stop_gradient(fake)
            self.descend(
                D,
                lambda: self.loss_function.discriminator(
                    D([real, labels], training=True), D([seen, labels], training=True)
                ),
            )
            g_loss = self.loss_function.generator(D([fake, labels], training=True))
        self.apply(G, self.gradients(G, tape, g_loss))
