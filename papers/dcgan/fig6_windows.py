"""Figure 6: G without the maps that a probe calls windows (section 6.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan import windows_by_hand
from papers.dcgan.images import ROOMS, Images, train_images
from papers.dcgan.reader import SURE, reader_of
from papers.dcgan.sheets import SMALL
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from papers.dcgan.windows import Probe
    from repro.bench import Bench
    from repro.metrics.attribute_reader import Reading
    from repro.runs import Finished, Folder

LEAST_BOXES = 20
KEPT = ("wall", "bed", "lamp")


@dataclass(frozen=True)
class Removal:
    """Settings of the removal of windows."""

    training: Images = nested(Images())
    layer: int = setting(2, "section 6.3.1: second highest, counted from the image; 16x16x256 in figure 1")
    other_layer: int = setting(3, "the same words counted from the latent: 8x8x512")
    boxes: int = setting(52, "section 6.3.1: windows that were marked")
    negatives: int = setting(3, "not stated; ours: places outside for each inside")
    samples: int = setting(500, "not stated; ours: new samples, decoded with and without")
    random_sets: int = setting(20, "not stated; ours: random sets of as many maps")
    to_mark: int = setting(150, "section 6.3.1: samples of which windows are marked by hand")
    by_hand: tuple[Set, ...] = setting((Set("window_boxes"),), "section 6.3.1; yours, of seed 0", optional=True)


def plan(settings: Removal, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training of figures 2 and 3; where windows can be read, the reader and the removal.

    Elsewhere the samples of the first seed that a person may mark, and the removal once they are marked.
    """
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    if settings.training.data.family != "rooms":
        shown = Run(windows_by_hand.show_samples, replace(settings, by_hand=()), seeds[0], trained[:1])
        marked = [Run(windows_by_hand.remove_marked, settings, seeds[0], trained[:1])] if settings.by_hand else []
        return [*trained, shown, *marked]
    [reader] = reader_of(settings.training.data)
    return [*trained, reader, *(Run(remove_windows, settings, run.seed, [run, reader]) for run in trained)]


@version(2)
def remove_windows(settings: Removal, seed: int, folder: Folder) -> None:
    """Finds the maps that draw windows and decodes new latents with and without; needs a training and a reader."""
    from papers.dcgan.images import decoded, fixed_latents, networks_of
    from papers.dcgan.reader import load_reader
    from papers.dcgan.windows import fit_probe, halves, window_box

    trained, reader = folder.needs
    generator, _ = networks_of(trained)
    read, z_dim = load_reader(reader), settings.training.z_dim
    z = fixed_latents(z_dim, settings.samples, seed, "marked windows")
    images = decoded(generator, z)
    reading = read(images)
    marked = [place for place in np.flatnonzero(reading.value("window") == 1) if window_box(images[place])]
    marked = marked[: settings.boxes]
    folder.save("marked", count=np.int64(len(marked)))
    if len(marked) < LEAST_BOXES:
        return
    new = fixed_latents(z_dim, settings.samples, seed, "new rooms")
    for name, layer in (("layer", settings.layer), ("other", settings.other_layer)):
        front, back = halves(generator, layer)
        maps = front(z, training=True).numpy()
        probe = fit_probe(maps[marked], [window_box(images[place]) for place in marked], seed, settings.negatives)
        found = _measured(read, _decoder(front, back, new, False), _sets(probe, settings.random_sets, seed), "")
        found |= _measured(read, _decoder(front, back, new, True), _sets(probe, 0, seed), "stored_")
        folder.save(
            name,
            dropped=np.int64(probe.positive.sum()),
            maps=np.int64(len(probe.weights)),
            side=np.int64(maps.shape[1]),
            **found,
        )


def _decoder(front: keras.Model, back: keras.Model, z: np.ndarray, stored: bool) -> Callable[[np.ndarray], np.ndarray]:
    """A function from dropped maps, bool, to the images of these latents without them, all in one batch."""
    from papers.dcgan.images import as_bytes

    maps = front(z, training=not stored).numpy()
    return lambda dropped: as_bytes(back(maps * ~dropped, training=not stored).numpy())


