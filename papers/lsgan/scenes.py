"""Training on images without labels: what figures 5 and 6 and the small-variance study share (sections 4.1, 4.2)."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from repro.data import Set
from repro.items import Metric, Run, nested, setting
from repro.metrics.scores import FID, Protocol

if typing.TYPE_CHECKING:
    import keras

    from papers.gan2014.model import Loss
    from papers.lsgan.model import LSGAN
    from papers.wgan_gp.model import WGANGP
    from repro.bench import Bench
    from repro.claims import Values
    from repro.data import Dataset
    from repro.runs import Finished, Folder

SHEET = 64  # images of a fixed z that a sheet shows
NAMES = {"lsgan_011": "LSGAN (0,1,1)", "lsgan_m110": "LSGAN (-1,1,0)", "gan": "regular GAN", "wgan_gp": "WGAN-GP"}

FRECHET = Metric(
    "frechet_pool8",
    "Fréchet distance on 8x8 block means, 1,000 generated against 1,000 real training images: layout and colour, not "
    "sharpness",
    "",
    "lower",
)
DUPLICATES = Metric(
    "near_duplicate_share_pool8",
    "share of 1,000 generated images nearer to another than 1 % of real ones are; real is 0.01",
    "",
    "lower",
)
UNTRAINED = Metric("frechet_pool8_share_of_untrained", "frechet_pool8 over that of G before training", "", "lower")
SPREAD = Metric("spread_ratio_pool8", "mean pairwise distance of generated images over that of real ones; real is 1")
DIVERGED = Metric("diverged", "1 if a weight or loss became NaN or infinite, else 0", "", "lower")

# The scores of a generator in a space of features: the set's own network at quick and small, Inception at paper.
KINDS = ("frechet", "kid", "precision", "recall")
ROOMS, SCENES = Protocol("rooms32"), Protocol("scenes64")
SCORES = [metric for protocol in (ROOMS, SCENES, FID) for metric in protocol.metrics(*KINDS)]


@dataclass(frozen=True)
class Scenes:
    """Settings of one training of figure 3's networks on scenes; the defaults are the published ones."""

    data: Set = setting(Set("lsun112", ("bedroom",)), "section 4.2, figure 5: five categories of LSUN at 112x112")
    loss: str = setting("lsgan_011", "section 4.2: labels (0,1,1)")
    width: float = setting(1.0, "Figure 3")
    z_dim: int = setting(1024, "Figure 3; authors' train_lsun.py")
    learning_rate: float = setting(1e-3, "section 4.1; authors' train_lsun.py")
    beta_1: float = setting(0.5, "section 4.1; authors' train_lsun.py")
    batch_size: int = setting(64, "authors' train_lsun.py")
    steps: int = setting(1_000_000, "authors' train_lsun.py, most steps", length=True)
    snapshot_every: int = setting(50_000, "not stated; ours")
    judged: int = setting(1_000, "not stated; ours: generated and real images that are compared")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.loss}-{category(self.data)}"


def category(wanted: Set) -> str:
    """The category that a set is restricted to, or its name."""
    return wanted.classes[0] if isinstance(wanted.classes, tuple) else wanted.name


def train_scenes(settings: Scenes, seed: int, folder: Folder) -> None:
    """Trains figure 3's networks; leaves sheets and features at every snapshot, and the generator."""
    import keras

    from papers.lsgan import model, networks
    from repro.training import Uniform

    train = folder.data(settings.data, "train")
    side = train.images.shape[1]
    generator = networks.scene_generator(side, width=settings.width, z_dim=settings.z_dim)
    discriminator = networks.scene_discriminator(side, width=settings.width)
    # The regular GAN is this class with the other loss: the paper compares losses, not the order of updates.
    gan = model.LSGAN(generator, discriminator, Uniform(settings.z_dim), loss_called(settings.loss), seed)

    def adam() -> keras.optimizers.Adam:
        return keras.optimizers.Adam(settings.learning_rate, beta_1=settings.beta_1, epsilon=1e-8)

    gan.compile(d_optimizer=adam(), g_optimizer=adam())
    fit_images(gan, train, settings, seed, folder)


def loss_called(name: str) -> Loss:
    """The loss of that name, as means over the batch."""
    from papers.gan2014.model import NonSaturating
    from papers.lsgan.model import PEARSON, ZERO_ONE

    return {"lsgan_011": ZERO_ONE, "lsgan_m110": PEARSON, "gan": NonSaturating()}[name]


