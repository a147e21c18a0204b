"""The Fréchet distance between two sets of features, in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from repro.metrics.checked import checked, checked_pair

# The share of a distance that rounding may have a part in before a slower form is taken.
CERTAIN = 1e-7


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

    |mu_a - mu_b|² + tr(C_a) + tr(C_b) - 2 tr((C_a C_b)^(1/2)). The last three are the least |A - U B|² over orthogonal
    U, where A and B are any factors with AᵀA = C_a and BᵀB = C_b: the centred sets themselves will do. Where both sets
    have more samples than values, neither covariance is near to singular and the distance is not small beside the
    traces, the covariances' eigenvalue form gives the same in less time; no matrix square root is taken, and few
    samples in many dimensions do no harm.

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
        distance, error, rank = _by_eigenvalues(*moments)
        if rank == a.shape[1] and error <= CERTAIN * distance:
            return distance
    return float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()) + _least_apart(_factor(a), _factor(b))


def frechet_distance_of_moments(a: Moments, b: Moments) -> float:
    """As `frechet_distance`, from moments.

    Directions whose variance is below d e-16 of the largest cannot be told from none in a covariance and are left out;
    `frechet_distance` sees them.

    Args:
        a, b: Of at least two samples each, and of the same features.
    """
    # The set of fewer samples has the lower rank, which is that of the second problem.
    few, many = sorted((a, b), key=lambda moments: moments.n)
    distance, error, _ = _by_eigenvalues(few, many)
    if error <= CERTAIN * distance:
        return distance
    factors = [_cholesky(moments.covariance).T for moments in (few, many)]
    # What the second factor leaves out may be more than the error.
    if np.isfinite(error) and len(factors[1]) < factors[1].shape[1]:
        return distance
    return float(((a.mean - b.mean) ** 2).sum()) + _least_apart(*factors)


def _by_eigenvalues(a: Moments, b: Moments) -> tuple[float, float, int]:
    """The distance, how far rounding may have moved it, and the rank of the first covariance.

    The last trace is the sum of the square roots of the eigenvalues of Lᵀ C L, with LLᵀ the first and C the second
    covariance. An eigenvalue v is off by eps times the norms of both, its root by that over 2 sqrt(v). The error is
    infinite if an eigenvalue is rounding and nothing else, or if the first covariance is 0.
    """
    first, second, eps = a.covariance, b.covariance, np.finfo(np.float64).eps
    lower, order, rank = _pivoted(first)
    ordered = second[np.ix_(order, order)].T  # the same, as it is symmetric, and laid out as LAPACK wants it
    product, _ = lapack.dsygst(ordered, lower, itype=2, lower=1, overwrite_a=1)
    values = linalg.eigvalsh(product[:rank, :rank]) if rank else np.zeros(1)
    roots, traces = np.sqrt(np.maximum(values, 0)), first.trace() + second.trace()
    distance = max(float(((a.mean - b.mean) ** 2).sum() + traces - 2 * roots.sum()), 0.0)
    if values[0] <= len(first) * eps * values[-1]:
        return distance, np.inf, rank
    error = eps * (10 * traces + np.linalg.norm(first) * np.linalg.norm(second) * (1 / roots).sum())
    return distance, float(error), rank


def _least_apart(first: np.ndarray, second: np.ndarray) -> float:
    """The least |A - U B|² over orthogonal U: of squares, so that nothing cancels however near the two are.

    U is W Vᵀ of the singular vectors of A Bᵀ (the orthogonal Procrustes problem; P. Schönemann, 1966).

    Args:
        first, second: A and B, shapes (rows, d); the shorter one is filled up with rows of 0.
    """
    rows = max(len(first), len(second))
    first, second = (np.pad(factor, ((0, rows - len(factor)), (0, 0))) for factor in (first, second))
    left, _, right = linalg.svd(first @ second.T)
    return float(((first - left @ (right @ second)) ** 2).sum())


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