def _sets(probe: Probe, count: int, seed: int) -> dict[str, list[np.ndarray]]:
    """The sets of maps that are dropped, by name."""
    random, size, maps = np.random.default_rng([seed, 7]), int(probe.positive.sum()), len(probe.weights)
    drawn = []
    for _ in range(count):
        chosen = np.zeros(maps, bool)
        chosen[random.choice(maps, size, replace=False)] = True
        drawn.append(chosen)
    named = {"none": [np.zeros(maps, bool)], "windows": [probe.positive]}
    return named | ({"lowest": [probe.lowest()], "random": drawn} if count else {})


def _measured(
    read: Callable[[np.ndarray], Reading],
    without: Callable[[np.ndarray], np.ndarray],
    sets: dict[str, list[np.ndarray]],
    prefix: str,
) -> dict[str, np.ndarray]:
    """For each set: window rate, share of other attributes unchanged, RMS change, doubt; and ten pairs of images."""
    before = without(sets["none"][0])
    reading = read(before)
    found = {f"{prefix}before": before[:10]}
    for name, each in sets.items():
        rows = []
        for dropped in each:
            images = without(dropped)
            now = read(images)
            kept = [(now.value(other) == reading.value(other)).mean() for other in KEPT]
            change = np.sqrt(((images.astype(np.float64) - before) ** 2).mean(axis=(1, 2, 3))).mean()
            rows.append([(now.value("window") == 1).mean(), *kept, change, now.abstention(SURE)])
            if name == "windows":
                found[f"{prefix}after"] = images[:10]
        found[f"{prefix}{name}"] = np.mean(rows, axis=0)
    return found


RATE = Metric("window_rate", "share of 500 new samples that the reader calls a room with a window")
RETAINED = {
    name: Metric(f"{name}_kept", f"share of the same samples whose {name} is read as before", "", "higher")
    for name in KEPT
}
CHANGE = Metric("rms_change", "mean RMS difference of the pairs; 43.9 in the released picture", "grey levels")
DROPPED = Metric("maps_dropped", "maps with positive weight; 200 in the paper", "count")
SHARE = Metric("share_dropped", "those over all maps of the layer")
ABSTENTION = Metric("abstention", f"share of the reader's readings below confidence {SURE}")
MARKED = Metric(
    "windows_marked", "samples whose window was found by colour, at most 52; of photographs, by a person", "count"
)

ROWS = {
    "none": "no maps dropped",
    "windows": "window maps dropped",
    "random": "as many random maps dropped",
    "lowest": "as many maps of lowest weight dropped",
}


@item(
    "fig6",
    "Rooms without the maps that draw windows",
    plan,
    quick=Scale(Removal(ROOMS, other_layer=1, by_hand=()), seeds=3),
    small=Scale(Removal(SMALL), seeds=1),
    paper=Scale(Removal(), seeds=3),
    metrics=[RATE, *RETAINED.values(), CHANGE, DROPPED, SHARE, ABSTENTION, MARKED],
)
def fig6(bench: Bench, runs: Sequence[Finished]) -> None:
    """Windows of 52 samples are boxed, here by their colour instead of by hand; a logistic regression tells places
    inside boxes from others by the maps of one layer; all maps with positive weight are set to zero, and new latents
    are decoded with and without them, each time as one batch. Which layer the "second highest" is depends on the end
    that one counts from: both are shown, and the rows of the second name its size. As many random maps, and as many of
    those that speak most against windows, tell what dropping any maps does. The program cannot tell windows in
    photographs: there it shows samples for a person to mark, drops the maps that draw what was marked, and leaves
    counting to eyes.
    """
    measured = [run for run in runs if run.run.function is remove_windows]
    for run in (run for run in runs if run.run.function is windows_by_hand.show_samples):
        windows_by_hand.draw_samples(bench, run)
    marked = [run for run in runs if run.run.function is windows_by_hand.remove_marked]
    if not measured:
        bench.record("DCGAN", MARKED, int(marked[0].load("marked")["count"]) if marked else 0)
    if marked and int(marked[0].load("marked")["count"]):
        windows_by_hand.record_marked(bench, marked[0], DROPPED, SHARE, CHANGE)
        _draw(bench, marked[0])
    for run in measured:
        bench.record("DCGAN", MARKED, int(run.load("marked")["count"]), seed=run.seed)
        if int(run.load("marked")["count"]) >= LEAST_BOXES:
            for name in ("layer", "other"):
                _record(bench, run, name)
    if measured and int(measured[0].load("marked")["count"]) >= LEAST_BOXES:
        _draw(bench, measured[0])


