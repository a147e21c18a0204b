"""What an item gets in its hand to present its runs: record, draw, tabulate."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from repro.data import Description, Set, counted
from repro.files import PRIVATE
from repro.items import Item, Metric
from repro.pictures import DPI
from repro.results import number


@dataclass
class Bench:
    """Collects what one item presents; nothing is written before the item has ended well.

    Attributes:
        item: The item.
        settings: Those of the scale.
        data: The data's name and count, or what it is drawn from.
        scale: For titles only; an item does not ask for it.
        sets: What is known of each data set that the settings name.
        paper: The paper's name, for titles.
    """

    item: Item
    settings: Any
    data: str
    scale: str
    sets: dict[Set, Description] = field(default_factory=dict)
    paper: str = ""
    values: list[list[str]] = field(default_factory=list)
    pictures: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    tables: dict[str, tuple[list[str], list[list[str]], str]] = field(default_factory=dict)
    absent: list[tuple[str, str, str]] = field(default_factory=list)

    def record(
        self, row: str, metric: Metric, value: float, *, seed: int | None = None, step: int | None = None
    ) -> None:
        """Records one measured number.

        Raises:
            ValueError: If the item does not declare the metric, or the number was recorded before.
        """
        if self.item.metrics.get(metric.name) is not metric:
            raise ValueError(f"{self.item.key} does not declare the metric {metric.name!r}")
        line = [self.item.key, row, metric.name, number(seed), number(step)]
        if any(old[:5] == line for old in self.values):
            raise ValueError(f"{', '.join(line)} is recorded twice")
        self.values.append([*line, number(value)])

    def missing(self, row: str, metric: Metric, why: str) -> None:
        """Says why a published number has no measured one beside it: its line's note."""
        self.absent.append((row, metric.name, why))

    def draw(self, name: str, figure: Figure, caption: str, shows: Set | None = None) -> None:
        """Keeps a picture: `NAME.png`, with a caption for the page.

        Args:
            name: The file's name without its ending.
            figure: What is drawn.
            caption: A sentence or two.
            shows: The set whose own images it is made of. Where those are other people's, the picture is kept under
                `private/`, which git ignores. A few real images beside generated ones need no `shows`.
        """
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
        known = self.sets.get(shows)
        private = shows is not None and (known is None or known.kind == "real")
        self.pictures[f"{PRIVATE if private else ''}{name}.png"] = (buffer.getvalue(), caption)

    def table(self, name: str, header: list[str], rows: list[list], caption: str) -> None:
        """Keeps a table: `NAME.csv`, with a caption for the page; numbers are written in full."""
        text = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
        self.tables[f"{name}.csv"] = (header, text, caption)

    def title(self, text: str, of: Set | str | None = None) -> str:
        """A picture's title: what, of which paper, on which data, at which scale, if there is more than one.

        Args:
            text: What is shown.
            of: The data of this picture, where the item has others too: one of its sets, or in words.
        """
        data = of if isinstance(of, str) else self.data if of is None else counted(of, self.sets[of])
        paper = self.paper.upper().replace("_", "-")
        scale = "the same at every scale" if self.item.is_same_at_every_scale else f"scale {self.scale}"
        return f"{text}\n{', '.join(filter(None, (paper, data, scale)))}"
