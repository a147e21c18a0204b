"""Figure 3: bedrooms later in training, in the paper after five passes over the data (section 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from papers.dcgan import sheets
from papers.dcgan.sheets import METRICS, QUICK, SMALL, TEXTURE_RATIO, Sheet
from repro import claims
from repro.items import Scale, claim, item

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished


@item(
    "fig3",
    "Bedrooms later in training; published: after five passes",
    sheets.plan,
    quick=Scale(Sheet(QUICK.training, at=5 * QUICK.at, pool=QUICK.pool), seeds=3),
    small=Scale(Sheet(SMALL, at=SMALL.steps, pool=10_000), seeds=3),
    paper=Scale(Sheet(at=118_475), seeds=3),
    metrics=METRICS,
    version=4,
)
def fig3(bench: Bench, runs: Sequence[Finished]) -> None:
    """The same z as in figure 2, after five times as many mini-batches. The caption sees under-fitting in noise that
    repeats, such as along the base boards of beds: the grid texture is the power of the images at the periods that the
    strides of G leave, 2, 4 and 8 pixels, over the power around them; images have some of it too, so the ratio to real
    ones is judged, the largest of the periods. Real bedrooms, 256 at a time, have ratios up to 1.25 among themselves,
    and the margin is beyond that. Where the training goes on after five passes it is measured at the end too, and the
    claim is about the end. Small has its only sheet there, after some 109 passes over its 4,450 bedrooms.
    """
    sheets.present_sheet(bench, runs, "fig3", "Figure 3")
    sheets.record_texture_at_end(bench, runs)


@claim(
    "fig3",
    "Noise that repeats is left after five passes or more: at the training's end grid_texture_over_real is above 1.5.",
    source="figure 3's caption; the measure and the margin are ours",
)
def noise_repeats(values: claims.Values) -> claims.Verdict:
    return claims.above(values.by_seed("DCGAN", TEXTURE_RATIO.name), 1.5, of="grid_texture_over_real")
