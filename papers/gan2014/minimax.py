"""A game of two variables: simultaneous and alternating steps towards a saddle (algorithm 1 in small)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro import claims
from repro.items import Metric, Scale, claim, item, setting
from repro.pictures import BLACK, BLUE, GREEN, ORANGE

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

EXAMPLE_SOURCE = "not in the paper; a lecture's example"


@dataclass(frozen=True)
class Quadratic:
    """f(x, y) = a x² + b xy + c y² + d x + e y + constant; x goes down, y goes up.

    Attributes:
        a, b, c, d, e, constant: The coefficients.
    """

    a: float
    b: float
    c: float
    d: float = 0.0
    e: float = 0.0
    constant: float = 0.0

    def value(self, x: float | np.ndarray, y: float | np.ndarray) -> float | np.ndarray:
        """f at numbers or arrays."""
        return self.a * x**2 + self.b * x * y + self.c * y**2 + self.d * x + self.e * y + self.constant

    def slope_x(self, x: float, y: float) -> float:
        """df/dx."""
        return 2 * self.a * x + self.b * y + self.d

    def slope_y(self, x: float, y: float) -> float:
        """df/dy."""
        return self.b * x + 2 * self.c * y + self.e

    @property
    def saddle(self) -> tuple[float, float]:
        """The one point where both slopes are zero."""
        det = 4 * self.a * self.c - self.b**2
        return (self.b * self.e - 2 * self.c * self.d) / det, (self.b * self.d - 2 * self.a * self.e) / det


EXAMPLE = Quadratic(1, 2, -3, 4, 5, 6)
BILINEAR = Quadratic(0, 1, 0)

Order = Callable[[Quadratic, float, float, float], tuple[float, float]]


def simultaneous(game: Quadratic, x: float, y: float, rate: float) -> tuple[float, float]:
    """A step of both players, each against the other's old place."""
    return x - rate * game.slope_x(x, y), y + rate * game.slope_y(x, y)


def alternating(game: Quadratic, x: float, y: float, rate: float) -> tuple[float, float]:
    """A step of x, then a step of y that sees the new x."""
    x = x - rate * game.slope_x(x, y)
    return x, y + rate * game.slope_y(x, y)


ORDERS: dict[str, Order] = {"simultaneous": simultaneous, "alternating": alternating}


def path(game: Quadratic, order: Order, start: tuple[float, float], rate: float, steps: int) -> np.ndarray:
    """The places after 0, 1, ..., `steps` steps: shape (steps + 1, 2)."""
    places = [start]
    for _ in range(steps):
        places.append(order(game, *places[-1], rate))
    return np.array(places)


def spectral_radius(game: Quadratic, order: Order, rate: float) -> float:
    """Factor by which the distance to the saddle ends up shrinking (below 1) or growing, a step."""
    centred = replace(game, d=0.0, e=0.0)
    (a, c), (b, d) = (order(centred, *unit, rate) for unit in ((1.0, 0.0), (0.0, 1.0)))
    half, det = (a + d) / 2, a * d - b * c
    if half**2 < det:  # a complex pair
        return math.sqrt(det)
    return abs(half) + math.sqrt(half**2 - det)


def largest_stable_rate(game: Quadratic, order: Order, most: float = 4.0) -> float:
    """The rate up to which every smaller one converges, to 1e-8; 0 where none does.

    Args:
        game, order: Of the steps.
        most: Where to stop looking; rates are tried in steps of 1/1024, then bisected.
    """

    def converges(rate: float) -> bool:
        return spectral_radius(game, order, rate) < 1 - 1e-9

    tried = np.arange(1, int(most * 1024) + 1) / 1024
    low = 0.0
    for high in tried:
        if not converges(high):
            break
        low = high
    else:
        return float(most)
    if low == 0:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if converges(middle) else (low, middle)
    return float(low)


@dataclass(frozen=True)
class Game:
    """Settings of the worked example."""

    start: tuple[float, float] = setting((-1.0, -0.5), EXAMPLE_SOURCE)
    rate: float = setting(0.1, EXAMPLE_SOURCE)
    steps: int = setting(50, "not stated; ours: the example itself stops after one step")
    other_rate: float = setting(0.3, "not stated; ours: where only one of the two orders converges")
    exact_rate: float = setting(0.25, "not stated; ours: where the simultaneous matrix is nilpotent")


PLACE_X = Metric("x", "the player that goes down, after so many steps")
PLACE_Y = Metric("y", "the player that goes up, after so many steps")
F = Metric("f", "x² + 2xy - 3y² + 4x + 5y + 6 there; not monotone on the way to the saddle")
DISTANCE = Metric("distance_to_saddle", "Euclidean distance to (-17/8, 1/8) after so many steps", "", "lower")
RADIUS = Metric("spectral_radius", "of a step's matrix at the rate in the row; converges below 1", "", "lower")
STABLE = Metric("largest_stable_rate", "every smaller rate converges; by bisection, 0 where none does", "", "higher")

