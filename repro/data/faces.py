"""The set `faces`: heads drawn from known parts, in place of DCGAN's face set, which was never published.

What every face shows is known, so that arithmetic on latents can be judged. The recipe is ours. Places are fractions of
a picture's side, x to the right, y down. Image i of seed s is a pure function of `default_rng([s, i])`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from repro.data import drawn

COUNTS = {"train": 10_000, "test": 2_000}
SEEDS = {"train": 0, "test": 1}
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1
YAW = 40  # degrees to either side

# Colours in hundredths, so that averages of them are exact.
BACKGROUNDS = ((55, 65, 75), (70, 70, 62), (50, 60, 50))
SKINS = ((93, 78, 68), (78, 58, 45), (55, 38, 28))
HAIRS = ((15, 10, 8), (55, 35, 15), (88, 75, 40))
DARK, WHITE, LIPS = (5, 5, 5), (100, 100, 100), (70, 10, 12)
NOSE = 0.7  # of the skin's colour
# Their places in a face's palette.
BEHIND, IN_HAIR, ON_SKIN, IN_EYE, IN_DARK, ON_NOSE, ON_LIPS = range(7)


@dataclass(frozen=True)
class Attributes:
    """What n faces show.

    Attributes:
        hair: bool, shape (n,): long, which stands for a woman; short for a man.
        glasses: bool, shape (n,): whether there are some.
        smile: bool, shape (n,): whether the mouth is bent upwards.
        yaw: float64, shape (n,): degrees; positive is turned to the right of the picture.
    """

    hair: np.ndarray
    glasses: np.ndarray
    smile: np.ndarray
    yaw: np.ndarray


def draw(numbers: Iterable[int], seed: int, side: int) -> dict[str, np.ndarray]:
    """Draws some faces of a seed: arguments and result as of `rooms.draw`."""
    parts, noise = drawn.random_parts(numbers, seed, side, 10)
    face = _face(parts)
    covered = drawn.covered(_painted(face, side), 7)
    # Tenths of hundredths, because the nose has 0.7 of the skin: whole numbers, exact in any order.
    colours = np.einsum("nkyx,nkc->nyxc", covered, _palettes(face), dtype=np.int64)
    light = face["light"][:, None, None, None]
    images = np.rint(255 * np.clip(colours / (1_000 * drawn.FINE**2) * light + noise, 0, 1)).astype(np.uint8)
    return {"images": images, **{name: face[name] for name in RECIPE.names}}


# ---- The recipe


def _face(u: np.ndarray) -> dict[str, np.ndarray]:
    """Turns draws from [0, 1) of shape (10, n) into the parts of n faces, every array of shape (n,)."""

    def between(row: int, low: float, high: float) -> np.ndarray:
        return low + (high - low) * u[row]

    return {
        "background": (len(BACKGROUNDS) * u[0]).astype(np.uint8),
        "skin": (len(SKINS) * u[1]).astype(np.uint8),
        "colour": (len(HAIRS) * u[2]).astype(np.uint8),
        "light": between(3, 0.85, 1),
        "x": between(4, 0.47, 0.53),
        "y": between(5, 0.49, 0.55),
        "hair": u[6] < 0.5,
        "glasses": u[7] < 0.5,
        "smile": u[8] < 0.5,
        "yaw": between(9, -YAW, YAW),
    }


def _painted(face: dict[str, np.ndarray], side: int) -> np.ndarray:
    """Paints n faces on the fine grid: uint8, shape (n, FINE * side, FINE * side), places in a face's palette."""
    at = (np.arange(drawn.FINE * side) + 0.5) / (drawn.FINE * side)
    paint = np.full((len(face["x"]), len(at), len(at)), BEHIND, np.uint8)

    def part(name: str) -> np.ndarray:
        return face[name][:, None]

    def fill(colour: int, where: np.ndarray) -> None:
        np.copyto(paint, np.uint8(colour), where=where)

    def square(x: np.ndarray, y: np.ndarray, width: float, height: float) -> np.ndarray:
        """Squared radius in an ellipse around (x, y), shape (n, 1) each: shape (n, y, x)."""
        return (((at - x) / width) ** 2)[:, None, :] + (((at - y) / height) ** 2)[:, :, None]

    x, y = part("x"), part("y")
    long = face["hair"][:, None, None]
    falls = (np.abs(at - x) < 0.36)[:, None, :] & ((at >= y) & (at < 0.97))[:, :, None]
    fill(IN_HAIR, long & ((square(x, y - 0.04, 0.36, 0.40) < 1) | falls))
    fill(IN_HAIR, ~long & (square(x, y - 0.10, 0.30, 0.34) < 1))
    fill(ON_SKIN, square(x, y + 0.04, 0.26, 0.34) < 1)
    _inner(fill, square, face, at)
    return paint


def _inner(
    fill: Callable[[int, np.ndarray], None],
    square: Callable[[np.ndarray, np.ndarray, float, float], np.ndarray],
    face: dict[str, np.ndarray],
    at: np.ndarray,
) -> None:
    """Eyes, nose, glasses and mouth, which a turn of the head moves."""
    turn = np.deg2rad(face["yaw"])[:, None]
    s, c, y = np.sin(turn), np.cos(turn), face["y"][:, None]
    middle = face["x"][:, None] + 0.16 * s
    eyes = [middle - 0.105 * c, middle + 0.105 * c]
    for x in eyes:
        fill(IN_EYE, square(x, y - 0.03, 0.042, 0.042) < 1)
        fill(IN_DARK, square(x + 0.018 * s, y - 0.03, 0.026, 0.030) < 1)
    nose = np.abs(at - middle - 0.05 * s) < 0.022
    fill(ON_NOSE, nose[:, None, :] & ((at >= y + 0.02) & (at < y + 0.12))[:, :, None])
    with_glasses = face["glasses"][:, None, None]
    for x in eyes:
        rim = square(x, y - 0.03, 0.088, 0.080)
        fill(IN_DARK, with_glasses & (rim > 0.50) & (rim < 1))
    bridge = (np.abs(at - middle) < 0.03)[:, None, :] & (np.abs(at - y + 0.03) < 0.015)[:, :, None]
    fill(IN_DARK, with_glasses & bridge)
    across = (at - middle) / (0.125 * c)
    bent = np.where(face["smile"][:, None], 0.07 * across**2, 0)
    line = (y + 0.245 - bent)[:, None, :]
    fill(ON_LIPS, (np.abs(across) < 1)[:, None, :] & (np.abs(at[None, :, None] - line) < 0.022))


def _palettes(face: dict[str, np.ndarray]) -> np.ndarray:
    """The colours of each face in thousandths: int64, shape (n, 7, 3)."""
    palettes = np.empty((len(face["x"]), 7, 3), np.int64)
    skin = np.array(SKINS)[face["skin"]]
    palettes[:, BEHIND] = 10 * np.array(BACKGROUNDS)[face["background"]]
    palettes[:, IN_HAIR] = 10 * np.array(HAIRS)[face["colour"]]
    palettes[:, ON_SKIN], palettes[:, ON_NOSE] = 10 * skin, round(10 * NOSE) * skin
    for place, colour in ((IN_EYE, WHITE), (IN_DARK, DARK), (ON_LIPS, LIPS)):
        palettes[:, place] = 10 * np.array(colour)
    return palettes


TITLE = "Procedural faces of known parts (hair long or short, glasses or none, smile or none, turned by a yaw)"
RECIPE = drawn.Recipe("faces", TITLE, VERSION, COUNTS, SEEDS, draw, Attributes)
describe, load, attributes = RECIPE.describe, RECIPE.load, RECIPE.attributes
