"""Layout and colour of images: block means on an 8x8 grid, and what they say of a generator.

The features see where which colour is, not sharpness: a blurred image and a sharp one of the same layout are the same.
"""

from __future__ import annotations

import numpy as np

GRID = 8


def pool8(images: np.ndarray) -> np.ndarray:
    """Block means on an 8x8 grid, on a 0..1 scale: float64, shape (n, 64 channels).

    Args:
        images: uint8, shape (n, side, side, channels), side a multiple of 8.
    """
    n, height, width, channels = images.shape
    if height % GRID or width % GRID:
        raise ValueError(f"sides must be multiples of {GRID}. Received: {height}x{width}")
    blocks = images.reshape(n, GRID, height // GRID, GRID, width // GRID, channels)
    return blocks.mean(axis=(2, 4), dtype=np.float64).reshape(n, -1) / 255
