"""Training on scenes without labels: what figures 2, 4 and 5a share (sections 5.2 and 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from papers.lsgan.scenes import DIVERGED, FRECHET, SPREAD, UNTRAINED
from papers.wgan_gp.methods import WGAN_GP, Method
from repro.data import Set
from repro.items import Metric, nested, setting, version
from repro.metrics.frechet import frechet_distance
from repro.metrics.pool8 import pool8
from repro.metrics.variety import spread_ratio

if TYPE_CHECKING:
    from papers.gan2014.model import PrintedGAN
    from papers.wgan_gp.model import WGAN
    from repro.bench import Bench
    from repro.data import Dataset
    from repro.runs import Finished, Folder

SHEET = 64  # images of a fixed z that a sheet shows, eight by eight as the released script's
RELEASED = "authors' gan_64x64.py"
BEDROOMS = Set("scenes64", ("bedroom",))

# Figure 2's rows, in its order.
ROWS = {
    "baseline": "baseline (DCGAN)",
    "constant": "G: no batch norm, constant filters",
    "perceptron": "G: ReLU perceptron, 4 hidden layers",
    "bare": "no normalisation in G or D",
    "gated": "gated nonlinearities in G and D",
    "tanh": "tanh in G and D",
    "resnet101": "101-layer ResNet G and D",
}

# Fixed before anything was run: what a run must reach, or it has failed.
LEAST_SPREAD, MOST_OF_UNTRAINED = 0.3, 0.5
FAILED = Metric(
    "failed",
    "1 if a weight or loss became NaN or infinite, or at the end spread_ratio_pool8 is below "
    f"{LEAST_SPREAD} or frechet_pool8 above {MOST_OF_UNTRAINED} of the untrained generator's, else 0",
    "",
    "lower",
)
WEIGHTS_G = Metric("weights_generator", "trainable weights of the generator as it was built", "count")
WEIGHTS_D = Metric("weights_critic", "trainable weights of the critic as it was built", "count")
MEASURED = [FAILED, FRECHET, UNTRAINED, SPREAD, DIVERGED, WEIGHTS_G, WEIGHTS_D]


@dataclass(frozen=True)
class Scene:
    """Settings of one cell of figure 2; the defaults are the published ones or those of the released script."""

    data: Set = setting(Set("lsun64", ("bedroom",)), "section 5.2: LSUN bedrooms; authors' research code: 64x64")
    row: str = setting("baseline", "Figure 2")
    method: Method = nested(WGAN_GP)
    rate_factor: float = setting(1.0, "ours: on the published rate of every method")
    d: int = setting(64, RELEASED)
    batch_size: int = setting(64, RELEASED)
    steps: int = setting(200_000, "section 5.2", length=True)
    snapshot_every: int = setting(2_000, "not stated; ours; 200 in the released script")
    judged: int = setting(1_000, "not stated; ours: generated and real images that are compared")
    watched: int = setting(
        1_000, "not stated; ours: for figure 5a, of either split; LSUN holds out fewer, and so many count"
    )

    @property
    def label(self) -> str:
        """What tells cells apart in a run's name."""
        return f"{self.row}-{self.method.name}"

    @property
    def critic_steps(self) -> int:
        """Updates of the critic for one of the generator."""
        return self.method.critic_steps


def train_scene(settings: Scene, seed: int, folder: Folder) -> None:
    """Trains one cell of figure 2; leaves what `fit_scene` leaves."""
    train = folder.data(settings.data, "train")
    fit_scene(_compiled(settings, train, seed), train, settings, seed, folder)


@version(2)
def train_watched(settings: Scene, seed: int, folder: Folder) -> None:
    """`train_scene` of WGAN-GP, with the critic's loss and gap on images of both splits in every snapshot."""
    from papers.wgan_gp.judging import critic_judge

    train, held_out = (folder.data(settings.data, split) for split in ("train", "test"))
    gan = _compiled(settings, train, seed)
    judge = critic_judge(gan, settings.batch_size, seed)
    rows = np.arange(min(settings.watched, len(train), len(held_out)))
    images = {
        name: (2 * of.scaled(rows) - 1).astype(np.float32) for name, of in (("train", train), ("validation", held_out))
    }
    fit_scene(gan, train, settings, seed, folder, lambda: {name: judge(array) for name, array in images.items()})


def build_scene(settings: Scene, seed: int, folder: Folder) -> None:
    """Builds one row's networks and runs both forward once: leaves counts, and a sheet of the untrained generator."""
    gan = _compiled(settings, folder.data(settings.data, "train"), seed)
    sheet = sampler(gan, settings.batch_size, seed)(SHEET)
    scores = gan.discriminator(sheet / np.float32(127.5) - 1, training=True)
    folder.save("networks", **counts(gan), sheet=sheet, scores=scores.numpy())


