"""Two sides of results laid side by side: what agrees, what differs, what cannot be told."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from repro import files, results
from repro.errors import Misuse
from repro.page import render, short

PUBLISHED = "published"
CONDITIONS = ("scale", "data", "processor")  # the last decides the last bits of a number
KEYS = ["paper", "item", "row", "metric"]
NUMBERS = ["value", "spread", "n", "published", "published_spread"]
SIDE = [*KEYS, "protocol", "value", "spread", "spread_kind", "n", *CONDITIONS, "settings", "status", "note"]
DIFFER, NO_SPREAD, NO_VALUE, UNVERIFIED, AGREE = "differ", "no spread", "no value", "unverified", "agree"
SHOWN = 4  # settings that are named where two sides differ in more
ONLY = {"left_only": "only in A", "right_only": "only in B"}
VERDICTS = (DIFFER, NO_SPREAD, NO_VALUE, UNVERIFIED, AGREE, *ONLY.values())  # in the order in which they are shown


# ---- the two sides ----


def read(folder: Path) -> pd.DataFrame:
    """The rows of a paper's results folder, or of all papers' folders in it; numbers as float64, NaN where empty.

    Raises:
        Misuse: If the folder is not there, or has no results.csv, or one that is not of this program.
    """
    if not folder.is_dir():
        raise Misuse(f"the results folder {folder} is not there")
    own = folder / "results.csv"
    paths = [own] if own.exists() else sorted(folder.glob("*/results.csv"))
    if not paths:
        raise Misuse(f"{folder} has no results.csv, nor has a folder in it")
    table = pd.concat([_rows(path) for path in paths], ignore_index=True)
    twice = table[_is_measured(table)][KEYS]
    twice = twice[twice.duplicated()]
    if len(twice):
        raise Misuse(f"{folder} has more than one row {', '.join(twice.iloc[0])}")
    return table


def _rows(path: Path) -> pd.DataFrame:
    try:
        table = results.parse(path, results.RESULTS)
        numbers = {column: _numbers(table[column]) for column in NUMBERS}
        known = (files.read_json(path.with_name("provenance.json")) or {}).get("items", {})
        settings = [json.dumps(known.get(item, {}).get("settings", {})) for item in table["item"]]
        machines = [known.get(item, {}).get("environment", {}).get("processor", "") for item in table["item"]]
        return table.assign(protocol=_protocols(known, table), settings=settings, processor=machines, **numbers)
    except ValueError as error:
        raise Misuse(f"{path} is no results.csv of this program: {error}") from error


def _protocols(items: dict, table: pd.DataFrame) -> list[str]:
    """The protocol that provenance.json states for each row's metric, with the item's sets; empty where it states none.

    A score's name does not say which images, of which categories, are its real side, so the sets belong to it.
    """
    stated = {}
    for item, known in items.items():
        sets = "; ".join(
            f"{each.get('name')} (checksum {each.get('checksum', '')[:16]})" for each in known.get("sets", [])
        )
        for name, metric in known.get("metrics", {}).items():
            protocol = metric.get("protocol", "")
            stated[item, name] = f"{protocol} Data: {sets}." if protocol and sets else protocol
    return [stated.get((item, metric), "") for item, metric in table[["item", "metric"]].values]


def _numbers(column: pd.Series) -> list[float]:
    return [float(text) if text else math.nan for text in column]


def _is_measured(table: pd.DataFrame) -> pd.Series:
    return table["value"].notna() | table["note"].str.endswith("seeds diverged")


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """The measured numbers of results, as one side; a row whose seeds all diverged has no value."""
    return table[_is_measured(table)].assign(status="")[SIDE]


def published(table: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """The published numbers of results, as the other side.

    Args:
        table: As `read` gives it.
        kinds: Every paper's published numbers with a column `paper`: results.csv has no kind of a published spread.
    """
    own_line = ~_is_measured(table)  # which is not to be joined with a measured number of the same name
    side = table.assign(
        protocol=table["note"].where(own_line, table["protocol"]),
        note=table["published_source"] + ("; " + table["note"]).where(own_line & (table["note"] != ""), ""),
        value=table["published"], spread=table["published_spread"], status=table["published_status"], scale="", data="",
        processor="", settings="{}",
    )  # fmt: skip
    kinds = kinds[kinds["note"] == ""].drop_duplicates(KEYS)[[*KEYS, "spread_kind", "n"]]
    side = side.drop(columns=["spread_kind", "n"]).merge(kinds, on=KEYS, how="left")
    side = side.assign(spread_kind=side["spread_kind"].fillna(""), n=_numbers(side["n"].fillna("")))
    return side[side["value"].notna()][SIDE]


def published_kinds(folder: Path) -> pd.DataFrame:
    """All tables in the folder of published numbers, with the paper's name as a column."""
    tables = [results.published(path).assign(paper=path.stem) for path in sorted(folder.glob("*.csv"))]
    return pd.concat(tables, ignore_index=True)


