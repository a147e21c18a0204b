"""Drawn tables: text in cells, one table under the other."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

LINE = 0.27  # inches of a row
FURTHER = 0.63  # of that, for each further line of a cell
LETTER = 0.082  # inches of a letter of the size below, on average
SIZE = 10
GAP = 3  # letters between columns


def drawn_tables(tables: Sequence[tuple[str, Sequence[Sequence[str]]]], title: str) -> Figure:
    """Tables of the same columns one under the other, each under its label.

    Args:
        tables: (label, lines of cells); the first line is the header. Columns of numbers are aligned to the right.
            A cell may hold several lines of text.
        title: Of the whole picture.
    """
    columns = list(zip(*(x for _, lines in tables for x in lines), strict=True))
    widths = [max(len(text) for cell in cells for text in cell.split("\n")) + GAP for cells in columns]
    below = zip(*(line for _, lines in tables for line in lines[1:]), strict=True)
    numeric = [all(cell.replace(",", "").isdigit() for cell in cells if cell) for cells in below]
    wide = sum(widths) * LETTER + 0.4
    heights = [(sum(map(_height, lines)) + 1.4) * LINE for _, lines in tables]  # a label and a gap besides
    above = 0.22 * (title.count("\n") + 1) + 0.25
    figure = Figure(figsize=(wide, sum(heights) + above))
    tall = figure.get_figheight()
    figure.text(0.5, 1 - 0.12 / tall, title, fontsize=11, ha="center", va="top")
    top = tall - above
    for (label, lines), height in zip(tables, heights, strict=True):
        top -= height
        ax = figure.add_axes((0.2 / wide, top / tall, 1 - 0.4 / wide, height / tall))
        ax.set(xlim=(0, sum(widths)), ylim=(height / LINE, 0))
        ax.set_axis_off()
        ax.text(0.5, 0.6, label, fontsize=SIZE, weight="bold", va="center")
        _draw(ax, lines, widths, numeric)
    return figure


def _height(cells: Sequence[str]) -> float:
    """Of a row, in rows of one line."""
    return 1 + FURTHER * max(cell.count("\n") for cell in cells)


def _draw(ax: Axes, lines: Sequence[Sequence[str]], widths: Sequence[int], numeric: Sequence[bool]) -> None:
    """The lines of one table below its label; x counts letters, y lines from the top."""
    top = 1.1
    for place, cells in enumerate(lines):
        height = _height(cells)
        if place % 2 == 1:
            ax.axhspan(top, top + height, color="0.95", lw=0)
        left = 0.5
        for cell, width, right in zip(cells, widths, numeric, strict=True):
            x, side = (left + width - GAP, "right") if right else (left, "left")
            style = "normal" if place else "italic"
            ax.text(x, top + height / 2 + 0.02, cell, fontsize=SIZE, va="center", ha=side, style=style)
            left += width
        top += height
        if place == 0:
            ax.axhline(top, color="0.3", lw=0.8)