def _compiled(settings: Scene, train: Dataset, seed: int) -> WGAN | PrintedGAN:
    from papers.wgan_gp import methods
    from papers.wgan_gp.image_networks import Z_DIM
    from papers.wgan_gp.scene_networks import networks_of
    from repro.training import Normal

    method = settings.method
    pair = networks_of(settings.row, train.images.shape[1], settings.d, method.critic_norm)
    return methods.compiled(method, *pair, Normal(Z_DIM), seed, rate_factor=settings.rate_factor)


class OnScenes(Protocol):
    """What settings of a training on stacks of scenes have."""

    critic_steps: int
    batch_size: int
    steps: int
    snapshot_every: int
    judged: int


def fit_scene(
    gan: WGAN | PrintedGAN,
    train: Dataset,
    settings: OnScenes,
    seed: int,
    folder: Folder,
    watch: Callable[[], dict] = dict,
    prepare: Callable = lambda batches: batches,
) -> None:
    """Trains a compiled model on images scaled to -1..1.

    Leaves `sheet`, 64 images of a fixed z, at every snapshot; pool8 features of generated images before and after
    training and of real ones; the networks' counts; and the generator.

    Args:
        gan: Compiled, by `methods.compiled` or otherwise; takes stacks of batches.
        train: The training split.
        settings: Of the training.
        seed: The run's.
        folder: The run's.
        watch: Further arrays of every snapshot.
        prepare: From the batch of a step to the batch that is trained on.
    """
    from repro import fitting

    draw = sampler(gan, settings.batch_size, seed)
    untrained = pool8(draw(settings.judged))
    batches = prepare(fitting.image_batches(train, settings.batch_size, seed, -1, 1))
    fitting.fit(
        gan,
        fitting.stacks(batches, settings.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=lambda: {"sheet": draw(SHEET), **watch()},
    )
    real = train.images[np.arange(min(settings.judged, len(train)))]
    features = {"untrained": untrained, "trained": pool8(draw(settings.judged)), "real": pool8(real)}
    folder.save("features", **features)
    folder.save("networks", **counts(gan))
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def sampler(gan: WGAN | PrintedGAN, batch_size: int, seed: int) -> Callable[[int], np.ndarray]:
    """Draws the first n images of a fixed z: uint8, shape (n, side, side, channels).

    Batch norm takes the statistics of a batch, as the authors always do.
    """
    import tensorflow as tf

    from papers.wgan_gp.study import as_bytes
    from repro.training import place_seed

    first = place_seed(seed, "judged images")

    @tf.function
    def part(number: tf.Tensor) -> tf.Tensor:
        images = gan.generator(gan.latent.draw(batch_size, tf.stack([first, number])), training=True)
        return as_bytes(images)

    def draw(n: int) -> np.ndarray:
        return np.concatenate([part(tf.constant(number)).numpy() for number in range(-(-n // batch_size))])[:n]

    return draw


def counts(gan: WGAN | PrintedGAN) -> dict[str, np.ndarray]:
    """Trainable weights of both networks: int64 scalars `generator` and `critic`."""
    names = {"generator": gan.generator, "critic": gan.discriminator}
    return {
        name: np.int64(sum(int(np.prod(weight.shape)) for weight in network.trainable_weights))
        for name, network in names.items()
    }


# ---- what a run is judged by ----


def judged(features: dict[str, np.ndarray], finite: bool) -> dict[Metric, float]:
    """The numbers of one run and whether it failed, from pool8 features (n, d).

    Args:
        features: `untrained`, `trained` and `real`.
        finite: Whether all weights stayed finite; if not, the last good state is no result.
    """
    frechet, before = (
        frechet_distance(features[name], features["real"]) if finite else float("nan")
        for name in ("trained", "untrained")
    )
    spread = spread_ratio(features["trained"], features["real"]) if finite else float("nan")
    works = finite and spread >= LEAST_SPREAD and frechet <= MOST_OF_UNTRAINED * before
    numbers = {FRECHET: frechet, UNTRAINED: frechet / before, SPREAD: spread}
    return {FAILED: int(not works), DIVERGED: int(not finite), **numbers}


def record_judged(bench: Bench, row: str, run: Finished) -> None:
    """Records the numbers of a finished `fit_scene`."""
    for metric, value in judged(run.load("features"), run.diverged_at is None).items():
        bench.record(row, metric, value, seed=run.seed)


def record_counts(bench: Bench, row: str, run: Finished) -> None:
    """Records the sizes of a run's networks."""
    found = run.load("networks")
    bench.record(row, WEIGHTS_G, int(found["generator"]))
    bench.record(row, WEIGHTS_D, int(found["critic"]))


def last_sheet(run: Finished) -> tuple[int, np.ndarray]:
    """(step, images) of a run's last snapshot."""
    *_, (step, arrays) = run.snapshots()
    return step, arrays["sheet"]
