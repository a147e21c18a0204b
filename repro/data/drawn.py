"""What the procedural sets share: a recipe draws them, a cache keeps their pictures and what each of them shows."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from repro import files
from repro.data import Dataset, Description, Places, Set
from repro.data.prepared import UNREADABLE
from repro.data.selection import check_split, checked_side
from repro.errors import Misuse

SIDES = range(16, 129, 8)
FINE = 4  # pictures are painted on a grid this much finer, and averaged
NOISE = 0.01  # standard deviation, of colours in 0..1
AT_ONCE = 1 << 20  # points of the fine grid that are drawn together

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """A procedural set: what a family's module offers as `describe`, `load` and `attributes`.

    Attributes:
        family: Its name without the side.
        title: One line for a reader, without the side.
        version: Part of the checksum.
        counts: Pictures of each split.
        seeds: Of each split.
        draw: Called with numbers, seed and side; returns `images`, uint8 (n, side, side, 3), and what they show.
        shown: The dataclass of what they show; fields that end in `_mask` are bool, shape (n, side, side).
    """

    family: str
    title: str
    version: int
    counts: Mapping[str, int]
    seeds: Mapping[str, int]
    draw: Callable[[Iterable[int], int, int], dict[str, np.ndarray]]
    shown: type

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is shown."""
        return tuple(field.name for field in fields(self.shown))

    def checksum(self, side: int) -> str:
        """Changes whenever a picture would."""
        text = f"{self.family} {self.version} {side} {dict(self.counts)} {dict(self.seeds)}"
        return hashlib.sha256(text.encode()).hexdigest()

    def describe(self, wanted: Set, places: Places) -> Description:
        """Says what the set is; see `repro.data.describe`."""
        side = _side(wanted)
        return Description(
            title=f"{self.title}, {side}x{side}",
            kind="procedural",
            checksum=self.checksum(side),
            counts=dict(self.counts),
            licence="drawn by this program",
        )

    def load(self, wanted: Set, split: str, places: Places) -> Dataset:
        """Loads one split, drawn first where it is not in the cache; see `repro.data.load`. There are no labels."""
        images = _cached(self, wanted, split, places)["images"]
        return Dataset(wanted.name, split, images, None, (), self.describe(wanted, places))

    def attributes(self, wanted: Set, split: str, places: Places) -> Any:
        """What the pictures of one split show, in the order of `load`; raises what `load` raises."""
        kept = _cached(self, wanted, split, places)
        return self.shown(**{name: kept[name] for name in self.names})


def random_parts(numbers: Iterable[int], seed: int, side: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """What is random in some pictures: draws from [0, 1), shape (parts, n), and noise, shape (n, side, side, 3)."""
    randoms = [np.random.default_rng([seed, number]) for number in numbers]
    drawn = np.array([random.random(parts) for random in randoms]).T
    return drawn, np.array([random.normal(0, NOISE, (side, side, 3)) for random in randoms])


def covered(paint: np.ndarray, colours: int) -> np.ndarray:
    """How many of a pixel's FINE² points each colour has: uint16, shape (n, colours, side, side).

    Args:
        paint: uint8, shape (n, FINE * side, FINE * side): places in a palette.
        colours: Number of colours in a palette.
    """
    count, fine, _ = paint.shape
    counted = np.empty((count, colours, fine // FINE, fine // FINE), np.uint16)
    for colour in range(colours):
        rows = (paint == colour).reshape(count, fine // FINE, FINE, fine).sum(axis=2, dtype=np.uint8)
        counted[:, colour] = sum(rows[:, :, start::FINE] for start in range(FINE))
    return counted


def _side(wanted: Set) -> int:
    if wanted.classes is not None:
        raise Misuse(f"{wanted.name} has no classes")
    return checked_side(wanted, SIDES)


# ---- The cache


def _cached(recipe: Recipe, wanted: Set, split: str, places: Places) -> dict[str, np.ndarray]:
    """Pictures and attributes of a split from the cache, drawn first where they are not there or damaged."""
    check_split(wanted, split)
    side = _side(wanted)
    folder = places.cache / "data"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{wanted.name}-{split}-{recipe.checksum(side)[:16]}.npz"
    with FileLock(f"{file}.lock"):
        if file.exists():
            try:
                return _read(file, (recipe.counts[split], side, side, 3), recipe.names)
            except UNREADABLE as fault:
                aside = files.set_aside(file)
                _log.warning("%s was damaged (%s): set aside as %s, drawn again", file, fault, aside.name)
        pictures = draw_split(recipe, split, side)
        files.write_arrays(file, **{name: _packed(name, array) for name, array in pictures.items()})
    return pictures


def _packed(name: str, array: np.ndarray) -> np.ndarray:
    """Eight pixels of a mask in a byte; a side is a multiple of eight."""
    return np.packbits(array, axis=-1) if name.endswith("_mask") else array


def _read(file: Path, shape: tuple[int, ...], names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Reads a cache file; the zip's own checksum finds changed bytes."""
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        kept = {name: arrays[name] for name in ("images", *names)}
    if kept["images"].shape != shape or kept["images"].dtype != np.uint8:
        raise ValueError(f"uint8 of shape {shape} expected, found {kept['images'].dtype} of {kept['images'].shape}")
    for name in names:
        if name.endswith("_mask"):
            kept[name] = np.unpackbits(kept[name], axis=-1).astype(bool)
    return kept


def draw_split(recipe: Recipe, split: str, side: int) -> dict[str, np.ndarray]:
    """Draws a split, block by block; the block's size changes nothing."""
    count, block = recipe.counts[split], max(1, AT_ONCE // (FINE * side) ** 2)
    pictures: dict[str, np.ndarray] = {}
    for start in range(0, count, block):
        numbers = range(start, min(start + block, count))
        for name, part in recipe.draw(numbers, recipe.seeds[split], side).items():
            whole = pictures.setdefault(name, np.empty((count, *part.shape[1:]), part.dtype))
            whole[start : numbers.stop] = part
    return pictures
