"""The judges of generated images: readers of attributes, trained on real ones before any GAN, and then frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.data import Set
from repro.items import Run, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    import tensorflow as tf

    from repro.metrics.attribute_reader import Reading
    from repro.runs import Finished, Folder

SURE = 0.9  # a reading below this confidence counts as none
SEED = 0  # of every reader, whatever the seed of the GAN that it judges
LEAST_ACCURACY, LEAST_CORRELATION = 0.99, 0.98  # on held-out drawings; the smile of real faces needs 0.8
# Attributes that can be read off each family of pictures, and what is measured.
KNOWN = {
    "rooms": ({"window": 2, "lamp": 2, "wall": 4, "bed": 4}, ()),
    "faces": ({"hair": 2, "glasses": 2, "smile": 2}, ("yaw",)),
    "faces64": ({"smile": 2}, ()),
}
YAW_SCALE = 40.0  # degrees that the linear head calls 1


@dataclass(frozen=True)
class Reader:
    """Settings of one reader; none of it is published."""

    data: Set = setting(Set("rooms32"), "not stated; ours")
    images: int = setting(6_000, "not stated; ours: training images; for real faces half of each class")
    epochs: int = setting(5, "not stated; ours; 4 for real faces")
    batch_size: int = setting(64, "not stated; ours")
    learning_rate: float = setting(2e-3, "not stated; ours")

    @property
    def label(self) -> str:
        """What tells readers apart in a run's name."""
        return self.data.name


def reader_of(wanted: Set) -> list[Run]:
    """The run that trains the reader of a data set, or none where nothing is known of its pictures."""
    if wanted.family not in KNOWN:
        return []
    # Of the real faces 3,185 smile; more passes over them are learned by heart.
    settings = Reader(wanted) if wanted.family != "faces64" else Reader(wanted, images=2 * 3_185, epochs=4)
    return [Run(train_reader, settings, SEED)]


def train_reader(settings: Reader, seed: int, folder: Folder) -> None:
    """Trains a reader; leaves it, and how well it reads held-out images.

    Raises:
        Failure: If it reads drawings worse than a judge must.
    """
    import keras

    from repro import fitting
    from repro.metrics.attribute_reader import AttributeReader, network, read

    classes, quantities = KNOWN[settings.data.family]
    images, targets = _examples(settings, folder, "train")
    model = AttributeReader(network(images.shape[1:], classes, quantities), quantities, seed)
    model.compile(keras.optimizers.Adam(settings.learning_rate))
    flips = settings.data.family == "faces64"
    steps = settings.epochs * (len(images) // settings.batch_size)
    batches = labelled_batches(images, targets, settings.batch_size, seed, flips)
    fitting.fit(model, batches, steps=steps, folder=folder, snapshot_every=steps)
    images, targets = _examples(settings, folder, "test")
    reading = read(model.reader, images, quantities)
    found = {name: float((reading.value(name) == targets[name]).mean()) for name in classes}
    found |= {name: float(np.corrcoef(reading.number[name], targets[name])[0, 1]) for name in quantities}
    _check(settings, found, quantities)
    folder.save("held_out", **{name: np.float64(value) for name, value in found.items()})
    fitting.save_network(model.reader, folder.path / "reader.keras")


def load_reader(run: Finished) -> Callable[[np.ndarray], Reading]:
    """A function from uint8 images to their `Reading`, of a finished `train_reader`."""
    from repro import fitting
    from repro.metrics.attribute_reader import read

    reader = fitting.load_network(run.path / "reader.keras")
    quantities = KNOWN[run.settings.data.family][1]
    return lambda images: read(reader, images, quantities)


def least_accuracy(run: Finished) -> float:
    """The lowest accuracy of a finished reader on held-out images, over its attributes, 0..1."""
    found, (classes, _) = run.load("held_out"), KNOWN[run.settings.data.family]
    return min(float(found[name]) for name in classes)


def _check(settings: Reader, found: dict[str, float], quantities: tuple[str, ...]) -> None:
    from repro.errors import Failure

    if settings.data.family == "faces64":
        return  # real faces: the claims that rest on it look at its accuracy
    for name, value in found.items():
        least = LEAST_CORRELATION if name in quantities else LEAST_ACCURACY
        if not value >= least:
            raise Failure(f"the reader of {settings.data} reads {name} with {value:.3f}; a judge needs {least}")


def _examples(settings: Reader, folder: Folder, split: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Images, uint8, and targets by name, float32, shape (n,)."""
    dataset = folder.data(settings.data, split)
    if settings.data.family == "faces64":
        chosen = _balanced(dataset.labels, settings.images // 2) if split == "train" else np.arange(len(dataset))
        return dataset.images[chosen], {"smile": dataset.labels[chosen].astype(np.float32)}
    shown = folder.attributes(settings.data, split)
    chosen = np.arange(min(settings.images, len(dataset))) if split == "train" else np.arange(len(dataset))
    classes, quantities = KNOWN[settings.data.family]
    targets = {name: getattr(shown, name)[chosen].astype(np.float32) for name in (*classes, *quantities)}
    if "yaw" in targets:
        targets["yaw"] /= YAW_SCALE
    return dataset.images[chosen], targets


def _balanced(labels: np.ndarray, most: int) -> np.ndarray:
    """The first places of each of two classes, as many of one as of the other."""
    each = [np.flatnonzero(labels == label) for label in (0, 1)]
    count = min(most, *(len(places) for places in each))
    return np.sort(np.concatenate([places[:count] for places in each]))


def labelled_batches(
    images: np.ndarray, targets: dict[str, np.ndarray], batch_size: int, seed: int, flips: bool
) -> Callable[[tf.Tensor], tuple[tf.Tensor, dict[str, tf.Tensor]]]:
    """The batch of a step: images in 0..1, half of them mirrored if `flips`, and their targets by name."""
    import tensorflow as tf

    from repro.fitting import places_of_step
    from repro.training import place_seed

    held, wanted = tf.constant(images), {name: tf.constant(values) for name, values in targets.items()}

    def batch_of_step(step: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        places = places_of_step(len(images), batch_size, seed, step)
        taken = tf.cast(tf.gather(held, places), tf.float32) / 255
        if flips:
            key = tf.stack([tf.constant(place_seed(seed, "flips"), tf.int64), step])
            mirrored = tf.random.stateless_uniform([batch_size, 1, 1, 1], key, alg="philox") < 0.5
            taken = tf.where(mirrored, taken[:, :, ::-1], taken)
        return taken, {name: tf.gather(values, places) for name, values in wanted.items()}

    return batch_of_step
