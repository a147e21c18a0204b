"""The set `hanzi`: Chinese characters as several invented hands might write them, rendered from one font.

No handwriting is in it. The shapes are those of the committed atlas (`make_hanzi_atlas`); a *hand* is one draw of
slant, rise, stroke weight, ink, proportions and a bending of its own, and each rendering adds a little to each. As in
the real set, the ink's box is squashed to 28x28 and paper is 255.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from filelock import FileLock
from scipy import ndimage

from repro import files
from repro.data import Dataset, Description, Places, Set
from repro.data.prepared import UNREADABLE
from repro.data.selection import SPLITS, check_split, class_count
from repro.errors import DamagedData

ATLAS = Path(__file__).with_name("hanzi_atlas.npz")
GLYPH = 48  # side of a glyph in the atlas
SIDE = 28  # side of a picture
PER_CLASS = {"train": 300, "test": 60}
HANDS = {"train": 60, "test": 12}
SEED = 20_170_417
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1

# Glyph coordinates run from -1 to 1 over the atlas' box; the canvas shows a little more, for slanted characters.
CANVAS = 72
REACH = 1.5
FINE = 4  # distances are measured on a grid this much finer than the atlas
KNOTS = 7  # control points of a bending field along each side

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Strokes:
    """How each of n renderings is drawn; every array has n rows, float32.

    Attributes:
        affine: Shape (n, 2, 2): canvas to glyph coordinates, (x, y).
        proportion: Shape (n, 2): how far the middle is moved along x and y.
        bend: Shape (n, 2, KNOTS, KNOTS): control points of the displacement along x and y.
        weight: Shape (n, KNOTS, KNOTS): control points of the strokes' growth, in half stroke widths.
        soft: Shape (n,): width of a stroke's edge in glyph pixels.
        ink: Shape (n,): darkness, 0 to 1.
    """

    affine: np.ndarray
    proportion: np.ndarray
    bend: np.ndarray
    weight: np.ndarray
    soft: np.ndarray
    ink: np.ndarray


def describe(wanted: Set, places: Places) -> Description:
    """Says what `hanzi` is; see `repro.data.describe`."""
    _, characters, _ = _atlas()
    classes = class_count(wanted, len(characters))
    return Description(
        title=f"{classes} Chinese characters in {HANDS['train']} invented hands, procedural renderings of a font "
        "(WenQuanYi Micro Hei), not handwriting; 28x28",
        kind="embedded",
        checksum=_checksum(classes),
        counts={split: PER_CLASS[split] * classes for split in SPLITS},
        licence="Apache-2.0 (the font's shapes)",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split: rendering 0 of every class, rendering 1 of every class, and so on; see `repro.data.load`."""
    check_split(wanted, split)
    _, characters, _ = _atlas()
    classes = class_count(wanted, len(characters))
    images = _cached(split, classes, places.cache / "data")
    labels = np.tile(np.arange(classes, dtype=np.int32), PER_CLASS[split])
    return Dataset(wanted.name, split, images, labels, characters[:classes], describe(wanted, places))


def has_glyph(character: str) -> bool:
    """Whether the atlas can draw a character."""
    return character in _atlas()[2]


def glyph(character: str) -> np.ndarray:
    """One character as the font has it: uint8, shape (48, 48), paper 255, ink 0.

    Raises:
        KeyError: If `has_glyph` denies it.
    """
    packed, _, place = _atlas()
    row = packed[place[character]]
    return (255 - 17 * np.stack([row >> 4, row & 15], axis=-1)).astype(np.uint8).reshape(GLYPH, GLYPH)


@lru_cache(maxsize=1)
def _atlas() -> tuple[np.ndarray, tuple[str, ...], dict[str, int]]:
    """The packed glyphs, uint8 of shape (n, 1152), their characters, and each character's place."""
    try:
        with ATLAS.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            packed, characters = file["packed"], tuple(file["characters"].tolist())
    except UNREADABLE as fault:
        raise DamagedData(f"{ATLAS}: the atlas of glyphs expected, found: {fault}") from fault
    return packed, characters, {character: place for place, character in enumerate(characters)}


@lru_cache(maxsize=8)
def _checksum(classes: int) -> str:
    atlas = files.sha256(ATLAS)
    return hashlib.sha256(f"{atlas} {VERSION} {classes}".encode()).hexdigest()