def _record(bench: Bench, run: Finished, name: str) -> None:
    found = run.load(name)
    side, maps = int(found["side"]), int(found["maps"])
    where = "" if name == "layer" else f", {side}x{side}x{maps}"
    bench.record(f"DCGAN{where}", DROPPED, int(found["dropped"]), seed=run.seed)
    bench.record(f"DCGAN{where}", SHARE, int(found["dropped"]) / maps, seed=run.seed)
    for prefix, statistics in (("", ""), ("stored_", ", stored statistics")):
        for key, label in ROWS.items():
            if f"{prefix}{key}" in found:
                rate, *kept, change, doubt = found[f"{prefix}{key}"]
                row = f"{label}{where}{statistics}"
                of_kept = zip(RETAINED.values(), kept, strict=True)
                for metric, value in ((RATE, rate), (CHANGE, change), (ABSTENTION, doubt), *of_kept):
                    bench.record(row, metric, run.kept(float(value)), seed=run.seed)


def _draw(bench: Bench, run: Finished) -> None:
    panels = []
    for name in ("layer", "other"):
        found = run.load(name)
        side, maps, dropped = (int(found[key]) for key in ("side", "maps", "dropped"))
        pair = np.concatenate([found["before"], found["after"]])
        panels.append((f"layer {side}x{side}x{maps}: {dropped} maps dropped in the lower row", pair))
    title = bench.title(f"Figure 6: the same latents with and without the window maps, seed {run.seed}, uncurated")
    figure = sheets(panels, columns=10, across=1, inches=7.0, title=title)
    bench.draw("fig6", figure, "The first ten of 500 latents; the other images of the batch are not shown.")


@claim(
    "fig6",
    "Dropping the window maps makes G mostly forget windows: the window rate falls to less than half, and by more than "
    "with as many random maps.",
    source='section 6.3.1: "mostly forgets"; the margins are ours',
)
def windows_are_forgotten(values: claims.Values) -> claims.Verdict:
    before, after, random = (values.by_seed(ROWS[name], RATE.name) for name in ("none", "windows", "random"))
    if not after or not all(before.values()):
        return claims.Verdict(
            claims.UNDECIDED, "too few windows were found or marked, or none can be read here", len(after)
        )
    left = {seed: after[seed] / before[seed] for seed in after}
    return claims.both(
        claims.below(left, 0.5, of="window rate after over before"),
        claims.above(claims.paired(random, after), 0, of="window rate, random maps - window maps"),
    )


@claim(
    "fig6",
    "The rest of the room stays: wall, bed and lamp are read as before in more than 0.8 of the samples, each.",
    source='section 6.3.1: "the overall scene composition stayed similar"; the measure and the margin are ours',
)
def the_room_stays(values: claims.Values) -> claims.Verdict:
    kept = [values.by_seed(ROWS["windows"], metric.name) for metric in RETAINED.values()]
    if not any(kept):
        return claims.Verdict(claims.UNDECIDED, "too few windows were found or marked, or nothing can be read here")
    named = zip(KEPT, kept, strict=True)
    return claims.both(*(claims.above(each, 0.8, of=f"{name} kept") for name, each in named))
