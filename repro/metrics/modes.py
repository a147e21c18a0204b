"""How samples lie around the modes of a mixture."""

from __future__ import annotations

import numpy as np

LEAST_SHARE = 0.01


def distances(samples: np.ndarray, modes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest mode and the distance to it.

    Args:
        samples: Shape (n, 2).
        modes: Shape (k, 2).

    Returns:
        Places in `modes`, int64 (n,), and Euclidean distances, float64 (n,).
    """
    apart = np.linalg.norm(samples[:, None].astype(np.float64) - modes[None], axis=2)
    nearest = apart.argmin(axis=1)
    return nearest, apart[np.arange(len(samples)), nearest]


def counts_within(samples: np.ndarray, modes: np.ndarray, radius: float = np.inf) -> np.ndarray:
    """How many samples are nearest to each mode and within `radius` of it: int64, shape (k,)."""
    nearest, distance = distances(samples, modes)
    return np.bincount(nearest[distance <= radius], minlength=len(modes))


def modes_within(samples: np.ndarray, modes: np.ndarray, radius: float = np.inf) -> int:
    """Number of modes that have at least 1 % of all samples nearest to them and within `radius`.

    Without a radius an untrained generator covers every mode, and it may with one: read it beside `share_within`.
    """
    counts = counts_within(samples, modes, radius)
    return int((counts >= LEAST_SHARE * len(samples)).sum())


def share_within(samples: np.ndarray, modes: np.ndarray, radius: float) -> float:
    """Share of samples within `radius` of their nearest mode, 0..1."""
    return float((distances(samples, modes)[1] <= radius).mean())


def median_distance(samples: np.ndarray, modes: np.ndarray) -> float:
    """Median distance to the nearest mode."""
    return float(np.median(distances(samples, modes)[1]))


def largest_share(samples: np.ndarray, modes: np.ndarray) -> float:
    """Share of the mode that most samples are nearest to, 0..1."""
    nearest, _ = distances(samples, modes)
    return float(np.bincount(nearest, minlength=len(modes)).max() / len(samples))


def collapse_step(
    steps: np.ndarray, covered: np.ndarray, at_most: int = 4, share: float = 0.9, least: int = 10
) -> int | None:
    """The step from which a run has collapsed for good, or None.

    The first snapshot t with `covered` <= `at_most` such that at least `share` of the snapshots from t to the end,
    `least` or more of them, are so too. Ours; the paper reads collapse off pictures.

    Args:
        steps: int, shape (snapshots,), ascending.
        covered: Modes within 0.2 at each snapshot, shape (snapshots,).
    """
    low = np.asarray(covered) <= at_most
    for place in np.flatnonzero(low):
        rest = low[place:]
        if len(rest) >= least and rest.mean() >= share:
            return int(steps[place])
    return None
