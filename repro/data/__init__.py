"""Data sets: named, counted, with a checksum; everything comes out as the same small `Dataset`."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repro.errors import Misuse

if TYPE_CHECKING:
    from types import ModuleType

    from repro.data import faces, rooms

# One module per data family. A module offers `describe` and `load`, both called with (Set, Places).
FAMILIES = {
    "celeba64": "repro.data.prepared",
    "cifar10": "repro.data.cifar10",
    "cifar10_jpeg75": "repro.data.prepared",
    "digits8": "repro.data.digits8",
    "digits_shift": "repro.data.digits",
    "digits_shift_rotate": "repro.data.digits",
    "faces64": "repro.data.prepared",
    "hanzi": "repro.data.hanzi",
    "hwdb100": "repro.data.prepared",
    "hwdb1.0": "repro.data.hwdb",
    "imagenet32": "repro.data.prepared",
    "inception2015": "repro.metrics.inception",  # a network, and no pictures: a file that is looked for like a set
    "lm1b": "repro.data.lm1b",
    "mnist": "repro.data.prepared",
    "novels": "repro.data.text",
    "scenes64": "repro.data.prepared",
    "svhn": "repro.data.svhn",
    "text": "repro.data.text",
    "tfd": "repro.data.tfd",
    "window_boxes": "repro.data.window_boxes",  # no pictures either
}
# Families that come in any size: the side in pixels ends the set's name, as in `rooms32`.
SIZED = {"faces": "repro.data.faces", "lsun": "repro.data.lsun", "rooms": "repro.data.rooms"}


@dataclass(frozen=True)
class Set:
    """Which data a run uses, as a value that settings can hold.

    Attributes:
        name: A key of `FAMILIES`, or one of `SIZED` with a side in pixels.
        classes: For labelled sets, how many of its first classes, or which by name; None means all.
    """

    name: str
    classes: int | tuple[str, ...] | None = None

    def __str__(self) -> str:
        if self.classes is None:
            return self.name
        if isinstance(self.classes, int):
            return f"{self.name}, first {self.classes} classes"
        return f"{self.name}, {' and '.join(self.classes)}"

    @property
    def family(self) -> str:
        """The name without the side of a set that comes in any size."""
        return self.name if self.name in FAMILIES else self.name.rstrip("0123456789")

    @property
    def side(self) -> int:
        """The side in pixels that the name of a set of any size ends with."""
        return int(self.name.removeprefix(self.family))


@dataclass(frozen=True)
class Places:
    """Where data may be.

    Attributes:
        data: The folder given by `--data-dir` or `REPRO_DATA`, or None.
        cache: A folder for prepared and procedural data; it may not exist yet.
    """

    data: Path | None
    cache: Path


@dataclass(frozen=True)
class Description:
    """What is known of a set before it is loaded.

    Attributes:
        title: One line for a reader: what the pictures are.
        kind: `embedded`, `procedural` or `real`.
        checksum: Changes whenever the arrays would.
        counts: Number of images per split, such as `{"train": 9000, "test": 1800}`.
        licence: In a few words.
    """

    title: str
    kind: str
    checksum: str
    counts: dict[str, int]
    licence: str


def counted(wanted: Set, known: Description) -> str:
    """A set's name and counts, such as `hanzi, first 30 classes (9,000 train, 1,800 test)`."""
    shown = ", ".join(f"{count:,} {split}" for split, count in known.counts.items())
    return f"{wanted} ({shown})" if shown else str(wanted)


@dataclass(frozen=True)
class Dataset:
    """One split of a data set.

    Attributes:
        name: The set's name.
        split: `train` or `test`, or another part that its family names.
        images: uint8, shape (n, height, width, channels), 0 (black) to `white`: an array, or anything that answers
            `len`, `shape` and an integer array of places the same way. Of text, its lines: bytes of characters, uint8,
            shape (n, 32).
        labels: int32, shape (n,), places in `class_names`; None where the set has no labels.
        class_names: One name per class.
        description: What `describe` says of the whole set.
        white: The value that means full white: 255, but 16 where the pictures were counted in sixteenths.
    """

    name: str
    split: str
    images: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    description: Description = field(repr=False)
    white: int = 255

    def __len__(self) -> int:
        return len(self.images)

    def scaled(self, places: np.ndarray | None = None) -> np.ndarray:
        """Images on a 0..1 scale, float64, in the shape of `images`; `places` says which, None means all."""
        return self._at(places) / self.white

    def shown(self, places: np.ndarray | None = None) -> np.ndarray:
        """Images as a picture shows them: uint8, 0..255, in the shape of `images`; `places` as in `scaled`."""
        taken = self._at(places)
        return taken if self.white == 255 else np.rint(taken * (255 / self.white)).astype(np.uint8)

    def _at(self, places: np.ndarray | None) -> np.ndarray:
        return self.images[np.arange(len(self)) if places is None else places]

    def of_class(self, label: int) -> np.ndarray:
        """Places of all images of one class, int64, ascending."""
        return np.flatnonzero(self.labels == label)


def _family(wanted: Set) -> ModuleType:
    if wanted.name in FAMILIES:
        return importlib.import_module(FAMILIES[wanted.name])
    if wanted.family in SIZED and wanted.family != wanted.name:
        return importlib.import_module(SIZED[wanted.family])
    sized = [f"{name}SIDE" for name in SIZED]
    raise Misuse(f"no data set is called {wanted.name!r}; there are {', '.join([*FAMILIES, *sized])}")


def describe(wanted: Set, places: Places) -> Description:
    """Says what a set is, without loading it; takes well under a second.

    Raises:
        Misuse: If there is no set of that name or it has fewer classes.
        MissingData: If its files are not there.
        DamagedData: If they are not what they should be.
    """
    return _family(wanted).describe(wanted, places)


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split (`train`, `test`, or another that the family names); raises what `describe` raises."""
    return _family(wanted).load(wanted, split, places)


def attributes(wanted: Set, split: str, places: Places) -> faces.Attributes | rooms.Attributes:
    """What each picture of a procedural set shows, in the order of `load`: the family's own `Attributes`.

    Raises:
        Misuse: If nothing is known of that set's pictures; and what `load` raises.
    """
    family = _family(wanted)
    if not hasattr(family, "attributes"):
        raise Misuse(f"{wanted.name} says nothing of what its pictures show")
    return family.attributes(wanted, split, places)
