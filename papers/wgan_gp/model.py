"""Improved Training of Wasserstein GANs (1704.00028): equation 3, Algorithm 1, and the original WGAN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import keras
import tensorflow as tf

from papers.gan2014.model import NonSaturating
from papers.lsgan.model import LeastSquares
from repro.training import AdversarialModel, SeededModel

if TYPE_CHECKING:
    from repro.training import Normal, Uniform


def critic_gap(critic: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """E D(x) - E D(G(z)), a scalar: what the critic enlarges; the Wasserstein distance only for the best 1-Lipschitz D.

    Real and generated samples go through D apart, so that batch norm, where D has it, sees one kind at a time.
    """
    return tf.reduce_mean(critic(real, training=True)) - tf.reduce_mean(critic(fake, training=True))


def input_gradient_norms(critic: keras.Model, points: tf.Tensor) -> tf.Tensor:
    """Length of the gradient of D at each point, over all axes of the point: float32, shape (n,).

    At a gradient of zero the length is 0 and so is its own derivative, where the root's would be infinite.

    Args:
        critic: Must not normalise over the batch: the gradient is that of the sum of all scores.
        points: Shape (n, ...).
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(points)
        total = tf.reduce_sum(critic(points, training=True))
    squares = tf.square(tape.gradient(total, points))
    squared = tf.reduce_sum(squares, axis=list(range(1, len(points.shape))))
    nonzero = squared != 0  # and not `squared > 0`, which would make a length of 0 of NaN
    return tf.where(nonzero, tf.sqrt(tf.where(nonzero, squared, 1)), 0)


def gradient_penalty(
    critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor, one_sided: bool = False
) -> tf.Tensor:
    """Mean squared distance of D's slope from one, at points on straight lines between paired real and fake samples.

    Args:
        critic: See `input_gradient_norms`.
        real, fake: Shape (n, ...), paired by place.
        epsilon: Weights of `real`, uniform on [0, 1]: shape (n, 1, ..., 1), one per sample.
        one_sided: Whether only slopes above one are punished (appendix C).

    Returns:
        Scalar, at least 0; not yet multiplied by lambda.

    Reference:
        Algorithm 1, lines 6 and 7.
    """
    norms = input_gradient_norms(critic, epsilon * real + (1 - epsilon) * fake)
    excess = tf.maximum(norms - 1, 0) if one_sided else norms - 1
    return tf.reduce_mean(tf.square(excess))


class Constraint(Protocol):
    """What the critic minimises, and what becomes of its weights after every update."""

    def loss(self, critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor) -> tf.Tensor:
        """Of samples (n, ...), and the noise of the update: a scalar."""

    def project(self, critic: keras.Model) -> None:
        """Changes the weights, or leaves them."""


@dataclass(frozen=True)
class Clipping:
    """The original WGAN: every weight of the critic is kept in [-c, c].

    Attributes:
        c: The bound.
    """

    c: float = 0.01

    def loss(self, critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor) -> tf.Tensor:
        """E D(fake) - E D(real); `epsilon` is not used."""
        return -critic_gap(critic, real, fake)

    def project(self, critic: keras.Model) -> None:
        """Clips biases, scales and offsets too, as the authors' code does, after each step of the critic."""
        for weight in critic.trainable_variables:
            weight.assign(tf.clip_by_value(weight.value, -self.c, self.c))


@dataclass(frozen=True)
class GradientPenalty:
    """WGAN-GP: the slope of the critic is held near one by a penalty (equation 3).

    Attributes:
        weight: lambda.
        one_sided: Whether only slopes above one are punished (appendix C).
    """

    weight: float = 10.0
    one_sided: bool = False

    def loss(self, critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor) -> tf.Tensor:
        """E D(fake) - E D(real) + lambda times the penalty."""
        penalty = gradient_penalty(critic, real, fake, epsilon, self.one_sided)
        return self.weight * penalty - critic_gap(critic, real, fake)

    def project(self, critic: keras.Model) -> None:
        """Leaves the weights as they are."""


@dataclass(frozen=True)
class CrossEntropy:
    """The regular GAN's discriminator in the critic's place: D says real or generated, and nothing holds its slope."""

    def loss(self, critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, epsilon: tf.Tensor) -> tf.Tensor:
        """Half the sum of the two cross entropies, of logits; `epsilon` is not used."""
        return NonSaturating(0.5).discriminator(critic(real, training=True), critic(fake, training=True))

    def project(self, critic: keras.Model) -> None:
        """Leaves the weights as they are."""


