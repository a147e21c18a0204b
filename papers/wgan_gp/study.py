"""Training and scoring one architecture of the random-architecture study (section 5.1, appendices B and C)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from papers.wgan_gp.architectures import Architecture, Grid
from repro.data import Dataset, Set
from repro.items import Metric, Run, nested, setting
from repro.metrics.scores import INCEPTION, Protocol

RESEARCH = "authors' research code, wgan_imagenet32_stab.py"
SCORE = "classifier_score"
SCORED = Protocol(INCEPTION, 50_000, 50_000, weights=(Set(INCEPTION),))
DIGITS, OBJECTS = Protocol("digits16"), Protocol("cifar32")
SHEET = 32  # images of a fixed z that a snapshot keeps
NAMES = {"gan": "regular GAN", "wgan_gp": "WGAN-GP", "one_sided": "WGAN-GP, one-sided"}
LOWEST = 1.0  # the score of a diverged training: that of images which are all alike

DIVERGED = Metric("diverged", "1 if a weight or loss became NaN or infinite, else 0", "", "lower")


@dataclass(frozen=True)
class Training:
    """Settings of one training; the defaults are the published ones."""

    data: Set = setting(Set("imagenet32"), "section 5.1: ImageNet at 32x32")
    side: int = setting(32, "section 5.1; smaller pictures are enlarged by repeating pixels")
    method: str = setting("wgan_gp", "Table 2: gan or wgan_gp; appendix C: one_sided")
    architecture: Architecture = nested(Architecture())
    batch_size: int = setting(64, f"not stated; {RESEARCH}")
    generator_batches: int = setting(2, f"not stated; {RESEARCH}: of WGAN-GP; the GAN's is 1")
    critic_steps: int = setting(5, "Algorithm 1; the GAN takes one")
    penalty_weight: float = setting(10.0, "Algorithm 1")
    learning_rate: float = setting(1e-4, "appendix B, WGAN-GP: Adam")
    beta_1: float = setting(0.0, "appendix B, WGAN-GP: Adam")
    beta_2: float = setting(0.9, "appendix B, WGAN-GP: Adam")
    gan_learning_rate: float = setting(2e-4, "appendix B, GAN: Adam")
    gan_beta_1: float = setting(0.5, "appendix B, GAN: Adam")
    gan_beta_2: float = setting(0.999, "appendix B, GAN: Adam")
    weight_decay: float = setting(1e-3, "appendix B: where D is normalised; ours: of kernels, as a term of the loss")
    steps: int = setting(100_000, "appendix B: generator iterations", length=True)
    snapshot_every: int = setting(20_000, "not stated; ours")
    protocol: Protocol = nested(SCORED)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.method}-{self.architecture.label}"


def training(base: Training, grid: Grid, method: str, number: int) -> Run:
    """The training of the architecture of that number; the number is the seed, too: methods share initial weights."""
    return Run(train, replace(base, method=method, architecture=grid.drawn(number)), number)


def train(settings: Training, seed: int, folder) -> None:
    """Trains one architecture; leaves a sheet and the score at every snapshot, the first of them untrained."""
    from papers.wgan_gp.image_networks import Z_DIM
    from repro import fitting
    from repro.training import Normal

    dataset = enlarged_to(folder.data(settings.data, "train"), settings.side)
    gan, stacked = compiled(settings, dataset.images.shape[3], Normal(Z_DIM), seed)
    protocol = settings.protocol
    real = protocol.reference(dataset, folder.places)

    def snapshot():
        images = generated(gan.generator, gan.latent, max(protocol.generated, SHEET), seed)
        judged = protocol.judge(images[: protocol.generated], folder.places)
        return {"sheet": images[:SHEET], "score": protocol.measure(judged, real, SCORE)[SCORE]}

    history = fitting.fit(
        gan,
        fitting.stacks(fitting.image_batches(dataset, settings.batch_size, seed, -1, 1), stacked),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=snapshot,
    )
    folder.save("history", **history)


def compiled(settings: Training, channels: int, latent, seed: int):
    """The compiled GAN of an architecture and a method, and how many batches make its step's stack."""
    import keras

    from papers.gan2014.model import NonSaturating, PrintedGAN
    from papers.wgan_gp import image_networks, model, study_networks
    from repro.optimizers import KernelL2Adam

    regular, architecture = settings.method == "gan", settings.architecture
    norm = image_networks.batch_norm if regular else image_networks.layer_norm
    generator = study_networks.study_generator(architecture, settings.side, channels=channels)
    critic = study_networks.study_critic(architecture, settings.side, channels=channels, norm=norm)
    if regular:
        gan, stacked = PrintedGAN(generator, critic, latent, NonSaturating(0.5), seed), 1
        rate, beta_1, beta_2 = settings.gan_learning_rate, settings.gan_beta_1, settings.gan_beta_2
    else:
        penalty, stacked = (
            model.GradientPenalty(settings.penalty_weight, settings.method == "one_sided"),
            settings.critic_steps,
        )
        sizes = {"critic_steps": stacked, "generator_batches": settings.generator_batches}
        gan = model.WGANGP(generator, critic, latent, penalty, seed, **sizes)
        rate, beta_1, beta_2 = settings.learning_rate, settings.beta_1, settings.beta_2
    adam = {"learning_rate": rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": 1e-8}
    decay = settings.weight_decay if architecture.norm_d else 0.0
    gan.compile(d_optimizer=KernelL2Adam(l2=decay, **adam), g_optimizer=keras.optimizers.Adam(**adam))
    return gan, stacked


@dataclass(frozen=True)
class Known:
    """Settings of the scores that the trainings' are laid beside."""

    data: Set = setting(Set("imagenet32"), "section 5.1: ImageNet at 32x32")
    side: int = setting(32, "section 5.1")
    protocol: Protocol = nested(SCORED)


def known(base: Training) -> Run:
    """The scores of real images and of noise under the protocol of a training."""
    return Run(score_known, Known(base.data, base.side, base.protocol), 0)


def score_known(settings: Known, seed: int, folder) -> None:
    """Scores the first real images, and as many of uniform noise."""
    dataset, protocol = folder.data(settings.data, "train"), settings.protocol
    reference, n = protocol.reference(dataset, folder.places), protocol.generated
    real = enlarged_to(dataset, settings.side).shown(np.arange(n))
    noise = np.random.default_rng(seed).integers(0, 256, real.shape, np.uint8)
    scores = {
        name: protocol.measure(protocol.judge(images, folder.places), reference, SCORE)[SCORE]
        for name, images in (("real", real), ("noise", noise))
    }
    folder.save("scores", **scores)


def scores_of(runs, method: str) -> dict[int, float]:
    """Number of each architecture to the last score of its training with a method; `LOWEST` if it diverged."""
    return {run.seed: last_score(run) for run in runs if run.settings.method == method}


def last_score(run) -> float:
    """The score that judges a finished training."""
    return LOWEST if run.diverged_at is not None else course(run)[-1][1]


def course(run) -> list[tuple[int, float]]:
    """(step, score) of every snapshot of a training."""
    return [(step, float(arrays["score"])) for step, arrays in run.snapshots()]


def record(bench, run, row: str) -> None:
    """Records the scores of a training under a row, the untrained one apart, and whether it diverged."""
    metric = run.settings.protocol.metric(SCORE)
    (_, untrained), *found = course(run)
    bench.record(f"{row}, untrained", metric, untrained, seed=run.seed)
    for step, score in found:
        bench.record(row, metric, score, seed=run.seed, step=step)
    if run.diverged_at is not None:
        bench.record(row, metric, LOWEST, seed=run.seed, step=run.diverged_at)
    bench.record(row, DIVERGED, int(run.diverged_at is not None), seed=run.seed)


def enlarged_to(dataset: Dataset, side: int) -> Dataset:
    """The same images at a side that theirs divides, by repeating pixels."""
    from repro.metrics.feature_networks import enlarged

    return dataset if dataset.images.shape[1] == side else replace(dataset, images=enlarged(dataset.images, side))


def generated(generator, latent, n: int, seed: int) -> np.ndarray:
    """Images of a fixed z, uint8, shape (n, side, side, channels), in batches of 100 whose statistics batch norm takes.

    The authors' code normalises by batch statistics when it samples and scores, too.
    """
    import tensorflow as tf

    from repro.training import place_seed

    part_size = 100
    first = place_seed(seed, "judged images")

    @tf.function
    def part(number):
        z = latent.draw(part_size, tf.stack([first, number]))
        return tf.cast(tf.round((generator(z, training=True) + 1) * 127.5), tf.uint8)

    parts = [part(tf.constant(number)).numpy() for number in range(-(-n // part_size))]
    return np.concatenate(parts)[:n]
