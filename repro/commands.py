"""What each command does: run, list, doctor, compare, clean."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from repro import data, files, machine, present, runs
from repro.data import Places, Set
from repro.errors import Failure, Misuse, check_known
from repro.files import ROOT
from repro.items import SCALES, Item, Paper, sets
from repro.present import Asked
from repro.progress import Progress
from repro.runs import Planner

if TYPE_CHECKING:
    import pandas as pd

    from repro.runs import Planned


def chosen_items(papers: Sequence[Paper], only: Sequence[str]) -> list[tuple[Paper, Item]]:
    """The items of papers, or those that `--only` names.

    Raises:
        Misuse: If a name belongs to none of the papers.
    """
    every = [(paper, item) for paper in papers for item in paper.items.values()]
    keys = list(dict.fromkeys(item.key for _, item in every))
    wanted = [word for words in only for word in words.split(",")]
    for word in wanted:
        check_known("item", word, keys)
    return [(paper, item) for paper, item in every if not wanted or item.key in wanted]


def run(given: argparse.Namespace, papers: Sequence[Paper], places: Places) -> int:
    """Runs the items asked for; see `./run_all.sh --help`."""
    console = Console(soft_wrap=True)
    planner = Planner(places)
    asked = [
        present.ask(planner, paper, item, given.scale, given.out, given.seeds, given.steps)
        for paper, item in chosen_items(papers, given.only)
    ]
    if given.dry_run:
        return _dry_run(console, asked)
    locks = [present.lock(folder) for folder in {each.folder: None for each in asked}]
    try:
        if given.force:
            _forget(asked)
        return _carry_out(given, console, asked, places)
    finally:
        for lock in locks:
            Path(lock.lock_file).with_name(".holder.json").unlink(missing_ok=True)
            lock.release()


def _carry_out(given: argparse.Namespace, console: Console, asked: list[Asked], places: Places) -> int:
    started = time.monotonic()
    outcomes = {each.name: "done before" for each in asked if not given.force and each.state() == "done"}
    open_items = [each for each in asked if each.name not in outcomes]
    todo = present.still_to_run(open_items)
    errors: dict[str, tuple[Path, str]] = {}
    with Progress(console, len(todo)) as progress:
        _present_ready(open_items, todo, outcomes, errors, progress)
        if todo:
            from repro.engine import Engine

            jobs = given.jobs or min(machine.cores(), len(todo))
            with Engine(jobs, places.cache, progress, given.scheduler, bool(machine.gpu_names())) as engine:
                waiting = {planned.key: planned for planned in todo}
                for planned, error in engine.carry_out(todo):
                    waiting.pop(planned.key)
                    progress.end(planned.name)
                    if error is not None:
                        errors[planned.key] = _log_error(planned.path / runs.LOG, error)
                    _present_ready(open_items, waiting.values(), outcomes, errors, progress)
    _end_table(console, asked, outcomes, time.monotonic() - started)
    for each in open_items:
        if each.name in errors:
            print(f"run_all.sh: {each.name}: {errors[each.name][1]}", file=sys.stderr)
    return 0 if all(outcome in ("done", "done before") for outcome in outcomes.values()) else 1


def _present_ready(
    open_items: Sequence[Asked],
    waiting: Iterable[Planned],
    outcomes: dict[str, str],
    errors: dict[str, tuple[Path, str]],
    progress: Progress,
) -> None:
    """Presents each item whose runs have all ended, once."""
    not_ended = {planned.key for planned in waiting}
    for each in open_items:
        keys = {planned.key for planned in present.everything([each])}
        if each.name in outcomes or keys & not_ended:
            continue
        failed = [error for key, error in errors.items() if key in keys]
        if failed:
            errors[each.name] = failed[0]
            outcomes[each.name] = f"failed, see {failed[0][0]}"
            continue
        log = each.folder / f"{each.item.key}.error.txt"
        try:
            present.present(each, present.command_line())
            outcomes[each.name] = "done"
            log.unlink(missing_ok=True)
        except Failure:
            raise
        except Exception as error:
            log.unlink(missing_ok=True)
            errors[each.name] = _log_error(log, error)
            outcomes[each.name] = f"failed, see {log}"
        progress.say(f"{each.name}: {outcomes[each.name]}")


def _log_error(path: Path, error: BaseException) -> tuple[Path, str]:
    """Appends an error to a log if there is room for it; returns the log and, in one line, the reason."""
    with contextlib.suppress(OSError), open(path, "a") as log:
        traceback.print_exception(error, file=log)
    message = " ".join(str(error).split())
    return path, message if isinstance(error, Failure) else f"{type(error).__name__}: {message}"


def _end_table(console: Console, asked: Sequence[Asked], outcomes: dict[str, str], seconds: float) -> None:
    from repro import results
    from repro.claims import tally

    table = Table(
        title=f"{len(asked)} item{'s' * (len(asked) != 1)} in {seconds / 60:.1f} minutes", title_justify="left"
    )
    for heading in ("item", "outcome", "minutes of one-thread work", "claims", "files"):
        table.add_column(heading, overflow="fold")
    for each in asked:
        known = present.provenance(each.folder)["items"].get(each.item.key, {})
        claims = results.read(each.folder / "claims.csv", results.CLAIMS)
        mine = claims[claims["item"] == each.item.key]["verdict"]
        minutes = f"{known['minutes']:.1f}" if known else ""
        shown = ", ".join(entry["file"] for entry in known.get("pictures", []))
        table.add_row(each.name, outcomes.get(each.name, "not run"), minutes, tally(mine), shown)
    console.print(table)
    for folder in {each.folder: None for each in asked}:
        console.print(f"{folder / 'index.html'}", highlight=False, soft_wrap=True)


def _dry_run(console: Console, asked: list[Asked]) -> int:
    for each in asked:
        console.print(f"{each.name} ({each.state()}): {each.item.title}", highlight=False)
        for planned in present.everything([each]):
            state = "done" if runs.is_done(planned) else "begun" if runs.is_begun(planned) else "to run"
            console.print(f"  {state}: {planned.name}", highlight=False)
        console.print(f"  settings: {each.settings}", highlight=False, markup=False)
    console.print(f"{len(present.still_to_run(asked))} runs to carry out", highlight=False)
    return 0


def _forget(asked: list[Asked]) -> None:
    """Makes runs start anew; what they left is overwritten, not deleted first."""
    for planned in present.everything(asked):
        for path in [planned.path / runs.DONE, *planned.path.glob("backup-*.bin"), planned.path / "clock.json"]:
            path.unlink(missing_ok=True)


# ---- list ----


def list_items(given: argparse.Namespace, papers: Sequence[Paper], places: Places) -> int:
    """Shows every item with title, scales, last measured minutes and state."""
    planner = Planner(places)
    table = Table(
        caption=f"scales: {', '.join(SCALES)}; minutes (of one-thread work, shared runs in every item) and state: "
        f"{given.scale}. results only: the runs behind them are not in the cache; stale: made by an older version; "
        "partial: some runs are done"
    )
    for heading, whole in (("paper", True), ("item", True), ("title", False), ("minutes", True), ("state", True)):
        table.add_column(heading, no_wrap=whole)
    for paper, item in chosen_items(papers, given.only):
        try:
            each = present.ask(planner, paper, item, given.scale, given.out, given.seeds, given.steps)
            state = each.state()
        except Misuse:
            state = "data missing"
        known = present.provenance(given.out / given.scale / paper.name)["items"].get(item.key)
        minutes = f"{known['minutes']:.1f}" if known else ""
        table.add_row(paper.name, item.key, item.title, minutes, state)
    Console().print(table)
    return 0


# ---- doctor ----


def doctor(given: argparse.Namespace, papers: Sequence[Paper], places: Places) -> int:
    """Says what is there and what is missing."""
    lines = [("Python", f"{platform.python_version()} ({'supported' if supported() else 'needs 3.11 to 3.13'})")]
    lines += [("packages", _packages())]
    lines += [("disk", f"{shutil.disk_usage(ROOT).free / 1e9:.0f} GB free at {ROOT}")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines += [("memory", f"{memory:.0f} GiB"), ("processor", f"{machine.processor()}, {machine.cores()} cores")]
    lines += [("GPU", ", ".join(machine.gpu_names()) or "none: quick and small do without")]
    used = files.size_of([places.cache]) if places.cache.exists() else 0
    lines += [("runs", f"{used / 1e6:,.0f} MB at {places.cache}")]
    lines += [("data folder", str(places.data) if places.data else "none given (--data-dir or REPRO_DATA)")]
    states = {wanted: _data_state(wanted, places) for wanted in _all_sets(papers)}
    for scale in SCALES:
        missing = [wanted for wanted in _all_sets(papers, (scale,)) if states[wanted].startswith("missing")]
        lines += [
            (f"scale {scale}", f"missing data sets: {len(missing)}, see below" if missing else "all data is there")
        ]
    alike: dict[str, list[str]] = {}
    for wanted, state in states.items():
        alike.setdefault(f"for {_readers(papers, wanted)}: {state}", []).append(str(wanted))
    lines += [(f"data {'; '.join(names)}", state) for state, names in alike.items()]
    table = Table.grid(padding=(0, 2))
    for name, text in lines:
        table.add_row(name, text)
    Console(soft_wrap=True).print(table)
    return 0


def supported() -> bool:
    """Whether this Python has a TensorFlow of the lock."""
    return (3, 11) <= sys.version_info[:2] <= (3, 13)


def _packages() -> str:
    lock = (ROOT / ("requirements-gpu.txt" if machine.gpu_names() else "requirements.txt")).read_text()
    wrong = []
    for name in (
        "keras",
        "numpy",
        "pandas",
        "matplotlib",
        "scipy",
        "scikit-learn",
        "distributed",
        "tensorflow-datasets",
    ):
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "absent"
        if f"\n{name}=={installed} " not in lock:
            wrong.append(f"{name} {installed}")
    return f"not as locked: {', '.join(wrong)}; remove .venv and start again" if wrong else "as locked"


def _all_sets(papers: Sequence[Paper], scales: Sequence[str] = SCALES) -> list[Set]:
    items = [item for paper in papers for item in paper.items.values()]
    asked = [item.scales[scale].settings for item in items for scale in scales if scale in item.scales]
    return list(dict.fromkeys(wanted for settings in asked for wanted in sets(settings)))


def _readers(papers: Sequence[Paper], wanted: Set) -> str:
    """The scales and papers that read a set."""
    readers = {scale: [paper.name for paper in papers if wanted in _all_sets([paper], [scale])] for scale in SCALES}
    return "; ".join(f"{scale} {', '.join(names)}" for scale, names in readers.items() if names)


def _data_state(wanted: Set, places: Places) -> str:
    try:
        described = data.describe(wanted, places)
    except Exception as error:
        return f"missing: {error}"
    counts = ", ".join(f"{count:,} {split}" for split, count in described.counts.items())
    return f"found ({described.kind}; {counts})"


# ---- compare ----


def compare_results(given: argparse.Namespace, papers: Sequence[Paper], places: Places) -> int:
    """Lays two results folders, or one and the published numbers, side by side; 1 if a number differs, else 0."""
    from repro import compare

    sides = given.papers[1:]
    tables = {word: compare.read(Path(word)) for word in sides if word != compare.PUBLISHED}
    measured = {word: compare.measured(table) for word, table in tables.items()}
    if compare.PUBLISHED in sides:
        [table] = tables.values()
        kinds = compare.published_kinds(ROOT / "results" / "published")
        measured[compare.PUBLISHED] = compare.published(table, kinds)
    table = compare.joined(*(measured[word] for word in sides))
    path = given.out / "compare.html"
    files.write(path, compare.page(table, *sides))
    _print_comparison(Console(highlight=False, markup=False), sides, table, path)
    return int((table["verdict"] == compare.DIFFER).any())


def _print_comparison(console: Console, sides: Sequence[str], table: pd.DataFrame, path: Path) -> None:
    from repro import compare

    for letter, word in zip("AB", sides, strict=True):
        console.print(f"{letter}: {word}", soft_wrap=True)
    console.print("agree: at most 2 √(sA² + sB²) apart, s the standard error (± seeds: / √n)")
    console.print("no spread: not equal, and a standard error that could tell is not known")
    for group in compare.groups(table):
        console.print(f"\n{group.name}", style="bold")
        for sentence in group.unlike:
            console.print(sentence)
        shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
        for heading, side in (("row, metric", "left"), ("A", "right"), ("B", "right"), ("verdict", "left")):
            shown.add_column(heading, justify=side, overflow="fold")
        for line in group.lines:
            cells = [(line.row, f" {line.metric}", compare.remarks(line))]
            cells += [compare.numbers(line, side) for side in "ab"]
            cells += [(line.verdict, compare.distance(line))]
            shown.add_row(*(Text("\n".join(filter(None, cell))) for cell in cells))
        console.print(shown)
    for side in "AB":
        told = compare.only(table, side)
        if told:
            console.print(f"\nonly in {side}", style="bold")
            for entry in told:
                console.print(entry)
    console.print(f"\n{path}", soft_wrap=True)
    console.print(compare.summary(table))
    if not (table["sides"] == "both").any():
        console.print("nothing could be compared: no number of one side has its like on the other")


# ---- clean ----


def clean(given: argparse.Namespace, papers: Sequence[Paper], places: Places) -> int:
    """Removes the runs that no item asks for at any scale, after saying how much."""
    planner, wanted = Planner(places), set()
    for paper in papers:
        for item in paper.items.values():
            for scale in SCALES:
                try:
                    asked = present.ask(planner, paper, item, scale, given.out, given.seeds, None)
                except Misuse:  # its data is not there: keep whatever has the item's functions
                    wanted |= set(_kept_without_data(paper, item, scale, places))
                    continue
                wanted |= {planned.path for planned in present.everything([asked])}
    unwanted = [path for path in _run_folders(places) if path not in wanted]
    size = files.size_of(unwanted) / 1e6
    if given.dry_run or not unwanted:
        print(f"{len(unwanted)} runs that no item asks for, {size:,.0f} MB at {places.cache}")
        return 0
    print(f"removing {len(unwanted)} runs that no item asks for, {size:,.0f} MB at {places.cache}")
    for path in unwanted:
        shutil.rmtree(path)
    return 0


def _run_folders(places: Places) -> list[Path]:
    known = (runs.DONE, runs.LOG, "clock.json")
    folders = places.cache.iterdir() if places.cache.exists() else []
    return sorted(path for path in folders if any((path / name).exists() for name in known))


def _kept_without_data(paper: Paper, item: Item, scale: str, places: Places) -> list[Path]:
    declared = item.scales[scale]
    names = {run.function.__name__ for run in item.plan(declared.settings, range(declared.seeds))}
    return [path for path in _run_folders(places) if any(f"{paper.name}-{name}-" in path.name for name in names)]
