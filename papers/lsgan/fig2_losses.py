"""Figure 2: the two losses as functions of D's output, for the label "real"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from repro import claims
from repro.items import Metric, Scale, claim, item, setting
from repro.pictures import BLUE, RED

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

FLAT_FROM = float(np.log(999))  # beyond it |dCE/ds| < 1e-3


@dataclass(frozen=True)
class Curves:
    """Settings of the figure."""

    reach: float = setting(10.0, "Figure 2, horizontal axis (from memory)")


def cross_entropy(s: np.ndarray) -> np.ndarray:
    """softplus(-s): sigmoid cross entropy of logit s against "real", nats."""
    return np.logaddexp(0, -s)


def cross_entropy_slope(s: np.ndarray) -> np.ndarray:
    """Its derivative, -sigma(-s)."""
    return -1 / (1 + np.exp(s))


def saturating_slope(s: np.ndarray) -> np.ndarray:
    """d/ds log(1 - sigma(s)) = -sigma(s): the slope of the saturating generator loss."""
    return -1 / (1 + np.exp(-s))


def least_squares(s: np.ndarray) -> np.ndarray:
    """1/2 (s - 1)²."""
    return 0.5 * (s - 1) ** 2


def least_squares_slope(s: np.ndarray) -> np.ndarray:
    """s - 1."""
    return s - 1


LOSS = Metric("loss", "value at D's output s, label real; s stands in the row", "nats or squared labels")
SLOPE = Metric("slope", "derivative with respect to s")
FLAT = Metric("flat_from", "smallest s beyond which the slope stays below 1e-3 in size; empty where there is none")
ZEROS = Metric("points_of_zero_slope", "sign changes of the slope over -10..10 in steps of 1/64")


@item(
    "fig2",
    "The sigmoid cross entropy and the least-squares loss",
    quick=Scale(Curves()),
    metrics=[LOSS, SLOPE, FLAT, ZEROS],
    version=2,
)
def fig2(bench: Bench, runs: Sequence[Finished]) -> None:
    """Both losses for the label "real" over D's output. The slope of cross entropy stays below 1e-3 on a half-line, so
    that a fake that D accepts with confidence gets next to no gradient wherever it lies; that of least squares is zero
    at a single point and large away from it. This speaks of the non-saturating generator loss: the saturating one has
    full slope for accepted fakes and next to none for rejected ones.
    """
    rows = []
    for s in (-10.0, -5.0, -2.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0):
        line = [cross_entropy(s), cross_entropy_slope(s), saturating_slope(s), least_squares(s), least_squares_slope(s)]
        rows.append([s, *[float(value) for value in line]])
        bench.record(f"cross entropy, s = {s:g}", LOSS, float(line[0]))
        bench.record(f"cross entropy, s = {s:g}", SLOPE, float(line[1]))
        bench.record(f"least squares, s = {s:g}", LOSS, float(line[3]))
        bench.record(f"least squares, s = {s:g}", SLOPE, float(line[4]))
    header = ["s", "cross entropy", "its slope", "saturating slope", "least squares", "its slope"]
    bench.table("fig2_values", header, rows, "Exact values.")
    grid = np.arange(-640, 641) / 64
    bench.record("cross entropy", ZEROS, _zeros(cross_entropy_slope(grid)))
    bench.record("least squares", ZEROS, _zeros(least_squares_slope(grid)))
    bench.record("cross entropy", FLAT, FLAT_FROM)
    caption = (
        "(a) The slope stays below 0.001 beyond s = ln 999. (b) Zero slope only at s = 1. The two have y axes of "
        "their own. The published horizontal range is from memory, not verified."
    )
    bench.draw("fig2", _figure(bench.settings.reach, bench.title("Figure 2: the two losses, exact")), caption)


def _zeros(slope: np.ndarray) -> int:
    signs = np.sign(slope)
    return int((signs == 0).sum() + (signs[:-1] * signs[1:] < 0).sum())


def _figure(reach: float, title: str) -> Figure:
    s = np.linspace(-reach, reach, 401)
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(s, cross_entropy(s), color=BLUE, lw=2)
    left.axvspan(FLAT_FROM, reach, color=BLUE, alpha=0.15, lw=0)
    left.text(FLAT_FROM - 0.3, 5, "slope below 0.001\nfrom s = ln 999", ha="right", va="center", fontsize=9)
    left.set(title="(a) sigmoid cross entropy", ylabel="loss for the label real", ylim=(0, None))
    right.plot(s, least_squares(s), color=RED, lw=2)
    right.plot(1, 0, "o", color=RED)
    arrow = {"arrowstyle": "->"}
    right.annotate("zero slope only at s = 1", (1, 0), (1, 22), ha="center", fontsize=9, arrowprops=arrow)
    right.set(title="(b) least squares, 1/2 (s − 1)²", ylabel="loss for the label real", ylim=(-1, None))
    for ax in (left, right):
        ax.set(xlabel="D's output s (a logit in a)", xlim=(-reach, reach))
        ax.title.set_fontsize(10)
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=11)
    return figure


@claim(
    "fig2",
    "The least-squares loss has zero slope at exactly one point; cross entropy's stays below 1e-3 on a half-line.",
    source="section 3.2, figure 2, where both are called flat; the 1e-3 is ours",
    exact=True,
)
def flat_at_one_point(values: claims.Values) -> claims.Verdict:
    points = values.one("least squares", ZEROS.name)
    beyond = np.linspace(FLAT_FROM + 1e-9, 40, 1000)
    largest = float(np.abs(cross_entropy_slope(beyond)).max())
    shown = f"least squares: {points:.0f} point; cross entropy beyond s = {FLAT_FROM:.4f}: at most {largest:.6f}"
    return claims.exact(points == 1 and largest < 1e-3, shown)
