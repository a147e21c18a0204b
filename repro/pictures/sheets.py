"""Sheets of generated images: uncurated, side by side, every pixel of an image a square of whole pixels."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from repro.pictures import DPI

GAP = 4  # pixels of the picture between images
LETTER, LINE = 7.4, 16  # width and height of a label's letter at 9 points, in pixels
TITLE_LETTER, TITLE_LINE = 8.6, 20  # of a title's at 11 points
MARGIN = 15


def sheet(images: np.ndarray, columns: int, zoom: int = 1) -> np.ndarray:
    """Images in rows on white: uint8, shape (height, width, channels).

    Args:
        images: uint8, 0..255 (a set's own as `Dataset.shown` gives them), shape (n, side, side, channels).
        columns: How many in a row.
        zoom: Pixels that each pixel of an image takes, along either axis.
    """
    enlarged = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    n, side, _, channels = enlarged.shape
    rows = -(-n // columns)
    canvas = np.full((rows * (side + GAP) - GAP, columns * (side + GAP) - GAP, channels), 255, np.uint8)
    for place, image in enumerate(enlarged):
        y, x = (place // columns) * (side + GAP), (place % columns) * (side + GAP)
        canvas[y : y + side, x : x + side] = image
    return canvas


def zoom_for(side: int, columns: int, inches: float) -> int:
    """The whole number of pixels a pixel at which a row of images comes nearest to a width; at least 1."""
    return max(1, round((inches * DPI / columns - GAP) / side))


def sheets(
    panels: Sequence[tuple[str, np.ndarray]],
    *,
    columns: int | Sequence[int],
    across: int,
    inches: float,
    title: str,
) -> Figure:
    """Several sheets in a grid, each under its label.

    Args:
        panels: (label, images as in `sheet`, 1 or 3 channels).
        columns: Images in a row of a sheet; of every sheet, or one number for each of those side by side.
        across: Sheets side by side.
        inches: Width to which the widest sheet comes near; its pixels are a whole number of pixels.
        title: Of the whole picture.
    """
    each = [columns] * across if isinstance(columns, int) else list(columns)
    zoom = zoom_for(max(images.shape[1] for _, images in panels), max(each), inches)
    drawn = [(label, sheet(images, each[at % across], zoom)) for at, (label, images) in enumerate(panels)]
    return laid_out(drawn, across=across, title=title)


def laid_out(panels: Sequence[tuple[str, np.ndarray]], *, across: int, title: str) -> Figure:
    """Arrays of pixels in a grid, each under its label, pixel by pixel at the resolution of all pictures.

    Args:
        panels: (label, uint8 of shape (height, width, 1 or 3)).
        across: Panels side by side.
        title: Of the whole picture.
    """
    across = min(across, len(panels))
    rows = [panels[at : at + across] for at in range(0, len(panels), across)]
    wide = [max(row[column][1].shape[1] for row in rows if column < len(row)) for column in range(across)]
    labels = [[_wrapped(label, int(wide[at] / LETTER)) for at, (label, _) in enumerate(row)] for row in rows]
    heads = [max(LINE * (label.count("\n") + 1) if label else 0 for label in line) + 4 for line in labels]
    tall = [max(canvas.shape[0] for _, canvas in row) for row in rows]
    told = title.split("\n")
    inner = sum(wide) + MARGIN * (across - 1)
    width = max(inner, round(TITLE_LETTER * max(map(len, told)))) + 2 * MARGIN
    top = TITLE_LINE * len(told) + MARGIN
    height = top + sum(heads) + sum(tall) + MARGIN * len(rows)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    figure.text(0.5, 1 - 8 / height, title, ha="center", va="top", fontsize=11)
    y = top
    for row, names, head, deep in zip(rows, labels, heads, tall, strict=True):
        x, y = (width - inner) // 2, y + head
        for at, ((_, canvas), label) in enumerate(zip(row, names, strict=True)):
            h, w = canvas.shape[:2]
            ax = figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))
            coloured = canvas.repeat(3, axis=2) if canvas.shape[2] == 1 else canvas  # a grey colour map would round
            ax.imshow(coloured, interpolation="nearest", aspect="auto")
            ax.set_axis_off()
            ax.set_title(label, fontsize=9, pad=4)
            x += wide[at] + MARGIN
        y += deep + MARGIN
    return figure


def _wrapped(label: str, letters: int) -> str:
    return "\n".join(textwrap.fill(line, max(12, letters)) for line in label.split("\n"))
