"""Training on images without labels: settings and runs that the sheets, walks, arithmetic and table 1 share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from repro.data import Set
from repro.items import setting, version

if TYPE_CHECKING:
    import keras

    from papers.dcgan.model import DCGAN
    from repro.data import Dataset
    from repro.runs import Finished, Folder

DECODED = 256  # images of a fixed z, made in one batch, that a snapshot keeps
FACES_PY = "authors' faces/train_uncond_dcgan.py"


@dataclass(frozen=True)
class Images:
    """Settings of one training; the defaults are the published ones, of the LSUN bedrooms.

    Attributes:
        network: `scenes`, figure 1's networks for any side, or `objects`, those of ImageNet at 32x32.
        rows: The first image that trains, and the distance to the next.
        order: `released`, G or D on each mini-batch, or `d_then_g`, both.
        latent: `uniform`, on -1..1 (figure 1), or `normal`; the settings of table 2 have a field of that name.
    """

    latent: ClassVar[str] = "uniform"

    data: Set = setting(Set("lsun64", ("bedroom",)), "section 4.1, figure 1: LSUN bedrooms at 64x64")
    rows: tuple[int, int] = setting((0, 1), "section 4: every image; first image and stride")
    network: str = setting("scenes", "Figure 1")
    order: str = setting("released", f"{FACES_PY}; the paper is silent")
    maps: int = setting(128, f"Figure 1; {FACES_PY}: maps of D's first convolution")
    z_dim: int = setting(100, "Figure 1")
    learning_rate: float = setting(2e-4, "section 4")
    beta_1: float = setting(0.5, "section 4")
    l2: float = setting(1e-5, f"{FACES_PY}; the paper mentions none")
    batch_size: int = setting(128, "section 4")
    first_sheet: int = setting(23_695, "section 4.1, figure 2: mini-batches of one pass over 3,033,042 images")
    steps: int = setting(118_475, "section 4.1, figure 3: mini-batches of five passes", length=True)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.network}{self.maps}-{self.data.name}"


@version(3)
def train_images(settings: Images, seed: int, folder: Folder) -> None:
    """Trains G and D; leaves images of a fixed z at every pass or so, and both networks.

    D's stored statistics are those of training images, in mini-batches of the training's size.
    """
    from repro import fitting
    from repro.layers.batch_norm import store_statistics

    train = part_of(folder.data(settings.data, "train"), settings.rows)
    gan = compiled(settings, train.images.shape[1:], seed)
    z = fixed_latents(settings.z_dim, DECODED, seed, "sheets", settings.latent)
    batch_of_step = fitting.image_batches(train, settings.batch_size, seed, -1, 1)
    fitting.fit(
        gan,
        batch_of_step,
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.first_sheet, settings.steps),
        snapshot=lambda: {"images": decoded(gan.generator, z)},
    )
    places = range(0, min(len(train), 2_000) - settings.batch_size + 1, settings.batch_size)
    real = (scaled(train.images[np.arange(place, place + settings.batch_size)]) for place in places)
    store_statistics(gan.discriminator, real)
    store_statistics(gan.generator, (latents(settings, seed, part) for part in range(10)))
    fitting.save_network(gan.generator, folder.path / "generator.keras")
    fitting.save_network(gan.discriminator, folder.path / "discriminator.keras")


def part_of(train: Dataset, rows: tuple[int, int]) -> Dataset:
    """The images of a set that train, given the first and the distance to the next."""
    if rows == (0, 1):
        return train
    chosen = np.arange(rows[0], len(train), rows[1])
    return replace(train, images=train.images[chosen], labels=None if train.labels is None else train.labels[chosen])


def compiled(settings: Images, shape: tuple[int, int, int], seed: int) -> DCGAN:
    """The model of these settings, ready to fit.

    Args:
        settings: Of the training.
        shape: Of an image.
        seed: Of all randomness.
    """
    from papers.dcgan import model
    from repro.optimizers import CoupledAdam
    from repro.training import Normal, Uniform

    kind = {"released": model.ReleasedDCGAN, "d_then_g": model.DCGAN}[settings.order]
    latent = {"uniform": Uniform, "normal": Normal}[settings.latent](settings.z_dim)
    gan = kind(*built(settings, shape), latent, seed=seed)

    def adam() -> CoupledAdam:
        return CoupledAdam(settings.learning_rate, settings.beta_1, l2=settings.l2)

    gan.compile(d_optimizer=adam(), g_optimizer=adam())
    return gan


def built(settings: Images, shape: tuple[int, int, int]) -> tuple:
    """Generator and discriminator for images of a shape, before their weights are drawn from a seed."""
    from papers.dcgan import networks

    if settings.network == "objects":
        generator = networks.object_generator(maps=settings.maps, z_dim=settings.z_dim)
        return generator, networks.object_discriminator(maps=settings.maps)
    side, _, channels = shape
    return (
        networks.image_generator(side, maps=settings.maps, z_dim=settings.z_dim, channels=channels),
        networks.image_discriminator(side, maps=settings.maps, channels=channels),
    )


# ---- Decoding: what is compared is decoded in one batch, because batch norm takes the batch's statistics ----


def fixed_latents(z_dim: int, n: int, seed: int, purpose: str, latent: str = "uniform") -> np.ndarray:
    """n latents, uniform on [-1, 1) or normal, that belong to (seed, purpose): float32, shape (n, z_dim)."""
    from repro.training import place_seed

    random = np.random.default_rng([place_seed(seed, purpose), n])
    drawn = random.uniform(-1, 1, (n, z_dim)) if latent == "uniform" else random.standard_normal((n, z_dim))
    return drawn.astype(np.float32)


def latents(settings: Images, seed: int, part: int) -> np.ndarray:
    """A mini-batch of latents for the generator's stored statistics."""
    return fixed_latents(settings.z_dim, settings.batch_size, seed, f"statistics {part}", settings.latent)