SHOWN_STEPS = (0, 1, 2, 3, 4, 5, 10, 20, 50)


@item(
    "minimax",
    "A game of two variables: the order of updates, and which rates converge",
    quick=Scale(Game()),
    metrics=[PLACE_X, PLACE_Y, F, DISTANCE, RADIUS, STABLE],
)
def minimax(bench: Bench, runs: Sequence[Finished]) -> None:
    """min over x, max over y of f = x² + 2xy - 3y² + 4x + 5y + 6, from (-1, -0.5) with rate 0.1; in the paper's V, x is
    G and y is D. Both orders converge to the saddle (-17/8, 1/8), where f = 33/16. A lecture's treatment of this
    example slips four times: it says that the players alternate, but its y-step sees the old x, so that its point
    (-1.1, 0.1) is a simultaneous step (alternating gives y = 0.08); it words the second derivative as that of the
    function of x, where it is the function of y; it stops after this one step without naming the saddle, although
    f has risen from 0.75 to 3.06; and it sets min over x, max over y beside a GAN line with max over G, min over D of
    the negated value, where x would be D, without saying so. f rises before it falls: that a loss goes down says
    nothing about a game. The rule that alternating is the better order holds for f = xy, not here.
    """
    settings = bench.settings
    bench.record("saddle", PLACE_X, EXAMPLE.saddle[0])
    bench.record("saddle", PLACE_Y, EXAMPLE.saddle[1])
    bench.record("saddle", F, EXAMPLE.value(*EXAMPLE.saddle))
    for name, order in ORDERS.items():
        _record_path(bench, name, settings.rate, settings.steps)
        for game, words in ((EXAMPLE, ""), (BILINEAR, "f = xy, ")):
            bench.record(f"{words}{name}", STABLE, largest_stable_rate(game, order))
            for rate in (settings.rate, settings.exact_rate, settings.other_rate):
                bench.record(f"{words}{name}, rate {rate:g}", RADIUS, spectral_radius(game, order, rate))
    _record_path(bench, "simultaneous", settings.exact_rate, 2)
    _tabulate(bench)
    caption = (
        "(a) Both orders with rate 0.1, and the two steps of rate 0.25 that end exactly at the saddle; grey: contours "
        "of f. (b) A rate converges where the radius is below 1. (c), (d) The same for f = xy, rate 0.3, 30 steps: "
        "simultaneous steps leave at every rate, alternating ones circle up to rate 2 and never arrive."
    )
    title = bench.title("A game of two variables: simultaneous and alternating steps, exact")
    bench.draw("minimax", _figure(settings, title), caption)


def _record_path(bench: Bench, name: str, rate: float, steps: int) -> None:
    row = f"{name}, rate {rate:g}"
    places = path(EXAMPLE, ORDERS[name], bench.settings.start, rate, steps)
    for step in [s for s in SHOWN_STEPS if s <= steps]:
        x, y = places[step]
        bench.record(row, PLACE_X, x, step=step)
        bench.record(row, PLACE_Y, y, step=step)
        bench.record(row, F, EXAMPLE.value(x, y), step=step)
        bench.record(row, DISTANCE, math.dist((x, y), EXAMPLE.saddle), step=step)


def _tabulate(bench: Bench) -> None:
    settings = bench.settings
    both = [path(EXAMPLE, order, settings.start, settings.rate, settings.steps) for order in ORDERS.values()]
    header = ["step", *(f"{name}: {what}" for name in ORDERS for what in ("x", "y", "f"))]
    rows = [
        [step, *(float(cell) for places in both for cell in (*places[step], EXAMPLE.value(*places[step])))]
        for step in SHOWN_STEPS
        if step <= settings.steps
    ]
    bench.table("minimax_steps", header, rows, f"Both orders with rate {settings.rate:g}; exact but for rounding.")


# ---- the picture ----

STYLES = {"simultaneous": (BLUE, "-", "o"), "alternating": (ORANGE, "--", "s")}


