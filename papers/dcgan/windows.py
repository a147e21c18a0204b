"""Figure 6's instrument: which maps of G draw windows, found by logistic regression on windows found by colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.data import rooms

if TYPE_CHECKING:
    import keras


LOWEST = 0.55  # windows are above this share of the height


def window_box(image: np.ndarray) -> tuple[float, float, float, float] | None:
    """The box of a room's window, one pixel wider than its panes: x0, y0, x1, y1 in shares of the side, or None.

    Panes are the pixels above `LOWEST` whose colour is nearest to the glass among all colours of rooms, each times
    the picture's light, which is taken as the 95 % quantile of the largest channel.

    Args:
        image: uint8, shape (side, side, 3).
    """
    side = len(image)
    light = min(1.0, float(np.quantile(image.max(axis=2), 0.95)) / 255)
    fixed = (rooms.GLASS, rooms.FLOOR, rooms.FRAME, rooms.SHEET, rooms.STAND, rooms.SHADE)
    palette = np.array([*fixed, *rooms.WALLS, *rooms.BEDS]) / 100 * light
    apart = ((image[:, :, None] / 255 - palette) ** 2).sum(axis=3)
    panes = apart.argmin(axis=2) == 0
    panes[round(LOWEST * side) :] = False
    if not panes.any():
        return None
    rows, columns = np.flatnonzero(panes.any(axis=1)), np.flatnonzero(panes.any(axis=0))
    return (
        (columns[0] - 1) / side,
        (rows[0] - 1) / side,
        (columns[-1] + 2) / side,
        (rows[-1] + 2) / side,
    )


def halves(generator: keras.Model, layer: int) -> tuple:
    """G up to the maps of a layer, counted from the image, rectified and upright; and from there to the image."""
    import keras

    rectified = [each for each in generator.layers if isinstance(each, keras.layers.ReLU)]
    middle = rectified[-layer].output
    if len(middle.shape) == 2:  # before the reshape to maps
        middle = next(each for each in generator.layers if isinstance(each, keras.layers.Reshape)).output
        return keras.Model(generator.input, middle), keras.Model(middle, generator.output)
    upright = keras.Input(middle.shape[1:])
    back = keras.Model(middle, generator.output)(keras.ops.flip(upright, (1, 2)))
    return keras.Model(generator.input, keras.ops.flip(middle, (1, 2))), keras.Model(upright, back)


@dataclass(frozen=True)
class Probe:
    """A logistic regression on the maps at one place.

    Attributes:
        weights: One per map, float64, shape (maps,).
        intercept: A number.
    """

    weights: np.ndarray
    intercept: float

    @property
    def positive(self) -> np.ndarray:
        """The maps with positive weight: bool, shape (maps,)."""
        return self.weights > 0

    def lowest(self) -> np.ndarray:
        """As many maps as `positive` has, those of the lowest weights: bool, shape (maps,)."""
        chosen = np.zeros(len(self.weights), bool)
        chosen[np.argsort(self.weights, kind="stable")[: int(self.positive.sum())]] = True
        return chosen


def fit_probe(maps: np.ndarray, boxes: list[tuple[float, float, float, float]], seed: int, negatives: int = 3) -> Probe:
    """Fits the probe: places whose centre lies in the box against others of the same images (L2, C = 1).

    Args:
        maps: Rectified, shape (n, h, w, maps).
        boxes: One an image, as `window_box` gives them.
        seed: Draws the negatives.
        negatives: For each positive.

    Raises:
        ValueError: If no place lies in a box.
    """
    from sklearn.linear_model import LogisticRegression

    inside = np.stack([_inside(box, maps.shape[1]) for box in boxes])
    features = maps.reshape(-1, maps.shape[-1]).astype(np.float64)
    positives, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    if not len(positives):
        raise ValueError("no place of a map lies in a window")
    count = min(negatives * len(positives), len(others))
    chosen = np.random.default_rng([seed, 6]).choice(others, count, replace=False)
    x = features[np.concatenate([positives, chosen])]
    y = np.arange(len(x)) < len(positives)
    fitted = LogisticRegression(C=1.0, max_iter=2_000).fit(x, y)
    return Probe(fitted.coef_[0], float(fitted.intercept_[0]))


def _inside(box: tuple[float, float, float, float], side: int) -> np.ndarray:
    """Which of side x side places have their centre in a box: bool, shape (side, side)."""
    x0, y0, x1, y1 = box
    centre = (np.arange(side) + 0.5) / side
    return ((centre >= y0) & (centre <= y1))[:, None] & ((centre >= x0) & (centre <= x1))
