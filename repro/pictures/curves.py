"""Curves, one line per seed."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from repro.pictures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK)
STYLES = ("-", "--", ":", "-.", (0, (4, 1, 1, 1, 1, 1)), (0, (7, 2)))  # 6 and 7: no pair comes twice in 42
ACROSS, WIDEST = 3, 11.2  # panels side by side, and inches of the page
# Of one panel: {method: {seed: (x, y)}}.
Methods = dict[str, dict[int, tuple[Sequence[float], Sequence[float]]]]


def curves(panels: Sequence[tuple[str, Methods]], title: str, xlabel: str, same_y: bool = False) -> Figure:
    """Panels side by side over one quantity; a colour and a line style per method, a line per seed.

    Args:
        panels: (label of the y axis, {method: {seed: (x, y)}}).
        title: Of the whole picture.
        xlabel: Of every x axis.
        same_y: Whether all panels have the same y axis.
    """
    return lines([(xlabel, label, methods) for label, methods in panels], title, same_y)


def lines(panels: Sequence[tuple[str, str, Methods]], title: str, same_y: bool = False) -> Figure:
    """Panels, each over a quantity of its own; a colour and a line style per method, in all panels, a line per seed.

    Args:
        panels: (label of the x axis, label of the y axis, {method: {seed: (x, y)}}).
        title: Of the whole picture.
        same_y: Whether all panels have the same y axis.
    """
    across = 2 if len(panels) == 4 else min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    methods = list(dict.fromkeys(method for *_, of_panel in panels for method in of_panel))
    width = max(min(4.6, WIDEST / across) * across, 6.4)
    # As many names side by side as fit: a line's sample takes half an inch, a letter a thirteenth.
    fit = max(1, min(4, int(width / (0.55 + max(map(len, methods), default=0) / 13))))
    height = 3.3 * down + 0.5 + 0.18 * -(-len(methods) // fit)
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(down, across, squeeze=False, sharey=same_y).ravel()
    handles = {}
    for ax, (xlabel, label, of_panel) in zip(axes, panels, strict=False):
        for method, seeds in of_panel.items():
            place = methods.index(method)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            for x, y in seeds.values():
                [handles[method]] = ax.plot(x, y, color=colour, ls=style, lw=1.4, alpha=0.85)
        ax.set(xlabel=xlabel, ylabel=label)
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.yaxis.set_tick_params(labelleft=True)
        if all(float(x).is_integer() for seeds in of_panel.values() for xs, _ in seeds.values() for x in xs):
            ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 2.5, 5, 10]))
        ax.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k" if x >= 1000 else f"{x:g}")
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    named = [method for method in methods if method in handles]
    rows = -(-len(named) // fit)
    shown = {"ncols": -(-len(named) // max(1, rows)) or 1, "frameon": False, "fontsize": 9}
    figure.legend([handles[method] for method in named], named, loc="outside lower center", **shown)
    return figure
