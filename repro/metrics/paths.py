"""How smoothly images change along a path."""

from __future__ import annotations

import numpy as np


def steps(images: np.ndarray) -> np.ndarray:
    """Root mean square difference between neighbours on each path: float64, shape (paths, frames - 1).

    Args:
        images: Shape (paths, frames, height, width, channels), any dtype.
    """
    flat = images.reshape(*images.shape[:2], -1).astype(np.float64)
    return np.sqrt((np.diff(flat, axis=1) ** 2).mean(axis=2))


def smoothness(images: np.ndarray) -> np.ndarray:
    """Largest step over mean step of each path: float64, shape (paths,), 1 for a cross-fade; `images` as in `steps`.

    A path on which nothing changes has NaN.
    """
    found = steps(images)
    with np.errstate(invalid="ignore"):
        return found.max(axis=1) / found.mean(axis=1)


def path_ratio(images: np.ndarray) -> np.ndarray:
    """Sum of the steps over the distance of a path's ends: float64, shape (paths,), 1 for a cross-fade, never less."""
    ends = steps(images[:, [0, -1]])[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return steps(images).sum(axis=1) / ends
