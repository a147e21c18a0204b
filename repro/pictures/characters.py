"""Sheets of characters: a class's name as a glyph, training images, generated ones."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure


def character_sheet(names: np.ndarray, real: np.ndarray, generated: np.ndarray, blocks: int, title: str) -> Figure:
    """One row a class in several blocks side by side: its glyph, training images, generated images.

    Args:
        names: Glyphs, uint8, shape (classes, 48, 48), ink dark.
        real: uint8, shape (classes, k, 28, 28).
        generated: uint8, shape (classes, m, 28, 28).
        blocks: How many columns of classes.
        title: Of the whole picture.
    """
    classes, per_block = len(names), -(-len(names) // blocks)
    across = 1 + real.shape[1] + generated.shape[1]
    figure = Figure(figsize=(blocks * (across * 0.36 + 0.25), per_block * 0.36 + 0.9), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for ax, block in zip(np.atleast_1d(figure.subplots(1, blocks)), range(blocks), strict=True):
        chosen = range(block * per_block, min((block + 1) * per_block, classes))
        canvas = np.full((per_block * 32, across * 32 + 16), 255, np.uint8)
        for row, place in enumerate(chosen):
            _paste(canvas, _shrunk(names[place]), row, 0, 0)
            for column, image in enumerate(real[place], start=1):
                _paste(canvas, image, row, column, 8)
            for column, image in enumerate(generated[place], start=1 + real.shape[1]):
                _paste(canvas, image, row, column, 16)
        ax.imshow(canvas, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
        ax.set_axis_off()
        middle = [16, 8 + 32 * (1 + real.shape[1] / 2), 16 + 32 * (1 + real.shape[1] + generated.shape[1] / 2)]
        for x, label in zip(middle, ("class", "training", "generated"), strict=True):
            ax.text(x, -6, label, ha="center", va="bottom", fontsize=8)
    return figure


def neighbour_sheet(generated: np.ndarray, neighbours: np.ndarray, title: str) -> Figure:
    """Generated images, each with its nearest training images of the same class.

    Args:
        generated: uint8, shape (n, 28, 28).
        neighbours: uint8, shape (n, k, 28, 28), nearest first.
        title: Of the whole picture.
    """
    n, k = neighbours.shape[:2]
    figure = Figure(figsize=(n * 0.75 + 1.2, (k + 1) * 0.75 + 0.8), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for row, ax in enumerate(figure.subplots(k + 1, n).ravel()):
        place, rank = row % n, row // n
        image = generated[place] if rank == 0 else neighbours[place, rank - 1]
        ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        if place == 0:
            ax.set_ylabel("generated" if rank == 0 else f"nearest {rank}", fontsize=8)
    return figure


def image_sheet(images: np.ndarray, columns: int, title: str) -> Figure:
    """A plain grid of grey images: uint8, shape (n, 28, 28)."""
    rows = -(-len(images) // columns)
    canvas = np.full((rows * 32, columns * 32), 255, np.uint8)
    for place, image in enumerate(images):
        _paste(canvas, image, place // columns, place % columns, 0)
    figure = Figure(figsize=(columns * 0.42, rows * 0.42 + 0.7), layout="constrained")
    figure.suptitle(title, fontsize=10)
    ax = figure.subplots()
    ax.imshow(canvas, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_axis_off()
    return figure


def _paste(canvas: np.ndarray, image: np.ndarray, row: int, column: int, shift: int) -> None:
    y, x = row * 32 + 2, column * 32 + 2 + shift
    canvas[y : y + 28, x : x + 28] = image


def _shrunk(glyph: np.ndarray) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.fromarray(glyph).resize((28, 28), Image.Resampling.BOX))
