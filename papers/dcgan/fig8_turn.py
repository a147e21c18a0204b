"""Figure 8: a vector that turns faces (section 6.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.concepts import QUICK, SMALL, Faces
from papers.dcgan.images import Images, train_images
from papers.dcgan.reader import reader_of
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.framed import framed
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Turn:
    """Settings of the turn vector."""

    training: Images = nested(Faces())
    averaged: int = setting(4, "Figure 8: samples that look to one side; whether four each is not said")
    steps: int = setting(11, "Figure 8: images of a row, the middle one untouched")
    reach: float = setting(1.0, "not stated; ours: the last step adds the whole vector")
    beyond: float = setting(1.5, "not stated; ours: one more line goes so far")
    random_vectors: int = setting(20, "not stated; ours: controls, of the turn vector's length")
    pool: int = setting(512, "not stated; ours: samples of which the extremes are averaged")
    starts: int = setting(50, "not stated; ours: samples that are turned")


def plan(settings: Turn, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training of figure 7 and the turn; before it the reader, where something can be read."""
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    readers = reader_of(settings.training.data)
    return [*trained, *readers, *(Run(turn, settings, run.seed, [run, *readers]) for run in trained)]


@version(2)
def turn(settings: Turn, seed: int, folder: Folder) -> None:
    """Adds the turn vector, and random ones of the same length, to new latents.

    Needs a training, and the reader of its set if there is one.
    """
    from papers.dcgan.concepts import shower
    from papers.dcgan.images import decoded, fixed_latents, networks_of

    trained, *readers = folder.needs
    generator, _ = networks_of(trained)
    shown, z_dim = shower(readers[0] if readers else None, settings.training.data, folder), settings.training.z_dim
    pool = fixed_latents(z_dim, settings.pool, seed, "poses")
    order = np.argsort(shown(decoded(generator, pool, stored=True)).pose, kind="stable")
    ends = [pool[order[: settings.averaged]].mean(axis=0), pool[order[-settings.averaged :]].mean(axis=0)]
    vector = ends[1] - ends[0]
    others = np.random.default_rng([seed, 8]).normal(size=(settings.random_vectors, z_dim))
    others *= np.linalg.norm(vector) / np.linalg.norm(others, axis=1, keepdims=True)
    starts = fixed_latents(z_dim, settings.starts, seed, "faces to turn")
    lines = {"turn": (vector, settings.reach), "beyond": (vector, settings.beyond)}
    lines |= {f"random{place}": (other, settings.reach) for place, other in enumerate(others)}
    for name, (along, reach) in lines.items():
        t = np.linspace(-reach, reach, settings.steps)
        rows = (starts[:, None] + t[None, :, None] * along).astype(np.float32)
        made = decoded(generator, rows.reshape(-1, z_dim), stored=True)
        reading = shown(made)
        shape = settings.starts, settings.steps
        folder.save(
            name,
            t=t,
            images=made.reshape(*shape, *made.shape[1:])[:5],
            pose=reading.pose.reshape(shape),
            **{f"is_{concept}": value.reshape(shape) for concept, value in reading.value.items()},
        )
    folder.save("ends", images=decoded(generator, np.stack(ends).astype(np.float32), stored=True))


