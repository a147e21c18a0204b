"""Training on digits: settings and runs that table 1, figure 2a, figure 3 and the gradient study share (section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.gan2014.descent import Descent, optimizers
from repro.data import Set
from repro.items import nested, setting, version

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import tensorflow as tf

    from papers.gan2014.model import GAN
    from repro.data import Dataset
    from repro.runs import Folder
    from repro.training import Uniform

YAML = "authors' mnist.yaml"


@dataclass(frozen=True)
class Digits:
    """Settings of one training on digits; the defaults are the published ones, of MNIST."""

    data: Set = setting(Set("mnist"), "section 5, table 1")
    train_images: int = setting(50_000, f"{YAML}: the first training images")
    validation_images: int = setting(1_000, "authors' parzen_ll.py: the first images after those")
    order: str = setting("released", "released code: both from one pass; Algorithm 1 is the order `printed`")
    objective: str = setting("non_saturating", "section 3; released code")
    hidden_g: tuple[int, ...] = setting((1200, 1200), YAML)
    hidden_d: tuple[int, ...] = setting((240, 240), f"{YAML}: units of 5 maxout pieces")
    ranges_g: tuple[float, ...] = setting((0.05, 0.05, 0.05), f"{YAML}: half-widths of initial weights")
    ranges_d: tuple[float, ...] = setting((0.005, 0.005, 0.005), f"{YAML}: half-widths of initial weights")
    column_norm: float | None = setting(None, f"{YAML}: no bound on column norms")
    z_dim: int = setting(100, YAML)
    batch_size: int = setting(100, YAML)
    descent: Descent = nested(Descent(0.1))
    steps: int = setting(125_000, "not stated; ours: 250 passes, where the momentum's schedule ends", length=True)
    snapshot_every: int = setting(1_000, "not stated; ours")
    samples: int = setting(10_000, "authors' parzen_ll.py")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return self.data.name


@dataclass(frozen=True)
class Longer:
    """Settings of a training that goes on where that of `digits` ended."""

    digits: Digits = nested(Digits())
    steps: int = setting(250_000, "not stated; ours: updates in all", length=True)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return self.digits.label


@version(2)
def train_digits(settings: Digits, seed: int, folder: Folder) -> None:
    """Trains on digits; leaves validation log-likelihoods at every snapshot, the last generator and the best one.

    `state` is what a longer training goes on from.
    """
    train = folder.data(settings.data, "train")
    gan = compiled(settings, train, split(train, settings)[0], seed)
    _fit(gan, settings, train, settings.steps, seed, folder)
    folder.save("state", **gan.state())


def train_longer(settings: Longer, seed: int, folder: Folder) -> None:
    """Goes on from the state of a finished training, which it needs; leaves the same, of the further updates."""
    [before] = folder.needs
    train = folder.data(settings.digits.data, "train")
    gan = compiled(settings.digits, train, split(train, settings.digits)[0], seed)
    gan.restore(before.load("state"))
    _fit(gan, settings.digits, train, settings.steps, seed, folder)


def _fit(gan: GAN, settings: Digits, train: Dataset, steps: int, seed: int, folder: Folder) -> None:
    from repro import fitting
    from repro.metrics import parzen

    used, held = split(train, settings)
    validation = train.scaled(held)
    best = _Best(gan, folder)

    def snapshot() -> dict[str, np.ndarray | np.floating | float]:
        images = samples(gan.generator, settings, seed, "judged images")
        sigma, values = parzen.best_sigma(images, validation)
        best.keep_if(float(np.max(values)))
        real, fake = (_probability(gan.discriminator, of) for of in (validation, images[:1000]))
        return {
            "validation": values,
            "sigma": sigma,
            "pixel_std": images.std(axis=0).mean(),
            "d_real": real,
            "d_fake": fake,
        }

    fitting.fit(
        gan,
        batches(settings, train, used, seed),
        steps=steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=snapshot,
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")


class _Best:
    """Keeps the generator of the highest validation value in `best.keras`.

    What was best so far is read from the snapshots, so that an interrupted run goes on as if it had not been.
    """

    def __init__(self, gan: GAN, folder: Folder) -> None:
        self.gan, self.folder = gan, folder

    def keep_if(self, value: float) -> None:
        from repro import fitting, runs

        now = int(self.gan.step.value)
        before = (arrays for step, arrays in runs.snapshots(self.folder.path) if step < now)
        earlier = [float(arrays["validation"].max()) for arrays in before]
        if value > max(earlier, default=-np.inf):
            fitting.save_network(self.gan.generator, self.folder.path / "best.keras")


def split(train: Dataset, settings: Digits) -> tuple[np.ndarray, np.ndarray]:
    """Places of the images that train and of those held back for validation, int64 each."""
    end = min(settings.train_images, len(train) - 1)
    return np.arange(end), np.arange(end, min(end + settings.validation_images, len(train)))


def batches(settings: Digits, train: Dataset, used: np.ndarray, seed: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """The batch of a step: images in 0..1; one batch, or a stack of one for the printed order."""
    from repro import fitting

    part = replace(train, images=train.images[used], labels=train.labels[used])
    one = fitting.image_batches(part, settings.batch_size, seed, 0, 1)
    return fitting.stacks(one, 1) if settings.order == "printed" else one


def compiled(settings: Digits, train: Dataset, used: np.ndarray, seed: int, kind: type | None = None) -> GAN:
    """The model of these settings, its output bias from the training images' marginals, ready to fit.

    Args:
        settings: Of the training.
        train: The training split.
        used: Places of the images that train.
        seed: Of all randomness.
        kind: A class of model other than that of the settings' order.
    """
    from papers.gan2014 import model, networks

    images = train.scaled(used)
    shape, most = images.shape[1:], settings.column_norm
    losses = {"non_saturating": model.NonSaturating, "minimax": model.Minimax}
    orders = {"released": (model.GAN, 0.5), "printed": (model.PrintedGAN, 1.0)}
    ordered, share = orders[settings.order]
    gan = (kind or ordered)(
        networks.generator(
            shape,
            networks.marginal_bias(images),
            hidden=settings.hidden_g,
            ranges=settings.ranges_g,
            z_dim=settings.z_dim,
            most=most,
        ),
        networks.discriminator(shape, hidden=settings.hidden_d, ranges=settings.ranges_d, most=most),
        latent(settings),
        losses[settings.objective](share),
        seed,
    )

    gan.compile(**optimizers(settings.descent, len(used) // settings.batch_size))
    return gan


def latent(settings: Digits) -> Uniform:
    """The prior: uniform with variance 1 in every coordinate."""
    from repro.training import Uniform

    return Uniform(settings.z_dim, around=3**0.5)


def samples(generator: keras.Model, settings: Digits, seed: int, purpose: str) -> np.ndarray:
    """As many images in 0..1 as the settings say, of a fixed z: float32, shape (n, height, width, channels)."""
    import tensorflow as tf

    from repro.training import place_seed

    z = latent(settings).draw(settings.samples, tf.constant([place_seed(seed, purpose), 0]))
    parts = [z[start : start + 1_000] for start in range(0, settings.samples, 1_000)]
    return np.concatenate([generator(part, training=False).numpy() for part in parts])


def _probability(discriminator: keras.Model, images: np.ndarray) -> float:
    import tensorflow as tf

    return float(tf.reduce_mean(tf.sigmoid(discriminator(tf.constant(images, tf.float32), training=False))))


# Narrow networks learn nothing with the published initial ranges: theirs are up to five times as wide.
QUICK = Digits(
    data=Set("digits8"),
    train_images=1_200,
    validation_images=200,
    hidden_g=(128, 128),
    hidden_d=(40, 40),
    ranges_g=(0.17, 0.153, 0.153),
    ranges_d=(0.025, 0.025, 0.025),
    steps=8_000,
    snapshot_every=500,
)
