"""Section 3: the saturating generator loss against the one that does not saturate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from papers.gan2014.digits import QUICK, Digits, batches, compiled, latent, split
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.pictures import BLUE, ORANGE

if TYPE_CHECKING:
    from papers.gan2014.model import GAN
    from repro.bench import Bench
    from repro.data import Dataset
    from repro.runs import Finished, Folder

THRESHOLDS = (0.4, 0.3, 0.1, 0.03, 0.01)
OBJECTIVES = ("non_saturating", "minimax")
ROWS = {"non_saturating": "non-saturating", "minimax": "saturating"}
NAMES = {"non_saturating": "-log D(G(z))", "minimax": "log(1 - D(G(z)))"}


@dataclass(frozen=True)
class Gradients:
    """Settings of the study; the networks are table 1's, the rest is ours."""

    digits: Digits = nested(Digits())
    alone: int = setting(1_000, "ours: updates of D while G rests", length=True)
    alone_every: int = setting(10, "ours: how often the gradients are looked at meanwhile")
    after: int = setting(2_000, "ours: updates of both from there, with either loss", length=True)
    after_every: int = setting(50, "ours: how often the gradients are looked at meanwhile")
    latents: int = setting(1_000, "ours: latents of one measurement")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.digits.objective}-{self.digits.data.name}"


def plan(settings: Gradients, seeds: Sequence[int]) -> list[Run]:
    """For each seed D alone, then both losses from there."""
    listed = []
    for seed in seeds:
        alone = Run(train_d_alone, settings, seed)
        listed.append(alone)
        for objective in OBJECTIVES:
            changed = replace(settings, digits=replace(settings.digits, objective=objective))
            listed.append(Run(train_after, changed, seed, [alone]))
    return listed


def train_d_alone(settings: Gradients, seed: int, folder: Folder) -> None:
    """Trains D against an untrained G; leaves mean D(G(z)) and G's gradient norms of both losses on the way."""
    from papers.gan2014.model import DiscriminatorOnly
    from repro import fitting

    train = folder.data(settings.digits.data, "train")
    gan = compiled(settings.digits, train, split(train, settings.digits)[0], seed, DiscriminatorOnly)
    _fit(gan, settings, train, settings.alone, settings.alone_every, seed, folder)
    fitting.save_network(gan.discriminator, folder.path / "discriminator.keras")


def train_after(settings: Gradients, seed: int, folder: Folder) -> None:
    """Trains both networks from where D alone has arrived, G still untrained; leaves the same numbers."""
    from repro import fitting

    [alone] = folder.needs
    train = folder.data(settings.digits.data, "train")
    gan = compiled(settings.digits, train, split(train, settings.digits)[0], seed)
    trained = fitting.load_network(alone.path / "discriminator.keras")
    gan.discriminator.set_weights(trained.get_weights())
    _fit(gan, settings, train, settings.after, settings.after_every, seed, folder)


def _fit(gan: GAN, settings: Gradients, train: Dataset, steps: int, every: int, seed: int, folder: Folder) -> None:
    from repro import fitting

    fitting.fit(
        gan,
        batches(settings.digits, train, split(train, settings.digits)[0], seed),
        steps=steps,
        folder=folder,
        snapshot_every=every,
        snapshot=lambda: gradient_norms(gan, settings, seed),
    )


def gradient_norms(gan: GAN, settings: Gradients, seed: int) -> dict[str, np.ndarray]:
    """Mean D(G(z)) over fixed latents, dropout off, and the L2 norm of each loss's gradient on all of G's weights."""
    import tensorflow as tf

    from papers.gan2014.model import Minimax, NonSaturating
    from repro.training import place_seed

    z = latent(settings.digits).draw(settings.latents, tf.constant([place_seed(seed, "gradients"), 0]))
    with tf.GradientTape(persistent=True) as tape:
        scores = gan.discriminator(gan.generator(z, training=False), training=False)
        losses = {"non_saturating": NonSaturating().generator(scores), "minimax": Minimax().generator(scores)}
    weights = [weight.value for weight in gan.generator.trainable_variables]
    norms = {name: tf.linalg.global_norm(tape.gradient(loss, weights)).numpy() for name, loss in losses.items()}
    return {"d_fake": tf.reduce_mean(tf.sigmoid(scores)).numpy(), **norms}


# ---- Presentation ----

RATIO = Metric(
    "gradient_ratio",
    "norm of G's gradient of -log D(G(z)) over that of log(1 - D(G(z))), where mean D(G(z)) first falls below what the "
    "row says",
)
D_FAKE = Metric("mean_d_fake", "mean D(G(z)) there, dropout off")
LATER = Metric("mean_d_fake_after", "mean D(G(z)) at the end of training with either loss from a confident D", "")
NORM = Metric("g_gradient_norm", "L2 norm of the gradient of the loss that trains G, on all its weights, at the end")


