"""Generative adversarial nets (Goodfellow et al., 1406.2661): the objectives, and the two orders of updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import tensorflow as tf

from repro.training import AdversarialModel

if TYPE_CHECKING:
    import keras

    from repro.training import Normal, Uniform


def cross_entropy(scores: tf.Tensor, label: float) -> tf.Tensor:
    """Mean sigmoid cross entropy of logits against one label, nats.

    Args:
        scores: Logits, float32, shape (n, 1).
        label: 1 for "real", 0 for "fake".
    """
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(tf.shape(scores), float(label)), scores))


class Loss(Protocol):
    """What D and G minimise, of raw scores (n, 1): two scalars."""

    def discriminator(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """What D minimises."""

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """What G minimises."""


@dataclass(frozen=True)
class NonSaturating:
    """Cross entropy for D; G maximises log D(G(z)) instead of minimising log(1 - D(G(z))) (section 3).

    Attributes:
        share: Factor on D's sum; 1 as in Algorithm 1, 0.5 in the released code.
    """

    share: float = 1.0

    def discriminator(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """share * (-E log D(x) - E log(1 - D(G(z)))), of logits (n, 1)."""
        both = cross_entropy(real_scores, 1.0) + cross_entropy(fake_scores, 0.0)
        return both if self.share == 1 else self.share * both

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """-E log D(G(z)), of logits (n, 1)."""
        return cross_entropy(fake_scores, 1.0)


@dataclass(frozen=True)
class Minimax(NonSaturating):
    """The value function of equation 1 for both: G minimises E log(1 - D(G(z))), which saturates where D is sure."""

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """E log(1 - D(G(z))), of logits (n, 1)."""
        return -cross_entropy(fake_scores, 0.0)


class GAN(AdversarialModel):
    """The regular GAN in the order of the released code: both players updated from the same forward pass.

    One generator pass, one discriminator pass on real and one on fake samples, so noise and dropout masks are shared;
    both gradients are taken before either network moves. LSGAN's toy does the same.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent: Uniform | Normal,
        loss: Loss | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(generator, discriminator, latent, loss or NonSaturating(), seed)

    def train_step(self, real: tf.Tensor) -> None:
        G, D = self.generator, self.discriminator
        with self.watch(D) as d_tape, self.watch(G) as g_tape:
            fake = G(self.latents("both", tf.shape(real)[0]), training=True)
            real_scores, fake_scores = D(real, training=True), D(fake, training=True)
            d_loss = self.loss_function.discriminator(real_scores, fake_scores)
            g_loss = self.loss_function.generator(fake_scores)
        d_gradients = self.gradients(D, d_tape, d_loss)
        g_gradients = self.gradients(G, g_tape, g_loss)
        self.apply(D, d_gradients)
        self.apply(G, g_gradients)


class DiscriminatorOnly(GAN):
    """D learns against a G that rests: how sure it can become."""

    def train_step(self, real: tf.Tensor) -> None:
        fake = tf.stop_gradient(self.generator(self.latents("both", tf.shape(real)[0]), training=True))
        D = self.discriminator
        self.descend(D, lambda: self.loss_function.discriminator(D(real, training=True), D(fake, training=True)))


class PrintedGAN(GAN):
    """The regular GAN in the order of Algorithm 1: k steps of D, each on fresh data and noise, then G on fresh noise.

    Trained on stacks of k batches, shape (k, n, ...). Dropout stays on in D while G learns, with new masks.

    Args:
        k: Steps of D per iteration; 1 in the paper's experiments.
        g_steps: Steps of G per iteration; more than 1 is what section 6 warns of.
        others, named: Those of `GAN`.
    """

    def __init__(self, *others: Any, k: int = 1, g_steps: int = 1, **named: Any) -> None:
        super().__init__(*others, **named)
        self.k, self.g_steps = k, g_steps

    def train_step(self, stack: tf.Tensor) -> None:
        G, D, loss = self.generator, self.discriminator, self.loss_function
        for turn in range(self.k):
            real = stack[turn]
            fake = tf.stop_gradient(G(self.latents(f"discriminator {turn}", tf.shape(real)[0]), training=True))
            self.descend(
                D, lambda real=real, fake=fake: loss.discriminator(D(real, training=True), D(fake, training=True))
            )
        for turn in range(self.g_steps):
            latents = self.latents(f"generator {turn}", tf.shape(stack)[1])
            self.descend(G, lambda latents=latents: loss.generator(D(G(latents, training=True), training=True)))
