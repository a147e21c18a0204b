"""Which of two sets of features reaches the other: precision, recall, density and coverage.

Around each sample of a set lies a ball that just reaches its k-th nearest neighbour in that set, itself not counted.
A point on the surface is inside, where rounding decides nothing: distances come from a matrix product, and those that
it does not know well enough are taken again from the differences, so that sets of tight clusters that lie far apart, or
a set with one sample far off, are judged as well as any other. So no answer depends on the order of the samples or on
how many are worked on at once, and equal values count as equal.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.checked import checked_pair
from repro.metrics.neighbours import ROWS, squared_blocks, squared_pairs

SURFACE = 1e-14  # of a squared radius, by which it is enlarged: distances that are equal but for rounding are equal


def precision_and_recall(generated: np.ndarray, real: np.ndarray, k: int = 3, rows: int = ROWS) -> tuple[float, float]:
    """Share of generated samples within a ball of a real one, and of real samples within a ball of a generated one.

    Args:
        generated, real: Features, shapes (n, d) and (m, d), more than k samples each.
        k: Which neighbour a ball reaches.
        rows: Samples that are worked on at once; bounds the memory, and changes nothing.

    Raises:
        ValueError: If a set has not more than k samples, a feature is not finite, or the lengths differ.

    Reference:
        T. Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", section 3,
        arXiv 1904.06991.
    """
    generated, real = checked_pair(generated, real, k + 1)
    of_real, _ = _within(generated, real, k, rows)
    of_generated, _ = _within(real, generated, k, rows)
    return float((of_real > 0).mean()), float((of_generated > 0).mean())


def density_and_coverage(generated: np.ndarray, real: np.ndarray, k: int = 5, rows: int = ROWS) -> tuple[float, float]:
    """Mean number of real balls that a generated sample lies in, over k; and share of real balls with one inside.

    Density is 1 on average, and coverage 1 - 2^-k or so for many samples, if both sets are drawn from one
    distribution; density may be above 1.

    Args:
        generated, real, k, rows: As in `precision_and_recall`, and refused like them.

    Reference:
        M. F. Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", section 3, arXiv
        2002.09797.
    """
    generated, real = checked_pair(generated, real, k + 1)
    counts, reached = _within(generated, real, k, rows)
    return float(counts.mean() / k), float(reached.mean())


def _within(points: np.ndarray, centres: np.ndarray, k: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """In how many balls each point lies: int64, shape (n,); and whether any lies in each ball: bool, shape (m,)."""
    squares = _squared_radii(centres, k, rows)
    counts, reached = np.zeros(len(points), np.int64), np.zeros(len(centres), bool)
    for start, apart, slack in squared_blocks(points, centres, rows):
        inside = apart <= squares
        unsure, balls = np.nonzero(np.abs(apart - squares) <= slack)
        inside[unsure, balls] = squared_pairs(points, centres, start + unsure, balls) <= squares[balls]
        counts[start : start + len(inside)] = inside.sum(axis=1)
        reached |= inside.any(axis=0)
    return counts, reached


def _squared_radii(centres: np.ndarray, k: int, rows: int) -> np.ndarray:
    """Squared radii of the balls, very little enlarged: float64, shape (m,)."""
    if k < 1:
        raise ValueError(f"a neighbour's number, 1 or more, expected. Received: k={k}")
    squares = np.empty(len(centres))
    for start, apart, slack in squared_blocks(centres, centres, rows):
        own = start + np.arange(len(apart))
        apart[np.arange(len(apart)), own] = np.inf
        near = np.argpartition(apart, k - 1, axis=1)[:, :k]
        found = squared_pairs(centres, centres, own.repeat(k), near.ravel()).reshape(-1, k).max(axis=1)
        # Whatever may be nearer than these k, who are on the list too.
        may_be = apart - slack <= found[:, None]
        for row in np.flatnonzero((may_be.sum(axis=1) > k) & (found > 0)):
            places = np.flatnonzero(may_be[row])
            exact = squared_pairs(centres, centres, np.full(len(places), own[row]), places)
            found[row] = np.partition(exact, k - 1)[k - 1]
        squares[own] = found
    return squares * (1 + SURFACE)
