"""Sheets of samples, some of them framed: a neighbour in a set beside a sample, the sample from which others start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repro.pictures.sheets import laid_out, sheet, zoom_for

FRAME = (255, 255, 0)  # the viewer that drew GAN 2014's figure 2 frames in this yellow
ACROSS, INCHES = 2, 4.6


def framed(images: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Images with a border, in colour where they are framed, else white: uint8, (n, side + 2 b, side + 2 b, 3).

    Args:
        images: uint8, shape (n, side, side, 1 or 3).
        which: bool, shape (n,).
    """
    border = max(1, images.shape[1] // 14)
    n, side = len(images), images.shape[1] + 2 * border
    made = np.where(which[:, None, None, None], np.uint8(FRAME), np.uint8(255)) * np.ones((n, side, side, 1), np.uint8)
    made[:, border:-border, border:-border] = images
    return made


def framed_sheets(panels: Sequence[tuple[str, np.ndarray, np.ndarray]], *, columns: int, title: str) -> Figure:
    """Sheets side by side, each under its label, one more image at the end of every row in a frame.

    Args:
        panels: (label, samples uint8 of shape (rows * columns, side, side, 1 or 3), framed images alike, one a row).
        columns: Samples in a row.
        title: Of the whole picture.
    """
    drawn = []
    for label, samples, last in panels:
        rows = samples.reshape(len(last), columns, *samples.shape[1:])
        every = np.concatenate([rows, last[:, None]], axis=1).reshape(-1, *samples.shape[1:])
        bordered = framed(every, np.tile(np.arange(columns + 1) == columns, len(last)))
        drawn.append((label, sheet(bordered, columns + 1, zoom_for(bordered.shape[1], columns + 1, INCHES))))
    return laid_out(drawn, across=min(ACROSS, len(drawn)), title=title)
