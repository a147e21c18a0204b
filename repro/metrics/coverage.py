"""Which of two sets of features reaches the other: precision, recall, density and coverage.

Around each sample of a set lies a ball that just reaches its k-th nearest neighbour in that set, itself not counted.
A point on the surface is inside, where rounding decides nothing: distances come from a matrix product, which knows
them to some 1e-15 of the values' squares, and each ball is made larger by 1e-11 of them. So no answer depends on the
order of the samples or on how many are worked on at once, and equal values count as equal.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.checked import checked_pair
from repro.metrics.neighbours import ROWS, squared_blocks

ROUNDING = 1e-11


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
    for start, apart in squared_blocks(points, centres, rows):
        inside = apart <= squares
        counts[start : start + len(inside)] = inside.sum(axis=1)
        reached |= inside.any(axis=0)
    return counts, reached


def _squared_radii(centres: np.ndarray, k: int, rows: int) -> np.ndarray:
    """Squared radii of the balls, enlarged by what rounding may amount to: float64, shape (m,)."""
    if k < 1:
        raise ValueError(f"a neighbour's number, 1 or more, expected. Received: k={k}")
    squares = np.empty(len(centres))
    for start, apart in squared_blocks(centres, centres, rows):
        apart[np.arange(len(apart)), start + np.arange(len(apart))] = np.inf
        squares[start : start + len(apart)] = np.partition(apart, k - 1, axis=1)[:, k - 1]
    squares = np.maximum(squares, 0)
    return squares + ROUNDING * (squares + ((centres - centres.mean(axis=0)) ** 2).sum(axis=1))
