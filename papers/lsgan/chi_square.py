"""LSGAN's theory on finitely many states, in float64 (section 3.2, equations 4 to 7).

p is the data's distribution, g the generator's; a, b, c are the labels of fake, of real, and what G wants. Everything
beyond the paper's equations, the two gradients and the descent above all, is our derivation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def optimal_discriminator(p: np.ndarray, g: np.ndarray, a: float, b: float) -> np.ndarray:
    """D*(x) = (b p + a g) / (p + g) (equation 5), shape (states,); (a + b) / 2 where neither has mass."""
    total = p + g
    return np.where(total > 0, (b * p + a * g) / np.where(total > 0, total, 1), (a + b) / 2)


def value_d(d: np.ndarray, p: np.ndarray, g: np.ndarray, a: float, b: float) -> float:
    """V(D) = 1/2 sum p (D - b)² + 1/2 sum g (D - a)² (equation 2)."""
    return float(0.5 * (p * (d - b) ** 2 + g * (d - a) ** 2).sum())


def value_g(d: np.ndarray, g: np.ndarray, c: float) -> float:
    """V(G) = 1/2 sum g (D - c)² (equation 2)."""
    return float(0.5 * (g * (d - c) ** 2).sum())


def criterion(p: np.ndarray, g: np.ndarray, a: float, b: float, c: float) -> float:
    """2 C(G) = sum (p + g) (D* - c)²: G's objective with the added term of equation 4 and D optimal."""
    return float(((p + g) * (optimal_discriminator(p, g, a, b) - c) ** 2).sum())


def pearson(p: np.ndarray, g: np.ndarray) -> float:
    """X = sum (p - g)² / (p + g), the Pearson chi-square between p + g and 2 g (equation 7); 0 to 2."""
    total = p + g
    return float(((p - g) ** 2 / np.where(total > 0, total, 1)).sum())


def fixed_d_gradient(p: np.ndarray, g: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    """dV(G)/dg with D held at D*: 1/2 (D* - c)², what alternating training follows; shape (states,)."""
    return 0.5 * (optimal_discriminator(p, g, a, b) - c) ** 2


def true_gradient(p: np.ndarray, g: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    """dC/dg with D optimal again after every change of g; shape (states,)."""
    d = optimal_discriminator(p, g, a, b)
    # d/dg of 1/2 (p + g)(D* - c)², where (p + g) dD*/dg = a - D*.
    return 0.5 * (d - c) ** 2 + (d - c) * (a - d)


Gradient = Callable[[np.ndarray, np.ndarray, float, float, float], np.ndarray]


def tabular_descent(
    p: np.ndarray, g: np.ndarray, scheme: tuple[float, float, float], gradient: Gradient, at: Sequence[int]
) -> tuple[list[float], np.ndarray]:
    """Descends on theta, g = softmax(theta), with D optimal at every step; steps of size 0.5.

    Args:
        p: The data, shape (states,).
        g: The start, shape (states,), all positive.
        scheme: (a, b, c).
        gradient: `fixed_d_gradient` or `true_gradient`.
        at: Ascending numbers of steps.

    Returns:
        X after each of those numbers of steps, and g after the last.
    """
    theta, found = np.log(g), []
    for step in range(at[-1] + 1):
        g = np.exp(theta - theta.max())
        g /= g.sum()
        if step in at:
            found.append(pearson(p, g))
        s = gradient(p, g, *scheme)
        theta = theta - 0.5 * g * (s - (g * s).sum())
    return found, g
