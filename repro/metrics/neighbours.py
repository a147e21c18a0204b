"""Distances between images or their features: how varied they are, and how near the training images they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ROWS = 500  # a block of distances to 10,000 samples is 40 MB


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


def nearest_places(points: np.ndarray, pool: np.ndarray, rows: int = ROWS) -> np.ndarray:
    """Places of the nearest samples of a pool: int64, shape (n,); of the nearest other ones if it is `points` itself.

    Args:
        points, pool: float64, shapes (n, d) and (m, d).
        rows: As in `squared_blocks`.
    """
    places = np.empty(len(points), np.int64)
    for start, squared in squared_blocks(points, pool, rows):
        if points is pool:
            squared[np.arange(len(squared)), start + np.arange(len(squared))] = np.inf
        places[start : start + len(squared)] = squared.argmin(axis=1)
    return places


def squared_blocks(points: np.ndarray, pool: np.ndarray, rows: int = ROWS) -> Iterator[tuple[int, np.ndarray]]:
    """Squared distances to a whole pool, a few points at a time, by a matrix product on values centred on the pool.

    Args:
        points, pool: float64, shapes (n, d) and (m, d).
        rows: Points of a block.

    Yields:
        The first point's place and float64, shape (rows, m), which is the reader's to change. Rounding, some 1e-15 of
        the centred values' squares, may leave a distance below 0.
    """
    if rows < 1:
        raise ValueError(f"at least one row expected. Received: rows={rows}")
    middle = pool.mean(axis=0)
    centred = pool - middle
    squares = (centred**2).sum(axis=1)
    for start in range(0, len(points), rows):
        block = points[start : start + rows] - middle
        squared = (-2 * block) @ centred.T
        squared += squares
        squared += (block**2).sum(axis=1)[:, None]
        yield start, squared