def correlations(pose: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Pearson's r of each row with t: float64, shape (rows,); 0 for a row that does not change.

    Args:
        pose: Shape (rows, steps).
        t: Shape (steps,).
    """
    centred, times = pose - pose.mean(axis=1, keepdims=True), t - t.mean()
    size = np.linalg.norm(centred, axis=1) * np.linalg.norm(times)
    return np.divide(centred @ times, size, out=np.zeros(len(pose)), where=size > 0)


WAY = "towards the vector's end; of random vectors, the way in which the rows turn on the whole"
MEDIAN = Metric("pose_correlation", f"median over 50 rows of Pearson's r between pose and step, {WAY}", "", "higher")
LINEAR = Metric("rows_above_0.9", "share of the rows with that r above 0.9", "", "higher")
MONOTONE = Metric("monotone_steps", f"share of the steps, of all rows, that change the pose {WAY}")
SLOPE = Metric("pose_slope", f"mean over rows of the slope of pose against t, {WAY}; t = 1 adds the whole vector")
KEPT = Metric("attributes_kept", "share of readings of the two ends of a row that are those of its middle")

TURN, RANDOM, STEEPEST = "turn vector", "random vectors of that length, mean", "the steepest of the random vectors"


def measured(line: dict, either_way: bool = False) -> dict[Metric, float]:
    """What is recorded of the rows along one vector; attributes only where they can be read.

    Args:
        line: What `turn` saved of it.
        either_way: Whether the vector has no end of its own: the way in which the rows turn on the whole counts.
    """
    pose, t = line["pose"], line["t"]
    slopes = ((pose - pose.mean(axis=1, keepdims=True)) @ (t - t.mean())) / ((t - t.mean()) ** 2).sum()
    sign = -1.0 if either_way and slopes.mean() < 0 else 1.0
    r = sign * correlations(pose, t)
    concepts, middle = [line[key] for key in line if key.startswith("is_")], len(t) // 2
    found = {
        MEDIAN: np.median(r),
        LINEAR: (r > 0.9).mean(),
        MONOTONE: (sign * np.diff(pose, axis=1) > 0).mean(),
        SLOPE: sign * slopes.mean(),
    }
    kept = [each[:, [0, -1]] == each[:, [middle]] for each in concepts]
    return found | ({KEPT: np.mean(kept)} if kept else {})


@item(
    "fig8",
    "A vector that turns faces",
    plan,
    quick=Scale(Turn(QUICK), seeds=3),
    small=Scale(Turn(SMALL), seeds=1),
    paper=Scale(Turn(), seeds=3),
    metrics=[MEDIAN, LINEAR, MONOTONE, SLOPE, KEPT],
)
def fig8(bench: Bench, runs: Sequence[Finished]) -> None:
    """The mean of the four latents whose faces look furthest to the right, minus that of the four to the left, is added
    in steps to new latents; the sixth image of a row, framed, is the untouched sample. Faces of the quick scale have a
    yaw that can be read. No pose is known of photographs: there the difference of light between the halves takes its
    place, as the row's name says, and a turn cannot be told from a lamp. Any long vector turns faces somewhat, and
    steadily, so that the correlation is high along random ones too; how far they turn tells the vectors apart.
    """
    for run in (run for run in runs if run.run.function is turn):
        suffix = "" if run.settings.training.data.family == "faces" else ", left_right_asymmetry"
        random = [measured(run.load(f"random{place}"), True) for place in range(run.settings.random_vectors)]
        steepest = max(random, key=lambda one: one[SLOPE])
        rows = {
            TURN: measured(run.load("turn")),
            f"{TURN}, t to {run.settings.beyond:g}": measured(run.load("beyond")),
            RANDOM: {metric: np.mean([one[metric] for one in random]) for metric in steepest},
            STEEPEST: steepest,
        }
        for row, found in rows.items():
            for metric, value in found.items():
                bench.record(f"{row}{suffix}", metric, run.kept(float(value)), seed=run.seed)
        if run.seed == 0:
            _draw(bench, run)


def _draw(bench: Bench, run: Finished) -> None:
    images, ends = run.load("turn")["images"], run.load("ends")["images"]
    columns, blank = images.shape[1], np.full_like(ends[0], 255)
    top = np.stack([ends[0], *[blank] * (columns - 2), ends[1]])
    middle = np.tile(np.arange(columns) == columns // 2, len(images))
    panels = [
        ("the averaged faces at either end of the vector", framed(top, np.zeros(columns, bool))),
        ("five new samples along it; framed: untouched", framed(images.reshape(-1, *images.shape[2:]), middle)),
    ]
    pose = "pose" if run.settings.training.data.family == "faces" else "light from left to right, for want of a pose"
    title = bench.title(f"Figure 8: faces along the turn vector of seed 0, by {pose}, uncurated")
    figure = sheets(panels, columns=columns, across=1, inches=7.0, title=title)
    bench.draw("fig8", figure, "Decoded with stored statistics.")


@claim(
    "fig8",
    "The pose follows the turn vector: the median correlation is above 0.7, and the slope above that along the "
    "steepest of 20 random vectors of its length.",
    source="section 6.3.2, figure 8; the measures and the margins are ours",
)
def pose_is_linear(values: claims.Values) -> claims.Verdict:
    along = values.by_seed(TURN, MEDIAN.name)
    if not along:
        return claims.Verdict(claims.UNDECIDED, "no pose is known of these pictures")
    slope, steepest = (values.by_seed(row, SLOPE.name) for row in (TURN, STEEPEST))
    return claims.both(
        claims.above(along, 0.7, of="median r"),
        claims.above(claims.paired(slope, steepest), 0, of="slope, turn vector - steepest random one"),
    )
