"""Table 1: the options that the study's random architectures are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp.architectures import NAMES, Grid
from repro.items import Metric, Scale, item, nested
from repro.pictures.tables import drawn_tables

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

QUICK = replace(Grid(), filters_g=(4, 8, 16), filters_d=(4, 8, 16))
SMALL = replace(Grid(), filters_g=(8, 16, 32), filters_d=(8, 16, 32))
WORDS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "smooth": "softplus(2x + 2)/2 - 1",
    "tanh": "tanh",
    "True": "yes",
    "False": "no",
}


@dataclass(frozen=True)
class Table1:
    """Settings of the table: the options themselves."""

    grid: Grid = nested(Grid())


OPTIONS = Metric("options", "values that an option takes", "options")
ARCHITECTURES = Metric("architectures", "combinations of all options", "architectures")


@item(
    "table1",
    "The options of the random architectures",
    quick=Scale(Table1(QUICK)),
    small=Scale(Table1(SMALL)),
    paper=Scale(Table1()),
    metrics=[OPTIONS, ARCHITECTURES],
)
def table1(bench: Bench, runs: Sequence[Finished]) -> None:
    """Eight choices, independent of each other: 9,216 architectures, of which the paper draws 200. A depth of 4 is the
    DCGAN's; the paper does not say where further layers go, and the authors' research code puts them after the second
    layer of either network. LeakyReLU has slope 0.2, as in all of the authors' code. At quick and small only the
    numbers of filters are others.
    """
    lines = [["option", "values"]]
    for name, values in bench.settings.grid.options.items():
        bench.record(NAMES[name], OPTIONS, len(values))
        lines.append([NAMES[name], ", ".join(WORDS.get(str(value), str(value)) for value in values)])
    size = bench.settings.grid.size
    bench.record("all options", ARCHITECTURES, size)
    title = bench.title("Table 1: the options of the random architectures")
    bench.draw("table1", drawn_tables([(f"{size:,} architectures", lines)], title), "Every option is chosen by itself.")
    bench.table("table1", lines[0], lines[1:], "The same as text.")
