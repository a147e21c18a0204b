"""The lecture's two statements: a better D kills the generator's gradient, and the Wasserstein loss ends collapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.wgan_gp import collapse_digits
from papers.wgan_gp.coverage import COVERED, GOOD, SHARE, UNEVEN, coverage
from papers.wgan_gp.fig3_cifar import QUICK as FIGURE_3
from papers.wgan_gp.lecture import (
    CLOSED,
    FORMULAS,
    NONSATURATING,
    OF_GENERATOR,
    SATURATING,
    THETAS,
    WASSERSTEIN,
    record_closed_forms,
)
from papers.wgan_gp.small_images import SmallImages
from repro import claims
from repro.data import planar
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.pictures.clouds import clouds
from repro.pictures.curves import curves

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Pull:
    """Settings of a D that learns against a generator at rest, far from the data. All ours but the network."""

    learns: str = setting("gan", "lecture: gan, by cross entropy, or wgan_gp")
    points: str = setting(planar.RING8, "not stated; ours")
    shift: float = setting(8.0, "not stated; ours: of the fakes, noisy real points, along x; at 4 they overlap")
    width: int = setting(512, "authors' gan_toy.py")
    batch_size: int = setting(256, "authors' gan_toy.py")
    learning_rate: float = setting(1e-4, "authors' gan_toy.py")
    beta_1: float = setting(0.5, "authors' gan_toy.py")
    beta_2: float = setting(0.9, "authors' gan_toy.py")
    steps: int = setting(1_000, "not stated; ours: updates of D", length=True)
    snapshots: int = setting(50, "not stated; ours")
    judged: int = setting(2_000, "not stated; ours: fakes at which gradients are measured")

    @property
    def label(self) -> str:
        """What tells two of these runs apart."""
        return self.learns


@dataclass(frozen=True)
class Modes:
    """Settings of one training on the 25 Gaussians; the defaults are those of the released script."""

    method: str = setting("wgan_gp", "lecture: gan or wgan_gp")
    penalty_weight: float = setting(0.1, "authors' gan_toy.py; 10 is a row of its own")
    width: int = setting(512, "authors' gan_toy.py")
    batch_size: int = setting(256, "authors' gan_toy.py")
    critic_steps: int = setting(5, "Algorithm 1; the GAN takes one")
    learning_rate: float = setting(1e-4, "authors' gan_toy.py")
    beta_1: float = setting(0.5, "authors' gan_toy.py")
    beta_2: float = setting(0.9, "authors' gan_toy.py")
    gan_learning_rate: float = setting(2e-4, "appendix B, the GAN's Adam")
    gan_beta_2: float = setting(0.999, "appendix B, the GAN's Adam")
    steps: int = setting(100_000, "authors' gan_toy.py", length=True)
    snapshots: int = setting(4, "not stated; ours")
    samples: int = setting(10_000, "not stated; ours")

    @property
    def label(self) -> str:
        """What tells two of these runs apart; the row too."""
        if self.method == "gan":
            return f"gan, rate {self.gan_learning_rate:g}"
        return f"wgan_gp, lambda {self.penalty_weight:g}"


@dataclass(frozen=True)
class Collapse:
    """Settings of all parts."""

    pull: Pull = nested(Pull())
    modes: Modes = nested(Modes())
    digits: SmallImages = nested(collapse_digits.DIGITS)
    digit_seeds: int = setting(3, "ours: how many of the seeds are trained on digits")
    shown_seeds: int = setting(3, "ours: seeds of the trainings on points by which nothing is judged")


def train_pull(settings: Pull, seed: int, folder: Folder) -> None:
    """Trains D alone; leaves its scores on real points and fakes, and its slopes at the fakes, at every snapshot."""
    import keras
    import tensorflow as tf

    from papers.wgan_gp import model, networks
    from papers.wgan_gp.planar import CriticOfNoisyData, judged_points, real_points
    from repro import fitting

    constraint = {"gan": model.CrossEntropy(), "wgan_gp": model.GradientPenalty()}[settings.learns]
    trained = CriticOfNoisyData(networks.planar_critic(settings.width), constraint, seed, (settings.shift, 0.0))
    betas = {"beta_1": settings.beta_1, "beta_2": settings.beta_2}
    trained.compile_networks({"discriminator": keras.optimizers.Adam(settings.learning_rate, **betas, epsilon=1e-8)})
    real, fake, _ = judged_points(settings.points, settings.judged, seed)
    fake = fake + tf.constant([settings.shift, 0.0])

    def snapshot() -> dict[str, np.ndarray]:
        D = trained.discriminator
        slopes = model.input_gradient_norms(D, fake)
        return {"real": D(real).numpy()[:, 0], "fake": D(fake).numpy()[:, 0], "slopes": slopes.numpy()}

    fitting.fit(
        trained,
        fitting.stacks(real_points(settings.points, settings.batch_size, seed), 1),
        steps=settings.steps,
        folder=folder,
        snapshot_every=max(1, settings.steps // settings.snapshots),
        snapshot=snapshot,
    )


def train_modes(settings: Modes, seed: int, folder: Folder) -> None:
    """Trains G and D on the 25 Gaussians; leaves samples at every snapshot."""
    import tensorflow as tf

    from papers.wgan_gp import methods, networks
    from papers.wgan_gp.planar import real_points
    from repro import fitting
    from repro.training import Normal, place_seed

    pair = networks.planar_generator(settings.width), networks.planar_critic(settings.width)
    method = methods.of(settings)
    gan = methods.compiled(method, *pair, Normal(2), seed)

    def snapshot() -> dict[str, np.ndarray]:
        z = gan.latent.draw(settings.samples, tf.constant([place_seed(seed, "judged points"), 0]))
        return {"samples": gan.generator(z, training=False).numpy()}

    fitting.fit(
        gan,
        fitting.stacks(real_points(planar.GRID25, settings.batch_size, seed), method.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=max(1, settings.steps // settings.snapshots),
        snapshot=snapshot,
    )


def plan(settings: Collapse, seeds: Sequence[int]) -> list[Run]:
    """For each seed two D's and two trainings; the GAN at a higher rate of the penalty, weight 10; the digits."""
    base = settings.modes
    judged = [replace(base, method="gan"), base]
    shown = [replace(base, penalty_weight=10.0)]
    if base.learning_rate > base.gan_learning_rate:  # whoever is faster must not win by that
        shown.insert(0, replace(base, method="gan", gan_learning_rate=base.learning_rate))
    trainings = [Run(train_modes, each, seed) for each in judged for seed in seeds]
    for each in shown:
        trainings += [Run(train_modes, each, seed) for seed in seeds[: settings.shown_seeds]]
    pulls = [Run(train_pull, replace(settings.pull, learns=learns), s) for learns in ("gan", "wgan_gp") for s in seeds]
    digits = collapse_digits.trainings(settings.digits, [seed for seed in seeds if seed < settings.digit_seeds])
    return [*pulls, *trainings, *digits]


