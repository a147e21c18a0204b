"""Sheets of samples whose last column is framed: what lies nearest to the column before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repro.pictures.sheets import GAP, laid_out, zoom_for

FRAME = (255, 255, 0)  # the viewer that drew the paper's figure frames in this yellow
ACROSS, INCHES = 2, 4.6


def framed_sheets(panels: Sequence[tuple[str, np.ndarray, np.ndarray]], *, columns: int, title: str) -> Figure:
    """Sheets side by side, each under its label.

    Args:
        panels: (label, samples uint8 of shape (rows * columns, side, side, 1 or 3), framed images alike, one a row).
        columns: Samples in a row.
        title: Of the whole picture.
    """
    drawn = [(label, _canvas(samples, framed, columns)) for label, samples, framed in panels]
    return laid_out(drawn, across=min(ACROSS, len(drawn)), title=title)


def _canvas(samples: np.ndarray, framed: np.ndarray, columns: int) -> np.ndarray:
    frame = max(1, samples.shape[1] // 14)
    zoom = zoom_for(samples.shape[1] + 2 * frame, columns + 1, INCHES)
    samples, framed = (each.repeat(zoom, axis=1).repeat(zoom, axis=2) for each in (samples, framed))
    rows, side, frame = len(framed), samples.shape[1], frame * zoom
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
