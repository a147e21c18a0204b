"""The three sets of points in the plane of WGAN-GP's figure 1: fresh samples, a function of (seed, step)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from repro.data import ring

if TYPE_CHECKING:
    import tensorflow as tf

RING8, GRID25, ROLL = "8gaussians", "25gaussians", "swissroll"
NAMES = {RING8: "8 Gaussians", GRID25: "25 Gaussians", ROLL: "Swiss roll"}
# Authors' gan_toy.py: each set is divided by a number that makes its standard deviation about one.
SCALES = {RING8: 1.414, GRID25: 2.828, ROLL: 7.5}
STDS = {RING8: 0.02, GRID25: 0.05, ROLL: 0.25}  # of the noise, before that division


def centres(name: str) -> np.ndarray:
    """Centres of a set's equally likely Gaussians, as scaled: float64, shape (8, 2) or (25, 2).

    Raises:
        ValueError: If the set is no mixture.
    """
    if name == RING8:
        return 2 * ring.modes() / SCALES[name]
    if name == GRID25:
        ticks = np.arange(-4.0, 5.0, 2.0)
        return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(25, 2) / SCALES[name]
    raise ValueError(f"expected {RING8} or {GRID25}. Received: name={name!r}")


def roll(t: np.ndarray) -> np.ndarray:
    """The Swiss roll's curve at parameters t in 1.5 pi .. 4.5 pi, as scaled: shape (n, 2)."""
    return np.stack([t * np.cos(t), t * np.sin(t)], axis=1) / SCALES[ROLL]


def draw(name: str, n: int, seed: tf.Tensor | Sequence[int]) -> tf.Tensor:
    """n fresh samples of a set, float32, shape (n, 2); `seed` is two int32.

    Raises:
        ValueError: For any other name.

    Reference:
        Authors' gan_toy.py, which takes the 25 Gaussians from a fixed set of 100,000 points; the Swiss roll is
        scikit-learn's `make_swiss_roll`, first and third coordinate.
    """
    if name != ROLL:
        return ring.draw_around(centres(name), STDS[name] / SCALES[name], n, seed)
    import tensorflow as tf

    seed = tf.convert_to_tensor(seed, tf.int32)
    t = 1.5 * np.pi * (1 + 2 * tf.random.stateless_uniform([n], seed, alg="philox"))
    noise = tf.random.stateless_normal([n, 2], seed + tf.constant([1, 0]), stddev=STDS[ROLL], alg="philox")
    return (tf.stack([t * tf.cos(t), t * tf.sin(t)], axis=1) + noise) / SCALES[ROLL]
