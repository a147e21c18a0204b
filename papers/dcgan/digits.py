"""Training on digits with labels: settings and runs that table 3 and figure 9 share (section 8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.data import Dataset, Set
from repro.items import setting, version

if TYPE_CHECKING:
    import keras

    from repro.runs import Folder

CODE = "authors' mnist/train_cond_dcgan.py"
SIDE = 28


@dataclass(frozen=True)
class Digits:
    """Settings of one training on digits with labels; the defaults are the published ones.

    Attributes:
        network: `convolutional`, or `dense`, the permutation invariant GAN whose code was not released.
        passes: Over the training images, at the constant rate and while it falls.
    """

    data: Set = setting(Set("mnist"), "section 8.1")
    train_images: int = setting(50_000, "section 8.1: the rest is for validation")
    network: str = setting("convolutional", "table 3")
    maps: int = setting(64, CODE)
    dense: int = setting(1024, CODE)
    z_dim: int = setting(100, CODE)
    learning_rate: float = setting(2e-4, CODE)
    beta_1: float = setting(0.5, CODE)
    l2: float = setting(2.5e-5, CODE)
    batch_size: int = setting(128, CODE)
    passes: tuple[int, int] = setting((100, 100), CODE)
    snapshot_passes: int = setting(1, "not stated; ours: passes from one sheet and backup to the next")
    steps: int = setting(1_000_000, "not stated; ours: an upper bound", length=True)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.network}-{self.data.name}"


@version(3)
def train_digits(settings: Digits, seed: int, folder: Folder) -> None:
    """Trains G and D with labels, in the released order; leaves sheets of a fixed z, and the generator."""
    from papers.dcgan import model
    from repro import fitting
    from repro.optimizers import ConstantThenLinear, CoupledAdam
    from repro.training import Uniform

    train = taken(folder.data(settings.data, "train"), settings.train_images)
    per_pass = max(1, len(train) // settings.batch_size)
    steps = min(settings.steps, sum(settings.passes) * per_pass)
    gan = model.ReleasedConditionalDCGAN(*built(settings), Uniform(settings.z_dim), seed=seed)

    def adam(offset: int) -> CoupledAdam:
        rate = ConstantThenLinear(settings.learning_rate, *settings.passes, per_pass, every=2, offset=offset)
        return CoupledAdam(rate, settings.beta_1, l2=settings.l2)

    gan.compile(g_optimizer=adam(0), d_optimizer=adam(1))
    labels = np.repeat(np.arange(10), 20).astype(np.int32)
    fitting.fit(
        gan,
        fitting.image_batches(train, settings.batch_size, seed, 0, 1, labels=True),
        steps=steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_passes * per_pass, steps),
        snapshot=lambda: {"images": generated(gan.generator, labels, settings.z_dim, seed, "sheet")},
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def built(settings: Digits) -> tuple:
    """Generator and discriminator, before their weights are drawn from a seed."""
    from papers.dcgan import networks

    if settings.network == "dense":
        generator = networks.dense_digit_generator(dense=settings.dense, z_dim=settings.z_dim)
        return generator, networks.dense_digit_discriminator(dense=settings.dense)
    widths = {"maps": settings.maps, "dense": settings.dense}
    return networks.digit_generator(z_dim=settings.z_dim, **widths), networks.digit_discriminator(**widths)


def taken(dataset: Dataset, count: int | None = None) -> Dataset:
    """The first images of a set of digits, enlarged to 28x28 by bilinear weights where they are smaller.

    Args:
        dataset: Digits of any side.
        count: How many; None means all.
    """
    from dataclasses import replace

    kept = np.arange(len(dataset) if count is None else min(count, len(dataset)))
    images, labels = dataset.shown(kept), dataset.labels[kept]
    if images.shape[1] != SIDE:
        import tensorflow as tf

        images = np.rint(tf.image.resize(images.astype(np.float32), (SIDE, SIDE), "bilinear").numpy()).astype(np.uint8)
    return replace(dataset, images=images, labels=labels, white=255)


def generated(generator: keras.Model, labels: np.ndarray, z_dim: int, seed: int, purpose: str) -> np.ndarray:
    """Digits of given labels in one batch, whose statistics batch norm takes: uint8, shape (n, 28, 28, 1)."""
    import tensorflow as tf

    from repro.training import place_seed

    z = np.random.default_rng(place_seed(seed, purpose)).uniform(-1, 1, (len(labels), z_dim)).astype(np.float32)
    images = generator([tf.constant(z), tf.constant(labels)], training=True).numpy()
    return np.rint(images * 255).astype(np.uint8)
