"""Generative adversarial nets (Goodfellow et al., 1406.2661): the regular GAN that later papers compare with."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from repro.training import AdversarialModel


def cross_entropy(scores: tf.Tensor, label: float) -> tf.Tensor:
    """Mean sigmoid cross entropy of logits against one label, nats.

    Args:
        scores: Logits, float32, shape (n, 1).
        label: 1 for "real", 0 for "fake".
    """
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(tf.shape(scores), float(label)), scores))


@dataclass(frozen=True)
class NonSaturating:
    """Cross entropy for D; G maximises log D(G(z)) instead of minimising log(1 - D(G(z))) (section 3)."""

    def discriminator(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """-E log D(x) - E log(1 - D(G(z))), of logits (n, 1)."""
        return cross_entropy(real_scores, 1.0) + cross_entropy(fake_scores, 0.0)

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """-E log D(G(z)), of logits (n, 1)."""
        return cross_entropy(fake_scores, 1.0)


class GAN(AdversarialModel):
    """The regular GAN, both players updated from the same forward pass.

    One generator pass, one discriminator pass on real and one on fake samples; both gradients are taken before
    either network moves, as the authors' released code and LSGAN's toy do.
    """

    def __init__(self, generator, discriminator, latent, loss=None, seed: int = 0):
        super().__init__(generator, discriminator, latent, loss or NonSaturating(), seed)

    def train_step(self, real):
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
