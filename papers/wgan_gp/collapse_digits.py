"""The lecture's own picture of collapse: which digits a regular GAN and WGAN-GP make, with figure 3's trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from papers.wgan_gp import methods, small_images, study
from papers.wgan_gp.small_images import COVERED, SmallImages, covered, train_small
from repro.data import Set
from repro.items import Run
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

ROWS = {"gan, digits": methods.DCGAN, "wgan_gp, digits": methods.PLAIN_WGAN_GP}
NAMES = {"dcgan": "regular GAN", "wgan_gp": "WGAN-GP"}
SHOWN = 64
METRICS = [COVERED, study.DIGITS.metric(study.SCORE), study.DIVERGED]
# Digits in place of CIFAR-10: those whose classifier is committed.
DIGITS = SmallImages(Set("digits8"), side=16, steps=20_000, protocol=study.DIGITS)


def trainings(settings: SmallImages, seeds: Sequence[int]) -> list[Run]:
    """A training per method and seed, and the scores of real digits and noise."""
    runs = [Run(train_small, replace(settings, method=method), seed) for method in ROWS.values() for seed in seeds]
    return [*runs, study.known(settings)]


def present_digits(bench: Bench, runs: Sequence[Finished]) -> None:
    """Records what each training covers, and how it scores beside real digits and noise; draws the last sheets."""
    *trained, known = runs
    panels = []
    for run in trained:
        [row] = [row for row, method in ROWS.items() if method == run.settings.method]
        small_images.record(bench, run, row)
        *_, (step, arrays) = run.snapshots()
        label = f"{NAMES[run.settings.method.name]}, seed {run.seed}, step {step:,}"
        told = f"{covered(arrays['shares'])} of 10 classes, score {float(arrays['score']):.2f}"
        panels.append((f"{label}\n{told}", arrays["sheet"][:SHOWN]))
    told = small_images.record_known(bench, known)
    across = max(2, len(trained) // len(ROWS))
    title = bench.title(f"Collapse: {SHOWN} digits of fixed latents of each generator, uncurated", known.settings.data)
    bench.draw("collapse_digits", sheets(panels, columns=8, across=across, inches=4.2, title=title), told)
