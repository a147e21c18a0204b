"""Training on coloured images: settings and runs of figures 2c and 2d (section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.gan2014.descent import Descent, optimizers
from repro.data import Set
from repro.items import nested, setting

if TYPE_CHECKING:
    import keras

    from repro.runs import Folder

FULLY, CONVOLUTIONAL = "authors' cifar10_fully_connected.yaml", "authors' cifar10_convolutional.yaml"


@dataclass(frozen=True)
class FullyConnected:
    """Settings of figure 2c; the defaults are the published ones, of CIFAR-10."""

    data: Set = setting(Set("cifar10"), "section 5, figure 2")
    train_images: int = setting(40_000, f"{FULLY}: the first training images")
    hidden_g: tuple[int, int] = setting((8000, 8000), FULLY)
    hidden_d: tuple[int, int] = setting((1600, 1600), f"{FULLY}: units of 5 maxout pieces")
    ranges_g: tuple[float, ...] = setting((0.05, 0.05, 0.5), f"{FULLY}: half-widths of initial weights")
    ranges_d: tuple[float, ...] = setting((0.005, 0.005, 0.005), f"{FULLY}: half-widths of initial weights")
    batch_size: int = setting(100, FULLY)
    descent: Descent = nested(Descent(0.025))
    steps: int = setting(100_000, "not stated; ours: 250 passes", length=True)
    snapshot_every: int = setting(5_000, "not stated; ours")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return self.data.name


@dataclass(frozen=True)
class Convolutional:
    """Settings of figure 2d; the defaults are the published ones, of CIFAR-10."""

    data: Set = setting(Set("cifar10"), "section 5, figure 2")
    train_images: int = setting(40_000, f"{CONVOLUTIONAL}: the first training images")
    hidden_g: tuple[int, int] = setting((8000, 8000), f"{CONVOLUTIONAL}: the second is 10x10x80")
    channels_d: tuple[int, ...] = setting((32, 32, 192), f"{CONVOLUTIONAL}: after maxout over pairs")
    dense_d: int = setting(500, f"{CONVOLUTIONAL}: units of 5 maxout pieces")
    ranges_g: tuple[float, ...] = setting((0.05, 0.05, 0.05), f"{CONVOLUTIONAL}: half-widths of initial weights")
    ranges_d: tuple[float, ...] = setting((0.005,) * 5, f"{CONVOLUTIONAL}: half-widths of initial weights")
    batch_size: int = setting(128, CONVOLUTIONAL)
    descent: Descent = nested(Descent(0.004))
    steps: int = setting(78_000, "not stated; ours: 250 passes", length=True)
    snapshot_every: int = setting(3_000, "not stated; ours")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return self.data.name


def train_fully_connected(settings: FullyConnected, seed: int, folder: Folder) -> None:
    """Trains figure 2c's networks; leaves losses and the generator."""
    from papers.gan2014 import networks

    generator = networks.object_generator(hidden=settings.hidden_g, ranges=settings.ranges_g)
    discriminator = networks.discriminator((32, 32, 3), hidden=settings.hidden_d, ranges=settings.ranges_d)
    _train(generator, discriminator, settings, seed, folder)


def train_convolutional(settings: Convolutional, seed: int, folder: Folder) -> None:
    """Trains figure 2d's networks; leaves losses and the generator."""
    from papers.gan2014 import networks

    generator = networks.deconvolutional_generator(hidden=settings.hidden_g, ranges=settings.ranges_g)
    discriminator = networks.convolutional_discriminator(
        channels=settings.channels_d, dense=settings.dense_d, ranges=settings.ranges_d
    )
    _train(generator, discriminator, settings, seed, folder)


def _train(
    generator: keras.Model,
    discriminator: keras.Model,
    settings: FullyConnected | Convolutional,
    seed: int,
    folder: Folder,
) -> None:
    from papers.gan2014.model import GAN, NonSaturating
    from repro import fitting
    from repro.data.contrast import normalised_batch
    from repro.training import Normal

    train = folder.data(settings.data, "train")
    used = np.arange(min(settings.train_images, len(train)))
    gan = GAN(generator, discriminator, Normal(100), NonSaturating(0.5), seed)
    gan.compile(**optimizers(settings.descent, len(used) // settings.batch_size))
    part = replace(train, images=train.images[used], labels=None)
    batches = fitting.image_batches(part, settings.batch_size, seed, 0, 1)
    fitting.fit(
        gan,
        lambda step: normalised_batch(batches(step)),
        steps=settings.steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")
