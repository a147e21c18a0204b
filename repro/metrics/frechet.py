"""The Fréchet distance between two sets of features, in float64."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Fréchet distance of the Gaussians with the two sets' means and covariances (N - 1).

    |mu_a - mu_b|² + tr(C_a) + tr(C_b) - 2 tr((C_a C_b)^(1/2)). The last trace is the sum of the singular values of
    A Bᵀ, where A and B are any factors with AᵀA = C_a and BᵀB = C_b; here the triangular factors of the centred sets,
    so that no matrix square root is taken and few samples in many dimensions do no harm.

    Args:
        a, b: Features, shapes (n, d) and (m, d), at least two samples each.

    Raises:
        ValueError: If a set has fewer than two samples, or a feature is not finite.
    """
    factors = [_factor(features) for features in (a, b)]
    means = [features.astype(np.float64).mean(axis=0) for features in (a, b)]
    cross = linalg.svdvals(factors[0] @ factors[1].T).sum()
    traces = sum(float((factor**2).sum()) for factor in factors)
    return float(((means[0] - means[1]) ** 2).sum() + traces - 2 * cross)


def _factor(features: np.ndarray) -> np.ndarray:
    if len(features) < 2:
        raise ValueError(f"a covariance needs two samples. Received: {len(features)}")
    bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(bad):
        raise ValueError(f"features must be finite. Received: sample {bad[0]} is not")
    centred = features.astype(np.float64) - features.astype(np.float64).mean(axis=0)
    scaled = centred / np.sqrt(len(features) - 1)
    return linalg.qr(scaled, mode="r")[0][: min(scaled.shape)]
