"""Figure 6 where nobody but a person can tell windows: samples to mark, and G without the maps that draw the marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from repro.items import Metric

if TYPE_CHECKING:
    from papers.dcgan.images import Images
    from repro.bench import Bench
    from repro.runs import Finished, Folder

TO_MARK_COLUMNS = 15
SHOWN = 10


class Marking(Protocol):
    """What the settings of figure 6 have for windows that a person marks."""

    training: Images
    layer: int
    other_layer: int
    negatives: int
    samples: int
    to_mark: int


def show_samples(settings: Marking, seed: int, folder: Folder) -> None:
    """Decodes the samples that windows are marked on, in one batch; needs a training."""
    from papers.dcgan.images import decoded, networks_of

    [trained] = folder.needs
    folder.save("samples", images=decoded(networks_of(trained)[0], _latents(settings, seed)))


def remove_marked(settings: Marking, seed: int, folder: Folder) -> None:
    """Drops the maps that draw the boxed windows; leaves pairs of images; needs a training.

    The boxes are of the same samples as `show_samples` leaves: of the same training, seed and number.
    """
    from papers.dcgan.images import as_bytes, fixed_latents, networks_of
    from papers.dcgan.windows import fit_probe, halves
    from repro.data import window_boxes

    [trained] = folder.needs
    generator, _ = networks_of(trained)
    boxes = window_boxes.read(folder.places, settings.to_mark, generator.output_shape[1])
    folder.save("marked", count=np.int64(len(boxes)))
    if not boxes:
        return
    new = fixed_latents(settings.training.z_dim, settings.samples, seed, "new rooms")
    for name, layer in (("layer", settings.layer), ("other", settings.other_layer)):
        front, back = halves(generator, layer)
        marked = front(_latents(settings, seed), training=True).numpy()[list(boxes)]
        probe = fit_probe(marked, list(boxes.values()), seed, settings.negatives)
        maps = front(new, training=True).numpy()
        before, after = (as_bytes(back(maps * kept, training=True).numpy()) for kept in (True, ~probe.positive))
        apart = np.sqrt(((after.astype(np.float64) - before) ** 2).mean(axis=(1, 2, 3)))
        folder.save(
            name,
            dropped=np.int64(probe.positive.sum()),
            maps=np.int64(len(probe.weights)),
            side=np.int64(maps.shape[1]),
            change=apart.mean(),
            before=before[:SHOWN],
            after=after[:SHOWN],
        )


def _latents(settings: Marking, seed: int) -> np.ndarray:
    from papers.dcgan.images import fixed_latents

    return fixed_latents(settings.training.z_dim, settings.to_mark, seed, "windows to mark")


def draw_samples(bench: Bench, run: Finished) -> None:
    """Draws the samples that somebody may mark, and says how."""
    from repro.data.window_boxes import HEADER, NAME
    from repro.pictures.sheets import sheets

    images = run.load("samples")["images"]
    title = bench.title(f"Figure 6: {len(images)} samples to mark, seed {run.seed}, uncurated")
    told = f"rows of {TO_MARK_COLUMNS}, counted from 0; each {images.shape[1]} pixels wide"
    figure = sheets([(told, images)], columns=TO_MARK_COLUMNS, across=1, inches=10.0, title=title)
    bench.draw(
        "fig6_to_mark",
        figure,
        f"What figure 6 needs and nobody has: boxes around windows. Write {NAME}, a line {','.join(HEADER)} a window, "
        "in pixels of the sample, put it in the folder of the data, and start again.",
    )


def record_marked(bench: Bench, run: Finished, dropped: Metric, share: Metric, change: Metric) -> None:
    """Records how many maps were dropped, and how much the images change; nobody has counted the windows left."""
    for name in ("layer", "other"):
        found = run.load(name)
        side, maps = int(found["side"]), int(found["maps"])
        row = "DCGAN" if name == "layer" else f"DCGAN, {side}x{side}x{maps}"
        bench.record(row, dropped, int(found["dropped"]), seed=run.seed)
        bench.record(row, share, int(found["dropped"]) / maps, seed=run.seed)
        bench.record(f"{row}, boxes by hand", change, float(found["change"]), seed=run.seed)