GRADIENT = Metric("gradient_on_fakes", "mean length of each fake's own generator loss's gradient by its place")
ACCURACY = Metric("accuracy_of_D", "share of real points and fakes on the right side of score 0", "", "higher")


@item(
    "collapse",
    "A better D and the generator's gradient; modes covered with both losses",
    plan,
    quick=Scale(
        Collapse(
            Pull(width=128), Modes(width=128, learning_rate=1e-3, steps=900), FIGURE_3, digit_seeds=1, shown_seeds=1
        ),
        seeds=3,
    ),
    small=Scale(
        Collapse(
            modes=Modes(steps=10_000),
            digits=replace(collapse_digits.DIGITS, d=32, steps=2_000),
            digit_seeds=1,
            shown_seeds=1,
        ),
        seeds=3,
    ),
    paper=Scale(Collapse(), seeds=3),
    metrics=[CLOSED, OF_GENERATOR, GRADIENT, ACCURACY, COVERED, SHARE, UNEVEN, *collapse_digits.METRICS],
    data=("8 and 25 Gaussians, fresh samples", "procedural"),
)
def collapse(bench: Bench, runs: Sequence[Finished]) -> None:
    """Lecture notes on WGAN-GP say that a discriminator that gets better takes the gradient from the generator of a
    GAN, and that the Wasserstein loss ends mode collapse. With the best D, in closed form, the first is true of log(1 -
    D), once the two are far apart, and not of -log D, which nearly everybody trains with: its gradient grows. A trained
    D gets steeper as it gets surer, and few updates need not show the decay. Its fakes, noisy points of 8 Gaussians,
    lie 8 from the data: at 4, where both overlap, even the best D leaves log(1 - D) about 0.07, half of what the first
    judged D does; in a trial at 4 the gradient rose over 1,000 updates, and 8 was chosen after that. For the second
    statement modes are counted that samples hit: within 0.1, by a fifth of a mode's fair share. A generator can miss
    them by blur as well as by collapse. Where fewer than half of the samples are good, it is blur, and nothing is
    judged: at quick's 900 steps this is so of both; kl_of_modes, 0 where good samples lie evenly, 3.2 on one mode, is
    for the others. Lambda is the released toy's 0.1; a row with 10 judges nothing. Steps are updates of G; before each,
    WGAN-GP's D is updated five times and the GAN's once. At quick WGAN-GP learns at ten times its released rate; the
    GAN at its published one and, in a row of its own, at five times that. The notes' own picture, a GAN that makes only
    two digits, is tried with figure 3's networks; which digit a sample is, a frozen classifier says, and it gives noise
    a class too, so the score stands beside. The notes' formulas that do not say what they mean stand in a table.
    """
    record_closed_forms(bench)
    pulls = [run for run in runs if isinstance(run.settings, Pull)]
    trainings = [run for run in runs if isinstance(run.settings, Modes)]
    _present_pull(bench, pulls)
    _present_modes(bench, trainings)
    collapse_digits.present_digits(bench, runs[len(pulls) + len(trainings) :])
    header = ["as the notes have it", "as it is", "what the difference does"]
    bench.table("collapse_formulas", header, [list(row) for row in FORMULAS], "Formulas and sentences of the notes.")


