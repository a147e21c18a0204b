"""The training methods that the paper compares, each with its published settings, and how one becomes a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from repro.errors import check_known
from repro.items import setting

if TYPE_CHECKING:
    import keras

    from papers.gan2014.model import PrintedGAN
    from papers.wgan_gp.model import WGAN, Clipping, GradientPenalty
    from repro.training import Normal, Uniform


RELEASED = "authors' gan_cifar.py, gan_64x64.py"


@dataclass(frozen=True)
class Method:
    """A way to train a pair of networks; the defaults are WGAN-GP's. Settings of a run hold one (`nested`).

    An item whose published values are others says `dataclasses.replace(WGAN_GP, beta_1=0.0)`.
    """

    name: str = setting("wgan_gp", "section 5.2: the method, a row of its results")
    constraint: str = setting("penalty", "section 5.2: penalty, clipping, cross_entropy or least_squares")
    optimizer: str = setting("adam", f"appendix E; {RELEASED}: adam or rmsprop, TensorFlow 1's")
    learning_rate: float = setting(1e-4, f"appendix E; {RELEASED}")
    beta_1: float = setting(0.5, "appendix E; authors' gan_cifar.py; 0 in Algorithm 1")
    beta_2: float = setting(0.9, f"Algorithm 1; {RELEASED}")
    critic_steps: int = setting(5, f"Algorithm 1; {RELEASED}: 1 where the critic is a discriminator")
    penalty_weight: float = setting(10.0, "section 4")
    one_sided: bool = setting(False, "equation 3; appendix C tries the other")
    clip: float = setting(0.01, f"{RELEASED}; the original WGAN")
    norm: str = setting("layer", "section 4: of the critic, in batch norm's place: layer, batch or none")

    @property
    def told(self) -> str:
        """The method for a reader."""
        return TOLD.get(self.name, self.name)

    def optimizers(self, rate_factor: float = 1.0, decay_steps: int | None = None, critic_l2: float = 0.0) -> dict:
        """`d_optimizer` and `g_optimizer`, new ones, as a model's `compile` takes them.

        Args:
            rate_factor: On the published rate of both.
            decay_steps: Steps of the generator in which both rates fall to 0, linearly; they rest if None.
            critic_l2: Weight decay of the critic's kernels, as a term of its loss; of Adam only.
        """
        return {
            "d_optimizer": self._optimizer(self.learning_rate * rate_factor, decay_steps, self.critic_steps, critic_l2),
            "g_optimizer": self._optimizer(self.learning_rate * rate_factor, decay_steps, 1, 0.0),
        }

    def _optimizer(self, rate: float, decay_steps: int | None, every: int, l2: float) -> keras.optimizers.Optimizer:
        import keras

        from repro.optimizers import KernelL2Adam, LinearDecay, TF1RMSprop

        check_known("optimizer", self.optimizer, ("adam", "rmsprop") if l2 == 0 else ("adam",))
        pace = rate if decay_steps is None else LinearDecay(rate, decay_steps, every)
        if self.optimizer == "rmsprop":
            return TF1RMSprop(pace)
        numbers = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": 1e-8}  # epsilon: TensorFlow 1's
        return KernelL2Adam(pace, l2, **numbers) if l2 else keras.optimizers.Adam(pace, **numbers)

    def critic_norm(self) -> keras.layers.Layer:
        """A new layer in batch norm's place in the critic, or what leaves values as they are."""
        from papers.wgan_gp import image_networks

        check_known("norm", self.norm, ("layer", "batch", "none"))
        kinds = {"layer": image_networks.layer_norm, "batch": image_networks.batch_norm, "none": image_networks.nothing}
        return kinds[self.norm]()


