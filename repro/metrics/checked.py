"""Sets of features as the metrics take them: float64, one row a sample, finite."""

from __future__ import annotations

import numpy as np


def checked(features: np.ndarray, least: int, name: str = "the set") -> np.ndarray:
    """The features as float64, shape (n, d); the same array where it is float64 already.

    Args:
        features: Numbers, shape (n, d), d at least 1.
        least: The fewest samples that will do.
        name: What the set is called in an error.

    Raises:
        ValueError: If the shape is another one, if there are fewer samples, or if one of them is not finite.
    """
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or not features.shape[1]:
        raise ValueError(f"features of shape (n, d) expected. Received: shape {features.shape} in {name}")
    if len(features) < least:
        raise ValueError(f"at least {least} samples expected. Received: {len(features)} in {name}")
    bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(bad):
        raise ValueError(f"features must be finite. Received: sample {bad[0]} of {name} is not")
    return features


def checked_pair(
    a: np.ndarray, b: np.ndarray, least: int, names: tuple[str, str] = ("the generated set", "the real set")
) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of features as `checked`, which also have the same number of values a sample.

    Args:
        a, b: Numbers, shapes (n, d) and (m, d).
        least: The fewest samples that will do in either set.
        names: What the sets are called in an error.
    """
    a, b = checked(a, least, names[0]), checked(b, least, names[1])
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"features of one length expected. Received: {a.shape[1]} and {b.shape[1]}")
    return a, b
