"""How samples lie on the 25 Gaussians: which modes they cover, and whether by blur they cover none."""

from __future__ import annotations

import numpy as np

from repro.items import Metric
from repro.metrics import modes

GOOD = 0.1  # a sample is good within this distance of its nearest centre
LEAST = 80  # good samples of 10,000 that cover a mode: a fifth of the fair share

COVERED = Metric(
    "modes_covered_of_25",
    "modes with at least 80 of 10,000 samples within 0.1 (a fair share is 400)",
    "modes",
    "higher",
)
SHARE = Metric("good_share", "share of 10,000 samples within 0.1 of a centre", "", "higher")
UNEVEN = Metric(
    "kl_of_modes",
    "KL of the good samples' distribution over 25 modes from the even one; 3.2 is one mode",
    "nats",
    "lower",
)


def coverage(samples: np.ndarray, centres: np.ndarray) -> dict[Metric, float]:
    """What is recorded of samples (n, 2): modes covered, share of good samples, how unevenly they lie."""
    counts = modes.counts_within(samples, centres, GOOD)
    good = counts.sum()
    shares = counts[counts > 0] / max(good, 1)
    uneven = float((shares * np.log(shares * len(centres))).sum()) if good else float(np.log(len(centres)))
    return {
        COVERED: int((counts >= LEAST * len(samples) / 10_000).sum()),
        SHARE: float(good / len(samples)),
        UNEVEN: uneven,
    }
