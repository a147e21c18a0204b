"""Section 4: the best D, G's criterion and its minimum, and the descent of proposition 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from papers.gan2014 import divergence
from papers.gan2014.divergence import LOG_4, criterion, log_of, normal_log_density
from repro import claims
from repro.items import Metric, Scale, claim, item, setting
from repro.pictures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

GAUSSIANS = ((0, 1), (0.5, 1), (1, 1), (2, 1), (4, 1), (10, 1), (0, 2), (1, 0.5))
DISCRETE = {
    "0.5, 0.3, 0.2 against 0.2, 0.2, 0.6": (np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])),
    "halves that share one of 3 states": (np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])),
    "disjoint halves of 4 states": (np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])),
}
EQUAL = "global minimum"
MULTIPLICATIVE = "multiplicative steps, rate 1"


@dataclass(frozen=True)
class Theory:
    """Settings of the checks; all of it is ours, the statements are the paper's."""

    reach: float = setting(40.0, "not stated; ours: integrals run over -reach..reach")
    points: int = setting(8_001, "not stated; ours: points of an integral; a hundred times as many change 1e-15")
    others: int = setting(20, "not stated; ours: other D, at random, that D* is compared with")
    states: int = setting(101, "not stated; ours: points on -5..5 that q lives on in the descent")
    steps: int = setting(20, "not stated; ours: multiplicative steps")
    euclidean_rates: tuple[float, ...] = setting(
        (1e-5, 1e-4, 1e-3, 1e-2), "not stated; ours: of projected Euclidean steps"
    )
    euclidean_steps: int = setting(2_000, "not stated; ours: projected Euclidean steps")
    segments: int = setting(1_000, "not stated; ours: random pairs of q between which convexity is checked")


C_OF_G = Metric("C(G)", "G's criterion when D is optimal, -log 4 + 2 JSD, integrated numerically", "nats", "lower")
JSD = Metric("jsd", "Jensen-Shannon divergence of p_data and p_g; 0 to log 2", "nats", "lower")
V = Metric("V_at_D*", "the game's value at D*, integrated directly", "nats")
IDENTITY = Metric("identity_error", "|V at D* - (-log 4 + 2 JSD)|", "nats", "lower")
D_ERROR = Metric(
    "largest_D*_error", "largest |maximiser of p log y + q log(1-y), by bisection, - p/(p+q)|", "", "lower"
)
GAIN = Metric("largest_gain_of_another_D", "largest V of a random other D, less V at D*; positive would refute", "nats")
D_OF_X = Metric("D(x)", "D*, at the point where it is farthest from 1/2")
DESCENT = Metric("C_in_descent", "C after so many steps of the descent in q with D optimal", "nats", "lower")
APART = Metric("total_variation_in_descent", "half of sum |p - q| after so many steps", "", "lower")
CLOSED = Metric("closed_form_error", "largest |q_t - p - (q_0 - p)/2^t| over states and steps", "", "lower")
BENT = Metric(
    "smallest_convexity_slack",
    "C(middle) - mean of C at both ends, largest over random pairs of q; above 0 is a violation",
    "nats",
    "lower",
)


