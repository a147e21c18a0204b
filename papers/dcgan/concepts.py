"""What figures 7 and 8 share: what a face shows, read off its picture; and the settings of the trainings on faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import FACES_PY, NARROW, PASS, Images
from papers.dcgan.reader import KNOWN, SURE, YAW_SCALE, load_reader
from repro.data import Set
from repro.items import setting

if TYPE_CHECKING:
    from repro.runs import Finished, Folder

POSE = 20.0  # degrees; exemplars are turned less than that
BORDER = 4  # pixels


@dataclass(frozen=True)
class Shown:
    """What n pictures show.

    Attributes:
        value: Concept to bool, shape (n,).
        sure: Concept to whether it is read with confidence: bool, shape (n,).
        pose: What says how far a face is turned: float64, shape (n,); degrees where the yaw can be read.
    """

    value: dict[str, np.ndarray]
    sure: dict[str, np.ndarray]
    pose: np.ndarray

    def sure_of(self, concept: str, wanted: bool) -> np.ndarray:
        """Which pictures surely show a concept, or surely lack it: bool, shape (n,)."""
        return self.sure[concept] & (self.value[concept] == wanted)


# Concepts A and B and the value of B from which one goes: (A, from) - (not A, from) + (not A, other) = (A, other).
EQUATIONS = {
    "faces": {
        "smiling woman - neutral woman + neutral man": ("smile", "hair", True),
        "man with glasses - man + woman": ("glasses", "hair", False),
    },
    "faces64": {"smiling, light - neutral, light + neutral, dark": ("smile", "light", True)},
}


def shower(reader: Finished | None, wanted: Set, folder: Folder) -> Callable[[np.ndarray], Shown]:
    """A function from pictures, uint8, to what they show.

    Args:
        reader: The finished reader of the set, or None where nothing can be read: then the pose alone is known.
        wanted: The set.
        folder: The run's.
    """
    if reader is None:
        return lambda images: Shown({}, {}, asymmetry(images))
    read, (classes, quantities) = load_reader(reader), KNOWN[wanted.family]
    threshold = np.median(border(folder.data(wanted, "train").images)) if wanted.family == "faces64" else 0.0

    def shown(images: np.ndarray) -> Shown:
        reading = read(images)
        value = {name: reading.value(name) == 1 for name in classes}
        sure = {name: reading.sure(SURE, (name,)) for name in classes}
        if wanted.family == "faces64":
            value["light"], sure["light"] = border(images) > threshold, np.ones(len(images), bool)
        turned = reading.number["yaw"] * YAW_SCALE if "yaw" in quantities else asymmetry(images)
        return Shown(value, sure, turned.astype(np.float64))

    return shown


def border(images: np.ndarray) -> np.ndarray:
    """Mean grey level of the outermost four pixels of each picture: float64, shape (n,)."""
    inner = np.zeros(images.shape[1:3], bool)
    inner[BORDER:-BORDER, BORDER:-BORDER] = True
    return images.mean(axis=3)[:, ~inner].mean(axis=1)


def asymmetry(images: np.ndarray) -> np.ndarray:
    """Left half's mean minus the right half's, over the picture's standard deviation: float64, shape (n,).

    Where no pose is known: light from the side changes it as much as a turn does.
    """
    grey = images.astype(np.float64).mean(axis=3)
    half = grey.shape[2] // 2
    spread = np.maximum(grey.std(axis=(1, 2)), 1e-9)
    return (grey[:, :, :half].mean(axis=(1, 2)) - grey[:, :, half:].mean(axis=(1, 2))) / spread


@dataclass(frozen=True)
class Faces(Images):
    """Settings of the training on faces; those of the paper were never published, and CelebA takes their place."""

    data: Set = setting(Set("celeba64"), "section 4.2: 350,000 boxes around faces, unpublished; CelebA is ours")
    first_sheet: int = setting(2_735, "section 4.2: mini-batches of one pass over 350,000 images, the last a part")
    steps: int = setting(68_375, f"{FACES_PY}: 25 passes; of 350,000 images, for CelebA has fewer", length=True)


QUICK = Faces(data=Set("faces32"), **NARROW, steps=14 * PASS)
SMALL = Faces(data=Set("faces64"), maps=32, batch_size=64, first_sheet=900, steps=9_000)