@item(
    "gradients",
    "Generator losses: which one still has a gradient when D is sure",
    plan,
    quick=Scale(Gradients(QUICK), seeds=3),
    small=Scale(Gradients(), seeds=3),
    paper=Scale(Gradients(), seeds=3),
    metrics=[RATIO, D_FAKE, LATER, NORM],
)
def gradients(bench: Bench, runs: Sequence[Finished]) -> None:
    """With respect to D's logit a the slopes are -s and -(1 - s), s = D(G(z)): the same sign, so the same fixed points,
    and a ratio of exp(-a). Against D itself the saturation would not be seen: it comes from the sigmoid. On a network,
    D is first trained alone until it is sure, and the norms of both gradients on G's weights are compared on the way:
    an untrained G gives D nearly one logit, so that the ratio is the formula's. Then G is trained with either loss from
    there, with fresh optimizers. The claim is of the early gradient, not of speed or of where either training ends.
    """
    alone = [run for run in runs if run.run.function is train_d_alone]
    after = [run for run in runs if run.run.function is train_after]
    for run in alone:
        for threshold, d_fake, ratio in crossings(list(run.snapshots())):
            bench.record(f"D(G(z)) below {threshold:g}", RATIO, ratio, seed=run.seed)
            bench.record(f"D(G(z)) below {threshold:g}", D_FAKE, d_fake, seed=run.seed)
    for run in after:
        *_, (_, last) = run.snapshots()
        objective = run.settings.digits.objective
        bench.record(ROWS[objective], LATER, run.kept(float(last["d_fake"])), seed=run.seed)
        bench.record(ROWS[objective], NORM, run.kept(float(last[objective])), seed=run.seed)
    figure = _drawn(alone, after, bench.title("Section 3: the gradient that reaches G, by formula and on a network"))
    caption = (
        "(a) Slopes against the logit. (b) D alone is trained. (c) G from a sure D, with either loss; one line a seed."
    )
    bench.draw("gradients", figure, caption)


def crossings(snapshots: list[tuple[int, dict]]) -> list[tuple[float, float, float]]:
    """(threshold, mean D(G(z)), ratio of the norms) where the mean first falls below each threshold that it reaches."""
    found = []
    for threshold in THRESHOLDS:
        below = [arrays for _, arrays in snapshots if arrays["d_fake"] < threshold]
        if below:
            first = below[0]
            found.append((threshold, float(first["d_fake"]), float(first["non_saturating"] / first["minimax"])))
    return found


def slopes(a: np.ndarray) -> dict[str, np.ndarray]:
    """The slope of each loss of G against D's logit a: -(1 - s) and -s with s = sigmoid(a)."""
    s = 1 / (1 + np.exp(-a))
    return {"non_saturating": -1 / (1 + np.exp(a)), "minimax": -s}


def _drawn(alone: Sequence[Finished], after: Sequence[Finished], title: str) -> Figure:
    figure = Figure(figsize=(13.2, 4.4), layout="constrained")
    figure.suptitle(title, fontsize=11)
    left, middle, right = figure.subplots(1, 3)
    a = np.linspace(-10, 5, 301)
    styles = {"non_saturating": (BLUE, "-"), "minimax": (ORANGE, "--")}
    for name, slope in slopes(a).items():
        left.plot(a, slope, color=styles[name][0], ls=styles[name][1], lw=1.8, label=NAMES[name])
    left.set(xlabel="logit of D at a fake", ylabel="slope of G's loss against the logit")
    seen = np.concatenate([[arrays["d_fake"] for _, arrays in run.snapshots()] for run in alone])
    s = np.geomspace(max(float(seen.min()), 1e-5), 0.5, 100)
    middle.plot(s, (1 - s) / s, color="black", lw=1.0, ls=":", label="(1 - D) / D")
    for number, run in enumerate(alone):
        points = [(a["d_fake"], a["non_saturating"] / a["minimax"]) for _, a in run.snapshots()]
        middle.plot(*zip(*points, strict=True), ".", color=BLUE, ms=4, alpha=0.6, label=None if number else "measured")
    middle.set(
        xscale="log",
        yscale="log",
        xlabel="mean D(G(z))",
        ylabel="norm of the gradient on G's weights,\n-log D over log(1 - D)",
    )
    for run in after:
        name = run.settings.digits.objective
        course = [(step, arrays["d_fake"]) for step, arrays in run.snapshots()]
        colour, dash = styles[name]
        label = NAMES[name] if run.seed == after[0].seed else None
        right.plot(*zip(*course, strict=True), color=colour, ls=dash, lw=1.4, alpha=0.85, label=label)
    right.set(xlabel="update", ylabel="mean D(G(z))", yscale="log")
    for ax, told in zip(
        (left, middle, right), ("(a) G's losses", "(b) D learns alone", "(c) G learns from a sure D"), strict=True
    ):
        ax.set_title(told, fontsize=10)
    for ax in (left, middle, right):
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, fontsize=8)
    return figure


@claim(
    "gradients",
    "Where D is sure, mean D(G(z)) at most 0.01, the gradient of -log D(G(z)) is at least 30 times that of "
    "log(1 - D(G(z))); by formula it is 99 there.",
    source="section 3, of the early gradient only; the margin is ours",
)
def saturating_loss_starves(values: claims.Values) -> claims.Verdict:
    return claims.above(values.by_seed("D(G(z)) below 0.01", RATIO.name), 30, of="ratio of norms")
