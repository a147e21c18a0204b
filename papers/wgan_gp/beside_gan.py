"""WGAN-GP and the regular GAN on the same networks: the one or the other, compiled."""

from __future__ import annotations

from dataclasses import replace

from papers.wgan_gp import methods


def compiled(settings, generator, critic, latent, seed: int):
    """A model of `settings.method`, and how many batches of real samples its step takes.

    Args:
        settings: Has method (`wgan_gp`, or `gan` with one step of D), penalty_weight, critic_steps, learning_rate,
            beta_1, beta_2, and gan_learning_rate and gan_beta_2 for the GAN.
        generator, critic, latent, seed: As `methods.compiled` takes them.
    """
    if settings.method == "gan":
        method = replace(methods.DCGAN, learning_rate=settings.gan_learning_rate, beta_2=settings.gan_beta_2)
    else:
        names = ("learning_rate", "beta_2", "penalty_weight", "critic_steps")
        method = replace(methods.WGAN_GP, **{name: getattr(settings, name) for name in names})
    method = replace(method, beta_1=settings.beta_1)
    return methods.compiled(method, generator, critic, latent, seed), method.critic_steps
