"""How varied a generator's output is, beside the data: features in, one number out."""

from __future__ import annotations

import numpy as np

from repro.metrics.neighbours import mean_pairwise_distance, nearest_places


def near_duplicate_share(generated: np.ndarray, real: np.ndarray) -> float:
    """Share of generated images nearer to another generated one than 1 % of the real ones are to another real one.

    Args:
        generated, real: Features, shapes (n, d) and (m, d), two or more each.
    """
    return float((_nearest_other(generated) < np.quantile(_nearest_other(real), 0.01)).mean())


def spread_ratio(generated: np.ndarray, real: np.ndarray) -> float:
    """Mean distance between two generated images over that between two real ones; 1 is as varied as the data."""
    return mean_pairwise_distance(generated) / mean_pairwise_distance(real)


def _nearest_other(features: np.ndarray) -> np.ndarray:
    features = features.astype(np.float64)
    return np.linalg.norm(features - features[nearest_places(features, features)], axis=1)
