"""Figure 1b: gradient norms through a deep critic, and its weights (section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from repro import claims
from repro.data import planar
from repro.items import Metric, Run, Scale, claim, item, setting, version
from repro.pictures import BLUE, GREEN, ORANGE, PURPLE

if TYPE_CHECKING:
    from papers.wgan_gp.model import WGAN
    from repro.bench import Bench
    from repro.runs import Finished, Folder

CLIPS = (0.1, 0.01, 0.001)
BINS = 100
REACH = {"clipping 0.01": 0.02, "penalty": 0.5}  # half the printed axes of the histograms
AT_BOUND = 0.99  # a weight of 0.99 c or more counts as at its bound


@dataclass(frozen=True)
class Deep:
    """Settings of one training of two deep perceptrons; the defaults are the published ones where there are any."""

    method: str = setting("penalty", "Figure 1b: clipping or penalty")
    clip: float = setting(0.01, "section 3.2: 0.1, 0.01 and 0.001")
    penalty_weight: float = setting(10.0, "section 4")
    points: str = setting(planar.ROLL, "section 3.2")
    hidden: int = setting(12, "section 3.2: 12 layers; the printed axis has 13, so twelve hidden ones and the output")
    width: int = setting(512, "not stated; authors' toys")
    batch_size: int = setting(256, "not stated; authors' gan_toy.py")
    critic_steps: int = setting(5, "Algorithm 1")
    learning_rate: float = setting(1e-4, "not stated; authors' gan_toy.py, penalty: Adam")
    clip_learning_rate: float = setting(5e-5, "not stated; authors' gan_toy.py, clipping: RMSProp")
    beta_1: float = setting(0.5, "not stated; authors' gan_toy.py")
    beta_2: float = setting(0.9, "not stated; authors' gan_toy.py")
    steps: int = setting(20_000, "not stated; ours", length=True)

    @property
    def label(self) -> str:
        """What tells two of these runs apart; the row too."""
        return "penalty" if self.method == "penalty" else f"clipping {self.clip:g}"


def made(settings: Deep, seed: int, critic_steps: int | None = None) -> WGAN:
    """The compiled model, with the settings' number of critic steps unless another is given."""
    from papers.wgan_gp import methods, networks
    from repro.training import Normal

    generator = networks.planar_generator(settings.width, settings.hidden)
    critic = networks.planar_critic(settings.width, settings.hidden)
    method = replace(methods.of(settings), critic_steps=critic_steps or settings.critic_steps)
    return methods.compiled(method, generator, critic, Normal(2), seed)


@version(3)
def train_deep(settings: Deep, seed: int, folder: Folder) -> None:
    """Trains G and D; leaves D's gradient norms and weights after its very first update (`first`) and at the end."""
    from papers.wgan_gp.planar import real_points
    from repro import fitting

    batch = real_points(settings.points, settings.batch_size, seed)
    # Equal seeds train alike: this model, which takes one critic step, is what the other is after its first.
    begun = made(settings, seed, critic_steps=1)
    begun.run_eagerly = True  # a graph for one step would take longer than the step
    begun.fit(np.stack([batch(np.int64(0)).numpy()]), batch_size=1, epochs=1, shuffle=False, verbose=0)
    folder.save("first", **looked_at(begun, settings, seed))
    gan = made(settings, seed)
    fitting.fit(
        gan,
        fitting.stacks(batch, settings.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(100, settings.steps),
    )
    changes = np.concatenate([np.ravel(a - b) for a, b in zip(_kernels(gan), _kernels(begun), strict=True)])
    folder.save("last", **looked_at(gan, settings, seed), moved=np.abs(changes).mean())


def looked_at(gan: WGAN, settings: Deep, seed: int) -> dict[str, np.ndarray]:
    """`norms`, one per activation of D from the input side, `counts` and `outside` of its kernels, `at_bound`."""
    from papers.wgan_gp.planar import judged_points
    from repro.training import place_seed

    real, _, _ = judged_points(settings.points, settings.batch_size, seed)
    z = gan.latent.draw(settings.batch_size, np.array([place_seed(seed, "judged latents"), 0], np.int32))
    weights = [weight.numpy().astype(np.float64) for weight in gan.critic.trainable_weights]
    kernels = np.concatenate([weight.ravel() for weight in _kernels(gan)])
    reach = REACH.get(settings.label, settings.clip * 2)
    counts, _ = np.histogram(kernels, bins=BINS, range=(-reach, reach))
    return {
        "norms": activation_gradient_norms(weights, real.numpy(), gan.generator(z).numpy()),
        "counts": counts,
        "outside": np.int64(len(kernels) - counts.sum()),
        "at_bound": np.float64((np.abs(kernels) >= AT_BOUND * settings.clip).mean()),
    }


def _kernels(gan: WGAN) -> list[np.ndarray]:
    return [weight.numpy().astype(np.float64) for weight in gan.critic.trainable_weights[::2]]


def activation_gradient_norms(weights: Sequence[np.ndarray], real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Frobenius norms of the gradients of E D(fake) - E D(real) by each activation of a ReLU perceptron.

    In float64: squares of gradients below 1e-23 would vanish in float32.

    Args:
        weights: Kernel and bias of each layer in turn.
        real, fake: Points, shape (n, d) each.

    Returns:
        float64, one per layer from the input side, the last by the scores themselves: sqrt(2 / n).
    """
    kernels, biases = weights[::2], weights[1::2]
    h, masks = np.concatenate([real, fake]).astype(np.float64), []
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        h = h @ kernel + bias
        masks.append(h > 0)
        h = h * masks[-1]
    gradient = np.repeat([-1.0 / len(real), 1.0 / len(fake)], [len(real), len(fake)])[:, None]
    norms = [np.linalg.norm(gradient)]
    for place in range(len(kernels) - 1, 0, -1):
        gradient = gradient @ kernels[place].T  # by the activation below this layer, after its ReLU
        norms.append(np.linalg.norm(gradient))
        gradient = gradient * masks[place - 1]
    return np.array(norms[::-1])


def log10(norms: np.ndarray) -> np.ndarray:
    """Of norms; NaN where no unit is active, so that the norm is zero."""
    return np.log10(np.where(norms > 0, norms, np.nan))


def slope_per_layer(norms: np.ndarray) -> float:
    """Least-squares slope of log10 of the norms per layer towards the input, hidden activations only; NaN if dead."""
    hidden = log10(norms[:-1])
    if np.isnan(hidden).any():
        return float("nan")
    return float(-np.polyfit(np.arange(len(hidden)), hidden, 1)[0])


def plan(settings: Deep, seeds: Sequence[int]) -> list[Run]:
    """A training per threshold and one with the penalty, for each seed."""
    clipped = [replace(settings, method="clipping", clip=clip) for clip in CLIPS]
    return [Run(train_deep, each, seed) for each in [*clipped, settings] for seed in seeds]


SLOPE = Metric(
    "log10_gradient_norm_per_layer",
    "slope of log10 of the norm of the critic loss's gradient by the hidden activations, per layer towards the input; "
    "negative is decay",
)
SLOPE_FIRST = Metric("log10_gradient_norm_per_layer_first_update", "the same after the critic's very first update")
BOUND = Metric("share_at_bound", "share of D's kernel weights of at least 0.99 c in absolute value")
BOUND_FIRST = Metric("share_at_bound_first_update", "the same after the critic's very first update and clipping")
MOVED = Metric("kernels_moved", "mean change of D's kernel weights since the first update, in absolute value, over c")
LEAST_MOVED = 0.01  # weights that moved less show their initial values, clipped, and no training


@item(
    "fig1b",
    "Gradient norms through a deep critic, and its weights",
    plan,
    quick=Scale(Deep(batch_size=64, steps=40), seeds=1),
    small=Scale(Deep(steps=1_000), seeds=3),
    paper=Scale(Deep(), seeds=3),
    metrics=[SLOPE, SLOPE_FIRST, BOUND, BOUND_FIRST, MOVED],
    data=("Swiss roll, fresh samples", "procedural"),
)
def fig1b(bench: Bench, runs: Sequence[Finished]) -> None:
    """Both networks are perceptrons of twelve ReLU layers, both trained on the Swiss roll. The paper reads two things
    off the trained critic: with clipping gradients grow or decay exponentially on their way down, and weights sit at
    the two ends of their range. Both are shown beside the same after the very first update, because at c = 0.01 and
    0.001 clipping the initial weights alone makes most of it: nine tenths of a He-uniform initialisation and more lie
    outside the range. Whatever training adds is the difference of the two.
    """
    for run in runs:
        first, last = run.load("first"), run.load("last")
        bench.record(run.settings.label, SLOPE_FIRST, slope_per_layer(first["norms"]), seed=run.seed)
        bench.record(run.settings.label, SLOPE, run.kept(slope_per_layer(last["norms"])), seed=run.seed)
        if run.settings.method == "clipping":
            bench.record(run.settings.label, BOUND_FIRST, float(first["at_bound"]), seed=run.seed)
            bench.record(run.settings.label, BOUND, run.kept(float(last["at_bound"])), seed=run.seed)
            bench.record(run.settings.label, MOVED, run.kept(float(last["moved"]) / run.settings.clip), seed=run.seed)
    shown = [run for run in runs if run.seed == runs[0].seed]
    steps = {run.settings.steps for run in shown}.pop()
    title = bench.title(f"Figure 1b: a critic of twelve layers after {steps:,} steps, seed {runs[0].seed}")
    caption = (
        "Left: norm of the gradient of the mean critic loss, without the penalty, by each activation, over all samples "
        "of a batch; layer 13 is the output. Dotted: after the critic's very first update. Right: all kernel weights "
        "of the critic at the two settings that the paper prints, on its axes; dashed: after the first update."
    )
    bench.draw("fig1b", _figure(shown, title), caption)


def _figure(runs: Sequence[Finished], title: str) -> Figure:
    figure = Figure(figsize=(10.5, 4.6), layout="constrained")
    figure.suptitle(title, fontsize=11)
    grid = figure.add_gridspec(2, 2, width_ratios=[1.5, 1])
    left = figure.add_subplot(grid[:, 0])
    rights = {name: figure.add_subplot(grid[row, 1]) for row, name in enumerate(REACH)}
    for run, colour, marker in zip(runs, (PURPLE, BLUE, GREEN, ORANGE), "o^sD", strict=True):
        first, last, label = run.load("first"), run.load("last"), run.settings.label
        layers = np.arange(1, len(last["norms"]) + 1)
        left.plot(
            layers, log10(last["norms"]), f"{marker}-", color=colour, ms=5, label=label.replace("ing ", "ing, c = ")
        )
        left.plot(layers, log10(first["norms"]), ":", color=colour)
        if label in rights:
            edges = np.linspace(-REACH[label], REACH[label], BINS + 1)
            total = last["counts"].sum() + last["outside"]
            rights[label].stairs(last["counts"] / total, edges, fill=True, color=colour, alpha=0.6, label="at the end")
            rights[label].stairs(first["counts"] / total, edges, color="black", ls="--", lw=1.2, label="first update")
            rights[label].set(xlabel="weight", ylabel="share of weights")
            rights[label].legend(frameon=False, fontsize=8)
            rights[label].set_title(f"{label}; outside the axis {int(last['outside']) / total:.1%}", fontsize=9)
    left.invert_xaxis()
    left.set(xlabel="layer of the critic (13 is the output)", ylabel="log10 of the gradient's norm")
    left.set_xticks([13, 10, 7, 4, 1])
    left.plot([], [], ":", color="0.4", label="after the first update")
    left.legend(frameon=False, fontsize=9)
    for ax in (left, *rights.values()):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


@claim(
    "fig1b",
    "With clipping the gradient's norm changes exponentially through the layers, for each threshold: the slope of its "
    "log10 per layer is at least 0.08 in absolute value. At 0.01 and 0.001 clipping the initial weights alone does it.",
    source="section 3.2, figure 1b; the margin is ours; compare the slope after the first update",
)
def clipping_bends_gradients(values: claims.Values) -> claims.Verdict:
    parts = []
    for clip in CLIPS:
        found = values.by_seed(f"clipping {clip:g}", SLOPE.name)
        parts.append(claims.above({s: abs(v) for s, v in found.items()}, 0.08, of=f"|slope|, c = {clip:g}"))
    return claims.both(*parts)


@claim(
    "fig1b",
    "With the penalty the gradient's norm neither grows nor decays: slope of its log10 per layer below 0.05 in "
    "absolute value.",
    source="section 3.2, figure 1b; the margin is ours",
)
def penalty_keeps_gradients(values: claims.Values) -> claims.Verdict:
    found = values.by_seed("penalty", SLOPE.name)
    return claims.below({seed: abs(value) for seed, value in found.items()}, 0.05, of="|slope| with the penalty")


@claim(
    "fig1b",
    "Training drives clipped weights to the ends of their range: the share at the bounds is higher by 0.05 at the end "
    "than after the first update, for each threshold c at which they have moved by a hundredth of c or more.",
    source="section 3.2, figure 1b; the margin is ours; paired by seed",
)
def weights_go_to_the_bounds(values: claims.Values) -> claims.Verdict:
    parts, most, seeds = [], 0.0, 0
    for clip in CLIPS:
        row = f"clipping {clip:g}"
        last, first, moved = (values.by_seed(row, metric.name) for metric in (BOUND, BOUND_FIRST, MOVED))
        reached = float(np.max(list(moved.values()), initial=0))  # NaN if a training diverged: then undecided below
        most, seeds = max(most, reached), max(seeds, len(moved))
        if not reached < LEAST_MOVED:
            more = claims.paired(last, first)
            parts.append(claims.above(more, 0.05, of=f"share at the bounds, end - first update, c = {clip:g}"))
    shown = f"the weights did not move: by {most:.2g} of c at most since the first update"
    return claims.both(*parts) if parts else claims.Verdict(claims.UNDECIDED, shown, seeds)
