"""Training and scoring one architecture of the random-architecture study (section 5.1, appendices B and C)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.lsgan.scenes import DIVERGED
from papers.wgan_gp.architectures import Architecture, Grid
from papers.wgan_gp.methods import DCGAN, WGAN_GP, Method
from repro.data import Dataset, Set
from repro.files import ROOT
from repro.items import Run, nested, setting, version
from repro.metrics.scores import INCEPTION, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import tensorflow as tf

    from papers.gan2014.model import PrintedGAN
    from papers.wgan_gp.model import WGAN
    from repro.bench import Bench
    from repro.runs import Finished, Folder
    from repro.training import Normal, Uniform

PUBLISHED = ROOT / "results" / "published" / "wgan_gp.csv"
RESEARCH = "authors' research code, wgan_imagenet32_stab.py"
SCORE = "classifier_score"
SCORED = Protocol(INCEPTION, 50_000, 50_000, weights=(Set(INCEPTION),))
DIGITS, OBJECTS = Protocol("digits16"), Protocol("cifar32")
SHEET = 32  # images of a fixed z that a snapshot keeps
# Appendix B's settings of both objectives.
GAN, PENALTY = replace(DCGAN, name="gan"), replace(WGAN_GP, beta_1=0.0)
ONE_SIDED = replace(PENALTY, name="one_sided", one_sided=True)
NAMES = {"gan": "regular GAN", "wgan_gp": "WGAN-GP", "one_sided": "WGAN-GP, one-sided"}
LOWEST = 1.0  # the score of a diverged training: that of images which are all alike


@dataclass(frozen=True)
class Training:
    """Settings of one training; the defaults are the published ones."""

    data: Set = setting(Set("imagenet32"), "section 5.1: ImageNet at 32x32")
    side: int = setting(32, "section 5.1; smaller pictures are enlarged by repeating pixels")
    method: Method = nested(PENALTY)
    architecture: Architecture = nested(Architecture())
    batch_size: int = setting(64, f"not stated; {RESEARCH}")
    generator_batches: int = setting(2, f"not stated; {RESEARCH}: of WGAN-GP; the GAN's is 1")
    rate_factor: float = setting(1.0, "ours: on the published rate of both methods")
    weight_decay: float = setting(1e-3, "appendix B: where D is normalised; ours: of kernels, as a term of the loss")
    steps: int = setting(100_000, "appendix B: generator iterations", length=True)
    snapshot_every: int = setting(20_000, "not stated; ours")
    protocol: Protocol = nested(SCORED)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.method.name}-{self.architecture.label}"


def training(base: Training, grid: Grid, method: Method, number: int) -> Run:
    """The training of the architecture of that number; the number is the seed, too: methods share initial weights."""
    return Run(train, replace(base, method=method, architecture=grid.drawn(number)), number)


@version(2)
def train(settings: Training, seed: int, folder: Folder) -> None:
    """Trains one architecture; leaves sheet and score at every snapshot, the first untrained, and the generator."""
    from papers.wgan_gp.image_networks import Z_DIM
    from repro import fitting
    from repro.metrics.inception_score import inception_score
    from repro.training import Normal

    dataset = enlarged_to(folder.data(settings.data, "train"), settings.side)
    gan = compiled(settings, dataset.images.shape[3], Normal(Z_DIM), seed)
    protocol = settings.protocol

    def snapshot() -> dict[str, np.ndarray | float]:
        images = generated(gan.generator, gan.latent, max(protocol.generated, SHEET), seed)
        judged = protocol.judge(images[: protocol.generated], folder.places)
        return {"sheet": images[:SHEET], "score": inception_score(judged.probabilities)[0]}

    fitting.fit(
        gan,
        fitting.stacks(fitting.image_batches(dataset, settings.batch_size, seed, -1, 1), settings.method.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=snapshot,
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def compiled(settings: Training, channels: int, latent: Uniform | Normal, seed: int) -> WGAN | PrintedGAN:
    """The compiled model of an architecture and a method; weight decay where D is normalised."""
    from papers.wgan_gp import methods, study_networks

    method, architecture = settings.method, settings.architecture
    generator = study_networks.study_generator(architecture, settings.side, channels=channels)
    critic = study_networks.study_critic(architecture, settings.side, channels=channels, norm=method.critic_norm)
    named = {
        "rate_factor": settings.rate_factor,
        "critic_l2": settings.weight_decay if architecture.norm_d else 0.0,
        "generator_batches": settings.generator_batches if method.constraint == "penalty" else 1,
    }
    return methods.compiled(method, generator, critic, latent, seed, **named)


@dataclass(frozen=True)
class Known:
    """Settings of the scores that the trainings' are laid beside."""

    data: Set = setting(Set("imagenet32"), "section 5.1: ImageNet at 32x32")
    side: int = setting(32, "section 5.1")
    protocol: Protocol = nested(SCORED)


