"""The set `svhn`: Street View House Numbers, digits of 32x32 pixels cut out of photographs (Netzer et al., 2011).

The official files `train_32x32.mat` and `test_32x32.mat` hold `X` (32, 32, 3, N; uint8) and `y` (N, 1; the digit, and
10 for 0). As in DCGAN's script, a label is the file's minus one, so that class 9 is the digit 0, and the third official
file, "extra", is not used. Digits of one house follow each other in the file: `train` comes in one fixed random order,
so that any part of it can be held out. `test` is in the file's order.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from repro import files
from repro.data import Dataset, Description, Places, Set, matlab
from repro.data.selection import check_split
from repro.errors import DamagedData, MissingData, Misuse

FILES = {split: Path("svhn", f"{split}_32x32.mat") for split in ("train", "test")}
SIDE = 32
NAMES = tuple("1234567890")
ORDER_SEED = 0


def describe(wanted: Set, places: Places) -> Description:
    """Says what the files are; see `repro.data.describe`. The checksum is that of both and of the order."""
    if wanted.classes is not None:
        raise Misuse(f"{wanted.name} is used with all its classes; some were asked for: {wanted.classes}")
    found = {split: _found(places, split) for split in FILES}
    counts = {split: _count(file) for split, file in found.items()}
    checksums = [files.sha256_once(file) for file in found.values()]
    return Description(
        title="Street View House Numbers, cropped digits, 32x32",
        kind="real",
        checksum=hashlib.sha256(" ".join([*checksums, f"order {ORDER_SEED}"]).encode()).hexdigest(),
        counts=counts,
        licence="for non-commercial use only (Netzer et al. 2011); never ship it",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads `train`, shuffled, or `test`; for a moment a file's pictures are in memory twice; see `repro.data.load`."""
    check_split(wanted, split)
    description = describe(wanted, places)
    file = _found(places, split)
    stored = matlab.array(file, "X")
    if stored.dtype != np.uint8:
        raise DamagedData(f"{file}: X: uint8 expected, found {stored.dtype}")
    labels = _labels(file)
    images = stored.transpose(3, 0, 1, 2)
    if split == "train":
        order = np.random.default_rng(ORDER_SEED).permutation(len(labels))
        images, labels = images[order], labels[order]
    return Dataset(wanted.name, split, np.ascontiguousarray(images), labels, NAMES, description)


def _found(places: Places, split: str) -> Path:
    """A file, which is there."""
    help_ = (
        "the official train_32x32.mat and test_32x32.mat of Street View House Numbers go in a folder svhn in the "
        "folder given by --data-dir (or REPRO_DATA); --scale quick works without"
    )
    if places.data is None:
        raise MissingData(f"svhn: {help_}")
    if not (places.data / FILES[split]).is_file():
        raise MissingData(f"svhn: no {FILES[split]} in {places.data}; {help_}")
    return places.data / FILES[split]


def _count(file: Path) -> int:
    """How many pictures a file has, by the shapes of its arrays."""
    shapes = matlab.shapes(file)
    pictures, labels = shapes.get("X"), shapes.get("y")
    if pictures is None or len(pictures) != 4 or pictures[:3] != (SIDE, SIDE, 3) or pictures[3] == 0:
        raise DamagedData(f"{file}: X: shape ({SIDE}, {SIDE}, 3, N) expected, found {pictures}")
    if labels != (pictures[3], 1):
        raise DamagedData(f"{file}: y: shape {(pictures[3], 1)} expected, as X has, found {labels}")
    return pictures[3]


def _labels(file: Path) -> np.ndarray:
    """Classes 0 to 9, the file's labels minus one: int32, shape (N,)."""
    stored = matlab.array(file, "y").ravel()
    if not np.isin(stored, np.arange(1, 11)).all():
        raise DamagedData(f"{file}: y: 1 to 10 expected, found {stored.min()} to {stored.max()}")
    return stored.astype(np.int32) - 1