class OnImages(typing.Protocol):
    """What settings of a training on images have."""

    batch_size: int
    steps: int
    snapshot_every: int
    judged: int
    z_dim: int


def fit_images(
    gan: LSGAN | WGANGP,
    train: Dataset,
    settings: OnImages,
    seed: int,
    folder: Folder,
    measured: Callable | None = None,
    critic_steps: int | None = None,
) -> None:
    """Trains a compiled model on images scaled to -1..1, and saves what figures 5 and 6 present.

    Each snapshot holds `sheet`, 64 images of a fixed z, and what is measured of as many images as are judged.

    Args:
        gan: Compiled.
        train: The training split.
        settings: Of the training.
        seed: The run's.
        folder: The run's.
        measured: Images (n, side, side, channels) to named arrays; `features`, those of pool8, if none is given.
        critic_steps: How many batches a step takes, for a model that is trained on stacks of them.
    """
    from repro import fitting
    from repro.metrics.pool8 import pool8

    measure = measured or (lambda images: {"features": pool8(images)})
    batches = fitting.image_batches(train, settings.batch_size, seed, -1, 1)

    def snapshot() -> dict[str, np.ndarray | float]:
        images = generated(gan.generator, max(settings.judged, SHEET), settings.z_dim, seed)
        return {"sheet": images[:SHEET], **measure(images[: settings.judged])}

    fitting.fit(
        gan,
        batches if critic_steps is None else fitting.stacks(batches, critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=snapshot,
    )
    if measured is None:
        real = train.images[np.arange(min(settings.judged, len(train)))]
        folder.save("real", features=pool8(real))
    fitting.save_network(gan.generator, folder.path / "generator.keras")


@dataclass(frozen=True)
class Scoring:
    """Settings of the scores of one training's last generator."""

    protocol: Protocol = nested(FID)
    kinds: tuple[str, ...] = setting(KINDS, "not stated; ours: the paper scores nothing")

    @property
    def label(self) -> str:
        """What tells scorings apart in a run's name."""
        return self.protocol.label


def scorings(settings: Scoring, trainings: list[Run]) -> list[Run]:
    """A scoring of every training, in their order; none where the network's file is not there."""
    if not settings.protocol.is_there:
        return []
    return [Run(score, settings, training.seed, [training]) for training in trainings]


def score(settings: Scoring, seed: int, folder: Folder) -> None:
    """Scores the last generator of a training against the images it was trained on; needs the training.

    Where the set has fewer images than the protocol names, it leaves no score.
    """
    from repro import fitting

    [trained] = folder.needs
    generator = fitting.load_network(trained.path / "generator.keras")
    protocol, dataset = settings.protocol, folder.data(trained.settings.data, settings.protocol.split)
    if len(dataset) < protocol.real:
        folder.save("scores")
        return
    images = generated(generator, protocol.generated, trained.settings.z_dim, seed)
    judged, real = protocol.judge(images, folder.places), protocol.reference(dataset, folder.places)
    folder.save("scores", **protocol.measure(judged, real, *settings.kinds))


ALIKE = 1.25  # the factor within which two losses do alike


def record_scores(bench: Bench, row: str, scored: Finished) -> None:
    """Records what a finished `score` left; of a diverged training, whose last good state is no result, NaN."""
    for kind, value in scored.load("scores").items():
        bench.record(row, scored.settings.protocol.metric(kind), scored.kept(float(value)), seed=scored.seed)


def scored_by_seed(values: Values, row: str, kind: str) -> dict[int, float]:
    """Seed to a score of that kind, from the values of an item; its network is the scale's."""
    found = [values.by_seed(row, protocol.metric(kind).name) for protocol in (ROOMS, SCENES, FID)]
    return max(found, key=len)


def generated(generator: keras.Model, n: int, z_dim: int, seed: int) -> np.ndarray:
    """Images of a fixed z with moving averages: uint8, shape (n, side, side, channels)."""
    import tensorflow as tf

    from repro.training import place_seed

    part_size = 100
    first = place_seed(seed, "judged images")

    @tf.function
    def part(number: tf.Tensor) -> tf.Tensor:
        z = tf.random.stateless_uniform([part_size, z_dim], tf.stack([first, number]), -1.0, 1.0, alg="philox")
        return tf.cast(tf.round((generator(z, training=False) + 1) * 127.5), tf.uint8)

    parts = [part(tf.constant(number)).numpy() for number in range(-(-n // part_size))]
    return np.concatenate(parts)[:n]
