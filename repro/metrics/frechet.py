"""The Fréchet distance between two sets of features, in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from repro.metrics.checked import checked, checked_pair


@dataclass(frozen=True, eq=False)
class Moments:
    """Number, mean and scatter of a set of features that need not be in memory at once.

    `Moments.of(first) + Moments.of(second)` are the moments of both together, so that batches of any size, added in any
    order, give the same up to rounding. Each batch is centred on its own mean before it is squared: a mean far from 0
    costs no digits.

    Attributes:
        n: Number of samples.
        mean: float64, shape (d,).
        scatter: Sum of the outer products of deviations from the mean; float64, shape (d, d).

    Reference:
        T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
        variances", 1979.
    """

    n: int
    mean: np.ndarray
    scatter: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> Moments:
        """Of one batch: shape (n, d), n at least 1, finite."""
        features = checked(features, 1)
        mean = features.mean(axis=0)
        centred = features - mean
        return cls(len(features), mean, centred.T @ centred)

    def __add__(self, other: Moments) -> Moments:
        n = self.n + other.n
        apart = other.mean - self.mean
        between = np.outer(apart, apart * (self.n * other.n / n))
        return Moments(n, self.mean + apart * (other.n / n), self.scatter + other.scatter + between)

    @property
    def covariance(self) -> np.ndarray:
        """With the divisor n - 1: float64, shape (d, d); refused below two samples."""
        if self.n < 2:
            raise ValueError(f"a covariance needs two samples. Received: {self.n}")
        return self.scatter / (self.n - 1)


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Fréchet distance of the Gaussians with the two sets' means and covariances (N - 1).

    |mu_a - mu_b|² + tr(C_a) + tr(C_b) - 2 tr((C_a C_b)^(1/2)). The last trace is the sum of the singular values of
    A Bᵀ, where A and B are any factors with AᵀA = C_a and BᵀB = C_b: the centred sets themselves will do. Where both
    sets have more samples than values and neither covariance is singular, the covariances' eigenvalue form gives the
    same in less time; no matrix square root is taken, and few samples in many dimensions do no harm.

    Args:
        a, b: Features, shapes (n, d) and (m, d), at least two samples each.

    Returns:
        Not below 0, in squared units of the features.

    Raises:
        ValueError: If a set has fewer than two samples, a feature is not finite, or the lengths differ.
    """
    a, b = checked_pair(a, b, 2, ("the first set", "the second set"))
    if min(len(a), len(b)) > a.shape[1]:
        moments = Moments.of(a), Moments.of(b)
        roots = _roots(moments[0].covariance, moments[1].covariance)
        if roots is not None and len(roots) == a.shape[1]:
            return _distance(*moments, roots.sum())
    factors = _factor(a), _factor(b)
    traces = sum(float((factor**2).sum()) for factor in factors)
    apart = float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum())
    return max(apart + traces - 2 * float(linalg.svdvals(factors[0] @ factors[1].T).sum()), 0.0)


def frechet_distance_of_moments(a: Moments, b: Moments) -> float:
    """As `frechet_distance`, from moments.

    Directions whose variance is below d e-16 of the largest cannot be told from none in a covariance and are left out;
    `frechet_distance` sees them.

    Args:
        a, b: Of at least two samples each, and of the same features.
    """
    # The set of fewer samples has the lower rank, which is that of the second problem.
    few, many = sorted((a, b), key=lambda moments: moments.n)
    covariances = few.covariance, many.covariance
    roots = _roots(*covariances)
    if roots is None:
        lower = [_cholesky(covariance) for covariance in covariances]
        roots = linalg.svdvals(lower[0].T @ lower[1])
    return _distance(a, b, roots.sum())


def _distance(a: Moments, b: Moments, cross: float) -> float:
    traces = a.scatter.trace() / (a.n - 1) + b.scatter.trace() / (b.n - 1)
    return max(float(((a.mean - b.mean) ** 2).sum() + traces - 2 * cross), 0.0)


def _roots(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    """Square roots of the eigenvalues of the product of two covariances: float64, shape (rank of the first,).

    They are those of Lᵀ C L, with LLᵀ the first and C the second, up to zeros. None if one of them is rounding: its
    root, 1e-8 of the largest, would not be. None also if the first is 0.
    """
    lower, order, rank = _pivoted(first)
    ordered = second[np.ix_(order, order)].T  # the same, as it is symmetric, and laid out as LAPACK wants it
    product, _ = lapack.dsygst(ordered, lower, itype=2, lower=1, overwrite_a=1)
    values = linalg.eigvalsh(product[:rank, :rank]) if rank else np.zeros(1)
    if values[0] <= len(first) * np.finfo(np.float64).eps * values[-1]:
        return None
    return np.sqrt(values)


def _cholesky(covariance: np.ndarray) -> np.ndarray:
    """L of shape (d, rank) with LLᵀ the covariance."""
    lower, order, rank = _pivoted(covariance)
    factor = np.empty((len(lower), rank))
    factor[order] = np.tril(lower)[:, :rank]
    return factor


def _pivoted(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Cholesky factor with pivots, its order and its rank; it stands in the lower triangle, 0 from the rank on."""
    lower, pivots, rank, _ = lapack.dpstrf(covariance, lower=1)
    lower[rank:, rank:] = 0
    return lower, pivots - 1, int(rank)


def _factor(features: np.ndarray) -> np.ndarray:
    """A with AᵀA the covariance, and at most d rows."""
    scaled = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return scaled if len(scaled) <= scaled.shape[1] else linalg.qr(scaled, mode="r")[0][: scaled.shape[1]]
