"""Static pages: index.html of a paper, from the files of its results folder and nothing else, and a comparison's."""

from __future__ import annotations

import csv
from pathlib import Path

import jinja2

from repro import files
from repro.claims import tally


def write_page(folder: Path, known: dict) -> None:
    """Writes `folder/index.html` from its csv files, pictures and tables, and `known`, its provenance.json."""
    page = render(
        "paper.html",
        known=known,
        private=files.PRIVATE,
        results=_read(folder / "results.csv"),
        claims=_read(folder / "claims.csv"),
        tables={
            entry["file"]: _cells(folder / entry["file"])
            for item in known["items"].values()
            for entry in item["tables"]
        },
        values_count=len(_read(folder / "values.csv")),
    )
    files.write(folder / "index.html", page)


def render(template: str, **content: object) -> str:
    """A page of this folder with its content, all of it escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"short": short, "tally": tally}
    environment.tests["figure"] = is_figure
    return environment.get_template(template).render(content)


def is_figure(text: str) -> bool:
    """Whether a cell holds a number, which stands at the right of its column."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def short(text: str) -> str:
    """A number rounded for reading; full precision stays in the files. Other text is left as it is."""
    if not is_figure(text):
        return text
    value = float(text)
    if value.is_integer() and abs(value) < 1e12:
        return f"{int(value):,}"
    return f"{value:.4g}"


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _cells(path: Path) -> list[list[str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
