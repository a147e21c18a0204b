"""Figure 3: the score of four methods against iterations and against the work of training (section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp import methods, small_images, study
from papers.wgan_gp.small_images import COVERED, THOUSAND, SmallImages, train_small
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.metrics.scores import INCEPTION
from repro.pictures.curves import lines
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

# In the figure's order.
COMPARED = (methods.WGAN_CLIPPING, methods.PLAIN_WGAN_GP_RMSPROP, methods.PLAIN_WGAN_GP, methods.DCGAN)
PROTOCOLS = (study.DIGITS, study.OBJECTS, THOUSAND)

WORK = Metric(
    "multiply_adds_per_step",
    "multiply-adds of one generator iteration with its critic steps, counted from the layers; those of norms, "
    "activations and optimizers are left out",
    "",
    "lower",
)


@dataclass(frozen=True)
class Figure3:
    """Settings of figure 3: one training, and the methods."""

    training: SmallImages = nested(SmallImages())
    compared: tuple[methods.Method, ...] = setting(COMPARED, "Figure 3")
    final: study.Final | None = nested(study.Final())
    files: tuple[Set, ...] = setting((Set(INCEPTION),), "the network's file")


def plan(settings: Figure3, seeds: Sequence[int]) -> list[Run]:
    """A training per method and seed, at the paper scale its last score, and the scores of real images and noise."""
    runs = [Run(train_small, replace(settings.training, method=m), seed) for m in settings.compared for seed in seeds]
    last = [Run(study.score_final, settings.final, run.seed, [run]) for run in runs if settings.final]
    return [*runs, *last, study.known(settings.training)]


QUICK = SmallImages(Set("digits8"), side=16, d=16, steps=250, snapshot_every=50, protocol=study.DIGITS)
SMALL = SmallImages(Set("cifar10_jpeg75"), d=32, steps=5_000, snapshot_every=500, protocol=study.OBJECTS)


@item(
    "fig3",
    "The score of four methods against iterations and work",
    plan,
    quick=Scale(Figure3(QUICK, final=None, files=()), seeds=1),
    small=Scale(Figure3(SMALL, final=None, files=()), seeds=1),
    paper=Scale(Figure3(), seeds=3),
    metrics=[*(each.metric(study.SCORE) for each in (*PROTOCOLS, study.SCORED)), study.DIVERGED, COVERED, WORK],
)
def fig3(bench: Bench, runs: Sequence[Finished]) -> None:
    """Weight clipping, the penalty with the same optimizer and rate, the penalty with Adam, and a DCGAN, on the
    released networks. At quick and small the score has the formula of the Inception score on a small classifier of the
    data, with 1,000 images, so its values have nothing to do with the paper's. How many images the paper's curves have
    is not stated; the paper scale scores the last generators with 50,000, too. The paper's right panel has seconds on
    its GPU; ours has work, which is counted and therefore the same on every machine. The seconds that each training
    took here, scoring included, stand in provenance.json. A DCGAN's step is one update of D, the others' five of the
    critic. At quick and small, trainings end long before the paper's.
    """
    *others, known = runs
    trained = [run for run in others if run.run.function is train_small]
    for run in (run for run in others if run.run.function is study.score_final):
        score = study.LOWEST if run.needs[0].diverged_at is not None else float(run.load("score")["mean"])
        bench.record(run.needs[0].settings.method.name, run.settings.protocol.metric(study.SCORE), score, seed=run.seed)
    against_steps, against_work = {}, {}
    for run in trained:
        method = run.settings.method
        small_images.record(bench, run, method.name)
        work = int(run.load("work")["multiply_adds"])
        if run.seed == 0:
            bench.record(method.name, WORK, work)
        steps, scores = zip(*study.course(run), strict=True)
        against_steps.setdefault(method.told, {})[run.seed] = (steps, scores)
        against_work.setdefault(method.told, {})[run.seed] = ([step * work / 1e12 for step in steps], scores)
    told = small_images.record_known(bench, known)
    for courses in (against_steps, against_work):
        small_images.add_noise(courses, known)
    label = f"classifier score ({known.settings.protocol.network})"
    panels = [
        ("generator iteration", label, against_steps),
        ("work of training, 10¹² multiply-adds", label, against_work),
    ]
    bench.draw("fig3", lines(panels, bench.title("Figure 3: score over training, one line a seed")), told)
    _sheets(bench, trained)


def _sheets(bench: Bench, runs: Sequence[Finished]) -> None:
    panels = []
    for run in (run for run in runs if run.seed == 0):
        *_, (step, arrays) = run.snapshots()
        panels.append(
            (f"{run.settings.method.told}, step {step:,}, score {float(arrays['score']):.2f}", arrays["sheet"])
        )
    title = bench.title("Figure 3: 128 images of fixed latents, uncurated, seed 0")
    bench.draw("fig3_sheets", sheets(panels, columns=16, across=2, inches=5.6, title=title), "A sheet a method.")


@claim(
    "fig3",
    "The score at the end is higher with the penalty than with clipping, optimizer and rate the same, and higher still "
    "with Adam.",
    source="section 5.3, figure 3; by a classifier of the data at quick and small; paired by seed",
)
def penalty_scores_higher(values: claims.Values) -> claims.Verdict:
    found = {method.name: small_images.score_by_seed(values, method.name, PROTOCOLS) for method in COMPARED}
    pairs = (
        (methods.PLAIN_WGAN_GP, methods.PLAIN_WGAN_GP_RMSPROP),
        (methods.PLAIN_WGAN_GP_RMSPROP, methods.WGAN_CLIPPING),
    )
    return claims.both(
        *(
            claims.above(claims.paired(found[a.name], found[b.name]), 0, of=f"score, {a.told} - {b.told}")
            for a, b in pairs
        )
    )


@claim(
    "fig3",
    "An iteration of the DCGAN costs less than one of each Wasserstein method: by construction, with one update of D.",
    source="section 5.3, figure 3: it is faster in seconds; in multiply-adds here",
    exact=True,
)
def dcgan_iterations_cost_less(values: claims.Values) -> claims.Verdict:
    found = {method.told: values.one(method.name, WORK.name) for method in COMPARED}
    least = found.pop(methods.DCGAN.told)
    shown = ", ".join(f"{name} {work / least:.2f}" for name, work in found.items())
    return claims.exact(least < min(found.values()), f"times the DCGAN's {least:.4g} multiply-adds: {shown}")
