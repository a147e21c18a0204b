"""Repeated noise at the periods that a generator's strides leave."""

from __future__ import annotations

import numpy as np

PERIODS = (2, 4, 8)  # pixels


def grid_texture(images: np.ndarray) -> dict[int, float]:
    """For each period p, power at the frequencies 1 / p along either axis, over the median power around them.

    Grey images under a Hann window; mean power over the images at (±S / p, 0) and (0, ±S / p), S the side, over the
    median power at radii S / p ± 1. About 1 for images without a preferred period.

    Args:
        images: uint8, shape (n, S, S, channels), S a multiple of 8.
    """
    side = images.shape[1]
    grey = images.astype(np.float64).mean(axis=3)
    window = np.hanning(side + 1)[:-1]
    spectrum = np.abs(np.fft.fft2((grey - grey.mean(axis=(1, 2), keepdims=True)) * window[:, None] * window)) ** 2
    power = spectrum.mean(axis=0)
    frequency = np.fft.fftfreq(side, 1 / side)
    radius = np.hypot(frequency[:, None], frequency)
    found = {}
    for period in PERIODS:
        at = side // period
        peaks = power[[at, -at, 0, 0], [0, 0, at, -at]].mean()
        around = np.median(power[np.abs(radius - at) <= 1])
        found[period] = float(peaks / around) if around else float("nan")
    return found