@dataclass(frozen=True)
class ReleasedLeastSquares(LeastSquares):
    """LSGAN as this paper's code has it: labels (0,1,1), and no half in the generator's loss.

    The factor matters: RMSProp, whose slot starts at one, is not free of the scale of gradients.
    """

    def generator(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """E[(D(G(z)) - c)²], of raw scores (n, 1)."""
        return 2 * super().generator(fake_scores)


def improve_critic(
    model: SeededModel,
    constraint: Constraint,
    real: tf.Tensor,
    fake: tf.Tensor,
    epsilon: tf.Tensor,
) -> None:
    """Algorithm 1, lines 6 to 9: one update of `model.discriminator` on given samples; the fakes are constants.

    Args:
        model: Inside its step.
        constraint: What the critic minimises and what holds it.
        real, fake: Shape (n, ...).
        epsilon: See `gradient_penalty`.
    """
    fake = tf.stop_gradient(fake)
    critic = model.discriminator
    model.descend(critic, lambda: constraint.loss(critic, real, fake, epsilon))
    constraint.project(critic)


class WGAN(AdversarialModel):
    """Wasserstein GAN in the order of Algorithm 1: `critic_steps` updates of the critic, then one of the generator.

    Trained on stacks of real batches, shape (critic_steps, m, ...): every update of the critic has real samples and
    noise of its own. Sampling uses batch statistics, as training does.

    Args:
        generator: Built network from latents (n, dimension) to samples.
        critic: Built network from samples to scores (n, 1), raw, unbounded.
        latent: `Normal(dimension)` or another.
        constraint: What keeps the critic Lipschitz.
        seed: See `SeededModel`.
        critic_steps: n_critic.
        generator_batches: Size of the generator's batch over that of the critic's.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        latent: Uniform | Normal,
        constraint: Constraint = Clipping(),
        seed: int = 0,
        *,
        critic_steps: int = 5,
        generator_batches: int = 1,
    ) -> None:
        super().__init__(generator, critic, latent, constraint, seed)
        self.critic_steps, self.generator_batches = critic_steps, generator_batches

    @property
    def critic(self) -> keras.Model:
        """The paper's word for the discriminator."""
        return self.discriminator

    def train_step(self, stack: tf.Tensor) -> None:
        G, D = self.generator, self.critic
        self.check_stack(stack)

        def update(real: tf.Tensor, latents: tf.Tensor, epsilon: tf.Tensor) -> None:
            improve_critic(self, self.loss_function, real, G(latents, training=True), epsilon)

        self.in_turns(update, stack, *self.noise(stack))  # lines 2 to 10
        latents = self.latents("generator", tf.shape(stack)[1] * self.generator_batches)  # lines 11 and 12
        self.descend(G, lambda: self.generator_loss(D(G(latents, training=True), training=True)))

    def generator_loss(self, fake_scores: tf.Tensor) -> tf.Tensor:
        """-E D(G(z)), of raw scores (n, 1)."""
        return -tf.reduce_mean(fake_scores)

    def noise(self, stack: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Latents (critic_steps, m, dimension) and epsilon (critic_steps, m, 1, ...) of all updates of the critic."""
        k, m = self.critic_steps, tf.shape(stack)[1]
        latents = tf.reshape(self.latents("critic", k * m), [k, -1, self.latent.dimension])
        return latents, self.uniform("epsilon", [k, m, *[1] * (len(stack.shape) - 2)])

    def in_turns(self, update: Callable[..., None], *stacks: tf.Tensor) -> None:
        """Calls `update` once for each update of the critic, with its part of every stack.

        A loop in the graph: the update is traced once, which for deep critics is most of a short training's time.
        """

        def turn(place: tf.Tensor) -> list[tf.Tensor]:
            update(*(tf.gather(stack, place) for stack in stacks))
            return [place + 1]

        tf.while_loop(lambda place: place < self.critic_steps, turn, [tf.constant(0)], parallel_iterations=1)

    def check_stack(self, stack: tf.Tensor) -> None:
        """Refuses a batch where a stack of `critic_steps` batches belongs.

        Raises:
            ValueError: If the first axis is known and not `critic_steps`.
        """
        if stack.shape[0] not in (None, self.critic_steps):
            raise ValueError(
                f"expected a stack of {self.critic_steps} batches, shape ({self.critic_steps}, n, ...). "
                f"Received: {tuple(stack.shape)}"
            )


class WGANGP(WGAN):
    """WGAN whose critic is held by the gradient penalty: Algorithm 1 as printed. Arguments as those of `WGAN`.

    The critic must not use batch norm: its scores would depend on the other samples (section 4).
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        latent: Uniform | Normal,
        constraint: GradientPenalty = GradientPenalty(),
        seed: int = 0,
        **named: int,
    ) -> None:
        super().__init__(generator, critic, latent, constraint, seed, **named)
