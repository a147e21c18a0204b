"""Training on faces in two stages, and its score over five folds: the second column of table 1 (section 5).

The Toronto face database was handed out on request only; where it is not, the table says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.gan2014.descent import Descent, optimizers
from repro.data import Set
from repro.items import nested, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from repro.data import Dataset
    from repro.runs import Finished, Folder

YAML = "authors' tfd_pretrain"


@dataclass(frozen=True)
class Faces:
    """Settings of both stages; the defaults are the published ones."""

    data: tuple[Set, ...] = setting((Set("tfd"),), "section 5, table 1; where it is there", optional=True)
    hidden_g: tuple[int, int] = setting((8000, 8000), YAML)
    hidden_d: tuple[int, int] = setting((1200, 1200), f"{YAML}: units of 5 maxout pieces")
    column_norm: float = setting(1.9365, f"{YAML}: bound on every layer of both networks")
    batch_size: int = setting(100, YAML)
    descent: Descent = nested(Descent(0.05))
    first_epochs: int = setting(50, f"{YAML}/pretrain.yaml")
    second_epochs: int = setting(22, f"{YAML}/train.yaml")
    most_steps: int = setting(1_000_000, "not stated; ours: an upper bound for either stage", length=True)
    samples: int = setting(10_000, "authors' parzen_ll.py")


NO_FACES = Faces(data=())


def train_first(settings: Faces, seed: int, folder: Folder) -> None:
    """The first stage: three layers of G; leaves the generator."""
    from papers.gan2014 import networks

    _train(settings, seed, folder, networks.face_generator, settings.first_epochs)


def train_second(settings: Faces, seed: int, folder: Folder) -> None:
    """The second stage: two fresh layers before the three trained ones, a fresh D; needs the first."""
    from papers.gan2014 import networks
    from repro import fitting

    [first] = folder.needs
    trained = fitting.load_network(first.path / "generator.keras")
    _train(settings, seed, folder, networks.deeper_face_generator, settings.second_epochs, trained.get_weights())


def _train(
    settings: Faces,
    seed: int,
    folder: Folder,
    build: Callable[..., keras.Model],
    epochs: int,
    last_weights: list | None = None,
) -> None:
    from papers.gan2014 import networks
    from papers.gan2014.model import GAN, NonSaturating
    from repro import fitting
    from repro.training import Normal

    [wanted] = settings.data
    train = folder.data(wanted, "train")
    images, most = train.scaled(np.arange(len(train))), settings.column_norm
    gan = GAN(
        build(images.shape[1:], networks.marginal_bias(images), hidden=settings.hidden_g, most=most),
        networks.discriminator(images.shape[1:], hidden=settings.hidden_d, most=most),
        Normal(100),
        NonSaturating(0.5),
        seed,
    )
    if last_weights is not None:
        for weight, value in zip(gan.generator.weights[-len(last_weights) :], last_weights, strict=True):
            weight.assign(value)
    updates = max(1, len(train) // settings.batch_size)
    gan.compile(**optimizers(settings.descent, updates))
    steps = min(epochs * updates, settings.most_steps)
    batches = fitting.image_batches(train, settings.batch_size, seed, 0, 1)
    fitting.fit(gan, batches, steps=steps, folder=folder, snapshot_every=min(steps, updates))
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def samples(trained: Finished, count: int, seed: int, purpose: str) -> np.ndarray:
    """Images of the generator that a finished run left: float32, 0..1, shape (count, height, width, 1)."""
    import tensorflow as tf

    from repro import fitting
    from repro.training import Normal, place_seed

    generator = fitting.load_network(trained.path / "generator.keras")
    z = Normal(100).draw(count, tf.constant([place_seed(seed, purpose), 0]))
    return np.concatenate([generator(z[n : n + 500], training=False).numpy() for n in range(0, count, 500)])


def score_faces(settings: Faces, seed: int, folder: Folder) -> None:
    """The protocol fold by fold: sigma by the fold's validation part, mean over its test part; needs the second stage.

    Leaves `sigma` and `test`, shape (5,), one number a fold.
    """
    from repro.data.tfd import FOLDS
    from repro.metrics import parzen

    [trained], [wanted] = folder.needs, settings.data
    made = samples(trained, settings.samples, seed, "scored images")
    sigmas, means = [], []
    for fold in range(FOLDS):
        valid, test = (whole(folder.data(wanted, f"{part}{fold}")) for part in ("valid", "test"))
        sigma, _ = parzen.best_sigma(made, valid)
        sigmas.append(sigma)
        means.append(parzen.log_likelihoods(made, test, [sigma])[0].mean())
    folder.save("folds", sigma=np.array(sigmas), test=np.array(means))


def whole(dataset: Dataset) -> np.ndarray:
    """All images of a data set, 0..1, shape (n, height, width, channels)."""
    return dataset.scaled(np.arange(len(dataset)))
