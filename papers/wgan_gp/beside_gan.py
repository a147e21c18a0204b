"""WGAN-GP and the regular GAN on the same networks: the one or the other, compiled."""

from __future__ import annotations

import keras

from papers.gan2014.model import NonSaturating, PrintedGAN
from papers.wgan_gp.model import WGANGP, GradientPenalty


def compiled(settings, generator: keras.Model, critic: keras.Model, latent, seed: int):
    """A model of `settings.method`, and how many batches of real samples its step takes.

    Args:
        settings: Has method (`wgan_gp`, or `gan` with one step of D), penalty_weight, critic_steps, learning_rate,
            beta_1, beta_2, and gan_learning_rate and gan_beta_2 for the GAN.
        generator, critic, latent, seed: As `WGANGP` takes them.
    """
    given = generator, critic, latent
    if settings.method == "gan":
        gan, turns = PrintedGAN(*given, NonSaturating(0.5), seed), 1
        adam = {"learning_rate": settings.gan_learning_rate, "beta_2": settings.gan_beta_2}
    else:
        turns = settings.critic_steps
        gan = WGANGP(*given, GradientPenalty(settings.penalty_weight), seed, critic_steps=turns)
        adam = {"learning_rate": settings.learning_rate, "beta_2": settings.beta_2}
    d_adam, g_adam = (keras.optimizers.Adam(**adam, beta_1=settings.beta_1, epsilon=1e-8) for _ in "DG")
    gan.compile(d_optimizer=d_adam, g_optimizer=g_adam)
    return gan, turns