# Rows of figures 2 and 3. The second and third are figure 3's, whose released critic has no norm with the penalty: with
# the same optimizer and rate as clipping, and with a better one (section 5.3).
WGAN_GP = Method()
PLAIN_WGAN_GP = replace(WGAN_GP, norm="none")
PLAIN_WGAN_GP_RMSPROP = replace(PLAIN_WGAN_GP, name="wgan_gp_rmsprop", optimizer="rmsprop", learning_rate=5e-5)
WGAN_CLIPPING = Method("wgan_clipping", "clipping", "rmsprop", 5e-5, norm="batch")
DCGAN = Method("dcgan", "cross_entropy", "adam", 2e-4, 0.5, 0.999, critic_steps=1, norm="batch")
LSGAN = Method("lsgan", "least_squares", "rmsprop", 1e-4, critic_steps=1, norm="batch")
TOLD = {
    "wgan_gp": "WGAN-GP, Adam",
    "wgan_gp_rmsprop": "WGAN-GP, RMSProp",
    "wgan_clipping": "WGAN, weight clipping",
    "dcgan": "DCGAN",
    "lsgan": "LSGAN",
}


class Numbers(Protocol):
    """What settings have that name a method; those of clipping and of the GAN have some more."""

    method: str
    learning_rate: float
    beta_1: float
    beta_2: float
    penalty_weight: float
    critic_steps: int


def of(settings: Numbers) -> Method:
    """The method of settings that have its numbers among others: those of items whose networks have no norm to choose.

    Args:
        settings: `method` is `penalty` or `wgan_gp`, `clipping`, or `gan`, which takes one update of D. Numbers have
            the names of `Method`; what clipping and the GAN have of their own is `clip_learning_rate`,
            `gan_learning_rate` and `gan_beta_2`.
    """
    if settings.method == "gan":
        betas = {"beta_1": settings.beta_1, "beta_2": settings.gan_beta_2}
        return replace(DCGAN, learning_rate=settings.gan_learning_rate, **betas)
    if settings.method == "clipping":
        changes = {"learning_rate": settings.clip_learning_rate, "clip": settings.clip}
        return replace(WGAN_CLIPPING, critic_steps=settings.critic_steps, **changes)
    check_known("method", settings.method, ("penalty", "wgan_gp"))
    names = ("learning_rate", "beta_1", "beta_2", "penalty_weight", "critic_steps")
    return replace(WGAN_GP, **{name: getattr(settings, name) for name in names})


def constraint_of(method: Method) -> Clipping | GradientPenalty:
    """What keeps the critic Lipschitz: `Clipping` or `GradientPenalty`; other methods are refused."""
    from papers.wgan_gp import model

    check_known("constraint", method.constraint, ("penalty", "clipping"))
    if method.constraint == "clipping":
        return model.Clipping(method.clip)
    return model.GradientPenalty(method.penalty_weight, method.one_sided)


def compiled(
    method: Method,
    generator: keras.Model,
    critic: keras.Model,
    latent: Uniform | Normal,
    seed: int = 0,
    *,
    rate_factor: float = 1.0,
    decay_steps: int | None = None,
    critic_l2: float = 0.0,
    generator_batches: int = 1,
) -> WGAN | PrintedGAN:
    """A compiled model of two built networks, trained on stacks of real batches, shape (critic_steps, n, ...).

    A step is `critic_steps` updates of the critic, each with fresh samples and noise, then one of the generator.

    Args:
        method: The method.
        generator: Built network from latents (n, dimension) to samples.
        critic: Built network from samples to scores (n, 1), raw; with the method's norm or none.
        latent: `Normal(dimension)` or another.
        seed: The run's.
        rate_factor, decay_steps, critic_l2: See `Method.optimizers`.
        generator_batches: Size of the generator's batch over that of the critic's; of the Wasserstein methods only.
    """
    from papers.gan2014.model import NonSaturating, PrintedGAN
    from papers.wgan_gp import model

    kinds = ("penalty", "clipping", "cross_entropy", "least_squares")
    check_known("constraint", method.constraint, kinds)
    networks, steps = (generator, critic, latent), method.critic_steps
    if method.constraint in kinds[2:]:
        if generator_batches != 1:
            raise ValueError(f"{method.name}: generator_batches 1 expected. Received: {generator_batches}")
        loss = NonSaturating(0.5) if method.constraint == "cross_entropy" else model.ReleasedLeastSquares()
        gan = PrintedGAN(*networks, loss, seed, k=steps)
    else:
        kind = model.WGAN if method.constraint == "clipping" else model.WGANGP
        gan = kind(*networks, constraint_of(method), seed, critic_steps=steps, generator_batches=generator_batches)
    gan.compile(**method.optimizers(rate_factor, decay_steps, critic_l2))
    return gan
