"""Curves, one line per seed."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from repro.pictures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK)
STYLES = ("-", "--", ":", "-.")


def curves(
    panels: Sequence[tuple[str, dict[str, dict[int, tuple[Sequence[float], Sequence[float]]]]]], title: str, xlabel: str
) -> Figure:
    """Panels side by side over one quantity; a colour and a line style per method, a line per seed.

    Args:
        panels: (label of the y axis, {method: {seed: (x, y)}}).
        title: Of the whole picture.
        xlabel: Of every x axis.
    """
    return lines([(xlabel, label, methods) for label, methods in panels], title)


def lines(
    panels: Sequence[tuple[str, str, dict[str, dict[int, tuple[Sequence[float], Sequence[float]]]]]], title: str
) -> Figure:
    """Panels side by side, each over a quantity of its own; a colour and a line style per method, a line per seed.

    Args:
        panels: (label of the x axis, label of the y axis, {method: {seed: (x, y)}}).
        title: Of the whole picture.
    """
    figure = Figure(figsize=(max(4.6 * len(panels), 6.4), 4.0), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (xlabel, label, methods) in zip(axes, panels, strict=True):
        for place, (method, seeds) in enumerate(methods.items()):
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            for number, (x, y) in enumerate(seeds.values()):
                once = method if number == 0 else None
                ax.plot(x, y, label=once, color=colour, ls=style, lw=1.4, alpha=0.85)
        ax.set(xlabel=xlabel, ylabel=label)
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k" if x >= 1000 else f"{x:g}")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure
