"""Figure 1: p_data, p_g and D in one dimension, at four moments of a training that is run, not drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from papers.gan2014 import divergence
from papers.gan2014.divergence import normal_log_density
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, setting
from repro.pictures import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED

if TYPE_CHECKING:
    import keras

    from repro.bench import Bench
    from repro.runs import Finished, Folder

PANELS = {
    "a": "start: p_g is displaced,\nD is partly right",
    "b": "D trained to the best for this G",
    "c": "G has followed D's slope,\nD is as before",
    "d": "both in turn: p_g is nearly p_data,\nD nearly 1/2",
}
GRID = np.linspace(-8, 8, 1601)  # where D is looked at; ours
CLOSE = 0.05  # max |D - D*| in panel b, mean |D - 1/2| in panel d; ours


@dataclass(frozen=True)
class Phase:
    """Some training steps of one kind.

    Attributes:
        moves: `D`, `G`, or `rounds` of several updates of D and one of G.
        steps: How many.
        rate_d, rate_g: Learning rates of those that move.
        panel: Of the figure, taken after the last step; empty for none.
    """

    moves: str
    steps: int
    rate_d: float = 0.0
    rate_g: float = 0.0
    panel: str = ""


SCHEDULE = (
    Phase("D", 30, rate_d=0.003, panel="a"),
    Phase("D", 2_000, rate_d=0.003),
    Phase("D", 1_000, rate_d=0.0003, panel="b"),
    Phase("G", 60, rate_g=0.01, panel="c"),
    Phase("rounds", 300, rate_d=0.003, rate_g=0.006),
    Phase("rounds", 200, rate_d=0.001, rate_g=0.002),
    Phase("rounds", 200, rate_d=0.0003, rate_g=0.0006),
    Phase("D", 1_000, rate_d=0.0003, panel="d"),
)
OURS = "not stated; ours: the paper publishes neither data nor networks of this figure"


@dataclass(frozen=True)
class Toy:
    """Settings of the toy: p_data is N(0, 1), z is uniform, p_g is N(m, s²) exactly. Lengths are fixed."""

    mean: float = setting(1.5, "not stated; ours: m at the start, so that p_g is like p_data but displaced")
    std: float = setting(0.6, "not stated; ours: s at the start")
    width: int = setting(32, OURS)
    batch_size: int = setting(512, OURS)
    beta_1: float = setting(0.5, OURS)
    d_steps: int = setting(5, "not stated; ours: updates of D in a round, so that it stays near its best")
    schedule: tuple[Phase, ...] = setting(SCHEDULE, OURS)

    def updates(self, player: str) -> list[tuple[int, float]]:
        """How often `D` or `G` is updated at which rate, in order."""
        each = {"D": self.d_steps, "G": 1}
        return [
            (phase.steps * (each[player] if phase.moves == "rounds" else 1), getattr(phase, f"rate_{player.lower()}"))
            for phase in self.schedule
            if phase.moves in (player, "rounds")
        ]

    def stretches(self) -> list[tuple[str, int, int, str]]:
        """(what moves, first step, step after the last, panel): phases of one kind are joined up to a panel."""
        found, begin, end = [], 0, 0
        for phase, following in zip_longest(self.schedule, self.schedule[1:]):
            end += phase.steps
            if phase.panel or following is None or following.moves != phase.moves:
                found.append((phase.moves, begin, end, phase.panel))
                begin = end
        return found


def train_toy(settings: Toy, seed: int, folder: Folder) -> None:
    """Trains stretch after stretch; leaves, for each panel, m, s and D's logits over `GRID`.

    A stretch goes on from the backup of the one before it: weights, optimizers and the count of steps.
    """
    import keras
    import tensorflow as tf

    from papers.gan2014 import toy
    from papers.gan2014.model import NonSaturating
    from repro import fitting
    from repro.training import place_seed

    kinds = {"D": toy.OnlyDiscriminator, "G": toy.OnlyGenerator, "rounds": toy.Rounds}
    players = toy.generator(settings.mean, settings.std), toy.discriminator(settings.width)

    def adam(player: str) -> keras.optimizers.Adam:
        rate = toy.stepwise(*zip(*settings.updates(player), strict=True))
        return keras.optimizers.Adam(rate, beta_1=settings.beta_1)

    def real(shape: list[int], step: tf.Tensor) -> tf.Tensor:
        key = tf.stack([place_seed(seed, "real points"), tf.cast(step, tf.int32)])
        return tf.random.stateless_normal(shape, key, alg="philox")

    for moves, begin, end, panel in settings.stretches():
        gan = kinds[moves](*players, toy.UnitInterval(), NonSaturating(0.5), seed)
        gan.compile(d_optimizer=adam("D"), g_optimizer=adam("G"))
        shape = [settings.d_steps] * (moves == "rounds") + [settings.batch_size, 1]
        fitting.fit(
            gan,
            lambda step, shape=shape: real(shape, step),
            steps=end,
            folder=folder,
            snapshot_every=math.gcd(begin, end),
        )
        # A run that was interrupted later than here is already further on, and has left this panel before.
        if panel and int(gan.step.value) == end:
            folder.save(panel, **_state(*players))


def _state(generator: keras.Model, discriminator: keras.Model) -> dict[str, np.ndarray]:
    mean, log_std = (float(weight) for weight in generator.get_weights())
    logits = discriminator(GRID[:, None].astype(np.float32), training=False).numpy()[:, 0]
    return {"mean": np.float64(mean), "std": np.float64(math.exp(log_std)), "logits": logits.astype(np.float64)}


def plan(settings: Toy, seeds: Sequence[int]) -> list[Run]:
    """One training a seed."""
    return [Run(train_toy, settings, seed) for seed in seeds]


WHERE = "where p_data + p_g is above 5 % of its largest value"
D_ERROR = Metric("max_abs_D_minus_D*", f"largest |D - p_data/(p_data + p_g)| {WHERE}", "", "lower")
D_HALF = Metric("mean_abs_D_minus_half", f"mean of |D - 1/2| over even points {WHERE}")
JSD = Metric("jsd", "Jensen-Shannon divergence of N(0, 1) and N(m, s²), integrated numerically", "nats", "lower")
MEAN = Metric("m", "mean of p_g; p_data has 0")
STD = Metric("s", "standard deviation of p_g; p_data has 1")


@dataclass(frozen=True)
class Measured:
    """One panel of one run, on `GRID`.

    Attributes:
        mean, std: Of p_g.
        log_q: log p_g.
        d, best: D and D*.
        seen: Where p_data + p_g is above 5 % of its largest value.
    """

    mean: float
    std: float
    log_q: np.ndarray
    d: np.ndarray
    best: np.ndarray
    seen: np.ndarray

    @property
    def numbers(self) -> dict[Metric, float]:
        """What is recorded of it."""
        width = 16 / (len(GRID) - 1)
        return {
            D_ERROR: float(np.abs(self.d - self.best)[self.seen].max()),
            D_HALF: float(np.abs(self.d - 0.5)[self.seen].mean()),
            JSD: divergence.jsd(LOG_P, self.log_q, width),
            MEAN: self.mean,
            STD: self.std,
        }


LOG_P = normal_log_density(GRID)


def measured(arrays: dict[str, np.ndarray]) -> Measured:
    """A panel from m, s and the logits of D over `GRID`."""
    mean, std = float(arrays["mean"]), float(arrays["std"])
    log_q = normal_log_density(GRID, mean, std)
    both = np.exp(np.logaddexp(LOG_P, log_q))
    best = divergence.optimal_discriminator(LOG_P, log_q)
    return Measured(mean, std, log_q, divergence.sigmoid(arrays["logits"]), best, both > 0.05 * both.max())


@item(
    "fig1",
    "One dimension: p_data, p_g and D at four moments of a training",
    plan,
    quick=Scale(Toy(), seeds=5),
    metrics=[D_ERROR, D_HALF, JSD, MEAN, STD],
    data=("N(0, 1), fresh samples", "procedural"),
)
def fig1(bench: Bench, runs: Sequence[Finished]) -> None:
    """The paper's sketch, got by training instead of drawing. z is uniform on (0, 1) and G maps it to m + s times the
    normal quantile, so that p_g is known exactly and the trained D can be held against the best one. (a) p_g is like
    p_data but displaced, and D only partly right; (b) D is trained on with G at rest; (c) G follows D's slope with D at
    rest; (d) both in turn, five updates of D for one of G, which stops a little short of p_data. That two networks are
    trained by back-propagation alone and that a sample is one pass through G is so by construction here: a remark, not
    a verdict. Rates are lowered by hand from phase to phase; the paper says nothing about this figure's making.
    """
    panels: dict[int, dict[str, Measured]] = {}
    for run in runs:
        if run.diverged_at is None:
            panels[run.seed] = {name: measured(run.load(name)) for name in PANELS}
        for name in PANELS:
            for metric in (D_ERROR, D_HALF, JSD, MEAN, STD):
                value = panels[run.seed][name].numbers[metric] if run.seed in panels else float("nan")
                bench.record(name, metric, value, seed=run.seed)
    if panels:
        seed = min(panels)
        title = bench.title(f"Figure 1: p_data, p_g and D as trained, seed {seed}; below, all seeds")
        caption = (
            "p_data black, dotted; p_g green; D blue, dashed. Arrows: 21 even z and the x that G maps them to; they "
            "crowd where p_g is dense. Below, ours: how far D is from the best D for this p_g, one line a seed, where "
            "p_data + p_g is above 5 % of its peak; the grey line is 0.05."
        )
        bench.draw("fig1", _figure(panels, seed, title), caption)


# ---- the picture ----

X_LINE, Z_LINE = -0.13, -0.52  # heights of the two lines below the densities
LINES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"), (BLACK, (0, (4, 1, 1, 1, 1, 1))), (RED, "--"))


def _figure(panels: dict[int, dict[str, Measured]], seed: int, title: str) -> Figure:
    figure = Figure(figsize=(12, 6.2), layout="constrained")
    figure.suptitle(title, fontsize=11)
    upper, lower = figure.subplots(2, 4, sharex=True, sharey="row", height_ratios=[2.3, 1])
    for (name, told), above, below in zip(PANELS.items(), upper, lower, strict=True):
        above.set_title(f"({name}) {told}", fontsize=9.5)
        _draw_panel(above, panels[seed][name])
        for place, (number, of) in enumerate(panels.items()):
            colour, dash = LINES[place % len(LINES)]
            apart = np.where(of[name].seen, np.abs(of[name].d - of[name].best), np.nan)
            below.plot(GRID, apart, color=colour, ls=dash, lw=1.2, label=f"seed {number}")
        below.axhline(CLOSE, color="0.6", lw=0.8)
        below.set(xlabel="x")
        below.spines[["top", "right"]].set_visible(False)
    upper[0].legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0, 0.93))
    upper[0].set_ylabel("density; D(x)")
    lower[0].set_ylim(0, None)
    lower[0].set_ylabel("|D − D*|")
    lower[0].legend(frameon=False, fontsize=8)
    return figure


def _draw_panel(ax: Axes, panel: Measured) -> None:
    from scipy.special import ndtri  # SciPy only when a picture is drawn

    ax.plot(GRID, np.exp(LOG_P), color=BLACK, ls=":", lw=2.2, label="p_data")
    ax.plot(GRID, np.exp(panel.log_q), color=GREEN, lw=2, label="p_g")
    ax.plot(GRID, panel.d, color=BLUE, ls="--", lw=1.8, label="D")
    for line, name in ((X_LINE, "x"), (Z_LINE, "z")):
        ax.plot([-3.5, 3.5], [line, line], color=BLACK, lw=1)
        ax.text(-3.6, line, name, ha="right", va="center", fontsize=10, style="italic")
    for z in np.linspace(0.02, 0.98, 21):
        arrow = {"arrowstyle": "->", "lw": 0.7, "color": "0.25", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
        ax.annotate("", (panel.mean + panel.std * ndtri(z), X_LINE), (7 * z - 3.5, Z_LINE), arrowprops=arrow)
    ax.set(xlim=(-4, 4), ylim=(Z_LINE - 0.06, 1.04), yticks=[0, 0.5, 1])
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.tick_params(bottom=False)


@claim(
    "fig1",
    "A D that is trained while G rests becomes p_data / (p_data + p_g): largest difference in panel b below 0.05.",
    source="proposition 1, figure 1b; the margin is ours",
)
def trained_d_is_the_ratio(values: claims.Values) -> claims.Verdict:
    return claims.below(values.by_seed("b", D_ERROR.name), CLOSE, of="largest |D - D*| in b")


@claim(
    "fig1",
    "p_g comes nearer to p_data from panel a to c, and from c to d: the Jensen-Shannon divergence falls.",
    source="figure 1; paired by seed",
)
def divergence_falls(values: claims.Values) -> claims.Verdict:
    a, c, d = (values.by_seed(name, JSD.name) for name in "acd")
    return claims.both(
        claims.above(claims.paired(a, c), 0, of="JSD of a less that of c"),
        claims.above(claims.paired(c, d), 0, of="JSD of c less that of d"),
    )


@claim(
    "fig1",
    "In the end D is 1/2 on average where there is density: mean |D - 1/2| in panel d below 0.05.",
    source="theorem 1, figure 1d; the margin is ours",
)
def d_ends_at_one_half(values: claims.Values) -> claims.Verdict:
    return claims.below(values.by_seed("d", D_HALF.name), CLOSE, of="mean |D - 1/2| in d")