def known(base: Training) -> Run:
    """The scores of real images and of noise under the protocol of a training."""
    return Run(score_known, Known(base.data, base.side, base.protocol), 0)


def score_known(settings: Known, seed: int, folder: Folder) -> None:
    """Scores the first real images, and as many of uniform noise."""
    from repro.metrics.inception_score import inception_score

    dataset, protocol = folder.data(settings.data, "train"), settings.protocol
    real = enlarged_to(dataset, settings.side).shown(np.arange(protocol.generated))
    noise = np.random.default_rng(seed).integers(0, 256, real.shape, np.uint8)
    scores = {
        name: inception_score(protocol.judge(images, folder.places).probabilities)[0]
        for name, images in (("real", real), ("noise", noise))
    }
    folder.save("scores", **scores)


@dataclass(frozen=True)
class Final:
    """Settings of a score of the last generator with more images than those during training."""

    protocol: Protocol = nested(SCORED)


@version(2)
def score_final(settings: Final, seed: int, folder: Folder) -> None:
    """Scores the generator of a finished training, which it needs."""
    from papers.wgan_gp.image_networks import Z_DIM
    from repro import fitting
    from repro.metrics.inception_score import inception_score
    from repro.training import Normal

    [trained] = folder.needs
    generator = fitting.load_network(trained.path / "generator.keras")
    images = generated(generator, Normal(Z_DIM), settings.protocol.generated, seed)
    mean, spread = inception_score(settings.protocol.judge(images, folder.places).probabilities)
    folder.save("score", mean=mean, std=spread)


def scores_of(runs: Sequence[Finished], method: Method) -> dict[int, float]:
    """Number of each architecture to the last score of its training with a method; `LOWEST` if it diverged."""
    return {run.seed: last_score(run) for run in runs if run.settings.method == method}


def last_score(run: Finished) -> float:
    """The score that judges a finished training."""
    return LOWEST if run.diverged_at is not None else course(run)[-1][1]


def course(run: Finished) -> list[tuple[int, float]]:
    """(step, score) of every snapshot of a training."""
    return [(step, float(arrays["score"])) for step, arrays in run.snapshots()]


def record(bench: Bench, run: Finished, row: str) -> None:
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


def as_bytes(images: tf.Tensor) -> tf.Tensor:
    """Images in -1..1 as uint8, cut, not rounded, as the released ResNet and LSUN scripts cut them (255.99)."""
    import tensorflow as tf

    return tf.cast((images + 1) * (255.99 / 2), tf.uint8)


def generated(
    generator: keras.Model, latent: Uniform | Normal, n: int, seed: int, labels: np.ndarray | None = None
) -> np.ndarray:
    """Images of a fixed z, uint8, shape (n, side, side, channels), in batches of 100 whose statistics batch norm takes.

    The authors' code normalises by batch statistics when it samples and scores, too, and cuts pixels, which is what
    undoes the noise that the ResNet's data have. `labels`, int32 (n,), are those of a conditional generator.
    """
    import tensorflow as tf

    from repro.training import place_seed

    part_size = 100
    first, count = place_seed(seed, "judged images"), -(-n // part_size)

    @tf.function
    def part(number: tf.Tensor, of_part: tf.Tensor) -> tf.Tensor:
        z = latent.draw(part_size, tf.stack([first, number]))
        images = generator(z if labels is None else [z, of_part], training=True)
        return as_bytes(images)

    asked = np.resize(np.zeros(1, np.int32) if labels is None else labels, (count, part_size))
    parts = [part(tf.constant(number), tf.constant(asked[number])).numpy() for number in range(count)]
    return np.concatenate(parts)[:n]
