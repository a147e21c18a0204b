"""The Wasserstein-1 distance between equally many points, by exact assignment."""

from __future__ import annotations

import numpy as np


def wasserstein_1(a: np.ndarray, b: np.ndarray) -> float:
    """Least mean Euclidean distance over all pairings of two sets of points.

    As an estimate for the distributions that they are drawn from it is too large, the less the more points.

    Args:
        a, b: Shape (n, d) each.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if a.shape != b.shape:
        raise ValueError(f"expected sets of one shape. Received: {a.shape} and {b.shape}")
    apart = cdist(a, b)
    return float(apart[linear_sum_assignment(apart)].mean())
