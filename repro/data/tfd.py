"""The set `tfd`: the Toronto Face Database, grey faces of 48x48 pixels, as `TFD_48x48.mat`.

The file was handed out on request only and has no open copy. It holds `images` (N, 48, 48; 0 to 255), `folds` (N, 5;
for each of five folds 0 unlabelled, 1 train, 2 valid, 3 test), `labs_ex` (expressions) and `labs_id` (persons), of
which the first two are read. GAN 2014 trains on the unlabelled pictures and measures, fold by fold, on the labelled
ones: the split `train` is the former, in the order of the file, and `valid0` to `test4` are parts of the folds 0 to 4.

Reference:
    pylearn2's `datasets/tfd.py`, with which the authors of GAN 2014 read the file.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from repro import files
from repro.data import Dataset, Description, Places, Set, matlab
from repro.errors import DamagedData, MissingData, Misuse

FILE = Path("tfd", "TFD_48x48.mat")
SIDE = 48
FOLDS = 5
# How the column of a fold marks its parts; what it leaves out, 0, is unlabelled.
PARTS = {"train": 1, "valid": 2, "test": 3}
UNLABELLED = 0


def describe(wanted: Set, places: Places) -> Description:
    """Says what the file is; see `repro.data.describe`. Its checksum is that of the whole file."""
    _check_classes(wanted)
    file = _found(places)
    return Description(
        title="Toronto Face Database, unlabelled faces, 48x48",
        kind="real",
        checksum=files.sha256_once(file),
        counts={"train": int((_folds(file)[:, 0] == UNLABELLED).sum())},
        licence="on request from its authors (Susskind, Anderson, Hinton 2010); research use, never ship it",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads `train`, the unlabelled pictures, or a part of a fold such as `valid0` or `test4`; without labels.

    For a moment the whole file is in memory; see `repro.data.load`.
    """
    description = describe(wanted, places)
    named = re.fullmatch(r"(valid|test)([0-4])", split)
    if split != "train" and not named:
        raise Misuse(f"{wanted.name} has no split {split!r}; there are train, valid0 to valid4 and test0 to test4")
    if named:
        images = fold(places, int(named[2]), named[1])
    else:
        file = _found(places)
        images = _images(file, _folds(file)[:, 0] == UNLABELLED)
    return Dataset(wanted.name, split, images, None, (), description)


def fold(places: Places, number: int, part: str) -> np.ndarray:
    """Labelled pictures of one part of a fold, in the file's order.

    Args:
        places: Where the file may be.
        number: 0 to 4.
        part: `train`, `valid` or `test`.

    Returns:
        uint8, shape (n, 48, 48, 1), 0 black to 255 white.

    Raises:
        Misuse: If there is no such fold or part.
        MissingData: If the file is not there.
        DamagedData: If it is not what it should be, or the part is empty.
    """
    if number not in range(FOLDS) or part not in PARTS:
        raise Misuse(f"tfd has folds 0 to {FOLDS - 1} of {', '.join(PARTS)}; fold {number!r}, {part!r} was asked for")
    file = _found(places)
    return _images(file, _folds(file)[:, number] == PARTS[part])


# ---- The file


def _check_classes(wanted: Set) -> None:
    if wanted.classes is not None:
        raise Misuse(f"{wanted.name} is used without labels; classes were asked for: {wanted.classes}")


def _found(places: Places) -> Path:
    """The file, which is there."""
    help_ = (
        f"{FILE.name}, which the authors of the Toronto Face Database handed out on request only, goes in a folder "
        f"{FILE.parent} in the folder given by --data-dir (or REPRO_DATA); --scale quick works "
        "without"
    )
    if places.data is None:
        raise MissingData(f"tfd: {help_}")
    if not (places.data / FILE).is_file():
        raise MissingData(f"tfd: no {FILE} in {places.data}; {help_}")
    return places.data / FILE


def _folds(file: Path) -> np.ndarray:
    """The checked table of folds, shape (N, 5), after a look at the shape of the images."""
    folds = matlab.array(file, "folds")
    if folds.ndim != 2 or folds.shape[1] != FOLDS or not np.isin(folds, [UNLABELLED, *PARTS.values()]).all():
        raise DamagedData(f"{file}: folds: shape (N, {FOLDS}) of 0 to 3 expected, found {_told(folds)}")
    shape = matlab.shapes(file).get("images")
    if shape != (len(folds), SIDE, SIDE):
        raise DamagedData(f"{file}: images: shape {(len(folds), SIDE, SIDE)} expected, as folds has, found {shape}")
    return folds


def _images(file: Path, chosen: np.ndarray) -> np.ndarray:
    """The chosen pictures, uint8, shape (n, 48, 48, 1); `chosen` is bool, shape (N,)."""
    images = matlab.array(file, "images")[chosen]
    if len(images) == 0:
        raise DamagedData(f"{file}: folds: pictures of every part expected, found none")
    with np.errstate(invalid="ignore"):  # what is no byte is told below
        made = images.astype(np.uint8)
    if images.dtype != np.uint8 and not (images == made).all():
        raise DamagedData(f"{file}: images: whole numbers 0 to 255 expected, found {_told(images)}")
    return np.ascontiguousarray(made)[..., None]


def _told(values: np.ndarray) -> str:
    span = f", {values.min()} to {values.max()}" if values.size else ""
    return f"{values.dtype} of shape {values.shape}{span}"