def _figure(settings: Game, title: str) -> Figure:
    figure = Figure(figsize=(9.6, 8.0), layout="constrained")
    figure.suptitle(title, fontsize=11)
    (paths, radii), (bilinear, bilinear_radii) = figure.subplots(2, 2)
    _contours(paths, EXAMPLE, (-2.45, -0.7), (-0.7, 1.15))
    exact = path(EXAMPLE, simultaneous, settings.start, settings.exact_rate, 2)
    paths.plot(*exact.T, color=GREEN, ls=":", marker="^", ms=5, lw=1.4, label="simultaneous, rate 0.25")
    _paths(paths, EXAMPLE, settings.start, settings.rate, settings.steps)
    paths.annotate("start", settings.start, (8, -4), textcoords="offset points", fontsize=9)
    paths.annotate("saddle\n(−17/8, 1/8)", EXAMPLE.saddle, (-4, -34), textcoords="offset points", fontsize=9)
    paths.set_title("(a) f = x² + 2xy − 3y² + 4x + 5y + 6", fontsize=10)
    _radii(radii, EXAMPLE, 0.6)
    radii.set_title("(b) which rates converge", fontsize=10)
    _contours(bilinear, BILINEAR, (-6, 6), (-6, 6))
    _paths(bilinear, BILINEAR, (1.0, 1.0), settings.other_rate, 30)
    bilinear.set_title("(c) f = xy, from (1, 1)", fontsize=10)
    _radii(bilinear_radii, BILINEAR, 2.5)
    bilinear_radii.set_title("(d) f = xy: no rate converges", fontsize=10)
    for ax in (paths, bilinear):
        ax.set(xlabel="x, goes down", ylabel="y, goes up")
    for ax in (paths, radii, bilinear, bilinear_radii):
        ax.legend(frameon=False, fontsize=8)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _contours(ax: Axes, game: Quadratic, x: tuple[float, float], y: tuple[float, float]) -> None:
    grid = np.meshgrid(np.linspace(*x, 121), np.linspace(*y, 121))
    ax.contour(*grid, game.value(*grid), levels=14, colors="0.8", linewidths=0.7, linestyles="solid")
    ax.set(xlim=x, ylim=y)


def _paths(ax: Axes, game: Quadratic, start: tuple[float, float], rate: float, steps: int) -> None:
    for name, (colour, dash, marker) in STYLES.items():
        places = path(game, ORDERS[name], start, rate, steps)
        ax.plot(*places.T, color=colour, ls=dash, marker=marker, ms=3.5, lw=1.3, label=f"{name}, rate {rate:g}")
    ax.plot(*game.saddle, "*", color=BLACK, ms=11, zorder=3)


def _radii(ax: Axes, game: Quadratic, most: float) -> None:
    rates = np.linspace(0, most, 601)
    for name, (colour, dash, _) in STYLES.items():
        limit = largest_stable_rate(game, ORDERS[name])
        told = f"{name}, up to {limit:.4g}" if limit else name
        ax.plot(
            rates, [spectral_radius(game, ORDERS[name], r) for r in rates], color=colour, ls=dash, lw=1.8, label=told
        )
        if limit:
            ax.plot(limit, 1, marker="o", color=colour, ms=6, mfc="white", zorder=3)
    ax.axhline(1, color=BLACK, lw=0.8)
    ax.set(xlabel="rate", ylabel="spectral radius of a step", xlim=(0, most), ylim=(0, None))


@claim(
    "minimax",
    "Both orders with rate 0.1 come within 1e-6 of the saddle in 50 steps; two simultaneous steps of rate 0.25 end "
    "exactly on it.",
    source="ours: a computation on a lecture's example, not of the paper",
    exact=True,
)
def both_orders_reach_the_saddle(values: claims.Values) -> claims.Verdict:
    ends = {name: values.without_seed(f"{name}, rate 0.1", DISTANCE.name)[-1] for name in ORDERS}
    two = values.one("simultaneous, rate 0.25", DISTANCE.name, 2)
    shown = ", ".join(f"{name} {end:.3g}" for name, end in ends.items())
    return claims.exact(max(ends.values()) < 1e-6 and two == 0, f"distance after 50 steps: {shown}; rate 0.25: {two:g}")


@claim(
    "minimax",
    "Alternating is not always the better order: here it is slower at rate 0.1 and has the smaller range of rates that "
    "converge, while for f = xy simultaneous steps grow and alternating ones do not.",
    source="ours, against a common rule; not of the paper",
    exact=True,
)
def alternating_is_not_always_better(values: claims.Values) -> claims.Verdict:
    slow, limit, xy = (
        {name: values.one(row.format(name), metric.name) for name in ORDERS}
        for row, metric in (("{}, rate 0.1", RADIUS), ("{}", STABLE), ("f = xy, {}, rate 0.1", RADIUS))
    )
    shown = "; ".join(
        f"{what}: simultaneous {found['simultaneous']:.6g}, alternating {found['alternating']:.6g}"
        for what, found in (("radius at 0.1", slow), ("rates up to", limit), ("f = xy, radius at 0.1", xy))
    )
    here = slow["alternating"] > slow["simultaneous"] and limit["alternating"] < limit["simultaneous"]
    return claims.exact(here and xy["simultaneous"] > 1 + 1e-9 and xy["alternating"] <= 1 + 1e-9, shown)