def _cached(split: str, classes: int, folder: Path) -> np.ndarray:
    """The pictures of a split from the cache, rendered first where they are not there or damaged."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"hanzi-{classes}-{split}-{_checksum(classes)[:16]}.npz"
    shape = (PER_CLASS[split] * classes, SIDE, SIDE, 1)
    with FileLock(f"{file}.lock"):
        if file.exists():
            try:
                return _read(file, shape)
            except UNREADABLE as fault:
                aside = files.set_aside(file)
                _log.warning("%s was damaged (%s): set aside as %s, rendered again", file, fault, aside.name)
        images = _split(split, classes)
        files.write_arrays(file, images=images)
    return images


def _read(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Reads a cache file; the zip's own checksum finds changed bytes."""
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        images = arrays["images"]
    if images.shape != shape or images.dtype != np.uint8:
        raise ValueError(f"uint8 of shape {shape} expected, found {images.dtype} of {images.shape}")
    return images


def _split(split: str, classes: int) -> np.ndarray:
    """Renders a split: uint8, shape (PER_CLASS * classes, SIDE, SIDE, 1)."""
    images = np.empty((PER_CLASS[split], classes, SIDE, SIDE, 1), np.uint8)
    for place, character in enumerate(_atlas()[1][:classes]):
        images[:, place, :, :, 0] = render(character, split)
    return images.reshape(-1, SIDE, SIDE, 1)


def render(character: str, split: str) -> np.ndarray:
    """All renderings of one class in a split; rendering i is by hand i modulo the number of hands.

    Returns:
        uint8, shape (PER_CLASS[split], SIDE, SIDE), paper 255, ink dark.
    """
    distance, half = _distances(character)
    strokes = _strokes(ord(character), split)
    alpha = _drawn(distance, half, strokes)
    squashed = _squashed(alpha) * strokes.ink[:, None, None]
    return (255.5 - 255 * np.clip(squashed, 0, 1)).astype(np.uint8)


def _strokes(code: int, split: str) -> Strokes:
    """Draws the hands of a split, and adds to each rendering of a character what is its own."""
    number = SPLITS.index(split)
    hand = np.arange(PER_CLASS[split]) % HANDS[split]
    habits = _draw(np.random.default_rng([SEED, number, 0]), HANDS[split], 1.0)
    own = _draw(np.random.default_rng([SEED, number, 1, code]), PER_CLASS[split], 0.3)
    added = {name: habits[name][hand] + own[name] for name in habits}
    # Bounded so that no character leaves the canvas.
    slant, rise = np.clip(added["slant"], -0.4, 0.4), np.clip(added["rise"] + 0.06, -0.2, 0.3)
    turn = np.clip(added["turn"], -0.15, 0.15)
    cosine, sine = np.cos(turn), np.sin(turn)
    shear = np.stack([np.stack([np.ones_like(slant), slant], -1), np.stack([rise, np.ones_like(slant)], -1)], -2)
    rotation = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
    drawn = Strokes(
        affine=shear @ rotation,
        proportion=np.clip(added["proportion"], -0.3, 0.3),
        bend=added["bend"],
        weight=np.clip(added["weight"], -0.6, 0.6)[:, None, None] + added["pressure"],
        soft=np.clip(1.6 + added["soft"], 1.0, 2.6),
        ink=np.clip(0.86 + added["ink"], 0.55, 1.0),
    )
    return Strokes(**{name: value.astype(np.float32) for name, value in vars(drawn).items()})


def _draw(random: np.random.Generator, count: int, size: float) -> dict[str, np.ndarray]:
    """Deviations from the plain glyph, `size` as large for a rendering as for a hand.

    The bending is the exception: a hand's own habit and what a rendering adds are about as large.
    """
    return {
        "slant": size * random.normal(0, 0.17, count),
        "rise": size * random.normal(0, 0.09, count),
        "turn": size * random.normal(0, 0.06, count),
        "weight": size * random.uniform(-0.6, 0.6, count),
        "ink": size * random.uniform(-0.25, 0.25, count),
        "soft": size * random.uniform(-0.6, 1.0, count),
        "proportion": size * random.normal(0, 0.12, (count, 2)),
        "bend": random.normal(0, 0.06, (count, 2, KNOTS, KNOTS)),
        "pressure": size * random.normal(0, 0.18, (count, KNOTS, KNOTS)),
    }


