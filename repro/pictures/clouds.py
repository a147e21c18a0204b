"""Points in the plane around known centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from repro.pictures import BLUE, ORANGE

SHOWN = 2_000


def clouds(
    panels: Sequence[tuple[str, np.ndarray]],
    centres: np.ndarray,
    *,
    across: int,
    limit: float,
    title: str,
    radius: float = 0.25,
) -> Figure:
    """Panels of samples with a circle around each centre.

    Args:
        panels: (label, samples of shape (n, 2)); the first 2,000 are drawn.
        centres: Shape (k, 2).
        across: Panels side by side.
        limit: Half the side of a panel, in the samples' unit; points outside are not seen.
        title: Of the whole picture.
        radius: Of the circles.
    """
    down = -(-len(panels) // across)
    figure = Figure(figsize=(max(2.6 * across, 6.4), 2.75 * down + 0.8), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, (label, samples) in zip(axes, panels, strict=False):
        ax.set_axis_on()
        ax.plot(*samples[:SHOWN].T, ".", color=BLUE, ms=1.5, alpha=0.5, rasterized=True)
        for centre in centres:
            ax.add_patch(Circle(centre, radius, fill=False, ec=ORANGE, lw=1.0))
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        ax.set_xticks([-2, 0, 2])
        ax.set_yticks([-2, 0, 2])
        ax.tick_params(labelsize=7)
        ax.set_title(label, fontsize=9)
    return figure
