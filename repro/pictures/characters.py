"""Sheets of characters: a class's name as a glyph, training images, generated ones."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from repro.pictures.sheets import laid_out, sheet

STRIP, ZOOM = 8, 2  # pixels between the three groups of a block, which ends with twice as many; pixels a pixel


def character_sheet(names: np.ndarray, real: np.ndarray, generated: np.ndarray, blocks: int, title: str) -> Figure:
    """One row a class in several blocks side by side: its glyph, training images, generated images.

    Args:
        names: Glyphs, uint8, shape (classes, 48, 48), ink dark.
        real: uint8, shape (classes, k, 28, 28).
        generated: uint8, shape (classes, m, 28, 28).
        blocks: How many columns of classes.
        title: Of the whole picture.
    """
    per_block = -(-len(names) // blocks)
    named = np.stack([_shrunk(name) for name in names])[:, None]
    panels = []
    for first in range(0, len(names), per_block):
        groups = [each[first : first + per_block] for each in (named, real, generated)]
        canvases = [sheet(each.reshape(-1, 28, 28, 1), each.shape[1], ZOOM) for each in groups]
        strips = [np.full((len(canvases[0]), width, 1), 255, np.uint8) for width in (STRIP, STRIP, 2 * STRIP)]
        panels.append((" ", np.concatenate([part for pair in zip(canvases, strips, strict=True) for part in pair], 1)))
    figure = laid_out(panels, across=blocks, title=title)
    widths = [canvas.shape[1] for canvas in canvases]
    starts = [0, widths[0] + STRIP, widths[0] + widths[1] + 2 * STRIP]
    for ax in figure.axes:
        for start, width, label in zip(starts, widths, ("class", "training", "generated"), strict=True):
            ax.text(start + width / 2, -4, label, ha="center", va="bottom", fontsize=8)
    return figure


def _shrunk(glyph: np.ndarray) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.fromarray(glyph).resize((28, 28), Image.Resampling.BOX))
