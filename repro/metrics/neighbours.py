"""Distances between images or their features: how varied they are, and how near the training images they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ROWS = 500  # a block of distances to 10,000 samples is 40 MB
VALUES = 2_000_000  # of the differences that are in memory at once
# Below so many times what rounding may amount to, a distance is taken again from the difference itself.
EXACT_BELOW = 1e8


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
    A distance is known to 1e-8 of itself, however far the images lie from 0; that of equal images is 0.
    """
    points, pool = _flat(a), _flat(b)
    squared = np.empty((len(points), len(pool)))
    for start, apart, slack in squared_blocks(points, pool):
        near, place = np.nonzero(apart < EXACT_BELOW * slack)
        apart[near, place] = squared_pairs(points, pool, start + near, place)
        squared[start : start + len(apart)] = apart
    return np.sqrt(squared)


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

    Rounding decides nothing: where the matrix product cannot tell which is nearest, the differences do.

    Args:
        points, pool: float64, shapes (n, d) and (m, d).
        rows: As in `squared_blocks`.
    """
    places = np.empty(len(points), np.int64)
    for start, squared, slack in squared_blocks(points, pool, rows):
        if points is pool:
            squared[np.arange(len(squared)), start + np.arange(len(squared))] = np.inf
        found = squared.argmin(axis=1)
        may_be = squared - slack <= (squared + slack).min(axis=1, keepdims=True)
        for row in np.flatnonzero(may_be.sum(axis=1) > 1):
            candidates = np.flatnonzero(may_be[row])
            exact = squared_pairs(points, pool, np.full(len(candidates), start + row), candidates)
            found[row] = candidates[exact.argmin()]
        places[start : start + len(squared)] = found
    return places


def squared_blocks(
    points: np.ndarray, pool: np.ndarray, rows: int = ROWS
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Squared distances to a whole pool, a few points at a time, by a matrix product on values centred on the pool.

    Args:
        points, pool: float64, shapes (n, d) and (m, d).
        rows: Points of a block.

    Yields:
        The first point's place; squared distances, float64, shape (rows, m), which are the reader's to change; and how
        far rounding may have moved each of them at most, in the same shape. A distance may be below 0.
    """
    if rows < 1:
        raise ValueError(f"at least one row expected. Received: rows={rows}")
    # A product of d terms is off by d/2 eps of the factors' lengths at most; so are the squares; the rest is a few eps.
    unit = (pool.shape[1] + 8) * np.finfo(np.float64).eps
    middle = pool.mean(axis=0)
    centred = pool - middle
    squares = (centred**2).sum(axis=1)
    for start in range(0, len(points), rows):
        block = points[start : start + rows] - middle
        squared = (-2 * block) @ centred.T
        both = squares + (block**2).sum(axis=1)[:, None]
        squared += both
        both *= unit
        yield start, squared, both


def squared_pairs(points: np.ndarray, pool: np.ndarray, which: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Squared distances of some pairs, from their differences: float64, shape (pairs,), to 1e-15 or so of themselves.

    Args:
        points, pool: float64, shapes (n, d) and (m, d).
        which, places: Places in `points` and in `pool`, shape (pairs,) both.
    """
    found, step = np.empty(len(which)), max(1, VALUES // points.shape[1])
    for start in range(0, len(which), step):
        part = slice(start, start + step)
        found[part] = ((points[which[part]] - pool[places[part]]) ** 2).sum(axis=1)
    return found