def decoded(generator: keras.Model, z: np.ndarray, stored: bool = False) -> np.ndarray:
    """Images of latents, all in one batch: uint8, shape (n, side, side, channels).

    Args:
        generator: Built; its images are in -1..1.
        z: float32, shape (n, z_dim).
        stored: Whether batch norm takes the stored statistics instead of this batch's.
    """
    return as_bytes(generator(z, training=not stored).numpy())


def so_far(step: int, batch_size: int, images: int) -> str:
    """How far a training is, for a label: mini-batches, and passes over so many images; a pass drops its rest."""
    passes = f"{step / max(1, images // batch_size):.3g}"
    return f"after {step:,} mini-batches of {batch_size}, {passes} pass{'' if passes == '1' else 'es'}"


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Images in -1..1 as uint8."""
    return np.rint((images + 1) * 127.5).clip(0, 255).astype(np.uint8)


def scaled(images: np.ndarray) -> np.ndarray:
    """Images of uint8 as float32 in -1..1."""
    return images.astype(np.float32) / 127.5 - 1


def networks_of(trained: Finished) -> tuple:
    """Generator and discriminator that a finished training left."""
    from repro import fitting

    paths = [trained.path / f"{name}.keras" for name in ("generator", "discriminator")]
    return tuple(fitting.load_network(path) for path in paths)


# ---- At the quick scale ----

PASS = 312  # mini-batches of 32 in 10,000 images
# Narrow networks that see few mini-batches: the published rate and batch leave G far behind D in the same time (windows
# in a fifth of the rooms). Both were changed once, on rooms of seed 0, by looking at the sheet.
NARROW = {"maps": 16, "batch_size": 32, "learning_rate": 5e-4, "first_sheet": PASS}
ROOMS = Images(data=Set("rooms32"), **NARROW, steps=14 * PASS)