@lru_cache(maxsize=8)
def _distances(character: str) -> tuple[np.ndarray, float]:
    """Distance of every point of a glyph to the nearest edge of its ink, positive inside.

    A stroke is made thicker or thinner by moving the level that counts as its edge.

    Returns:
        float32 of shape (GLYPH * FINE / 2,) * 2, in glyph pixels, and half the usual width of its strokes.
    """
    ink = 1 - glyph(character).astype(np.float32) / 255
    inside = ndimage.zoom(ink, FINE, order=1, grid_mode=True, mode="grid-constant") > 0.5
    away = ndimage.distance_transform_edt(~inside)
    within = ndimage.distance_transform_edt(inside)
    distance = ((within - away) / FINE).astype(np.float32)
    # Over a stroke of half width h the distance rises from 0 to h, so its mean is h / 2.
    half = 2 * float(within[inside].mean()) / FINE
    return distance.reshape(GLYPH * FINE // 2, 2, -1, 2).mean(axis=(1, 3)), half


@lru_cache(maxsize=1)
def _spline() -> np.ndarray:
    """Cubic B-splines over the canvas: float32, shape (CANVAS, KNOTS); a field is S @ control points @ S^T."""
    at = np.linspace(0, KNOTS - 1, CANVAS)[:, None]
    t = np.abs(at - np.arange(KNOTS))
    near, far = 2 / 3 - t**2 + t**3 / 2, np.maximum(2 - t, 0) ** 3 / 6
    return np.where(t < 1, near, far).astype(np.float32)


def _drawn(distance: np.ndarray, half: float, strokes: Strokes) -> np.ndarray:
    """Draws one glyph n times on the canvas: float32, shape (n, CANVAS, CANVAS), 0 paper to 1 ink."""
    spline = _spline()
    axis = np.linspace(-REACH, REACH, CANVAS, dtype=np.float32)
    x, y = axis[None, :], axis[:, None]
    bend = spline @ strokes.bend @ spline.T
    x, y = x + bend[:, 0], y + bend[:, 1]
    a = strokes.affine[:, :, :, None, None]
    x, y = a[:, 0, 0] * x + a[:, 0, 1] * y, a[:, 1, 0] * x + a[:, 1, 1] * y
    move = strokes.proportion[:, :, None, None]
    # The ends of an axis stay where they are and its middle moves: one half of a character grows, one shrinks.
    x, y = (p + move[:, i] * np.maximum(1 - p * p, 0) for i, p in enumerate((x, y)))
    side = len(distance)
    places = np.stack([(p + 1) * (side / 2) - 0.5 for p in (y, x)])
    met = ndimage.map_coordinates(distance, places, order=1, mode="nearest", output=np.float32)
    grown = half * (spline @ strokes.weight @ spline.T)
    return np.clip(0.5 + (met + grown) / strokes.soft[:, None, None], 0, 1)


def _squashed(alpha: np.ndarray) -> np.ndarray:
    """Crops each drawing to its ink and squashes that box: float32, shape (n, SIDE, SIDE)."""
    ink = alpha > 0.4
    down, across = (_squash(ink.any(axis=axis)) for axis in (2, 1))
    return down @ alpha @ across.transpose(0, 2, 1)


def _squash(inked: np.ndarray) -> np.ndarray:
    """Resampling along one axis from the first to the last inked place, with Pillow's bilinear weights.

    Args:
        inked: bool, shape (n, CANVAS).

    Returns:
        float32, shape (n, SIDE, CANVAS); each row sums to 1.
    """
    first = inked.argmax(axis=1)
    length = CANVAS - inked[:, ::-1].argmax(axis=1) - first
    step = (length / SIDE)[:, None, None]
    centre = first[:, None, None] + (np.arange(SIDE)[:, None] + 0.5) * step
    weight = 1 - np.abs(np.arange(CANVAS) + 0.5 - centre) / np.maximum(step, 1)
    weight = np.where(np.repeat(_between(first, length)[:, None], SIDE, axis=1), np.maximum(weight, 0), 0)
    return (weight / weight.sum(axis=2, keepdims=True)).astype(np.float32)


def _between(first: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Which places of the canvas are in the box: bool, shape (n, CANVAS)."""
    place = np.arange(CANVAS)
    return (place >= first[:, None]) & (place < (first + length)[:, None])
