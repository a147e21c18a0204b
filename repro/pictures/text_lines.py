"""Lines of text, side by side in columns."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

LINE = 0.2  # inches of a line
LETTER = 0.084  # inches of a letter of the size below
SIZE = 10


def text_lines(panels: Sequence[tuple[str, Sequence[str]]], columns: int, title: str) -> Figure:
    """Panels of lines one under the other, each under its label, in letters of one width.

    Args:
        panels: (label, lines), columns filled from the left.
        columns: How many lines stand side by side.
        title: Of the whole picture.
    """
    longest = max(len(line) for _, lines in panels for line in lines)
    wide = columns * (longest + 3) * LETTER + 0.4
    above = 0.22 * (title.count("\n") + 1) + 0.2
    down = [-(-len(lines) // columns) for _, lines in panels]
    tall = above + sum((rows + 1.8) * LINE for rows in down)
    figure = Figure(figsize=(wide, tall))
    figure.text(0.5, 1 - 0.1 / tall, title, fontsize=11, ha="center", va="top")
    top = tall - above
    for (label, lines), rows in zip(panels, down, strict=True):
        figure.text(0.2 / wide, top / tall, label, fontsize=SIZE, weight="bold", va="top")
        for place, line in enumerate(lines):
            column, row = divmod(place, rows)
            x, y = 0.2 + column * (longest + 3) * LETTER, top - (row + 1.1) * LINE
            # A "$" in a text starts no formula.
            figure.text(x / wide, y / tall, line, fontsize=SIZE, family="monospace", va="top", parse_math=False)
        top -= (rows + 1.8) * LINE
    return figure
