"""Densities of two-dimensional samples, as LSGAN's figure 7 draws them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

EXTENT = 4.0
CELLS = 200
LEVELS = 30


def density(samples: np.ndarray) -> np.ndarray:
    """Gaussian kernel density on a grid over -4..4 squared, Scott's bandwidth: float32, shape (200, 200), rows are y.

    Args:
        samples: Shape (n, 2). All at one point, or on one line, they have no density: zeros.
    """
    from scipy import stats  # takes longer to import than `list` takes to answer

    grid = np.linspace(-EXTENT, EXTENT, CELLS)
    out = np.zeros((CELLS, CELLS), np.float32)
    try:
        kernel = stats.gaussian_kde(samples.T.astype(np.float64))
    except np.linalg.LinAlgError:
        return out
    # Five kernel widths beyond the samples the density is below 4e-6 of a kernel's peak: left at zero.
    reach = 5 * np.sqrt(np.diag(kernel.covariance))
    low, high = samples.min(axis=0) - reach, samples.max(axis=0) + reach
    columns = np.flatnonzero((grid >= low[0]) & (grid <= high[0]))
    rows = np.flatnonzero((grid >= low[1]) & (grid <= high[1]))
    if len(rows) and len(columns):
        x, y = np.meshgrid(grid[columns], grid[rows])
        out[np.ix_(rows, columns)] = kernel(np.stack([x.ravel(), y.ravel()])).reshape(x.shape)
    return out


def density_strips(strips: list[tuple[str, list[tuple[str, np.ndarray]]]], title: str) -> Figure:
    """One row of panels per strip, each panel on its own maximum.

    Args:
        strips: (label of the row, [(label of the panel, density)]).
        title: Of the whole picture.
    """
    columns = max(len(panels) for _, panels in strips)
    figure = Figure(figsize=(1.5 * columns + 0.9, 1.55 * len(strips) + 0.95), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(len(strips), columns, squeeze=False)
    grid = np.linspace(-EXTENT, EXTENT, CELLS)
    named_above: list[str] = []
    for row, (label, panels) in enumerate(strips):
        named = [name for name, _ in panels]
        for column in range(columns):
            ax = axes[row, column]
            if column >= len(panels):
                ax.set_axis_off()
                continue
            name, values = panels[column]
            top = max(float(values.max()), 1e-12)
            ax.contourf(grid, grid, values, levels=np.linspace(0, top, LEVELS + 1), cmap="Greens")
            ax.set(aspect="equal", xticks=[], yticks=[], xlim=(-EXTENT, EXTENT), ylim=(-EXTENT, EXTENT))
            if named != named_above:
                ax.set_title(name, fontsize=9)
            if column == 0:
                ax.set_ylabel(label, fontsize=9)
        named_above = named
    return figure
