"""Layout and colour of images: block means on an 8x8 grid, and what they say of a generator.

The features see where which colour is, not sharpness: a blurred image and a sharp one of the same layout are the same.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.frechet import frechet_distance
from repro.metrics.neighbours import distances, mean_pairwise_distance

GRID = 8


def pool8(images: np.ndarray) -> np.ndarray:
    """Block means on an 8x8 grid, on a 0..1 scale: float64, shape (n, 64 channels).

    Args:
        images: uint8, shape (n, side, side, channels), side a multiple of 8.
    """
    n, height, width, channels = images.shape
    if height % GRID or width % GRID:
        raise ValueError(f"sides must be multiples of {GRID}. Received: {height}x{width}")
    blocks = images.reshape(n, GRID, height // GRID, GRID, width // GRID, channels)
    return blocks.mean(axis=(2, 4), dtype=np.float64).reshape(n, -1) / 255


def frechet_pool8(generated: np.ndarray, real: np.ndarray) -> float:
    """Fréchet distance of two sets of features, float64, N - 1."""
    return frechet_distance(generated, real)


def near_duplicate_share(generated: np.ndarray, real: np.ndarray) -> float:
    """Share of generated images nearer to another generated one than 1 % of the real ones are to another real one.

    Args:
        generated, real: Features, shapes (n, d) and (m, d).
    """
    return float((_nearest_other(generated) < np.quantile(_nearest_other(real), 0.01)).mean())


def spread_ratio(generated: np.ndarray, real: np.ndarray) -> float:
    """Mean distance between two generated images over that between two real ones; 1 is as varied as the data."""
    return mean_pairwise_distance(generated) / mean_pairwise_distance(real)


def _nearest_other(features: np.ndarray) -> np.ndarray:
    apart = distances(features, features)
    np.fill_diagonal(apart, np.inf)
    return apart.min(axis=1)