@item(
    "theory",
    "The best D, the criterion of G, and the descent of proposition 2",
    quick=Scale(Theory()),
    metrics=[C_OF_G, JSD, V, IDENTITY, D_ERROR, GAIN, D_OF_X, DESCENT, APART, CLOSED, BENT],
    version=3,
)
def theory(bench: Bench, runs: Sequence[Finished]) -> None:
    """With G fixed the best D is p_data / (p_data + p_g); put back into the game it leaves G with -log 4 + 2 JSD, whose
    only minimum is p_g = p_data, where D is 1/2 everywhere. Checked in float64 on Gaussians (p_data = N(0, 1), p_g in
    the row) and on a few states. The third part moves p_g itself, as proposition 2 does: C is convex in it, and a
    multiplicative step of rate 1 halves the distance to p_data exactly. The slope has no bound where p_g is small:
    projected Euclidean steps of a fixed rate end up jumping between two p_g (1e-3, 1e-2), begin by raising C and later
    wander above its minimum (1e-4), or creep (1e-5 is not there after 2,000 steps), so it matters what a small step is.
    None of this is a proof about networks, whose weights are moved instead; the paper says so.
    """
    _record_gaussians(bench)
    _record_discrete(bench)
    _record_convexity(bench)
    p, paths = _record_descents(bench)
    caption = (
        "(a) p_data, and p_g after 0, 1, 2, 3 and 5 multiplicative steps of rate 1, as probabilities of 101 points. "
        "(b) The best D of each. (c) C above its minimum: multiplicative steps halve the distance to p_data each time, "
        "projected Euclidean steps (slopes cut off at -50; some of 2,000) jump, wander or creep, by their rate."
    )
    title = bench.title("Theorem 1 and proposition 2: descent in p_g with D optimal at every step, exact")
    bench.draw("theory", _figure(p, paths, title), caption)


def _record_gaussians(bench: Bench) -> None:
    settings = bench.settings
    x = np.linspace(-settings.reach, settings.reach, settings.points)
    log_p, width = normal_log_density(x), 2 * settings.reach / (settings.points - 1)
    for mean, std in GAUSSIANS:
        log_q = normal_log_density(x, mean, std)
        _record_pair(bench, f"N({mean:g}, {std:g}²)", log_p, log_q, width)
    bench.record(EQUAL, C_OF_G, criterion(log_p, log_p, width))
    best = divergence.optimal_discriminator(log_p, log_p)
    bench.record("at the optimum", D_OF_X, best[np.abs(best - 0.5).argmax()])


def _record_discrete(bench: Bench) -> None:
    for row, (p, q) in DISCRETE.items():
        _record_pair(bench, row, log_of(p), log_of(q), 1.0)


def _record_pair(bench: Bench, row: str, log_p: np.ndarray, log_q: np.ndarray, width: float) -> None:
    logit = divergence.optimal_logit(log_p, log_q)
    found, divergent = divergence.value(logit, log_p, log_q, width), divergence.jsd(log_p, log_q, width)
    random = np.random.default_rng(0)
    others = [logit + random.normal(size=logit.shape) for _ in range(bench.settings.others)]
    gain = max(divergence.value(other, log_p, log_q, width) for other in others) - found
    sought = divergence.pointwise_maximiser(log_p, log_q)
    bench.record(row, JSD, divergent)
    bench.record(row, C_OF_G, criterion(log_p, log_q, width))
    bench.record(row, V, found)
    bench.record(row, IDENTITY, abs(found - (2 * divergent - LOG_4)))
    bench.record(row, D_ERROR, float(np.abs(sought - divergence.sigmoid(logit)).max()))
    bench.record(row, GAIN, gain)


def _record_convexity(bench: Bench) -> None:
    p, _ = start(bench.settings.states)
    random = np.random.default_rng(0)
    violation = -np.inf
    for _ in range(bench.settings.segments):
        ends = random.dirichlet(np.full(len(p), 0.1), size=2)  # most mass on few states
        at = [criterion(log_of(p), log_of(q)) for q in (*ends, ends.mean(axis=0))]
        violation = max(violation, at[2] - (at[0] + at[1]) / 2)
    bench.record("random pairs of p_g", BENT, violation)


def start(states: int) -> tuple[np.ndarray, np.ndarray]:
    """p from N(0, 1) and the descent's q_0 from N(2, 0.5²), as probabilities of even points on -5..5."""
    x = np.linspace(-5, 5, states)
    p, q = np.exp(normal_log_density(x)), np.exp(normal_log_density(x, 2, 0.5))
    return p / p.sum(), q / q.sum()


