"""Figure 4: walks between latents, beside cross-fades of pixels (section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import ROOMS, Images, train_images
from papers.dcgan.reader import SURE, load_reader, reader_of
from papers.dcgan.sheets import SMALL
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.metrics import paths
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Walk:
    """Settings of the walk."""

    training: Images = nested(Images())
    rows: int = setting(10, "Figure 4 as printed: rows of a chain; its caption says 9 points, the picture has 11")
    frames: int = setting(10, "Figure 4: images a row, the end left out, which begins the next row")


def plan(settings: Walk, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training of figures 2 and 3, and a walk through its generator; a reader, where there is one."""
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    readers = reader_of(settings.training.data)
    return [*trained, *readers, *(Run(walk, settings, run.seed, [run, *readers]) for run in trained)]


def walk(settings: Walk, seed: int, folder: Folder) -> None:
    """Images along one chain of straight lines between random latents, all in one batch; needs the training.

    A reader, where there is one, says how often it is in doubt about them, and about cross-fades between their ends.
    """
    from papers.dcgan.images import decoded, fixed_latents, networks_of

    trained, *readers = folder.needs
    generator, _ = networks_of(trained)
    z = chain(fixed_latents(settings.training.z_dim, settings.rows + 1, seed, "walk"), settings.frames)
    ends = decoded(generator, z)
    images = ends[:-1].reshape(settings.rows, settings.frames, *ends.shape[1:])
    fades = faded(ends[:: settings.frames], settings.rows, settings.frames)
    folder.save("walk", images=images, fades=fades)
    for reader in readers:
        read = load_reader(reader)
        for name, frames in (("images", images), ("fades", np.rint(fades).astype(np.uint8))):
            doubt = read(frames.reshape(-1, *frames.shape[2:])).abstention(SURE)
            folder.save(f"doubt_{name}", share=np.float64(doubt))


def chain(points: np.ndarray, frames: int) -> np.ndarray:
    """Straight lines between neighbouring points, each without its end, and the last point: float32.

    Args:
        points: Shape (rows + 1, z_dim).
        frames: Points of a line.

    Returns:
        Shape (rows * frames + 1, z_dim).
    """
    t = (np.arange(frames, dtype=np.float32) / frames)[None, :, None]
    inner = (1 - t) * points[:-1, None] + t * points[1:, None]
    return np.concatenate([inner.reshape(-1, points.shape[1]), points[-1:]]).astype(np.float32)


def faded(images: np.ndarray, rows: int, frames: int) -> np.ndarray:
    """Cross-fades of pixels between neighbouring images, ends left out as in a walk: float64, (rows, frames, ...)."""
    t = (np.arange(frames) / frames)[:, None, None, None]
    return np.stack([(1 - t) * images[row] + t * images[row + 1] for row in range(rows)])


SMOOTH = Metric(
    "smoothness_80",
    "80 % quantile over ten rows of largest over mean RMS step between neighbours; 1 for a cross-fade",
    "",
    "lower",
)
PATH = Metric(
    "path_ratio", "median over ten rows of the sum of steps over the distance of the row's first and last image"
)
DOUBT = Metric(
    "abstention", f"share of readings of images on the way, all attributes, below confidence {SURE}", "", "lower"
)
LEAST = Metric("smoothness_least", "least of ten rows")
MOST = Metric("smoothness_most", "largest of ten rows", "", "lower")


@item(
    "fig4",
    "Walks between latents",
    plan,
    quick=Scale(Walk(ROOMS), seeds=3),
    small=Scale(Walk(SMALL), seeds=3),
    paper=Scale(Walk(), seeds=3),
    metrics=[SMOOTH, PATH, LEAST, MOST, DOUBT],
)
def fig4(bench: Bench, runs: Sequence[Finished]) -> None:
    """Ten rows of one chain of straight lines, as printed: ten images a row, and the end of a row begins the next. The
    whole chain is decoded in one batch, so that the same latent is the same image. Below, cross-fades of pixels between
    the first images of neighbouring rows: as smooth as can be, and no room on the way. So smoothness rules out jumps,
    such as those of a model that holds single images, and says nothing of whether what lies between is a room: how
    often a reader of rooms is in doubt tells a little of that.
    """
    for run in (run for run in runs if run.run.function is walk):
        found = run.load("walk")
        for row, name in (("DCGAN", "images"), ("cross-fade of pixels", "fades")):
            images, smooth = found[name], paths.smoothness(found[name])
            if len(run.needs) > 1:
                bench.record(row, DOUBT, run.kept(float(run.load(f"doubt_{name}")["share"])), seed=run.seed)
            for metric, value in (
                (SMOOTH, np.quantile(smooth, 0.8)),
                (PATH, np.median(paths.path_ratio(images))),
                (LEAST, smooth.min()),
                (MOST, smooth.max()),
            ):
                bench.record(row, metric, run.kept(float(value)), seed=run.seed)
        if run.seed == 0:
            _draw(bench, found)


def _draw(bench: Bench, found: dict) -> None:
    shape = found["images"].shape
    panels = [
        ("ten lines between eleven random latents, in one chain", found["images"].reshape(-1, *shape[2:])),
        (
            "cross-fades of pixels between the ends of the first two lines",
            np.rint(found["fades"][:2]).astype(np.uint8).reshape(-1, *shape[2:]),
        ),
    ]
    title = bench.title("Figure 4: walks of seed 0, uncurated")
    figure = sheets(panels, columns=shape[1], across=1, inches=6.5, title=title)
    bench.draw("fig4", figure, "The last image of a row is one step away from the first of the next.")


@claim(
    "fig4",
    "Images change smoothly along walks: 80 % of the rows have a largest step below twice the mean step, where a "
    "reader doubts less than half of what it reads.",
    source="section 6.1, figure 4; the measure and the margin are ours, 1.11 to 1.43 in the released picture",
)
def walks_are_smooth(values: claims.Values) -> claims.Verdict:
    smooth, doubt = (values.by_seed("DCGAN", metric.name) for metric in (SMOOTH, DOUBT))
    if not doubt:
        return claims.Verdict(claims.UNDECIDED, "nothing reads these pictures, and noise is smooth, too", len(smooth))
    if max(doubt.values()) >= 0.5:
        shown = ", ".join(f"{value:.2g}" for value in doubt.values())
        return claims.Verdict(claims.UNDECIDED, f"the reader doubts half of what it reads: {shown}", len(doubt))
    return claims.below(smooth, 2, of="smoothness, 80 % quantile")
