"""The one schema of values.csv, results.csv and claims.csv: write, read, summarise."""

from __future__ import annotations

import csv
import importlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from repro import files
from repro.claims import UNDECIDED, Values, Verdict, tally
from repro.errors import Failure
from repro.items import SCALES, Metric, Paper

VALUES = ("item", "row", "metric", "seed", "step", "value")
RESULTS = (
    "paper", "item", "row", "metric", "value", "spread", "spread_kind", "n", "unit", "scale", "data", "data_kind",
    "published", "published_spread", "published_source", "published_status", "note",
)  # fmt: skip
CLAIMS = ("paper", "item", "claim", "statement", "verdict", "evidence", "n", "source")
PUBLISHED = (
    "item", "row", "metric", "value", "spread", "spread_kind", "n", "unit", "source", "verified", "note",
)  # fmt: skip
# Words of the column `verified` for what was read in a paper, its code, a catalogue, or another paper's table; a number
# from memory, or read off a picture, judges nothing.
SECONDARY = "secondary"
VERIFIED = ("paper", "code", SECONDARY, "read-paper", "read-code", "read-catalogue")
SETTING = "setting"  # the note of a published row that is a setting, not a result


def number(value: float | int | None) -> str:
    """The shortest text that reads back to the same float64; integers without a point; empty for None."""
    if value is None:
        return ""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def table_text(columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """A csv with a header, newline-terminated."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Reads one of our csv files, all cells as text; an absent file is an empty table.

    Raises:
        Failure: If the file does not have exactly these columns; it is set aside.
    """
    if not path.exists():
        return pd.DataFrame(columns=list(columns), dtype=str)
    try:
        return parse(path, columns)
    except ValueError as error:
        aside = files.set_aside(path).name
        raise Failure(f"{path} is damaged ({error}); set aside as {aside}: run the same command again") from error


def published(path: Path) -> pd.DataFrame:
    """Reads a table of published numbers, which is part of the project; an absent one is empty.

    Raises:
        Failure: If it is damaged; it stays where it is.
    """
    if not path.exists():
        return pd.DataFrame(columns=list(PUBLISHED), dtype=str)
    try:
        return parse(path, PUBLISHED)
    except ValueError as error:
        raise Failure(f"{path} is damaged ({error}): take it again from where you have this project from") from error


def parse(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Reads a csv file, all cells as text, and leaves it where it is.

    Raises:
        ValueError: If it does not have exactly these columns, all filled.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)  # its errors, and those of UTF-8, are ValueErrors
    if tuple(table.columns) != tuple(columns) or table.isna().any(axis=None):
        raise ValueError(f"expected the columns {', '.join(columns)}")
    return table


def merged_values(path: Path, item: str, new: Sequence[Sequence]) -> pd.DataFrame:
    """values.csv with one item's values replaced, sorted; all cells text."""
    old = read(path, VALUES)
    kept = old[old["item"] != item]
    fresh = pd.DataFrame([[str(cell) for cell in row] for row in new], columns=list(VALUES), dtype=str)
    return sort_values(pd.concat([kept, fresh], ignore_index=True))


def sort_values(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by item, row, metric, then seed and step as numbers."""
    keys = table.assign(
        seed=pd.to_numeric(table["seed"], errors="coerce"), step=pd.to_numeric(table["step"], errors="coerce")
    )
    order = keys.sort_values(["item", "row", "metric", "seed", "step"], na_position="first", kind="stable").index
    return table.loc[order].reset_index(drop=True)


def of_item(table: pd.DataFrame, item: str) -> Values:
    """One item's values with numbers in place of text."""
    chosen = table[table["item"] == item].copy()
    for column in ("seed", "step", "value"):
        chosen[column] = [float(text) if text else float("nan") for text in chosen[column]]
    return Values(chosen)


def summarise(sample: Sequence[float]) -> tuple[float, float | None, int]:
    """Mean, standard deviation (N - 1; None for one value), n."""
    values = np.array(sample, np.float64)
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    return float(values.mean()), spread, len(values)


def result_rows(
    paper: Paper, scale: str, table: pd.DataFrame, published: pd.DataFrame, facts: dict[str, dict]
) -> list[list[str]]:
    """results.csv, computed from values.csv and the published numbers.

    A row is the mean over seeds of each seed's value; where a metric was measured at several steps, of its last.

    Args:
        paper: Whose results they are.
        scale: `quick`, `small` or `paper`.
        table: values.csv.
        published: The paper's published numbers.
        facts: For each item, `data` and `data_kind`, and `absent`: row, metric and reason where one is known.
    """
    rows, seen = [], set()
    for (item, row, metric), _ in table.groupby(["item", "row", "metric"], sort=True):
        if item not in paper.items or metric not in paper.items[item].metrics:
            continue  # of an older version of the item
        rows.append(_measured(paper, scale, table, published, facts, (item, row, metric)))
        seen.add((item, row, metric))
    for _, line in published.iterrows():
        key = (line["item"], line["row"], line["metric"])
        presented = line["item"] in set(table["item"])
        if line["note"] != SETTING and presented and (key not in seen or line["note"]):
            absent = {(row, metric): why for row, metric, why in facts[line["item"]].get("absent", [])}
            note = line["note"] or absent.get(key[1:], "not measured at this scale")
            rows.append([paper.name, *key, "", "", "", "", line["unit"], scale, "", "", *_published_cells(line), note])
    return sorted(rows, key=lambda cells: (cells[1], cells[2], cells[3], cells[4] == ""))


def _measured(
    paper: Paper,
    scale: str,
    table: pd.DataFrame,
    published: pd.DataFrame,
    facts: dict[str, dict],
    key: tuple[str, str, str],
) -> list[str]:
    item, row, metric = key
    values = of_item(table, item)
    by_seed = values.by_seed(row, metric)
    sample = list(by_seed.values()) or values.without_seed(row, metric)[-1:]
    finite = [value for value in sample if math.isfinite(value)]
    lost = len(sample) - len(finite)
    mean, spread, n = summarise(finite) if finite else (None, None, 0)
    note = f"{lost} of {len(sample)} seeds diverged" if lost else ""
    declared = paper.items[item].metrics[metric]
    match = published[(published["item"] == item) & (published["row"] == row) & (published["metric"] == metric)]
    match = match[match["note"] == ""]
    cells = _published_cells(match.iloc[0]) if len(match) else ["", "", "", ""]
    kind = "seeds" if spread is not None else ""
    if declared.error is not None and n == 1:
        spread, kind = _stated_error(values, row, declared.error, by_seed)
    count = str(n) if by_seed else ""
    fact = facts[item]
    return [paper.name, item, row, metric, number(mean), number(spread), kind, count, declared.unit, scale,
            fact["data"], fact["data_kind"], *cells, note]  # fmt: skip


def _stated_error(values: Values, row: str, error: Metric, by_seed: Mapping[int, float]) -> tuple[float | None, str]:
    """The spread that was recorded beside the only finite value of a row, and of what kind it is."""
    beside = values.by_seed(row, error.name)
    of_finite = [beside[seed] for seed, value in by_seed.items() if seed in beside and math.isfinite(value)]
    stated = of_finite or values.without_seed(row, error.name)
    return (stated[-1], error.meaning.split(",")[0]) if stated else (None, "")


def _published_cells(line: pd.Series) -> list[str]:
    status = "verified" if line["verified"] in VERIFIED else "unverified"
    status = "second-hand" if line["verified"] == SECONDARY else status
    return [line["value"], line["spread"], line["source"], status]


def _is_current(paper: Paper, table: pd.DataFrame, item: str) -> bool:
    """Whether an item declares all metrics that its values have."""
    return set(table[table["item"] == item]["metric"]) <= set(paper.items[item].metrics)


KINDS_OF_CLAIMS = ("the paper's claims", "its identities and counts", "questions of ours and of lectures")


def verdicts_markdown(folder: Path, papers: Sequence[str]) -> str:
    """A table of how the claims of each scale's and paper's results in a folder came out.

    Identities and counts hold whatever is trained, and some questions are not the paper's: both are told apart.
    """
    lines = [f"| results | {' | '.join(KINDS_OF_CLAIMS)} |", "| --- | --- | --- | --- |"]
    for scale in SCALES:
        for name in papers:
            path = folder / scale / name / "claims.csv"
            if path.exists():
                page, found = f"{folder.name}/{scale}/{name}/index.html", read(path, CLAIMS)
                known = importlib.import_module(f"papers.{name}").PAPER.claims
                kinds = {claim.name: 2 if not claim.of_paper else int(claim.exact) for claim in known}
                of_kind = found["verdict"].groupby(found["claim"].map(kinds))
                told = {int(kind): tally(verdicts) for kind, verdicts in of_kind}
                cells = [told.get(kind, "") for kind in range(len(KINDS_OF_CLAIMS))]
                lines.append(f"| [{scale} {name}]({page}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def claim_rows(paper: Paper, table: pd.DataFrame) -> list[list[str]]:
    """claims.csv: every claim of the items that have values, in the paper's order.

    Values of an older version of an item may lack what a claim asks for: it is undecided until the item is presented
    again, which must not keep others from being presented.
    """
    measured = set(table["item"])
    rows = []
    for claim in paper.claims:
        if claim.item in measured:
            try:
                verdict = claim.judge(of_item(table, claim.item))
            except (KeyError, ValueError) as missing:
                if _is_current(paper, table, claim.item):
                    raise
                verdict = Verdict(UNDECIDED, f"the values are of an older version of the item: {missing}")
            cells = [claim.statement, verdict.verdict, verdict.evidence, str(verdict.n), claim.source]
            rows.append([paper.name, claim.item, claim.name, *cells])
    return rows
