"""Table 2: what is difficult in four kinds of generative models. Nothing is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.items import Scale, item, setting
from repro.pictures.tables import drawn_tables

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

# In our own words: a row's name, then a cell for each kind of model.
DIFFICULTIES = (
    (
        "training",
        "posterior inference\ninside the loop",
        "inference inside the loop;\nMCMC for the gradient of\nthe partition function",
        "reconstructing well and\nmixing well pull\nagainst each other",
        "D must keep up with G,\nelse G collapses\n(Helvetica scenario)",
    ),
    (
        "inference",
        "learned, approximate",
        "variational",
        "by MCMC",
        "learned, approximate",
    ),
    (
        "sampling",
        "easy",
        "needs a Markov chain",
        "needs a Markov chain",
        "easy: one forward pass",
    ),
    (
        "evaluating p(x)",
        "intractable;\nAIS approximates it",
        "intractable;\nAIS approximates it",
        "no explicit p(x); Parzen\nwindows on samples",
        "no explicit p(x); Parzen\nwindows on samples",
    ),
    (
        "model design",
        "nearly every choice\nruns into trouble",
        "several properties must\nbe kept at once",
        "any differentiable\nfunction, in theory",
        "any differentiable\nfunction, in theory",
    ),
)

EXTENSIONS = (
    ("conditional models", "p(x | c): give c to G and to D as a further input"),
    ("inference", "train a network to predict z from x; it may be fitted after G is finished"),
    ("all conditionals", "p of some coordinates given the others: a family of conditional models with shared weights"),
    ("semi-supervised learning", "use the features of D or of the inference network where labels are few"),
    ("efficiency", "coordinate G and D better, or draw z in training from a better distribution"),
)


@dataclass(frozen=True)
class Kinds:
    """Settings of the table: what it compares."""

    kinds: tuple[str, ...] = setting(("directed", "undirected", "autoencoders", "adversarial"), "Table 2, columns")


@item("table2", "Difficulties of four kinds of generative models", quick=Scale(Kinds()))
def table2(bench: Bench, runs: Sequence[Finished]) -> None:
    """The paper's comparison of deep directed and undirected graphical models, generative autoencoders and adversarial
    models, in our own short words; nothing is measured. Two advantages that the paper claims for adversarial models:
    G learns from the gradient that comes through D alone, so no data are copied into its weights directly; and it can
    represent sharp, even degenerate distributions, where methods with Markov chains need blur to mix. What the paper
    does not claim: that its samples are better than those of other methods; it calls them competitive. Its five
    suggestions for further work are listed below the table.
    """
    header = ["", *bench.settings.kinds]
    plain = [[cell.replace("\n", " ") for cell in row] for row in DIFFICULTIES]
    caption = "AIS: annealed importance sampling. MCMC: Markov chain Monte Carlo."
    title = bench.title("Table 2: difficulties, by kind of generative model")
    bench.draw("table2", drawn_tables([("In our own words", [header, *map(list, DIFFICULTIES)])], title), caption)
    bench.table("table2", header, plain, "The same as text.")
    bench.table(
        "table2_extensions", ["extension", "how"], [list(row) for row in EXTENSIONS], "Section 7, in our words."
    )
