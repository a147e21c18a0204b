"""Figure 9: digits of the data, of the permutation invariant GAN and of DCGAN (section 8.1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from papers.dcgan.digits import train_digits
from papers.dcgan.table3_digits import QUICK, SMALL, Neighbours
from repro.items import Metric, Run, Scale, item
from repro.pictures.sheets import sheets

BLOCKS = {"data": 7, "dense": 6, "convolutional": 7}  # columns of each block as printed
LABELS = {"data": "Groundtruth", "dense": "GAN", "convolutional": "DCGAN"}


def plan(settings: Neighbours, seeds: Sequence[int]) -> list[Run]:
    """Table 3's trainings, and a few real digits of each class."""
    trained = [Run(train_digits, each, seed) for seed in seeds for each in (settings.digits, settings.dense)]
    return [*trained, Run(real_digits, settings, 0)]


def real_digits(settings: Neighbours, seed: int, folder) -> None:
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
SPREAD = Metric("pixel_std", "standard deviation of a pixel over twenty digits of a class, mean over pixels, 0..1")


@item(
    "fig9",
    "Digits: data, GAN, DCGAN",
    plan,
    quick=Scale(QUICK, seeds=3),
    small=Scale(SMALL, seeds=3),
    paper=Scale(Neighbours(), seeds=1),
    metrics=[ISOLATED, SPREAD],
)
def fig9(bench, runs):
    """A row a digit, in the layout of the paper: seven real ones, six of the permutation invariant GAN, seven of DCGAN;
    generated ones of fixed z, uncurated. Table 3 measures how good they are.
    """
    blocks = {}
    for run in runs:
        if run.run.function is train_digits:
            *_, (_, arrays) = run.snapshots()
            kind, images = run.settings.network, arrays["images"]
        else:
            kind, images = "data", run.load("digits")["images"]
        seed = None if kind == "data" else run.seed
        bench.record(LABELS[kind], ISOLATED, isolated(images), seed=seed)
        spread = images.reshape(10, 20, -1).astype(np.float64).std(axis=1).mean() / 255
        bench.record(LABELS[kind], SPREAD, float(spread), seed=seed)
        blocks.setdefault(kind, images)
    panels = []
    for kind, columns in BLOCKS.items():
        shown = blocks[kind].reshape(10, 20, *blocks[kind].shape[1:])[:, :columns]
        panels.append((LABELS[kind], shown.reshape(-1, *shown.shape[2:])))
    title = bench.title("Figure 9: digits of fixed latents, seed 0, uncurated")
    bench.draw(
        "fig9", sheets(panels, columns=tuple(BLOCKS.values()), across=3, inches=3.2, title=title), "A row is a label."
    )


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
