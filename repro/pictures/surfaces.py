"""Level lines of functions of the plane, with the points that they were fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from repro.pictures import ORANGE

LEVELS = 16
DARK_TO_GREEN = ListedColormap(colormaps["viridis"](np.linspace(0, 0.85, 256)))  # its yellow end is lost on white


def levels(values: np.ndarray) -> np.ndarray:
    """16 evenly spaced levels from the 2 % quantile to the maximum, that itself left out; none where all is flat."""
    low, high = np.quantile(values, 0.02), values.max()
    return np.linspace(low, high, LEVELS + 1)[:-1] if high > low else np.zeros(0)


def surfaces(
    rows: Sequence[tuple[str, Sequence[tuple[str, np.ndarray, np.ndarray]]]], extent: float, title: str
) -> Figure:
    """Rows of panels of level lines, dark where low and bright where high; each panel has levels of its own.

    Args:
        rows: (label of the row, [(label of the panel, values on an even grid (k, k), rows are y, points (n, 2))]).
        extent: Every axis runs from -extent to extent.
        title: Of the whole picture.
    """
    across = max(len(panels) for _, panels in rows)
    figure = Figure(figsize=(3.1 * across + 0.5, 3.3 * len(rows) + 0.7), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(len(rows), across, squeeze=False)
    for line, (name, panels) in zip(axes, rows, strict=True):
        line[0].set_ylabel(name, fontsize=10)
        for ax, (label, values, points) in zip(line, panels, strict=False):
            grid = np.linspace(-extent, extent, len(values))
            ax.plot(*points.T, "+", color=ORANGE, ms=4, mew=0.7, alpha=0.7)
            if len(levels(values)):
                ax.contour(grid, grid, values, levels=levels(values), cmap=DARK_TO_GREEN, linewidths=0.9)
            ax.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal", xticks=[], yticks=[])
            ax.set_title(label, fontsize=9)
    return figure
