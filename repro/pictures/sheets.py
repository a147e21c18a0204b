"""Sheets of generated images: uncurated, side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

GAP = 2


def sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Images in rows on white: uint8, shape (height, width, channels).

    Args:
        images: uint8, 0..255 (a set's own as `Dataset.shown` gives them), shape (n, side, side, channels).
        columns: How many in a row.
    """
    n, side, _, channels = images.shape
    rows = -(-n // columns)
    canvas = np.full((rows * (side + GAP) - GAP, columns * (side + GAP) - GAP, channels), 255, np.uint8)
    for place, image in enumerate(images):
        y, x = (place // columns) * (side + GAP), (place % columns) * (side + GAP)
        canvas[y : y + side, x : x + side] = image
    return canvas


LETTERS_PER_INCH = 13.5  # of a label, at 9 points


def sheets(
    panels: Sequence[tuple[str, np.ndarray]],
    *,
    columns: int | Sequence[int],
    across: int,
    inches: float,
    title: str,
) -> Figure:
    """Several sheets in a grid, each under its label; every pixel of an image is drawn as a square.

    Args:
        panels: (label, images as in `sheet`, 1 or 3 channels).
        columns: Images in a row of a sheet; of every sheet, or one number for each of those side by side.
        across: Sheets side by side.
        inches: Width of the widest sheet.
        title: Of the whole picture.
    """
    down = -(-len(panels) // across)
    each = [columns] * across if isinstance(columns, int) else list(columns)
    wide = [inches * columns / max(each) for columns in each]
    drawn = [
        (textwrap.fill(label, int(LETTERS_PER_INCH * wide[at % across])), sheet(images, each[at % across]))
        for at, (label, images) in enumerate(panels)
    ]
    heights = [
        wide[at % across] * canvas.shape[0] / canvas.shape[1] + 0.15 + 0.15 * (label.count("\n") + 1)
        for at, (label, canvas) in enumerate(drawn)
    ]
    tall = [max(heights[at : at + across]) for at in range(0, len(heights), across)]  # of each row
    size = (sum(wide) + 0.15 * across, sum(tall) + 0.25 + 0.22 * (title.count("\n") + 1))
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(down, across, squeeze=False, height_ratios=tall, width_ratios=each).ravel()
    for ax in axes:
        ax.set_axis_off()
        ax.set_anchor("N")  # sheets of different heights hang from one line
    for ax, (label, canvas) in zip(axes, drawn, strict=False):
        shown = canvas[..., 0] if canvas.shape[2] == 1 else canvas
        ax.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ax.set_title(label, fontsize=9)
    return figure
