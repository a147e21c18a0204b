"""Sheets of samples whose last column is framed: what lies nearest to the column before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

FRAME = (255, 255, 0)  # the viewer that drew the paper's figure frames in this yellow
GAP = 2


def framed_sheets(panels: Sequence[tuple[str, np.ndarray, np.ndarray]], *, columns: int, title: str) -> Figure:
    """Sheets side by side, each under its label.

    Args:
        panels: (label, samples uint8 of shape (rows * columns, side, side, 1 or 3), framed images alike, one a row).
        columns: Samples in a row.
        title: Of the whole picture.
    """
    figure = Figure(figsize=(4.4 * len(panels) + 0.2, 4.1), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for ax, (label, samples, framed) in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
        ax.imshow(_canvas(samples, framed, columns), interpolation="nearest")
        ax.set_title(label, fontsize=9)
        ax.set_axis_off()
    return figure


def _canvas(samples: np.ndarray, framed: np.ndarray, columns: int) -> np.ndarray:
    rows, side = len(framed), samples.shape[1]
    frame = max(1, side // 14)
    pitch = side + 2 * frame + GAP
    canvas = np.full((rows * pitch, (columns + 1) * pitch, 3), 255, np.uint8)
    for row in range(rows):
        for column in range(columns + 1):
            y, x = row * pitch, column * pitch
            last = column == columns
            image = framed[row] if last else samples[row * columns + column]
            if last:
                canvas[y : y + side + 2 * frame, x : x + side + 2 * frame] = FRAME
            canvas[y + frame : y + frame + side, x + frame : x + frame + side] = image
    return canvas