def _present_pull(bench: Bench, runs: Sequence[Finished]) -> None:
    drawn: dict[str, dict] = {}
    accuracy: dict[str, dict] = {}
    for run in runs:
        found: dict[str, tuple[list, list]] = {}
        for step, arrays in run.snapshots():
            if step == 0:
                continue
            for row, value in pulls_of(arrays, run.settings.learns).items():
                bench.record(row, GRADIENT, value, seed=run.seed, step=step)
                steps, values = found.setdefault(row, ([], []))
                steps.append(step)
                values.append(np.log10(max(value, 1e-30)))
            right = 0.5 * ((arrays["real"] > 0).mean() + (arrays["fake"] <= 0).mean())
            if run.settings.learns == "gan":  # a critic's score has no threshold
                bench.record("gan", ACCURACY, float(right), seed=run.seed, step=step)
                steps, values = accuracy.setdefault("D of the GAN (right)", {}).setdefault(run.seed, ([], []))
                steps.append(step)
                values.append(right)
        for row, line in found.items():
            drawn.setdefault(row, {})[run.seed] = line
    panels = [("log10 of mean |∂ loss of G / ∂x| at fakes", drawn), ("accuracy of D", accuracy)]
    of = f"{planar.NAMES[runs[0].settings.points]}, fresh samples"
    title = bench.title("Collapse: the generator's gradient as D gets better, G at rest, one line a seed", of)
    shift = runs[0].settings.shift
    caption = f"Fakes are noisy real points, {shift:g} to the right. Left, log(1 - D) and -log D have the same D."
    bench.draw("collapse_gradient", curves(panels, title, "updates of D"), caption)


def pulls_of(arrays: dict[str, np.ndarray], learns: str) -> dict[str, float]:
    """Mean lengths of the generator losses' gradients by the fakes, for the losses that a D of this kind serves.

    Args:
        arrays: `fake`, D's scores on fakes (n,), and `slopes`, the lengths of D's gradient there.
        learns: `gan` or `wgan_gp`.
    """
    from scipy.special import expit

    slopes = arrays["slopes"].astype(np.float64)
    if learns == "wgan_gp":
        return {WASSERSTEIN: float(slopes.mean())}
    scores = arrays["fake"].astype(np.float64)
    return {
        SATURATING: float((expit(scores) * slopes).mean()),
        NONSATURATING: float((expit(-scores) * slopes).mean()),
    }


def _present_modes(bench: Bench, runs: Sequence[Finished]) -> None:
    centres, panels = planar.centres(planar.GRID25), []
    for run in runs:
        for step, arrays in run.snapshots():
            numbers = coverage(arrays["samples"], centres)
            if step > 0:
                for metric, value in numbers.items():
                    bench.record(run.settings.label, metric, value, seed=run.seed, step=step)
        if run.diverged_at is not None:
            for metric in numbers:
                bench.record(run.settings.label, metric, float("nan"), seed=run.seed, step=run.diverged_at)
        panels.append((f"{_told(run)}\nseed {run.seed}: {numbers[COVERED]} modes", arrays["samples"]))
    seeds, steps = len({run.seed for run in runs}), bench.settings.modes.steps
    of = f"{planar.NAMES[planar.GRID25]}, fresh samples"
    title = bench.title(f"Collapse: 2,000 samples of each generator after {steps:,} steps", of)
    caption = (
        "Circles of radius 0.1 around the 25 centres: a sample inside is good. Samples outside the frame are not seen."
    )
    drawn = clouds(panels, centres, across=max(seeds, 2), limit=2.0, title=title, radius=GOOD)
    bench.draw("collapse_modes", drawn, caption)


