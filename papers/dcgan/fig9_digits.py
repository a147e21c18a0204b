"""Figure 9: digits of the data, of the permutation invariant GAN and of DCGAN (section 8.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.digits import train_digits
from papers.dcgan.table3_digits import QUICK, SMALL, Neighbours
from repro.data import Set
from repro.items import Metric, Run, Scale, item, setting
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

BLOCKS = {"data": 7, "dense": 6, "convolutional": 7}  # columns of each block as printed
LABELS = {"data": "Groundtruth", "dense": "GAN", "convolutional": "DCGAN"}
READERS = {"digits8": "digits16", "mnist": "mnist28"}  # a set's own feature network


@dataclass(frozen=True)
class Reading:
    """Settings of one reading of digits by a frozen classifier."""

    data: Set = setting(Set("mnist"), "section 8.1: the real digits that are read beside generated ones")
    network: str = setting("mnist28", "not stated; ours: the set's feature network, made once from training images")


def plan(settings: Neighbours, seeds: Sequence[int]) -> list[Run]:
    """Table 3's trainings, a few real digits of each class, and what a classifier reads of all of them."""
    trained = [Run(train_digits, each, seed) for seed in seeds for each in (settings.digits, settings.dense)]
    data = settings.digits.data
    reading = Reading(data, READERS[data.name])
    readings = [Run(read_generated, reading, run.seed, [run]) for run in trained]
    return [*trained, *readings, Run(real_digits, settings, 0), Run(read_real, reading, 0)]


def read_generated(settings: Reading, seed: int, folder: Folder) -> None:
    """Share of a training's last digits that are read as their label; needs the training."""
    [trained] = folder.needs
    *_, (_, arrays) = trained.snapshots()
    folder.save("reading", agreement=agreement(settings.network, arrays["images"], np.arange(10).repeat(20)))


def read_real(settings: Reading, seed: int, folder: Folder) -> None:
    """Share of the real test digits that are read as their label."""
    from papers.dcgan.digits import taken

    test = taken(folder.data(settings.data, "test"))
    folder.save("reading", agreement=agreement(settings.network, test.images, test.labels))


def agreement(network: str, images: np.ndarray, labels: np.ndarray) -> np.float64:
    """Share of uint8 images (n, side, side, 1) whose most probable class is their label, 0..1.

    Images of another side than the network's become means over areas first.
    """
    import tensorflow as tf

    from repro.metrics.feature_networks import feature_network
    from repro.metrics.recogniser import top1

    reader = feature_network(network)
    if images.shape[1] != reader.side:
        resized = tf.image.resize(images.astype(np.float32), (reader.side, reader.side), "area")
        images = np.rint(resized.numpy()).astype(np.uint8)
    return np.float64(top1(reader.judge(images)[0], labels))


def real_digits(settings: Neighbours, seed: int, folder: Folder) -> None:
    """The first twenty real digits of each class."""
    from papers.dcgan.digits import taken

    train = taken(folder.data(settings.digits.data, "train"))
    images = np.concatenate([train.images[train.of_class(label)[:20]] for label in range(10)])
    folder.save("digits", images=images)


ISOLATED = Metric(
    "isolated_pixels",
    "share of pixels above half that have no neighbour of eight above half: specks, which strokes do not have",
    "",
    "lower",
)
AGREEMENTS = {
    network: Metric(
        f"agreement_{network}",
        f"share of 200 generated digits that the frozen classifier {network} reads as the label they were made for; of "
        "the data: all test digits; 0.1 by chance",
        "",
        "higher",
    )
    for network in READERS.values()
}
SPREAD = Metric("pixel_std", "standard deviation of a pixel over twenty digits of a class, mean over pixels, 0..1")


@item(
    "fig9",
    "Digits: data, GAN, DCGAN",
    plan,
    quick=Scale(QUICK, seeds=3),
    small=Scale(SMALL, seeds=1),
    paper=Scale(Neighbours(), seeds=3),
    metrics=[ISOLATED, *AGREEMENTS.values(), SPREAD],
    version=2,
)
def fig9(bench: Bench, runs: Sequence[Finished]) -> None:
    """A row a digit, in the layout of the paper: seven real ones, six of the permutation invariant GAN, seven of DCGAN;
    generated ones of fixed z, uncurated. Table 3 measures how good they are. A small classifier of the
    set, which no generator saw, says whether a digit is the one that was asked for; what it makes of real test digits,
    in the same size, stands beside.
    """
    blocks = {}
    for run in runs:
        if run.run.function in (read_generated, read_real):
            kind = run.needs[0].settings.network if run.needs else "data"
            read = run.kept(float(run.load("reading")["agreement"]))
            bench.record(LABELS[kind], AGREEMENTS[run.settings.network], read, seed=run.seed if run.needs else None)
            continue
        if run.run.function is train_digits:
            *_, (_, arrays) = run.snapshots()
            kind, images = run.settings.network, arrays["images"]
        else:
            kind, images = "data", run.load("digits")["images"]
        seed = None if kind == "data" else run.seed
        bench.record(LABELS[kind], ISOLATED, run.kept(isolated(images)), seed=seed)
        spread = images.reshape(10, 20, -1).astype(np.float64).std(axis=1).mean() / 255
        bench.record(LABELS[kind], SPREAD, run.kept(float(spread)), seed=seed)
        blocks.setdefault(kind, images)
    panels = []
    for kind, columns in BLOCKS.items():
        shown = blocks[kind].reshape(10, 20, *blocks[kind].shape[1:])[:, :columns]
        panels.append((LABELS[kind], shown.reshape(-1, *shown.shape[2:])))
    digits = bench.settings.digits
    of = f"{digits.data} ({digits.train_images:,} seen in training)"
    title = bench.title("Figure 9: digits of fixed latents, seed 0, uncurated", of)
    told = "A row is a label. Digits of another size than 28x28 are shown as the networks see them, resized to that."
    bench.draw("fig9", sheets(panels, columns=tuple(BLOCKS.values()), across=3, inches=3.3, title=title), told)


def isolated(images: np.ndarray) -> float:
    """Share of bright pixels without a bright neighbour; NaN where none is bright.

    Args:
        images: uint8, shape (n, side, side, 1).
    """
    bright = np.pad(images[..., 0] > 127, [(0, 0), (1, 1), (1, 1)])
    side = images.shape[1]
    around = sum(
        bright[:, 1 + y : 1 + y + side, 1 + x : 1 + x + side].astype(int)
        for y in (-1, 0, 1)
        for x in (-1, 0, 1)
        if (y, x) != (0, 0)
    )
    own = bright[:, 1:-1, 1:-1]
    return float((own & (around == 0)).sum() / own.sum()) if own.any() else float("nan")
