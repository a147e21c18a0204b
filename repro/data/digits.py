"""Digits that vary little: LSGAN's small-variance sets in spirit, rendered from DejaVu Serif, which matplotlib ships.

`digits_shift` moves each digit sideways, `digits_shift_rotate` also turns it by up to ten degrees. The released sets
use Times New Roman; their mean variance per pixel on the scale -1..1 is 0.480 and 0.450.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageDraw, ImageFont

from repro.data import Dataset, Description, Places, Set
from repro.data.selection import check_split, class_count

SIDE = 28
HEIGHT = 20  # of a digit, pixels
TURN = 10.0  # degrees
PER_CLASS = {"train": 1_000, "test": 200}
SEEDS = {"train": 0, "test": 1}
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1


def describe(wanted: Set, places: Places) -> Description:
    """Says what the set is; see `repro.data.describe`."""
    classes = class_count(wanted, 10)
    turned = " and turned by up to 10 degrees" if _turns(wanted) else ""
    decided = f"{wanted.name} {VERSION} {classes} {PIL.__version__} {hashlib.sha256(_font().read_bytes()).hexdigest()}"
    return Description(
        title=f"the digits 0 to {classes - 1} in DejaVu Serif, shifted sideways{turned}, light on dark; 28x28",
        kind="procedural",
        checksum=hashlib.sha256(decided.encode()).hexdigest(),
        counts={split: classes * count for split, count in PER_CLASS.items()},
        licence="Bitstream Vera (the font's shapes)",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Draws one split, digit after digit; see `repro.data.load`."""
    check_split(wanted, split)
    classes = class_count(wanted, 10)
    images = np.concatenate([_drawn(digit, split, _turns(wanted)) for digit in range(classes)])
    labels = np.repeat(np.arange(classes, dtype=np.int32), PER_CLASS[split])
    return Dataset(wanted.name, split, images, labels, tuple("0123456789"[:classes]), describe(wanted, places))


def _turns(wanted: Set) -> bool:
    return wanted.name == "digits_shift_rotate"


def _font() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"


@lru_cache
def _glyph(digit: int) -> Image.Image:
    """One digit in the middle of a canvas three times as wide as a picture, ink 255 on 0."""
    size = next(s for s in range(8, 64) if _box(8, s)[3] - _box(8, s)[1] >= HEIGHT)
    font = ImageFont.truetype(_font(), size, layout_engine=ImageFont.Layout.BASIC)
    canvas = Image.new("L", (3 * SIDE, 3 * SIDE), 0)
    left, top, right, bottom = _box(digit, size)
    place = (3 * SIDE - (right - left)) // 2 - left, (3 * SIDE - (bottom - top)) // 2 - top
    ImageDraw.Draw(canvas).text(place, str(digit), fill=255, font=font)
    return canvas


def _box(digit: int, size: int) -> tuple[int, int, int, int]:
    return ImageFont.truetype(_font(), size, layout_engine=ImageFont.Layout.BASIC).getbbox(str(digit))


def _drawn(digit: int, split: str, turns: bool) -> np.ndarray:
    """All pictures of one digit: uint8, shape (n, 28, 28, 1); the vertical position is fixed."""
    random = np.random.default_rng([SEEDS[split], digit])
    pictures = np.zeros((PER_CLASS[split], SIDE, SIDE, 1), np.uint8)
    for picture in pictures:
        angle = random.uniform(0, TURN) if turns else 0.0
        canvas = _glyph(digit).rotate(angle, Image.Resampling.BILINEAR) if turns else _glyph(digit)
        ink = np.asarray(canvas)
        columns = np.flatnonzero(ink.any(axis=0))
        wide = columns[-1] + 1 - columns[0]
        offset = int(random.integers(0, SIDE - wide + 1))
        picture[:, offset : offset + wide, 0] = ink[SIDE : 2 * SIDE, columns[0] : columns[-1] + 1]
    return pictures
