"""The kernel distance of two sets of features (KID where the features are Inception's), in float64."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from repro.metrics.checked import checked_pair

SUBSETS, SIZE = 100, 1_000


def kernel_distance(
    generated: np.ndarray,
    real: np.ndarray,
    seed: int = 0,
    subsets: Iterable[tuple[np.ndarray, np.ndarray]] | None = None,
) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy under the kernel (x·y / d + 1)³: mean and std over subsets.

    It may be below 0, and is on average 0 if both sets are drawn from one distribution. The std is the population's; it
    says how much subsets differ, not how exact the mean is. The features are not centred: the kernel sees their mean.

    Args:
        generated, real: Features, shapes (n, d) and (m, d), at least two samples each.
        seed: Of the subsets.
        subsets: Places in both sets, a pair for each subset; by default those of `draw_subsets`.

    Raises:
        ValueError: If a set or a subset has fewer than two samples, a feature is not finite, or the lengths differ.

    Reference:
        M. Binkowski et al., "Demystifying MMD GANs", section 4, arXiv 1801.01401.
    """
    generated, real = checked_pair(generated, real, 2)
    chosen = draw_subsets(len(generated), len(real), seed) if subsets is None else subsets
    found = [squared_discrepancy(generated[ours], real[theirs]) for ours, theirs in chosen]
    return float(np.mean(found)), float(np.std(found))


def draw_subsets(n: int, m: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """100 pairs of places in two sets, without replacement: int64, min(1,000, n, m) each.

    Where both sets are no larger than that, all 100 would be the whole sets, so there is one pair.

    Args:
        n, m: Numbers of samples.
        seed: Of NumPy's default generator.
    """
    random, size = np.random.default_rng(seed), min(SIZE, n, m)
    count = 1 if size == n == m else SUBSETS
    return [(random.choice(n, size, replace=False), random.choice(m, size, replace=False)) for _ in range(count)]


def squared_discrepancy(a: np.ndarray, b: np.ndarray) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy of two whole sets.

    Args:
        a, b: Features, shapes (n, d) and (m, d), at least two samples each; all pairs are in memory at once.
    """
    a, b = checked_pair(a, b, 2, ("the first set", "the second set"))
    own = sum((kernel.sum() - kernel.trace()) / (len(x) * (len(x) - 1)) for x in (a, b) for kernel in [_kernel(x, x)])
    return float(own - 2 * _kernel(a, b).mean())


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(x·y / d + 1)³ for all pairs: float64, shape (len(a), len(b))."""
    base = a @ b.T
    base /= a.shape[1]
    base += 1
    cube = base * base  # a power would take ten times as long
    cube *= base
    return cube
