"""What figures 2 and 3 share: a sheet of a fixed z, and what it can tell of memorising and of under-fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import ROOMS, Images, so_far, train_images
from repro.data import Set
from repro.items import Metric, Run, nested, setting, version
from repro.metrics.grid_texture import PERIODS
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

ROWS, COLUMNS = 5, 10


@dataclass(frozen=True)
class Sheet:
    """Settings of one sheet: a training, and what its images are compared with."""

    training: Images = nested(Images())
    at: int = setting(23_695, "section 4.1: mini-batches of one pass, figure 2; 118,475 are five, figure 3")
    pool: int = setting(100_000, "not stated; ours: training images that samples are compared with")

    @property
    def label(self) -> str:
        """What tells sheets apart in a run's name."""
        return f"step{self.at}"


def plan(settings: Sheet, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training, which figures 2 to 6 share, and the comparison of one of its snapshots."""
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    return [*trained, *(Run(compare_sheet, settings, run.seed, [run]) for run in trained)]


def snapshot_at(trained: Finished, step: int) -> tuple[int, np.ndarray]:
    """The last snapshot not after a step, or the first one after the start: (its step, images)."""
    every = {at: arrays["images"] for at, arrays in trained.snapshots() if at > 0}
    chosen = max((at for at in every if at <= step), default=min(every))
    return chosen, every[chosen]


@version(4)
def compare_sheet(settings: Sheet, seed: int, folder: Folder) -> None:
    """Compares one snapshot's images, and the texture of the last one's, with real images; needs the training."""
    from repro.metrics.grid_texture import grid_texture
    from repro.metrics.neighbours import mean_pairwise_distance, nearest

    [trained] = folder.needs
    step, made = snapshot_at(trained, settings.at)
    train, test = (folder.data(settings.training.data, split) for split in ("train", "test"))
    pool = train.images[np.arange(min(settings.pool, len(train)))]
    held = test.images[np.arange(min(len(made), len(test)))]
    real = pool[: len(made)]
    end, last = snapshot_at(trained, settings.training.steps)
    textures = [list(grid_texture(images).values()) for images in (made, real, last, held)]
    folder.save(
        "sheet",
        step=np.int64(step),
        images=made[: ROWS * COLUMNS],
        of_samples=nearest(made, pool)[0],
        of_held_out=nearest(held, pool)[0],
        colours=np.array([_colours(made), _colours(real), _colours(held)]),
        texture=np.array(textures[:2]),
        end=np.int64(end),
        texture_at_end=np.array(textures[2]),
        texture_of_held_out=np.array(textures[3]),
        pairwise=np.array([mean_pairwise_distance(made), mean_pairwise_distance(real)]),
    )


def _colours(images: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of each channel, grey levels: shape (2, channels)."""
    flat = images.reshape(-1, images.shape[-1]).astype(np.float64)
    return np.array([flat.mean(axis=0), flat.std(axis=0)])


# ---- Presentation ----

RATIO = Metric(
    "nn_ratio",
    "median pixel L2 from 256 samples to the nearest training image, over that of held-out images; copies have 0, and "
    "blur lowers it",
)
MEAN_GAP = Metric(
    "colour_mean_gap", "mean over channels of the difference of the means of samples and of real images", "grey levels"
)
STD_GAP = Metric("colour_std_gap", "the same of the standard deviations, over all pixels of 256 images", "grey levels")
TEXTURE = Metric(
    "grid_texture",
    "largest over the periods 2, 4, 8 pixels of the power at that period along an axis over the median power around it",
)
TEXTURE_RATIO = Metric(
    "grid_texture_over_real",
    "largest over those periods of the texture over that of training images; blur raises it too: real rooms blurred by "
    "0.7 pixels have 1.6",
)
VARIETY = Metric("pairwise_ratio", "mean pixel distance of two samples over that of two real images; a collapse has 0")
METRICS = [RATIO, MEAN_GAP, STD_GAP, TEXTURE, TEXTURE_RATIO, VARIETY]


def present_sheet(bench: Bench, runs: Sequence[Finished], name: str, label: str) -> None:
    """Records one sheet's numbers for every seed and draws that of seed 0.

    Args:
        bench: The item's.
        runs: Finished runs of `plan`.
        name: Of the picture.
        label: What the sheet is, for the title.
    """
    for run in (run for run in runs if run.run.function is compare_sheet):
        found = run.load("sheet")
        step = int(found["step"])
        ratio = float(np.median(found["of_samples"]) / np.median(found["of_held_out"]))
        (texture, real), held = found["texture"], found["texture_of_held_out"]
        gaps, least = (np.abs(found["colours"][of] - found["colours"][1]).mean(axis=1) for of in (0, 2))
        for metric, value in (
            (RATIO, ratio),
            (MEAN_GAP, gaps[0]),
            (STD_GAP, gaps[1]),
            (TEXTURE, texture.max()),
            (TEXTURE_RATIO, (texture / real).max()),
            (VARIETY, found["pairwise"][0] / found["pairwise"][1]),
        ):
            bench.record("DCGAN", metric, run.kept(float(value)), seed=run.seed, step=step)
        bench.record("real images", TEXTURE, float(real.max()), seed=run.seed)
        for metric, value in ((TEXTURE_RATIO, (held / real).max()), (MEAN_GAP, least[0]), (STD_GAP, least[1])):
            bench.record("held-out images", metric, float(value), seed=run.seed)
        if run.seed == 0:
            panel = so_far(step, run.settings.training.batch_size, _count(bench))
            title = bench.title(f"{label}: the first 50 images of fixed latents, seed 0, uncurated")
            bench.draw(
                name,
                sheets([(panel, found["images"])], columns=COLUMNS, across=1, inches=7.0, title=title),
                "Half of the mini-batches moved G, half D. All images are of one batch, whose statistics batch norm "
                "takes.",
            )
            lines = [
                [f"{period} pixels", *map(float, of)] for period, *of in zip(PERIODS, texture, real, held, strict=True)
            ]
            told = f"Grid texture, period by period, after {step:,} mini-batches, seed 0."
            bench.table(f"{name}_texture", ["period", "samples", "training images", "held-out images"], lines, told)


def record_texture_at_end(bench: Bench, runs: Sequence[Finished]) -> None:
    """Records the texture at the end of each training, where the sheet is of an earlier step."""
    for run in (run for run in runs if run.run.function is compare_sheet):
        found = run.load("sheet")
        texture, real, end = found["texture_at_end"], found["texture"][1], int(found["end"])
        if end > int(found["step"]):
            for metric, value in ((TEXTURE, texture.max()), (TEXTURE_RATIO, (texture / real).max())):
                bench.record("DCGAN", metric, run.kept(float(value)), seed=run.seed, step=end)


def _count(bench: Bench) -> int:
    known = bench.sets.get(bench.settings.training.data)
    return known.counts["train"] if known else 1


SMALL = Images(data=Set("scenes64", ("bedroom",)), maps=32, batch_size=64, first_sheet=1_500, steps=7_500)
QUICK = Sheet(ROOMS, at=ROOMS.first_sheet, pool=10_000)
