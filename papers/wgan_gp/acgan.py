"""WGAN-GP with labels: an auxiliary classifier in the critic (section 5.4, appendix F)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from papers.wgan_gp.model import WGANGP, gradient_penalty

if TYPE_CHECKING:
    import keras

    from papers.wgan_gp.model import GradientPenalty
    from repro.training import Normal, Uniform


def class_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean softmax cross entropy, nats, of logits (n, classes) and int labels (n,)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


class ACGANGP(WGANGP):
    """WGAN-GP whose critic also names the class: Algorithm 1 with AC-GAN's terms.

    The critic learns classes from real samples only; the penalty sees its score only. Fakes of a critic's update have
    the labels of its real batch, those of the generator's uniform ones.

    Trained on pairs of stacks: real batches (critic_steps, m, ...) and labels, int32 (critic_steps, m).

    Args:
        generator: Built network from latents and labels to samples.
        critic: Built network from samples to scores (n, 1) and class logits (n, classes).
        latent, seed: See `WGAN`.
        constraint: A `GradientPenalty`.
        classes: Number of classes.
        critic_weight: Of the class loss on real samples in the critic's loss.
        generator_weight: Of that on its own samples in the generator's loss.
        named: The others of `WGAN`.

    Reference:
        Authors' gan_cifar_resnet.py; A. Odena et al., arXiv 1610.09585.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        latent: Uniform | Normal,
        constraint: GradientPenalty,
        seed: int = 0,
        *,
        classes: int,
        critic_weight: float = 1.0,
        generator_weight: float = 0.1,
        **named: int,
    ) -> None:
        super().__init__(generator, critic, latent, constraint, seed, **named)
        self.classes, self.critic_weight, self.generator_weight = classes, critic_weight, generator_weight

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> None:
        stack, labels = data
        self.check_stack(stack)

        def update(real: tf.Tensor, known: tf.Tensor, latents: tf.Tensor, epsilon: tf.Tensor) -> None:
            fake = tf.stop_gradient(self.generator([latents, known], training=True))
            self.descend(self.critic, lambda: self.critic_loss(real, known, fake, epsilon))

        self.in_turns(update, stack, labels, *self.noise(stack))
        m = tf.shape(stack)[1] * self.generator_batches
        wanted = tf.random.stateless_uniform([m], self.key("labels"), 0, self.classes, tf.int32, alg="philox")
        latents = self.latents("generator", m)
        self.descend(self.generator, lambda: self.labelled_generator_loss(latents, wanted))

    def critic_loss(self, real: tf.Tensor, labels: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor) -> tf.Tensor:
        """Equation 3 plus the weighted class loss on real samples, a scalar; the fakes are constants."""
        D, penalty = self.critic, self.loss_function
        scores, logits = D(real, training=True)
        gap = tf.reduce_mean(scores) - tf.reduce_mean(D(fake, training=True)[0])

        def score(x: tf.Tensor, training: bool) -> tf.Tensor:
            return D(x, training=training)[0]

        slope = gradient_penalty(score, real, fake, epsilon, penalty.one_sided)
        return penalty.weight * slope - gap + self.critic_weight * class_loss(logits, labels)

    def labelled_generator_loss(self, latents: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """-E D(G(z, y)) plus the weighted class loss on generated samples, a scalar."""
        scores, logits = self.critic(self.generator([latents, labels], training=True), training=True)
        return -tf.reduce_mean(scores) + self.generator_weight * class_loss(logits, labels)
