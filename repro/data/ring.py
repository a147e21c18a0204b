"""The ring of Gaussians of LSGAN's section 4.3: fresh samples, a function of (seed, step)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

RADIUS = 1.0
STD = 0.01
# The released code places nine centres at linspace(0, 2 pi, 9), end point included: the first and the ninth coincide.
COMPONENTS = {"released": 9, "uniform8": 8}


def components(ring: str) -> np.ndarray:
    """Centres (sin t, cos t) of the equally likely components, float64, shape (9, 2) or (8, 2).

    Args:
        ring: `released` (nine components, two of which coincide at (0, 1)) or `uniform8`.

    Raises:
        ValueError: For any other word.

    Reference:
        Authors' `mixture_gaussian/ls.py`.
    """
    if ring not in COMPONENTS:
        raise ValueError(f"expected one of {', '.join(COMPONENTS)}. Received: ring={ring!r}")
    angles = np.linspace(0, 2 * np.pi, 9)[: COMPONENTS[ring]]
    return RADIUS * np.stack([np.sin(angles), np.cos(angles)], axis=1)


def modes() -> np.ndarray:
    """The eight distinct centres, float64, shape (8, 2); the first is (0, 1)."""
    return components("uniform8")


def draw(ring: str, n: int, seed: tf.Tensor | Sequence[int]) -> tf.Tensor:
    """n fresh samples, float32, shape (n, 2); `seed` is two int32."""
    return draw_around(components(ring), STD, n, seed)


def draw_around(centres: np.ndarray, std: float, n: int, seed: tf.Tensor | Sequence[int]) -> tf.Tensor:
    """n fresh samples of equally likely Gaussians: float32, shape (n, 2).

    Args:
        centres: Shape (components, 2).
        std: Standard deviation of each, in both coordinates.
        n: Number of samples.
        seed: Two int32.
    """
    import tensorflow as tf

    centres = tf.constant(centres, tf.float32)
    seed = tf.convert_to_tensor(seed, tf.int32)
    chosen = tf.random.stateless_uniform([n], seed, 0, len(centres), tf.int32, alg="philox")
    noise = tf.random.stateless_normal([n, 2], seed + tf.constant([1, 0]), stddev=std, alg="philox")
    return tf.gather(centres, chosen) + noise
