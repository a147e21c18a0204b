"""Pixel distances: how varied images are, and how near the training images they lie."""

from __future__ import annotations

import numpy as np


def mean_pairwise_distance(images: np.ndarray) -> float:
    """Mean Euclidean distance over all pairs of different places.

    Args:
        images: Shape (n, ...), n at least 2, any dtype; uint8 as in `distances`.
    """
    if len(images) < 2:
        raise ValueError(f"a pair needs two images. Received: {len(images)}")
    apart = distances(images, images)
    return float(apart.sum() / (len(images) * (len(images) - 1)))


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances between flattened images: float64, shape (len(a), len(b)).

    Values are taken as they are, but uint8 is divided by 255: of a set whose white is less, hand over `Dataset.scaled`.
    """
    flat = [_flat(images) for images in (a, b)]
    squares = [(x**2).sum(axis=1) for x in flat]
    squared = squares[0][:, None] + squares[1][None] - 2 * flat[0] @ flat[1].T
    if a is b:
        np.fill_diagonal(squared, 0)
    return np.sqrt(np.maximum(squared, 0))


def _flat(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1).astype(np.float64)
    return flat / 255 if images.dtype == np.uint8 else flat


def nearest(points: np.ndarray, pool: np.ndarray, rows: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the nearest image of a pool, and its place: float64 and int64, shape (n,).

    Args:
        points: Shape (n, ...); as `distances`.
        pool: Shape (m, ...).
        rows: Images of the pool that are compared at once; bounds the memory, and changes nothing.
    """
    least, place = np.full(len(points), np.inf), np.zeros(len(points), np.int64)
    for start in range(0, len(pool), rows):
        apart = distances(points, pool[start : start + rows])
        here = apart.argmin(axis=1)
        closer = apart[np.arange(len(points)), here]
        better = closer < least
        least[better], place[better] = closer[better], here[better] + start
    return least, place