def _told(run: Finished) -> str:
    method, setting = run.settings.label.split(", ")
    told = {"gan": "regular GAN", "wgan_gp": "WGAN-GP"}[method]
    return f"{told}, {setting.replace('lambda', 'λ =')}"


@claim(
    "collapse",
    "With the best D the generator's gradient from log(1 - D) vanishes once real and fake, two normal distributions, "
    "are far apart: from theta, the distance of their means, 2 on it falls, to less than 0.001 at 8. That from -log "
    "D rises, and that from the Wasserstein loss stays 1.",
    source="lecture notes, statement 1; an integral; from after the first results, which had the gradient at one fake",
    exact=True,
)
def closed_forms_part(values: claims.Values) -> claims.Verdict:
    found = {
        loss: [values.one(f"{loss}, theta {theta}", OF_GENERATOR.name) for theta in THETAS]
        for loss in (SATURATING, NONSATURATING, WASSERSTEIN)
    }
    far = found[SATURATING][THETAS.index(2) :]
    falls = far == sorted(far, reverse=True) and far[-1] < 1e-3
    rises = found[NONSATURATING] == sorted(found[NONSATURATING])
    shown = "; ".join(f"{loss}: " + ", ".join(f"{v:.4g}" for v in of) for loss, of in found.items())
    return claims.exact(falls and rises and set(found[WASSERSTEIN]) == {1.0}, shown)


@claim(
    "collapse",
    "A trained D that gets better takes the gradient from log(1 - D): at the end at most a tenth of that at the first "
    "judged step.",
    source="lecture notes, statement 1; the margin is ours, and the first judged step need not be the steepest",
)
def saturating_loss_vanishes(values: claims.Values) -> claims.Verdict:
    return claims.below(_end_over_start(values, SATURATING), 0.1, of="gradient of log(1 - D), end over start")


@claim(
    "collapse",
    "It does not take it from -log D, nor from the Wasserstein loss: at the end at least half of that at the first "
    "judged step.",
    source="lecture notes, statement 1, which says it of cross entropy as a whole; the margin is ours",
)
def other_losses_do_not(values: claims.Values) -> claims.Verdict:
    return claims.both(
        *(
            claims.above(_end_over_start(values, loss), 0.5, of=f"gradient of {loss}, end over start")
            for loss in (NONSATURATING, WASSERSTEIN)
        )
    )


@claim(
    "collapse",
    "After equally many steps of G, WGAN-GP with lambda 0.1 covers at least three of the 25 modes more than the GAN at "
    "its published rate. Undecided while fewer than half of either's samples are good: that is blur.",
    source="lecture notes, statement 2; lambda as the authors' gan_toy.py; WGAN-GP has five updates of D a step, and "
    "at quick ten times its released rate; the margins are ours, that of blur from after the first results; paired "
    "by seed",
)
def penalty_covers_more_modes(values: claims.Values) -> claims.Verdict:
    rows = ("wgan_gp, lambda 0.1", "gan, rate 0.0002")
    found = [values.by_seed(row, COVERED.name) for row in rows]
    good = [values.by_seed(row, SHARE.name) for row in rows]
    if any(share < 0.5 for of_row in good for share in of_row.values()):
        shown = " and ".join(", ".join(f"{share:.3g}" for share in of_row.values()) for of_row in good)
        return claims.Verdict(claims.UNDECIDED, f"blurred: good samples of WGAN-GP and GAN {shown}", len(found[0]))
    return claims.above(claims.paired(*found), 3 - 1e-9, of="modes covered, WGAN-GP - GAN")


@claim(
    "collapse",
    "On digits WGAN-GP covers at least one class more than the GAN, each at its published rate.",
    source="lecture notes, statement 2; the margin is ours; paired by seed",
)
def penalty_covers_more_digits(values: claims.Values) -> claims.Verdict:
    found = [values.by_seed(f"{method}, digits", collapse_digits.COVERED.name) for method in ("wgan_gp", "gan")]
    return claims.above(claims.paired(*found), 1 - 1e-9, of="classes covered, WGAN-GP - GAN")


def _end_over_start(values: claims.Values, row: str) -> dict[int, float]:
    chosen = values.table[(values.table["row"] == row) & (values.table["metric"] == GRADIENT.name)]
    first = values.by_seed(row, GRADIENT.name, step=int(chosen["step"].min())) if len(chosen) else {}
    last = values.by_seed(row, GRADIENT.name)
    return {seed: last[seed] / first[seed] for seed in last}
