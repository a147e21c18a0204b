"""The set `rooms`: bedrooms drawn from known parts, in place of the LSUN bedrooms where there are none.

What every room shows is known, so that questions about generated rooms (is there a window? did only the window go?)
have answers that can be counted. The recipe is ours. Places are fractions of a picture's side, x to the right, y down.
Image i of seed s is a pure function of `default_rng([s, i])`; the same i shows the same room at every side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from repro.data import drawn

COUNTS = {"train": 10_000, "test": 2_000}
SEEDS = {"train": 0, "test": 1}
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1

FINE = drawn.FINE

# Colours in hundredths, so that averages of them are exact.
WALLS = ((80, 75, 65), (60, 70, 80), (66, 78, 60), (80, 64, 70))
BEDS = ((75, 20, 20), (20, 55, 25), (20, 30, 75), (85, 70, 15))
FLOOR, FRAME, GLASS, SHEET = (45, 32, 22), (100, 100, 100), (25, 55, 95), (93, 93, 93)
STAND, SHADE = (15, 15, 15), (100, 95, 45)
# Their places in a room's palette.
WALL, ON_FLOOR, IN_FRAME, IN_GLASS, ON_BED, ON_SHEET, IN_STAND, IN_SHADE = range(8)
BAR = 1 / 24  # width of a window's frame, and of the cross in it


@dataclass(frozen=True)
class Attributes:
    """What n rooms show.

    Attributes:
        wall: uint8, shape (n,), places in `WALLS`.
        bed: uint8, shape (n,), places in `BEDS`.
        window: bool, shape (n,): whether there is one.
        lamp: bool, shape (n,): whether there is one.
        lamp_right: bool, shape (n,): whether the lamp stands, or would stand, on the right.
        horizon: float64, shape (n,): y of the line between wall and floor.
        light: float64, shape (n,): the factor on all colours.
        window_mask: bool, shape (n, side, side): pixels of which the window covers at least half.
        bed_mask: bool, shape (n, side, side): the same of what is seen of bed and sheet.
    """

    wall: np.ndarray
    bed: np.ndarray
    window: np.ndarray
    lamp: np.ndarray
    lamp_right: np.ndarray
    horizon: np.ndarray
    light: np.ndarray
    window_mask: np.ndarray
    bed_mask: np.ndarray


def draw(numbers: Iterable[int], seed: int, side: int) -> dict[str, np.ndarray]:
    """Draws some rooms of a seed; how many at once changes nothing in them.

    Args:
        numbers: Which images, n of them.
        seed: The set's seed.
        side: Side of a picture in pixels.

    Returns:
        `images`, uint8 of shape (n, side, side, 3), and one array per field of `Attributes`.
    """
    parts, noise = drawn.random_parts(numbers, seed, side, 14)
    room = _room(parts)
    covered = drawn.covered(_painted(room, side), 8)
    colours = np.einsum("nkyx,nkc->nyxc", covered, _palettes(room))  # whole numbers: exact in any order
    light = room["light"][:, None, None, None]
    images = np.rint(255 * np.clip(colours / (100 * FINE**2) * light + noise, 0, 1)).astype(np.uint8)
    half = FINE**2 // 2
    room["window_mask"] = covered[:, IN_FRAME] + covered[:, IN_GLASS] >= half
    room["bed_mask"] = covered[:, ON_BED] + covered[:, ON_SHEET] >= half
    return {"images": images, **{name: room[name] for name in RECIPE.names}}


# ---- The recipe


def _room(u: np.ndarray) -> dict[str, np.ndarray]:
    """Turns draws from [0, 1) of shape (14, n) into the parts of n rooms, every array of shape (n,).

    A part that a room lacks has its draws all the same, so that attributes are independent.
    """

    def between(row: int, low: float, high: float) -> np.ndarray:
        return low + (high - low) * u[row]

    horizon = between(2, 0.60, 0.72)
    return {
        "wall": (len(WALLS) * u[0]).astype(np.uint8),
        "light": between(1, 0.75, 1),
        "horizon": horizon,
        "window": u[3] < 0.5,
        "window_x": between(4, 0.20, 0.80),
        "window_y": between(5, 0.18, 0.32),
        "window_width": between(6, 0.22, 0.32),
        "window_height": between(7, 0.22, 0.32),
        "bed": (len(BEDS) * u[8]).astype(np.uint8),
        "bed_x": between(9, 0.40, 0.60),
        "bed_width": between(10, 0.44, 0.56),
        "bed_top": horizon - between(11, 0.02, 0.08),
        "lamp": u[12] < 0.5,
        "lamp_right": u[13] < 0.5,
    }


def _painted(room: dict[str, np.ndarray], side: int) -> np.ndarray:
    """Paints n rooms on the fine grid: uint8, shape (n, FINE * side, FINE * side), places in a room's palette."""
    at = (np.arange(FINE * side) + 0.5) / (FINE * side)
    paint = np.full((len(room["wall"]), len(at), len(at)), WALL, np.uint8)

    def fill(colour: int, across: np.ndarray, down: np.ndarray) -> None:
        """Fills where a column, and a row, is in the shape: bool, shape (n, FINE * side) each."""
        np.copyto(paint, np.uint8(colour), where=down[:, :, None] & across[:, None, :])

    def part(name: str) -> np.ndarray:
        return room[name][:, None]

    anywhere = np.ones_like(part("wall"), bool)
    fill(ON_FLOOR, anywhere, at > part("horizon"))

    x, y = np.abs(at - part("window_x")), np.abs(at - part("window_y"))
    inside_x, inside_y = x < part("window_width") / 2, y < part("window_height") / 2
    fill(IN_FRAME, inside_x & part("window"), inside_y)
    # Frame and cross stay: the glass is four panes.
    panes_x = (x < part("window_width") / 2 - BAR) & (x >= BAR / 2)
    panes_y = (y < part("window_height") / 2 - BAR) & (y >= BAR / 2)
    fill(IN_GLASS, panes_x & part("window"), panes_y)

    x, below = np.abs(at - part("bed_x")), at - part("bed_top")
    fill(ON_BED, x < part("bed_width") / 2, (below >= 0) & (below < 0.26))
    fill(ON_SHEET, x < 0.85 * part("bed_width") / 2, (below >= 0) & (below < 0.07))

    x = np.abs(at - np.where(part("lamp_right"), 0.91, 0.09))
    fill(IN_STAND, (x < 0.015) & part("lamp"), (at >= 0.56) & (at < part("horizon") + 0.08))
    disc = (x**2)[:, None, :] + ((at - 0.55) ** 2)[:, None] < 0.065**2
    np.copyto(paint, np.uint8(IN_SHADE), where=disc & part("lamp")[:, :, None])
    return paint


def _palettes(room: dict[str, np.ndarray]) -> np.ndarray:
    """The colours of each room in hundredths: uint16, shape (n, 8, 3)."""
    palettes = np.empty((len(room["wall"]), 8, 3), np.uint16)
    palettes[:, WALL], palettes[:, ON_BED] = np.array(WALLS)[room["wall"]], np.array(BEDS)[room["bed"]]
    fixed = {ON_FLOOR: FLOOR, IN_FRAME: FRAME, IN_GLASS: GLASS, ON_SHEET: SHEET, IN_STAND: STAND, IN_SHADE: SHADE}
    for place, colour in fixed.items():
        palettes[:, place] = colour
    return palettes


TITLE = "Procedural rooms of known parts (wall, floor, bed, window or none, lamp or none)"
RECIPE = drawn.Recipe("rooms", TITLE, VERSION, COUNTS, SEEDS, draw, Attributes)
describe, load, attributes = RECIPE.describe, RECIPE.load, RECIPE.attributes