# ---- verdicts ----


def standard_error(spread: float, kind: str, n: float) -> float:
    """Standard error of a mean; NaN where the spread, its kind or its n does not tell."""
    if "standard error" in kind:
        return spread
    return spread / math.sqrt(n) if kind == "seeds" and n > 0 else math.nan


def verdict(a: float, b: float, error_a: float, error_b: float) -> str:
    """`agree` if |a - b| ≤ 2 sqrt(error_a² + error_b²), else `differ`; `no spread` or `no value` if it cannot be told.

    An unknown standard error, NaN, could only widen the band: within that of the known one, or equal, numbers agree.
    """
    if math.isnan(a) or math.isnan(b):
        return NO_VALUE
    known = [error for error in (error_a, error_b) if not math.isnan(error)]
    if abs(a - b) <= 2 * math.hypot(*known):
        return AGREE
    return DIFFER if len(known) == 2 else NO_SPREAD


def joined(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Both sides in one table, joined on paper, item, row and metric, with verdicts; what differs comes first.

    Returns:
        The columns of both with `_a` and `_b`, and `verdict`, `apart` (|a - b|) and `allowed` (NaN if not known).
    """
    table = a.merge(b, on=[*KEYS, "protocol"], how="outer", suffixes=("_a", "_b"), indicator="sides")
    text = [f"{name}_{side}" for name in ("spread_kind", *CONDITIONS, "settings", "status", "note") for side in "ab"]
    table = table.assign(**{name: table[name].fillna("") for name in text})
    errors = {
        side: [standard_error(*cells) for cells in table[[f"spread_{side}", f"spread_kind_{side}", f"n_{side}"]].values]
        for side in "ab"
    }
    table["verdict"] = [_verdict(line, *both) for line, *both in zip(table.itertuples(), *errors.values(), strict=True)]
    table["apart"] = (table["value_a"] - table["value_b"]).abs()
    table["allowed"] = [2 * math.hypot(*both) for both in zip(*errors.values(), strict=True)]
    order = table["verdict"].map(VERDICTS.index).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _verdict(line: NamedTuple, error_a: float, error_b: float) -> str:
    if line.sides in ONLY:
        return ONLY[line.sides]
    if UNVERIFIED in (line.status_a, line.status_b):  # from memory: it judges nothing
        return UNVERIFIED
    return verdict(line.value_a, line.value_b, error_a, error_b)


# ---- for a reader ----


@dataclass(frozen=True)
class Group:
    """What both sides have of one item.

    Attributes:
        name: Paper and item, such as `lsgan fig7`.
        unlike: A sentence for each condition that is not the same on both sides.
        lines: The rows of `joined`.
    """

    name: str
    unlike: list[str]
    lines: list


def groups(table: pd.DataFrame) -> list[Group]:
    """What both sides have, by item; items with a difference first."""
    both = table[table["sides"] == "both"]
    return [
        Group(" ".join(name), _unlike(lines), list(lines.itertuples()))
        for name, lines in both.groupby(["paper", "item"], sort=False)
    ]


def _unlike(lines: pd.DataFrame) -> list[str]:
    ours = lines[(lines["status_a"] == "") & (lines["status_b"] == "")]
    told = [
        f"not the same {condition}: {a or 'none'} (A), {b or 'none'} (B)"
        for condition in CONDITIONS
        for a, b in ours[[f"{condition}_a", f"{condition}_b"]].drop_duplicates().values
        if a != b
    ]
    pairs = ours[["settings_a", "settings_b"]].drop_duplicates().values
    return told + [sentence for pair in pairs for sentence in _other_settings(*(json.loads(each) for each in pair))]


def _other_settings(a: dict, b: dict) -> list[str]:
    """One sentence of the settings that two items of the same name do not share; none where a side states none."""
    a, b = ({".".join(path): value for path, value in _leaves(side)} for side in (a, b))
    apart = [f"{name} {a.get(name, 'none')} (A), {b.get(name, 'none')} (B)" for name in {**a, **b} if
             a.get(name) != b.get(name)]  # fmt: skip
    if not (a and b and apart):
        return []
    more = f"; and {len(apart) - SHOWN} more" if len(apart) > SHOWN else ""
    return [f"not the same settings: {'; '.join(apart[:SHOWN])}{more}"]


def _leaves(settings: dict, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name), value


def only(table: pd.DataFrame, side: str) -> list[str]:
    """What only side `A` or `B` has: a line for each item that the other lacks, else for each row of an item."""
    shared = {tuple(names) for names in table.loc[table["sides"] == "both", ["paper", "item"]].values}
    told = []
    for (paper, item), lines in table[table["verdict"] == f"only in {side}"].groupby(["paper", "item"]):
        if (paper, item) in shared or (lines[f"status_{side.lower()}"] != "").any():
            told += [f"{paper} {item}, {row}: {_listed(each, side.lower())}" for row, each in lines.groupby("row")]
        else:
            told.append(f"{paper} {item}: all {len(lines)} rows")
    return told


def _listed(lines: pd.DataFrame, side: str) -> str:
    def one(line: NamedTuple) -> str:
        value, _ = numbers(line, side)
        status = getattr(line, f"status_{side}")
        told = line.protocol
        if status:
            told = f"{'not verified; ' * (status == UNVERIFIED)}{getattr(line, f'note_{side}')}"
        remark = f" ({told})" if told else ""
        return f"{line.metric} {value}{remark}"

    return "; ".join(one(line) for line in lines.itertuples())


def numbers(line: NamedTuple, side: str) -> tuple[str, str]:
    """A row's value and its spread with n, rounded for reading; side is `a` or `b`."""
    value, spread, kind, n = (getattr(line, f"{name}_{side}") for name in ("value", "spread", "spread_kind", "n"))
    known = "" if math.isnan(spread) else f"± {_rounded(spread)}" + (f" ({kind})" if kind != "seeds" else "")
    count = "" if math.isnan(n) else f"n {n:.0f}"
    return "—" if math.isnan(value) else short(str(value)), ", ".join(part for part in (known, count) if part)


def distance(line: NamedTuple) -> str:
    """How far apart two numbers are, against what is allowed, where both spreads are known."""
    if math.isnan(line.apart) or math.isnan(line.allowed) or line.verdict not in (AGREE, DIFFER):
        return ""
    return f"{_rounded(line.apart)} {'≤' if line.verdict == AGREE else '>'} {_rounded(line.allowed)}"


def _rounded(width: float) -> str:
    return short(f"{width:.3g}")


def remarks(line: NamedTuple) -> str:
    """The notes of both sides, such as where a number is published or how many seeds diverged."""
    return "; ".join(f"{side}: {note}" for side, note in (("A", line.note_a), ("B", line.note_b)) if note)


def summary(table: pd.DataFrame) -> str:
    """How many rows have each verdict, in one line."""
    counts = table["verdict"].value_counts()
    words = [AGREE, DIFFER, *(word for word in VERDICTS if word in counts and word not in (AGREE, DIFFER))]
    return ", ".join(f"{counts.get(word, 0)} {word}" for word in words)


def page(table: pd.DataFrame, a: str, b: str) -> str:
    """The comparison as a static page; a and b say what the sides are."""
    sides = {side: only(table, side) for side in "AB"}
    told = {"groups": groups(table), "only": sides, "summary": summary(table)}
    return render("compare.html", a=a, b=b, numbers=numbers, distance=distance, remarks=remarks, **told)
