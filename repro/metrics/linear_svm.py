"""Linear L2-SVMs, one against the rest: over blocks of rows, so that memory is bounded, or in the span of few rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

ROWS = 2_000  # rows that become float32 at once
HELD = 3e9  # bytes of rows that stay float32 in memory for a whole fit; more are converted anew for every gradient
FEW = 0.1  # rows to a feature; up to here a fit in the rows' own span is the cheaper one, its basis included
TOLERANCE = 1e-8  # of scikit-learn's stopping rule: the gradient's norm, to that of the start


@dataclass(frozen=True)
class LinearSVM:
    """A fitted classifier.

    Attributes:
        weights: float64, shape (classes, features).
        intercepts: float64, shape (classes,).
    """

    weights: np.ndarray
    intercepts: np.ndarray

    def predict(self, features: np.ndarray, rows: Sequence[int] | None = None) -> np.ndarray:
        """Most likely class of rows of features: int64; `rows` None means all."""
        parts = _blocks(features, np.arange(len(features)) if rows is None else np.asarray(rows))
        weights, intercepts = self.weights.astype(np.float32).T, self.intercepts.astype(np.float32)
        return np.concatenate([(part @ weights + intercepts).argmax(axis=1) for part in parts])

    def accuracy(self, features: np.ndarray, labels: np.ndarray, rows: Sequence[int] | None = None) -> float:
        """Share of those rows whose class is their label, 0..1."""
        chosen = np.arange(len(features)) if rows is None else np.asarray(rows)
        return float((self.predict(features, chosen) == labels[chosen]).mean())


def fit(
    features: np.ndarray,
    labels: np.ndarray,
    classes: int,
    c: float,
    rows: Sequence[int] | None = None,
    start: LinearSVM | None = None,
    iterations: int = 200,
) -> LinearSVM:
    """Minimises, for every class, (|w|² + b²) / 2 + c Σ max(0, 1 - y (w x + b))², y = ±1.

    The objective of scikit-learn's `LinearSVC` with its defaults, the penalty of the intercept included. It is that
    class that fits few rows, in their span; more are fitted by L-BFGS.

    Args:
        features: Anything that an integer array indexes, of any float type: shape (n, features).
        labels: Shape (n,), in 0..classes-1.
        classes: Number of classes.
        c: Weight of the hinge.
        rows: Which rows are learned from; None means all.
        start: Where L-BFGS begins, such as the fit of a neighbouring c.
        iterations: At most so many of L-BFGS.
    """
    from scipy.optimize import minimize

    chosen = np.arange(len(features)) if rows is None else np.asarray(rows)
    if len(chosen) <= FEW * features.shape[1] and len(np.unique(labels[chosen])) == classes:
        return _fit_in_span(np.asarray(features[chosen], np.float64), labels[chosen], c)
    width = features.shape[1] + 1
    sides = np.where(labels[chosen][:, None] == np.arange(classes), 1.0, -1.0).astype(np.float32)
    small = 4 * len(chosen) * features.shape[1] <= HELD
    held = [block.copy() for block in _blocks(features, chosen)] if small else None

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        both = flat.reshape(classes, width)
        weights, intercepts = both[:, :-1].astype(np.float32).T, both[:, -1].astype(np.float32)
        value, gradient, at = 0.0, np.zeros((classes, width)), 0
        for part in held or _blocks(features, chosen):
            side = sides[at : at + len(part)]
            slack = np.maximum(0, 1 - side * (part @ weights + intercepts))
            value += float((slack.astype(np.float64) ** 2).sum())
            pull = slack * side
            gradient[:, :-1] -= pull.T @ part
            gradient[:, -1] -= pull.sum(axis=0)
            at += len(part)
        return 0.5 * float(flat @ flat) + c * value, flat + 2 * c * gradient.ravel()

    first = np.zeros(classes * width) if start is None else np.column_stack([start.weights, start.intercepts]).ravel()
    options = {"maxiter": iterations, "maxcor": 20, "ftol": 1e-9, "gtol": 1e-7 * c * len(chosen)}
    found = minimize(objective, first, jac=True, method="L-BFGS-B", options=options).x.reshape(classes, width)
    return LinearSVM(found[:, :-1], found[:, -1])


def _fit_in_span(rows: np.ndarray, labels: np.ndarray, c: float) -> LinearSVM:
    """The same minimum by the rows' coordinates in an orthonormal basis of their span, in which its weights lie.

    Whatever is orthogonal to all rows adds to the weights' norm and to no margin.
    """
    from sklearn.svm import LinearSVC

    basis, coordinates = np.linalg.qr(rows.T)
    svm = LinearSVC(C=c, dual=False, tol=TOLERANCE, max_iter=10_000)
    parts = []
    for label in np.unique(labels):  # one at a time: of two classes scikit-learn would fit only one
        svm.fit(coordinates.T, labels == label)
        parts.append((svm.coef_[0] @ basis.T, svm.intercept_[0]))
    return LinearSVM(*map(np.stack, zip(*parts, strict=True)))


def _blocks(features: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Rows as float32, a block at a time, each in the place of the one before.

    A new array for each would cost twice what its conversion does: the system hands out its pages one by one.
    """
    place = np.empty((min(ROWS, len(rows)), features.shape[1]), np.float32)
    for at in range(0, len(rows), ROWS):
        chosen = rows[at : at + ROWS]
        np.copyto(place[: len(chosen)], features[chosen], casting="same_kind")
        yield place[: len(chosen)]


def best_c(
    features: np.ndarray,
    labels: np.ndarray,
    classes: int,
    grid: Sequence[float],
    draws: Sequence[np.ndarray],
    validation: np.ndarray,
) -> float:
    """The value of the grid with the highest mean accuracy on validation rows; of equals the smallest.

    Args:
        features, labels, classes: As in `fit`.
        grid: Ascending.
        draws: Rows of each fit.
        validation: Rows that are judged.
    """
    means, last = [], [None] * len(draws)
    for c in grid:
        last = [fit(features, labels, classes, c, rows, start) for rows, start in zip(draws, last, strict=True)]
        means.append(np.mean([each.accuracy(features, labels, validation) for each in last]))
    return float(grid[int(np.argmax(means))])


def balanced_draws(labels: np.ndarray, rows: np.ndarray, per_class: int, draws: int, seed: int) -> list[np.ndarray]:
    """Random rows with as many of each class: `draws` arrays of int64.

    Args:
        labels: Of all rows.
        rows: Those to draw from.
        per_class: How many of each class.
        draws: How many times.
        seed: Of the draws.

    Raises:
        ValueError: If a class has fewer rows.
    """
    random = np.random.default_rng([seed, per_class])
    of_class = [rows[labels[rows] == label] for label in np.unique(labels[rows])]
    if min(map(len, of_class)) < per_class:
        raise ValueError(f"at least {per_class} rows of each class expected. Received: {min(map(len, of_class))}")
    return [np.concatenate([random.choice(each, per_class, replace=False) for each in of_class]) for _ in range(draws)]
