"""The embedded set `digits8`: 1,797 handwritten digits of 8x8 pixels, which scikit-learn ships.

They are the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, UCI repository, 1998).
A pixel counts the ink in 4x4 dots of a bitmap: 0 to 16, and 16 is white (`Dataset.white`), so that a sixteenth of it is
exact. The order is one fixed permutation: its first 1,400 digits are `train`, the other 397 `test`. Who selects by
held-out pictures trains on the first 1,200 of `train` and selects by its last 200.
"""

from __future__ import annotations

import hashlib
import zlib

import numpy as np

from repro.data import Dataset, Description, Places, Set
from repro.data.selection import check_split, class_count
from repro.errors import DamagedData

SIDE = 8
WHITE = 16
ROWS = {"train": slice(0, 1_400), "test": slice(1_400, 1_797)}
# Pictures of each digit.
PER_CLASS = {
    "train": (135, 143, 126, 150, 133, 145, 140, 149, 142, 137),
    "test": (43, 39, 51, 33, 48, 37, 41, 30, 32, 43),
}
# sha256 of all images, then all labels (int32, little-endian), in our order; checked whenever the set is loaded.
CHECKSUM = "f64c32af3bb07e6e91093770ea8829137d2ac7954d257db8e683fc50b02797b2"


def describe(wanted: Set, places: Places) -> Description:
    """Says what the set is; see `repro.data.describe`."""
    classes = class_count(wanted, 10)
    return Description(
        title=f"handwritten digits 0 to {classes - 1}, UCI optical recognition, light on dark; 8x8",
        kind="embedded",
        checksum=CHECKSUM if classes == 10 else f"{CHECKSUM}-{classes}",
        counts={split: sum(counts[:classes]) for split, counts in PER_CLASS.items()},
        licence="CC BY 4.0",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split, in the fixed order; see `repro.data.load`.

    Raises:
        DamagedData: If scikit-learn's file does not hold these digits, or NumPy no longer draws this permutation.
    """
    check_split(wanted, split)
    classes = class_count(wanted, 10)
    images, labels = (values[ROWS[split]] for values in _arrays())
    if classes < 10:
        images, labels = images[labels < classes], labels[labels < classes]
    names = tuple("0123456789"[:classes])
    return Dataset(wanted.name, split, images, labels, names, describe(wanted, places), WHITE)


def _arrays() -> tuple[np.ndarray, np.ndarray]:
    """All images, uint8 (1797, 8, 8, 1), 0..16, and labels, int32 (1797,), in our order."""
    from sklearn import __version__, datasets

    origin = f"the digits of scikit-learn {__version__}"
    try:
        values, labels = datasets.load_digits(return_X_y=True)
    except (OSError, EOFError, ValueError, zlib.error) as fault:
        raise DamagedData(f"{origin}: a readable file expected: {fault}") from fault
    order = np.random.default_rng(0).permutation(len(values))
    images = values[order].astype(np.uint8).reshape(-1, SIDE, SIDE, 1)
    labels = labels[order].astype(np.int32)
    found = hashlib.sha256(images.tobytes() + labels.astype("<i4").tobytes()).hexdigest()
    if found != CHECKSUM:
        raise DamagedData(f"{origin}: sha256 {CHECKSUM} of images and labels expected, found {found}")
    return images, labels
