"""The Inception score from class probabilities, whichever classifier gave them."""

from __future__ import annotations

import numpy as np

from repro.metrics.checked import checked

LEAST = 1e-16  # log 0 is none, and float32 softmax outputs do reach 0
PER_SPLIT = 10


def inception_score(probabilities: np.ndarray, splits: int = 10) -> tuple[float, float]:
    """exp of the mean divergence of a sample's class distribution from its split's mean one: mean and std over splits.

    Between 1 (every sample is classed alike) and the number of classes. Consecutive samples form a split, so their
    order matters: it must not follow the classes. The std is the population's (divisor: splits), as published with the
    score. The value depends on the number of samples in a split: compare only equal numbers.

    Args:
        probabilities: Shape (n, classes), rows that sum to 1 but for the rounding of their dtype, which is taken out;
            taken to be at least 1e-16.
        splits: How many, of sizes that differ by at most one.

    Raises:
        ValueError: If there are fewer than 10 samples a split, or rows are no probabilities.

    Reference:
        T. Salimans et al., "Improved Techniques for Training GANs", section 4, arXiv 1606.03498.
    """
    probabilities = checked(probabilities, 1)
    n = len(probabilities)
    if splits < 1 or n < PER_SPLIT * splits:
        raise ValueError(f"{PER_SPLIT} samples a split, one split or more expected. Received: n={n}, splits={splits}")
    bad = np.flatnonzero((probabilities < 0).any(axis=1) | (np.abs(probabilities.sum(axis=1) - 1) > 1e-3))
    if len(bad):
        raise ValueError(f"probabilities must sum to 1 and not be negative. Received: sample {bad[0]} is otherwise")
    probabilities = np.maximum(probabilities / probabilities.sum(axis=1, keepdims=True), LEAST)
    scores = []
    for split in range(splits):
        part = probabilities[split * n // splits : (split + 1) * n // splits]
        divergences = (part * (np.log(part) - np.log(part.mean(axis=0)))).sum(axis=1)
        scores.append(np.exp(divergences.mean()))
    return float(np.mean(scores)), float(np.std(scores))
