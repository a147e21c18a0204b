"""Log-likelihood of points under a Parzen window: one Gaussian of width sigma around each sample, all equally likely.

The measure of GAN 2014's table 1. What it says depends on the number of samples, on the scale of the values (a factor
of c adds -d log c when sigma scales along), and it rewards samples that are pulled towards means: compare only numbers
of one protocol, which is 10,000 samples and images on a 0..1 scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Ten widths, evenly spaced in their logarithm from 0.1 to 1; authors' `parzen_ll.py`.
SIGMAS = tuple(np.logspace(-1, 0, 10).tolist())
# A sample farther than the nearest one by this many squared sigmas counts less than e^-45 of it.
CUT = 90.0


def log_likelihoods(
    samples: np.ndarray, points: np.ndarray, sigmas: Sequence[float] = SIGMAS, block_rows: int = 500
) -> np.ndarray:
    """Log-density of every point for every width: log (1/n) sum_j N(point; sample_j, sigma² I).

    Everything is float64. Distances are taken once for all widths, by a matrix product on values that are centred
    on the samples' mean. The square of the nearest sample's distance is set aside before the exponential, so that no
    point is too far for a finite answer. Samples whose share of the sum is below e^-45 of the nearest one's are left
    out, which moves an answer by less than n e^-45 (3e-16 at 10,000 samples). The squared distances' own rounding, some
    1e-12 on a 0..1 scale at 784 values, counts 1/(2 sigma²) times in the answer: 5e-11 nats at sigma 0.1.

    Peak memory is one float64 copy of the samples, a block of `block_rows` x n float64, and little else: 63, 40 and 7
    MB at 10,000 samples of 784 values, as many points, 500 rows and ten widths.

    Args:
        samples: Floats, shape (n, ...), n at least 1; flattened to d values each.
        points: Floats of the same scale, shape (m, ...).
        sigmas: Widths, positive, in any order.
        block_rows: How many points are worked on at once; no answer depends on it, up to rounding.

    Returns:
        float64, shape (len(sigmas), m), natural logarithms (nats); the widths in the order given.

    Raises:
        ValueError: If values are whole numbers (their scale is not the one meant) or not finite, if there is no
            sample, if lengths differ, or if a width or `block_rows` is not positive.

    Reference:
        Section 5 of GAN 2014, arXiv 1406.2661, and the authors' `parzen_ll.py`.
    """
    samples, points = _finite(_flat(samples), "sample"), _flat(points)
    widths = np.asarray(sigmas, np.float64)
    if len(samples) == 0 or samples.shape[1] != points.shape[1]:
        raise ValueError(f"samples, and points as long, expected. Received: {samples.shape} and {points.shape}")
    if not (np.isfinite(widths) & (widths > 0)).all():
        raise ValueError(f"positive widths expected. Received: {widths.tolist()}")
    if block_rows < 1:
        raise ValueError(f"at least one row expected. Received: block_rows={block_rows}")
    n, d = samples.shape
    middle = samples.mean(axis=0, dtype=np.float64)
    centred = samples - middle  # float64, as the mean is
    squares = np.einsum("ij,ij->i", centred, centred)
    found = np.empty((len(widths), len(points)))
    for start in range(0, len(points), block_rows):
        block = _finite(points[start : start + block_rows], "point", start) - middle
        found[:, start : start + block_rows] = _block(centred, squares, block, widths)
    return found - (np.log(n) + d * np.log(widths * np.sqrt(2 * np.pi)))[:, None]


def best_sigma(
    samples: np.ndarray, validation: np.ndarray, sigmas: Sequence[float] = SIGMAS
) -> tuple[float, np.ndarray]:
    """The width under which held-out points are likeliest on average, the first of equals.

    Args:
        samples, validation, sigmas: As in `log_likelihoods`; at least one validation point and one width.

    Returns:
        The width, and the mean log-likelihood for each width: float64, shape (len(sigmas),), nats.
    """
    if len(validation) == 0 or len(sigmas) == 0:
        raise ValueError(f"points and widths expected. Received: {len(validation)} and {len(sigmas)}")
    means = log_likelihoods(samples, validation, sigmas).mean(axis=1)
    return float(sigmas[int(means.argmax())]), means


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean of log-likelihoods and its standard error, std / sqrt(m) with the divisor m in the variance.

    The error covers the choice of the m points only, neither the samples' draw nor the training.

    Args:
        values: Shape (m,), m at least 1, nats.

    Reference:
        Authors' `parzen_ll.py`.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"a row of values expected. Received: shape {values.shape}")
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def _flat(values: np.ndarray) -> np.ndarray:
    """Values of shape (n, d), their type checked; a view."""
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"floats on the scale of the density expected. Received: {values.dtype}")
    return values.reshape(len(values), int(np.prod(values.shape[1:])))


def _finite(values: np.ndarray, name: str, start: int = 0) -> np.ndarray:
    """The same values, shape (n, d), if all are finite; `start` is the place of the first row."""
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise ValueError(f"finite values expected. Received: {name} {start + bad[0]} is not")
    return values


def _block(centred: np.ndarray, squares: np.ndarray, block: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """log sum_j exp(-|point - sample_j|² / (2 sigma²)) of a few points: float64, shape (len(widths), rows)."""
    # Squared distances, less each point's own square, which is the same for all samples.
    apart = (-2 * block) @ centred.T
    apart += squares
    least = apart.min(axis=1)
    apart -= least[:, None]
    doubled = 2 * widths**2
    sums = np.empty((len(widths), len(block)))
    # The wider the window, the more samples count: each width works on what the one before it left. One point at a
    # time, because its distances fit into the processor's cache and those of all points do not.
    widest_first = np.argsort(-widths, kind="stable")
    for row, kept in enumerate(apart):
        for place in widest_first:
            kept = kept[kept <= CUT / 2 * doubled[place]]
            sums[place, row] = np.exp(kept / -doubled[place]).sum()
    nearest = np.maximum(least + np.einsum("ij,ij->i", block, block), 0)  # rounding may leave it below 0
    return np.log(sums) - nearest / doubled[:, None]
