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

    Features far from 0 cost few digits: what cancels in the discrepancy is left out of the kernel before it is summed.

    Args:
        a, b: Features, shapes (n, d) and (m, d), at least two samples each; all pairs are in memory at once.
    """
    a, b = checked_pair(a, b, 2, ("the first set", "the second set"))
    middle = (a.mean(axis=0) + b.mean(axis=0)) / 2
    first, second = a - middle, b - middle
    own = sum(
        (kernel.sum() - kernel.trace()) / (len(x) * (len(x) - 1))
        for x in (first, second)
        for kernel in [_kernel(x, x, middle)]
    )
    return float(own - 2 * _kernel(first, second, middle).mean())


def _kernel(u: np.ndarray, v: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """(x·y / d + 1)³ for all pairs, but for terms of x alone and of y alone: float64, shape (len(u), len(v)).

    With x = c + u and y = c + v the base is α + s + t + w, where α = c·c/d + 1, s = c·u/d, t = c·v/d, w = u·v/d. Its
    cube is α³ + ... and 3st(2α + s + t) + w(3p² + 3pw + w²), where p = α + s + t and the dots hold s or t alone; such
    terms, which are the large ones, appear on both sides of the discrepancy and cancel.

    Args:
        u, v: Samples less the middle, shapes (n, d) and (m, d).
        middle: c, shape (d,).
    """
    d = len(middle)
    s, t, alpha = (u @ middle / d)[:, None], v @ middle / d, middle @ middle / d + 1
    w = u @ v.T
    w /= d
    p = s + t + alpha
    kernel = 3 * p
    kernel += w
    kernel *= w
    kernel += 3 * p * p
    kernel *= w
    p += alpha
    p *= 3 * s * t
    kernel += p
    return kernel
