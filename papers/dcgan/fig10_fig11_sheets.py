"""Figures 10 and 11: large sheets of faces and of ImageNet pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan import concepts, objects
from papers.dcgan.images import Images, part_of, so_far, train_images
from repro.items import Metric, Run, Scale, item, nested, setting
from repro.metrics.neighbours import mean_pairwise_distance
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Large:
    """Settings of a large sheet."""

    training: Images = nested(concepts.Faces())
    rows: int = setting(14, "Figure 10; 19 in figure 11")
    columns: int = setting(14, "Figure 10; 12 in figure 11")


def plan(settings: Large, seeds: Sequence[int]) -> list[Run]:
    """The training, which other items share, and once what real images have."""
    return [*(Run(train_images, settings.training, seed) for seed in seeds), Run(measure_real, settings.training, 0)]


def measure_real(settings: Images, seed: int, folder: Folder) -> None:
    """Variety of 256 of the images that train, at places spread over all of them."""
    train = part_of(folder.data(settings.data, "train"), settings.rows)
    places = np.linspace(0, len(train), min(256, len(train)), endpoint=False).astype(int)
    folder.save("real", variety=np.float64(mean_pairwise_distance(train.images[places])), seen=np.int64(len(train)))


VARIETY = Metric(
    "pairwise_distance",
    "mean pixel L2 of two of 256 images, pixels in 0..1; what one image for all latents would not have",
)


def _present(bench: Bench, runs: Sequence[Finished], name: str, label: str) -> None:
    [real] = [run.load("real") for run in runs if run.run.function is measure_real]
    bench.record("real images", VARIETY, float(real["variety"]))
    for run in (run for run in runs if run.run.function is train_images):
        *_, (step, arrays) = run.snapshots()
        variety = run.kept(mean_pairwise_distance(arrays["images"]))
        bench.record("DCGAN", VARIETY, variety, seed=run.seed, step=step)
        if run.seed == 0:
            settings = bench.settings
            shown = arrays["images"][: settings.rows * settings.columns]
            panel = so_far(step, run.settings.batch_size, int(real["seen"]))
            of = f"{settings.training.data} ({int(real['seen']):,} seen in training)"
            title = bench.title(f"{label}: images of fixed latents, seed 0, uncurated and in no order", of)
            bench.draw(
                name,
                sheets([(panel, np.asarray(shown))], columns=settings.columns, across=1, inches=7.5, title=title),
                "Half of the mini-batches moved G, half D.",
            )


@item(
    "fig10",
    "More faces",
    plan,
    quick=Scale(Large(concepts.QUICK), seeds=3),
    small=Scale(Large(concepts.SMALL), seeds=1),
    paper=Scale(Large(), seeds=1),
    metrics=[VARIETY],
)
def fig10(bench: Bench, runs: Sequence[Finished]) -> None:
    """The faces of figures 7 and 8, 14 rows of 14. The paper's set, faces of 10,000 people found on the web, was never
    published; the paper scale takes CelebA, the centre of each aligned picture. The photographs of the small scale are
    grey.
    """
    _present(bench, runs, "fig10", "Figure 10")


OBJECTS = Large(objects.Objects(), 19, 12)


@item(
    "fig11",
    "Pictures of ImageNet's kind",
    plan,
    quick=Scale(Large(objects.QUICK, 19, 12), seeds=3),
    small=Scale(Large(objects.SMALL_WIDE, 19, 12), seeds=1),
    paper=Scale(OBJECTS, seeds=1),
    metrics=[VARIETY],
)
def fig11(bench: Bench, runs: Sequence[Finished]) -> None:
    """Images of the network whose D makes table 1's features, 19 rows of 12; at small, of the wider of its two. The
    released demonstration sorts its images by D's score, best first; whether the paper's sheet is sorted is not said,
    and this one is not. Where there is no ImageNet, the training of table 1 is on other pictures, as the title says,
    and short: 585 updates of G at small leave colours and a grid.
    """
    _present(bench, runs, "fig11", "Figure 11")
