"""Frozen classifiers of our own, one per data set, whose last hidden layer is the space in which scores are taken.

ImageNet's features say little of digits, characters or 32-pixel rooms, and they must be downloaded. These networks are
small, trained once on each set's real training images (`make_feature_networks`), and committed. A score made with one
can be compared with a score made with the same one and with nothing else: its name says which.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repro import files
from repro.data import Places, Set, load, rooms
from repro.errors import DamagedData, check_known

if TYPE_CHECKING:
    import keras

FOLDER = Path(__file__).with_name("networks")
TABLE = FOLDER / "networks.csv"
COLUMNS = ("network", "test_accuracy", "parameters", "bytes", "sha256")


@dataclass(frozen=True)
class FeatureNetwork:
    """A classifier and the set it was trained on.

    Attributes:
        name: The set's short name with the side in pixels; part of the name of every score made with it.
        data: The set; its `train` part trains, its `test` part tests.
        side: Side of the images that it takes.
        channels: Of these images.
        classes: Number of classes.
        epochs: Passes over the training images.
        labels: What the classes are.
        width: Numbers of the last hidden layer; None as `recogniser.network` has it.
    """

    name: str
    data: Set
    side: int
    channels: int
    classes: int
    epochs: int
    labels: str
    width: int | None = None

    @property
    def built(self) -> keras.Model:
        """The Keras network with fresh weights."""
        from repro.metrics.recogniser import network

        return network(self.classes, self.side, self.channels, self.width)

    @property
    def told(self) -> str:
        """What it is, for a reader."""
        right = float(self.facts["test_accuracy"])
        return f"a classifier of {self.data} ({self.labels}; {right:.1%} of its test images right)"

    @property
    def file(self) -> Path:
        """Where its weights are: float16 arrays in the order of Keras' weights."""
        return FOLDER / f"{self.name}.npz"

    @property
    def facts(self) -> dict[str, str]:
        """Its line in the table: test accuracy, parameters, bytes and sha256 of the file."""
        return table()[self.name]

    @cached_property
    def classifier(self) -> keras.Model:
        """The Keras network, weights as committed; images in 0..1 to (logits, features).

        Raises:
            DamagedData: If the file is not the one that the table names.
        """
        wanted = self.facts["sha256"]
        if not self.file.is_file() or files.sha256(self.file) != wanted:
            raise DamagedData(f"{self.file}: a file of sha256 {wanted} expected; check the project out again")
        built = self.built
        with np.load(self.file, allow_pickle=False) as stored:
            built.set_weights([stored[name].astype(np.float32) for name in sorted(stored.files)])
        return built

    def judge(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities float32 (n, classes) and features float32 (n, d) of uint8 images (n, height, width, channels).

        Images of a fraction of the network's side are enlarged by repeating pixels.

        Raises:
            ValueError: If the images do not fit.
        """
        from repro.metrics.recogniser import predict

        if images.ndim != 4 or images.dtype != np.uint8 or images.shape[3] != self.channels or not len(images):
            raise ValueError(
                f"{self.name} takes uint8 images of shape (n, height, width, {self.channels}). "
                f"Received: {images.dtype} of shape {images.shape}"
            )
        return predict(self.classifier, enlarged(images, self.side))

    def labelled(self, split: str, places: Places) -> tuple[np.ndarray, np.ndarray]:
        """The set's images as the network takes them, uint8, and its classes, int32; raises what `load` raises."""
        dataset = load(self.data, split, places)
        labels = _room_classes(self.data, split, places) if self.data.family == "rooms" else dataset.labels
        return enlarged(dataset.shown(), self.side), labels


NETWORKS = {
    network.name: network
    for network in (
        FeatureNetwork("digits16", Set("digits8"), 16, 1, 10, 60, "digits"),
        FeatureNetwork("rooms32", Set("rooms32"), 32, 3, 64, 4, "wall colour x bed colour x window x lamp"),
        FeatureNetwork("cifar32", Set("cifar10_jpeg75"), 32, 3, 10, 5, "classes of things"),
        FeatureNetwork("scenes64", Set("scenes64"), 64, 3, 3, 6, "bedroom, kitchen, dining room"),
        FeatureNetwork("hanzi28", Set("hanzi", 100), 28, 1, 100, 5, "characters", 128),
        FeatureNetwork("mnist28", Set("mnist"), 28, 1, 10, 4, "digits", 128),
        FeatureNetwork("hwdb28", Set("hwdb100"), 28, 1, 100, 6, "characters that share radicals", 128),
    )
}


def feature_network(name: str) -> FeatureNetwork:
    """The network of that name.

    Raises:
        Misuse: If there is none.
    """
    check_known("feature network", name, list(NETWORKS))
    return NETWORKS[name]


def enlarged(images: np.ndarray, side: int) -> np.ndarray:
    """Images (n, side, side, channels) by repeating each pixel of smaller ones a whole number of times.

    Raises:
        ValueError: If their sides are no fraction of `side`.
    """
    height, width = images.shape[1:3]
    if height != width or side % height:
        raise ValueError(f"images of side {side}, or a fraction of it, expected. Received: {height}x{width}")
    times = side // height
    return images if times == 1 else images.repeat(times, axis=1).repeat(times, axis=2)


def _room_classes(wanted: Set, split: str, places: Places) -> np.ndarray:
    shown = rooms.attributes(wanted, split, places)
    return (((shown.wall * 4 + shown.bed) * 2 + shown.window) * 2 + shown.lamp).astype(np.int32)


def table() -> dict[str, dict[str, str]]:
    """The table of the networks that were made: a line, as text, under each one's name."""
    if not TABLE.exists():
        return {}
    with open(TABLE, newline="", encoding="utf-8") as lines:
        return {line["network"]: line for line in csv.DictReader(lines)}


def markdown() -> str:
    """The README's table of feature networks."""
    lines = [
        "| network | trained on | classes | test images right | weights (sha256) |",
        "| --- | --- | --- | --- | --- |",
    ]
    for network in NETWORKS.values():
        right = f"{float(network.facts['test_accuracy']):.1%}"
        digest = network.facts["sha256"][:16]
        lines.append(
            f"| `{network.name}` | `{network.data}` | {network.classes}: {network.labels} | {right} | `{digest}` |"
        )
    return "\n".join(lines)