def _record_descents(bench: Bench) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Records both kinds of descent; returns p and, by row, q after every step."""
    settings = bench.settings
    p, q = start(settings.states)
    paths = {MULTIPLICATIVE: divergence.descent(divergence.multiplicative_step, p, q, 1.0, settings.steps)}
    for rate in settings.euclidean_rates:
        path = divergence.descent(divergence.euclidean_step, p, q, rate, settings.euclidean_steps)
        paths[f"Euclidean steps, rate {rate:g}"] = path
    for row, path in paths.items():
        last = len(path) - 1
        for step in range(settings.steps + 1) if row == MULTIPLICATIVE else (0, 1, 10, 100, last - 1, last):
            bench.record(row, DESCENT, criterion(log_of(p), log_of(path[step])), step=step)
            bench.record(row, APART, divergence.total_variation(p, path[step]), step=step)
    halved = p + (q - p) / 2.0 ** np.arange(settings.steps + 1)[:, None]
    bench.record(MULTIPLICATIVE, CLOSED, float(np.abs(paths[MULTIPLICATIVE] - halved).max()))
    return p, paths


# ---- the picture ----

SHOWN = {0: PURPLE, 1: RED, 2: ORANGE, 3: SKY, 5: GREEN}
DASHES = ("-", "--", "-.", (0, (3, 1, 1, 1, 1, 1)), ":")


def _figure(p: np.ndarray, paths: dict[str, np.ndarray], title: str) -> Figure:
    figure = Figure(figsize=(12, 4.3), layout="constrained")
    figure.suptitle(title, fontsize=11)
    densities, best, above = figure.subplots(1, 3)
    x, path = np.linspace(-5, 5, len(p)), paths[MULTIPLICATIVE]
    densities.plot(x, p, color=BLACK, ls=":", lw=2.2, label="p_data")
    for (step, colour), dash in zip(SHOWN.items(), DASHES, strict=True):
        step = min(step, len(path) - 1)
        densities.plot(x, path[step], color=colour, ls=dash, lw=1.6, label=f"p_g after {step} step{'s' * (step != 1)}")
        d = divergence.optimal_discriminator(log_of(p), log_of(path[step]))
        best.plot(x, d, color=colour, ls=dash, lw=1.6, label=f"after {step} step{'s' * (step != 1)}")
    best.axhline(0.5, color="0.6", lw=0.8)
    densities.set(xlabel="x", ylabel="probability of a point", title="(a) p_g towards p_data", ylim=(0, None))
    best.set(xlabel="x", ylabel="D*(x)", title="(b) the best D", ylim=(-0.02, 1.02))
    _draw_criterion(above, p, paths)
    for ax in (densities, best, above):
        ax.title.set_fontsize(10)
        ax.legend(frameon=False, fontsize=8, loc="center right" if ax is above else "best")
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_criterion(ax: Axes, p: np.ndarray, paths: dict[str, np.ndarray]) -> None:
    for (row, path), colour, marker in zip(paths.items(), (BLUE, GREEN, ORANGE, RED, PURPLE), "os^v*", strict=False):
        steps = np.unique(np.geomspace(1, len(path), 60).astype(int) - 1)
        c = [max(criterion(log_of(p), log_of(path[step])) + LOG_4, 1e-16) for step in steps]
        line, width = ("-", 1.6) if row == MULTIPLICATIVE else (":", 0.7)
        ax.plot(
            steps, c, color=colour, ls=line, marker=marker, ms=3, mfc="none", lw=width, label=row.replace(" steps", "")
        )
    ax.set(xscale="symlog", yscale="log", xlabel="step", ylabel="C + log 4, nats", title="(c) C above its minimum")
    ax.set_ylim(1e-13, 10)
    ax.grid(alpha=0.3)


@claim(
    "theory",
    "For a fixed G the best D is p_data / (p_data + p_g): the point-wise maximum lies there to 1e-12, and no other D "
    "that was tried has a larger value.",
    source="proposition 1; the margin is ours; a D that is trained to it is judged with figure 1",
    exact=True,
)
def best_d_is_the_ratio(values: claims.Values) -> claims.Verdict:
    rows = _pairs()
    error = max(values.one(row, D_ERROR.name) for row in rows)
    gain = max(values.one(row, GAIN.name) for row in rows)
    shown = f"{len(rows)} pairs: largest error {error:.1e}; largest gain of another D {gain:.2g} nats"
    return claims.exact(error <= 1e-12 and gain <= 0, shown)


@claim(
    "theory",
    "With D optimal, the game's value is -log 4 + 2 JSD (to 1e-8); it is -log 4 where p_g = p_data and larger for "
    "every other pair, by more than 1e-8, and at most 0.",
    source="theorem 1, equations 4 to 6; the margin is ours",
    exact=True,
)
def criterion_is_the_divergence(values: claims.Values) -> claims.Verdict:
    rows = _pairs()
    error = max(values.one(row, IDENTITY.name) for row in rows)
    least = values.one(EQUAL, C_OF_G.name)
    others = [values.one(row, C_OF_G.name) for row in rows if row != "N(0, 1²)"]
    shown = (
        f"{len(rows)} pairs: largest error {error:.1e}; C - (-log 4) = {abs(least + LOG_4):.1e} at equality, at least "
        f"{min(others) + LOG_4:.3g} elsewhere; largest C {max(others):.3g}"
    )
    holds = error <= 1e-8 and abs(least + LOG_4) <= 1e-8 and min(others) > -LOG_4 + 1e-8 and max(others) <= 1e-8
    return claims.exact(holds, shown)


@claim(
    "theory",
    "C is convex in p_g (to 1e-12), and small steps on p_g itself, D optimal at each, bring it down at every step, "
    "within 1e-9 of -log 4 after 20 (multiplicative steps of rate 1).",
    source="proposition 2; that p_g moves multiplicatively, and the margins, are ours",
    exact=True,
)
def descent_in_p_g_converges(values: claims.Values) -> claims.Verdict:
    path = values.without_seed(MULTIPLICATIVE, DESCENT.name)
    bent = values.one("random pairs of p_g", BENT.name)
    falls = bool(np.all(np.diff(path[:21]) < 0))
    shown = (
        f"{'falls' if falls else 'does not fall'} at every step from {path[0]:.6f}; C + log 4 = {path[20] + LOG_4:.1e} "
        f"after 20; largest C(middle) - mean of both ends {bent:.1e}"
    )
    return claims.exact(falls and path[20] + LOG_4 < 1e-9 and bent <= 1e-12, shown)


@claim(
    "theory",
    "Projected Euclidean steps of a fixed rate are no such small steps: at 1e-4 the first one raises C, at 1e-3 and "
    "1e-2 C is still above -1.1 after 2,000.",
    source="ours, against reading proposition 2 as true of any step; slopes cut off at -50, rates and margin are ours",
    exact=True,
)
def euclidean_steps_stall(values: claims.Values) -> claims.Verdict:
    slow = "Euclidean steps, rate 0.0001"
    first = [values.one(slow, DESCENT.name, step) for step in (0, 1)]
    rows = ["Euclidean steps, rate 0.001", "Euclidean steps, rate 0.01"]
    ends = [values.without_seed(row, DESCENT.name)[-2:] for row in rows]
    shown = f"rate 0.0001: {first[0]:.4f}, then {first[1]:.4f}; last two steps: " + "; ".join(
        f"{row.split()[-1]}: {before:.4f}, {last:.4f}" for row, (before, last) in zip(rows, ends, strict=True)
    )
    return claims.exact(first[1] > first[0] and min(map(min, ends)) > -1.1, shown)


def _pairs() -> list[str]:
    return [*(f"N({mean:g}, {std:g}²)" for mean, std in GAUSSIANS), *DISCRETE]
