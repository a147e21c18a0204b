"""What the scores of figures 5 and 6 and of the extended paper's table see: real images, damaged in known ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.lsgan.scenes import ROOMS, SCENES
from repro.data import Set
from repro.items import Metric, Run, Scale, item, nested, setting
from repro.metrics.scores import KINDS, Protocol
from repro.pictures.curves import lines
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

OURS = "not stated; ours"
SHOWN = 8  # images of each damage on the sheet
KINDS_OF_DAMAGE = ("noise", "blur", "flat", "dropped", "copied")
LEVELS = {"noise": "noise, deviation {:g}", "blur": "blur, {:g} pixels", "dropped": "classes dropped: {:g}"}


@dataclass(frozen=True)
class Damage:
    """Settings of the study: none of it is in the papers."""

    data: Set = setting(Set("scenes64"), OURS)
    protocol: Protocol = nested(SCENES)
    noise: tuple[float, ...] = setting((0.0, 0.05, 0.1, 0.2, 0.4), f"{OURS}: standard deviations, white is 1")
    blur: tuple[float, ...] = setting((0.0, 0.5, 1.0, 2.0, 4.0), f"{OURS}: widths of a Gaussian in pixels")
    flat: tuple[float, ...] = setting((0.0, 0.25, 0.5, 1.0), f"{OURS}: shares of the images that are their mean colour")
    dropped: tuple[int, ...] = setting((0, 1, 2), f"{OURS}: numbers of classes left out")
    copied: tuple[float, ...] = setting((0.0, 0.25, 0.5, 0.9), f"{OURS}: shares of the images that are copies")


def damaged(kind: str, level: float, images: np.ndarray, labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """n images, damaged: uint8, in the shape of the given ones, of which there must be enough of the classes left.

    Args:
        kind: In `KINDS_OF_DAMAGE`.
        level: As in `Damage`; 0 leaves the first n images as they are.
        images: uint8, shape (m, side, side, channels).
        labels: Classes, shape (m,).
        n: How many.
        seed: Of noise.
    """
    from scipy import ndimage

    if kind == "dropped":
        known = np.unique(labels)
        return images[np.isin(labels, known[: len(known) - int(level)])][:n]
    if kind == "flat":
        made = images[:n].copy()
        made[: round(n * level)] = np.rint(made[: round(n * level)].mean(axis=(1, 2), keepdims=True)).astype(np.uint8)
        return made
    if kind == "copied":
        return images[np.arange(n) % round(n * (1 - level))]
    exact = images[:n] / 255
    if kind == "noise":
        exact = exact + np.random.default_rng([seed, 0]).normal(0, level, exact.shape)
    else:
        exact = ndimage.gaussian_filter(exact, (0, level, level, 0), mode="nearest") if level else exact
    return np.rint(255 * np.clip(exact, 0, 1)).astype(np.uint8)


def measure_damage(settings: Damage, seed: int, folder: Folder) -> None:
    """Scores of real images that the reference lacks, at every level of every damage; leaves the first of each too."""
    from repro.metrics.feature_networks import feature_network

    protocol = settings.protocol
    network = feature_network(protocol.network)
    real = protocol.reference(folder.data(settings.data, protocol.split), folder.places)
    images, labels = network.labelled(protocol.split, folder.places)
    order = protocol.real + np.random.default_rng([seed, 1]).permutation(len(images) - protocol.real)
    images, labels = images[order], labels[order]
    for kind in KINDS_OF_DAMAGE:
        for place, level in enumerate(getattr(settings, kind)):
            made = damaged(kind, level, images, labels, protocol.generated, seed)
            folder.save(f"{kind}-{place}", sheet=made[:SHOWN], **protocol.measure(protocol.judge(made), real))


def plan(settings: Damage, seeds: Sequence[int]) -> list[Run]:
    """One measurement a seed."""
    return [Run(measure_damage, settings, seed) for seed in seeds]


MONOTONE = Metric(
    "worse_with_every_level", "1 if a score gets worse from each level of a damage to the next, mean over seeds, else 0"
)


@item(
    "scores",
    "What the scores see: real images, damaged in known ways",
    plan,
    quick=Scale(Damage(Set("rooms32"), ROOMS, dropped=(0, 16, 32, 48)), seeds=1),
    small=Scale(Damage(), seeds=1),
    metrics=[MONOTONE, *ROOMS.metrics(), *SCENES.metrics()],
)
def scores(bench: Bench, runs: Sequence[Finished]) -> None:
    """Real images against other real images of the same set, in the features of a small classifier of it: with noise,
    blurred, with flat colour or copies in place of images, and without some of the classes. A score that does not get
    worse with a damage cannot be used to look for it. No paper is reproduced here; it says how far the scores of the
    other items go.
    """
    protocol = bench.settings.protocol
    found = {
        (run.seed, kind): [run.load(f"{kind}-{place}") for place in range(len(getattr(bench.settings, kind)))]
        for run in runs
        for kind in KINDS_OF_DAMAGE
    }
    for (seed, kind), measured in found.items():
        for level, values in zip(getattr(bench.settings, kind), measured, strict=True):
            for name in KINDS:
                bench.record(f"{kind} {level:g}", protocol.metric(name), float(values[name]), seed=seed)
        for name in KINDS:
            bench.record(f"{name}, {kind}", MONOTONE, is_monotone(name, [m[name] for m in measured]), seed=seed)
    _table(bench, found)
    _draw(bench, runs[0])


def is_monotone(name: str, course: Sequence[float]) -> int:
    """1 if a kind of score gets worse from each value to the next, else 0; of one without a better end, if it rises."""
    steps = np.diff(np.asarray(course, float))
    return int((steps < 0).all() if KINDS[name].better == "higher" else (steps > 0).all())


def _table(bench: Bench, found: dict[tuple[int, str], list[dict]]) -> None:
    rows = []
    for name in KINDS:
        for kind in KINDS_OF_DAMAGE:
            courses = [[float(m[name]) for m in measured] for (_, of), measured in found.items() if of == kind]
            verdicts = [is_monotone(name, course) for course in courses]
            mean = np.mean(courses, axis=0)
            rows.append([name, kind, float(mean[0]), float(mean[1]), float(mean[-1]), sum(verdicts), len(verdicts)])
    header = [
        "score",
        "damage",
        "undamaged",
        "least damage",
        "most damage",
        "seeds in which every level is worse",
        "of",
    ]
    bench.table("scores_damage", header, rows, "Scores of damaged real images, mean over seeds.")


def _draw(bench: Bench, run: Finished) -> None:
    loaded = {
        kind: [run.load(f"{kind}-{place}") for place in range(len(getattr(bench.settings, kind)))]
        for kind in KINDS_OF_DAMAGE
    }
    axes = {
        "noise": "standard deviation of the noise",
        "blur": "width of the blur in pixels",
        "flat": "share of the images that are flat",
        "dropped": "classes left out",
        "copied": "share of the images that are copies",
    }
    distances, shares = [], []
    for kind, measured in loaded.items():
        levels = getattr(bench.settings, kind)
        course = {name: np.array([float(m[name]) for m in measured]) for name in KINDS}
        relative = {
            name: {0: (levels, course[key] / course[key][-1])}
            for key, name in (("frechet", "Fréchet distance"), ("kid", "kernel distance (KID)"))
        }
        distances.append((axes[kind], "distance over that at the last level", relative))
        told = ("precision", "recall", "density", "coverage", "two_sample_accuracy")
        shares.append((axes[kind], "score", {name.replace("_", " "): {0: (levels, course[name])} for name in told}))
    title = f"of damaged real images, features of {bench.settings.protocol.network}, seed {run.seed}"
    bench.draw("scores_distances", lines(distances, bench.title(f"Distances {title}")), "Higher is further away.")
    told = "Of the first four higher is better; 0.5 is the best two-sample accuracy, 1 the worst."
    bench.draw("scores_shares", lines(shares, bench.title(f"Scores {title}"), same_y=True), told)
    _draw_sheet(bench, run, loaded)


def _draw_sheet(bench: Bench, run: Finished, loaded: dict) -> None:
    panels = [("undamaged", loaded["noise"][0]["sheet"]), ("flat, those that are flat", loaded["flat"][-1]["sheet"])]
    panels += [
        (LEVELS[kind].format(level), measured["sheet"])
        for kind in ("noise", "blur", "dropped")
        for level, measured in zip(getattr(bench.settings, kind), loaded[kind], strict=True)
        if level
    ]
    title = f"The first images of every damage but copies, seed {run.seed}"
    figure = sheets(panels, columns=SHOWN, across=2, inches=5.4, title=bench.title(title))
    told = "Copies look like undamaged images and are not drawn."
    bench.draw("scores_sheet", figure, told, shows=bench.settings.data)
