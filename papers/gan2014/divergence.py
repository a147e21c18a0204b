"""GAN's theory in float64, on densities that are given by their logarithms (section 4, equations 2 to 6).

p is the data's distribution, q the generator's. An integral is a sum over the points of a grid times `width`, the
distance of two points; for probabilities of finitely many states the width is 1. Logarithms throughout, because the
densities themselves underflow far from their means, where their ratio still matters.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LOG_2, LOG_4 = float(np.log(2)), float(np.log(4))


def normal_log_density(x: np.ndarray, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """log N(x; mean, std²), nats, of the shape of x."""
    return -0.5 * ((x - mean) / std) ** 2 - np.log(std * np.sqrt(2 * np.pi))


def log_of(shares: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities; -inf where one is 0."""
    return np.log(shares, out=np.full(np.shape(shares), -np.inf), where=np.asarray(shares) > 0)


# ---- the discriminator ----


def optimal_logit(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """log p - log q: the logit of the best D (equation 2); 0 where neither has mass, where D may be anything."""
    known = np.maximum(log_p, log_q) > -np.inf
    return np.subtract(log_p, log_q, out=np.zeros(np.broadcast(log_p, log_q).shape), where=known)


def sigmoid(logit: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-logit)), for logits of any size, infinite ones too."""
    return np.exp(-np.logaddexp(0, -logit))


def optimal_discriminator(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """D* = p / (p + q) (equation 2), between 0 and 1."""
    return sigmoid(optimal_logit(log_p, log_q))


def value(logit: np.ndarray, log_p: np.ndarray, log_q: np.ndarray, width: float = 1.0) -> float:
    """V = E_p log D + E_q log(1 - D) of a D given by its logit (equation 1), nats; at most 0."""
    return _mean(log_p, -np.logaddexp(0, -logit), width) + _mean(log_q, -np.logaddexp(0, logit), width)


def pointwise_maximiser(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """The y in (0, 1) that makes p log y + q log(1 - y) largest, point by point: bisection on the sign of its slope.

    Knows nothing of p / (p + q); right to 1e-15.
    """
    top = np.maximum(log_p, log_q)  # a factor on both does not move the maximum
    p, q = np.exp(log_p - top), np.exp(log_q - top)
    low, high = np.zeros(top.shape), np.ones(top.shape)
    for _ in range(52):
        y = (low + high) / 2
        rising = p / y > q / (1 - y)
        low, high = np.where(rising, y, low), np.where(rising, high, y)
    return (low + high) / 2


def _mean(log_density: np.ndarray, of: np.ndarray, width: float) -> float:
    density = np.exp(log_density)
    return float(np.multiply(density, of, out=np.zeros(density.shape), where=density > 0).sum() * width)


# ---- the criterion ----


def kl(log_p: np.ndarray, log_m: np.ndarray, width: float = 1.0) -> float:
    """KL(p || m), nats; m must have mass wherever p has."""
    has_mass = log_p > -np.inf
    return _mean(log_p, np.subtract(log_p, log_m, out=np.zeros(log_p.shape), where=has_mass), width)


def jsd(log_p: np.ndarray, log_q: np.ndarray, width: float = 1.0) -> float:
    """The Jensen-Shannon divergence (theorem 1): 0 for equal distributions, log 2 nats for disjoint ones."""
    log_m = np.logaddexp(log_p, log_q) - LOG_2
    return (kl(log_p, log_m, width) + kl(log_q, log_m, width)) / 2


def criterion(log_p: np.ndarray, log_q: np.ndarray, width: float = 1.0) -> float:
    """C(G) = -log 4 + 2 JSD, what is left to G when D is optimal (equation 6); from -log 4 to 0 nats."""
    return -LOG_4 + 2 * jsd(log_p, log_q, width)


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """Half of sum |p - q|, of probabilities: 0 to 1."""
    return float(np.abs(p - q).sum() / 2)


# ---- descent of C in q itself (proposition 2), on finitely many states ----


def slope(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """dC/dq = log(q / (p + q)) = log(1 - D*), the slope of V with D held at D* too; -inf where q is 0 and p is not."""
    return -np.logaddexp(0, optimal_logit(log_of(p), log_of(q)))


def multiplicative_step(p: np.ndarray, q: np.ndarray, rate: float) -> np.ndarray:
    """q exp(-rate dC/dq), renormalised; rate 1 gives (p + q) / 2. Where q is 0 it stays 0."""
    moved = q * np.exp(-rate * np.where(q > 0, slope(p, q), 0.0))
    return moved / moved.sum()


def euclidean_step(p: np.ndarray, q: np.ndarray, rate: float, steepest: float = 50.0) -> np.ndarray:
    """q - rate dC/dq, projected onto the probabilities; slopes below -steepest are taken as -steepest."""
    return onto_simplex(q - rate * np.maximum(slope(p, q), -steepest))


def onto_simplex(v: np.ndarray) -> np.ndarray:
    """The probabilities nearest to v in Euclidean distance: v less a constant, cut off at 0."""
    ordered = np.sort(v)[::-1]
    excess = (np.cumsum(ordered) - 1) / np.arange(1, len(v) + 1)
    return np.maximum(v - excess[np.flatnonzero(ordered > excess)[-1]], 0)


def descent(
    step: Callable[[np.ndarray, np.ndarray, float], np.ndarray], p: np.ndarray, q: np.ndarray, rate: float, steps: int
) -> np.ndarray:
    """q after 0, 1, ..., `steps` steps of a fixed rate, D optimal at each: shape (steps + 1, states).

    Args:
        step: `multiplicative_step` or `euclidean_step`.
        p: The data's probabilities, shape (states,).
        q: The start, shape (states,).
        rate: Of every step.
        steps: How many.
    """
    found = [q]
    for _ in range(steps):
        found.append(step(p, found[-1], rate))
    return np.array(found)
