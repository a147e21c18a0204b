"""Training on handwritten characters: settings and runs that figure 8 and its controls share (section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.data import Set
from repro.items import setting

if TYPE_CHECKING:
    import keras
    import numpy as np

    from papers.lsgan.model import LSGAN
    from repro.data import Dataset
    from repro.runs import Folder
    from repro.training import Uniform


@dataclass(frozen=True)
class Characters:
    """Settings of one training of the character model; the defaults are the published ones."""

    data: Set = setting(Set("hwdb1.0"), "section 4: HWDB1.0, 3,740 classes")
    width: float = setting(1.0, "Figure 4")
    z_dim: int = setting(1024, "Figure 4; authors' train_chn.py")
    label_std_g: float = setting(0.02, "authors' mcgan.py: initial rows of Φ in G")
    label_std_d: float = setting(0.02, "authors' mcgan.py: initial rows of Φ in D")
    learning_rate: float = setting(2e-4, "section 4.1; authors' train_chn.py")
    beta_1: float = setting(0.5, "section 4.1; authors' train_chn.py")
    batch_size: int = setting(64, "authors' train_chn.py")
    steps: int = setting(1_000_000, "authors' train_chn.py, most steps", length=True)
    snapshot_every: int = setting(50_000, "not stated; ours")
    samples_per_class: int = setting(20, "not stated; ours")


def train_conditional(settings: Characters, seed: int, folder: Folder) -> None:
    """Trains G and D of figure 4 with labels; leaves images per class at every snapshot, and the generator."""
    from papers.lsgan import model, networks

    train = folder.data(settings.data, "train")
    classes = len(train.class_names)
    shape = {"width": settings.width}
    gan = model.ConditionalLSGAN(
        networks.character_generator(classes, z_dim=settings.z_dim, label_std=settings.label_std_g, **shape),
        networks.character_discriminator(classes, label_std=settings.label_std_d, **shape),
        _latent(settings),
        seed=seed,
    )
    _train(gan, settings, seed, folder, train)


def train_twin(settings: Characters, seed: int, folder: Folder) -> None:
    """Trains the same layers without Φ and without any concatenation: the twin that figure 8 compares."""
    from papers.lsgan import model, networks

    train = folder.data(settings.data, "train")
    gan = model.LSGAN(
        networks.character_generator(None, width=settings.width, z_dim=settings.z_dim),
        networks.character_discriminator(None, width=settings.width),
        _latent(settings),
        seed=seed,
    )
    _train(gan, settings, seed, folder, train)


def _latent(settings: Characters) -> Uniform:
    from repro.training import Uniform

    return Uniform(settings.z_dim)


def _train(gan: LSGAN, settings: Characters, seed: int, folder: Folder, train: Dataset) -> None:
    import keras

    from papers.lsgan.model import ConditionalLSGAN
    from repro import fitting

    def images() -> dict:
        per_class = settings.samples_per_class
        return {"images": generate(gan.generator, len(train.class_names), per_class, settings.z_dim, seed)}

    adam = {"learning_rate": settings.learning_rate, "beta_1": settings.beta_1, "epsilon": 1e-8}
    gan.compile(d_optimizer=keras.optimizers.Adam(**adam), g_optimizer=keras.optimizers.Adam(**adam))
    fitting.fit(
        gan,
        fitting.image_batches(train, settings.batch_size, seed, 0, 1, labels=isinstance(gan, ConditionalLSGAN)),
        steps=settings.steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=images,
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def generate(
    generator: keras.Model, classes: int, per_class: int, z_dim: int, seed: int, purpose: str = "judged images"
) -> np.ndarray:
    """Images of a fixed z with moving averages: uint8, shape (classes, per_class, 28, 28, 1).

    An unconditional generator gives as many images; their first axis then means nothing.
    """
    import numpy as np
    import tensorflow as tf

    from repro.training import place_seed

    conditional = len(generator.inputs) > 1
    out = np.empty((classes * per_class, 28, 28, 1), np.uint8)
    labels = np.repeat(np.arange(classes, dtype=np.int32), per_class)

    @tf.function(reduce_retracing=True)
    def images(part: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        z = tf.random.stateless_uniform([500, z_dim], [place_seed(seed, purpose), part], -1.0, 1.0, alg="philox")
        made = generator([z, chosen] if conditional else z, training=False)
        return tf.cast(tf.round(made * 255), tf.uint8)

    for part, start in enumerate(range(0, len(out), 500)):
        chosen = np.resize(labels[start : start + 500], 500)
        count = min(500, len(out) - start)
        out[start : start + count] = images(tf.constant(part), tf.constant(chosen)).numpy()[:count]
    return out.reshape(classes, per_class, 28, 28, 1)
