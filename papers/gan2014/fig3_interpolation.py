"""Figure 3: digits on straight lines between latents (section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.gan2014.digits import QUICK, Digits, train_digits
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Interpolation:
    """Settings of the strips; the paper states neither ends nor number of steps."""

    digits: Digits = nested(Digits())
    frames: int = setting(16, "not stated; ours: images per line, ends included")
    lines: int = setting(64, "not stated; ours: lines that are measured, each starting where the last ended")
    pairs: int = setting(1_000, "not stated; ours: pairs of test images that lines are compared with")


def plan(settings: Interpolation, seeds: Sequence[int]) -> list[Run]:
    """For each seed table 1's training, and its lines."""
    trained = [Run(train_digits, settings.digits, seed) for seed in seeds]
    return [*trained, *(Run(interpolate, settings, run.seed, [run]) for run in trained)]


@version(2)
def interpolate(settings: Interpolation, seed: int, folder: Folder) -> None:
    """Images along chained straight lines between latents, of the best generator; and distances of test images."""
    import tensorflow as tf

    from papers.gan2014.digits import latent
    from repro import fitting
    from repro.training import place_seed

    [trained] = folder.needs
    generator = fitting.load_network(trained.path / "best.keras")
    seed_of_ends = tf.constant([place_seed(seed, "ends of lines"), 0])
    ends = latent(settings.digits).draw(settings.lines + 1, seed_of_ends).numpy()
    t = np.linspace(0, 1, settings.frames, dtype=np.float32)[None, :, None]
    z = (1 - t) * ends[:-1, None] + t * ends[1:, None]
    images = generator(tf.constant(z.reshape(-1, z.shape[-1])), training=False).numpy()
    test = folder.data(settings.digits.data, "test")
    chosen = np.random.default_rng(seed).integers(0, len(test), (2, settings.pairs))
    apart = np.linalg.norm((test.scaled(chosen[0]) - test.scaled(chosen[1])).reshape(settings.pairs, -1), axis=1)
    drawn = np.random.default_rng([seed, 1]).integers(0, len(test), settings.lines + 1)
    faded = test.scaled(drawn)
    t = t[..., None, None]
    fade = (1 - t) * faded[:-1, None] + t * faded[1:, None]
    folder.save("fade", images=fade.astype(np.float32))
    folder.save("lines", images=images.reshape(*z.shape[:2], *images.shape[1:]), test_apart=apart)


STEP = Metric(
    "largest_step_over_ends", "largest distance between neighbours of a line over that of its ends; median of 64 lines",
    "", "lower",
)  # fmt: skip
PATH = Metric(
    "largest_step_over_path", "largest distance between neighbours over the line's length in pixels; median of 64 lines"
)
ENDS = Metric(
    "ends_over_test_pairs", "median pixel distance of a line's ends over that of two test images", "", "higher"
)


@item(
    "fig3",
    "Interpolation between latents",
    plan,
    quick=Scale(Interpolation(QUICK), seeds=3),
    small=Scale(Interpolation(), seeds=3),
    paper=Scale(Interpolation(), seeds=3),
    metrics=[STEP, PATH, ENDS],
)
def fig3(bench: Bench, runs: Sequence[Finished]) -> None:
    """Straight lines in the latent cube, which stays inside it, drawn as they come: four lines in a row, each starting
    where the one above ended. A smooth change has no step that is large beside the whole way; a generator that gives
    nearly one image for all latents is smooth too, so the ends must differ like test images do. The measure only
    excludes jumps: a cross-fade of two test images, pixel by pixel, is as smooth as can be, and no digit.
    """
    drawn = [run for run in runs if run.run.function is interpolate]
    for run in drawn:
        arrays = run.load("lines")
        for metric, value in measured(arrays["images"], arrays["test_apart"]).items():
            bench.record("adversarial nets", metric, run.kept(value), seed=run.seed)
        for metric, value in measured(run.load("fade")["images"], arrays["test_apart"]).items():
            bench.record("cross-fade of test images", metric, value, seed=run.seed)
    panels = []
    for run in drawn:
        images = run.load("lines")["images"][:4]
        panels.append((f"seed {run.seed}", np.round(images.reshape(-1, *images.shape[2:]) * 255).astype(np.uint8)))
    frames = bench.settings.frames
    title = bench.title("Figure 3: straight lines between latents, four a seed, uncurated")
    caption = "Each line starts where the one above it ended; the ends are drawn from the prior."
    bench.draw("fig3", sheets(panels, columns=frames, across=1, inches=7.5, title=title), caption)


def measured(images: np.ndarray, test_apart: np.ndarray) -> dict[Metric, float]:
    """The three numbers of one seed.

    Args:
        images: Along each line, shape (lines, frames, height, width, channels).
        test_apart: Distances of pairs of test images, shape (pairs,).
    """
    flat = images.reshape(*images.shape[:2], -1).astype(np.float64)
    steps = np.linalg.norm(np.diff(flat, axis=1), axis=2)
    ends = np.linalg.norm(flat[:, -1] - flat[:, 0], axis=1)
    return {
        STEP: float(np.median(steps.max(axis=1) / ends)),
        PATH: float(np.median(steps.max(axis=1) / steps.sum(axis=1))),
        ENDS: float(np.median(ends) / np.median(test_apart)),
    }


@claim(
    "fig3",
    "A straight line between latents changes the digit smoothly: no step above half the distance of its ends (median "
    "of 64 lines, whole interval), which differ at least half as much as two test images.",
    source="section 5, figure 3; the measure and the margins are ours",
)
def change_is_smooth(values: claims.Values) -> claims.Verdict:
    steps, ends = (values.by_seed("adversarial nets", metric.name) for metric in (STEP, ENDS))
    smooth = claims.below(steps, 0.5, of="largest step over ends, median")
    if ends and min(ends.values()) < 0.5:
        shown = ", ".join(f"{value:.3g}" for value in ends.values())
        return claims.Verdict(claims.UNDECIDED, f"ends over test pairs {shown}: they hardly differ", len(ends))
    return smooth
