"""From items asked for to a folder of results: what is done, what is still to run, writing what an item presents."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from repro import data, files, machine, runs
from repro.data import Description, Places, Set, counted
from repro.errors import Failure, MissingData
from repro.files import PRIVATE, ROOT
from repro.items import Item, Paper, Scale, capped, deviations, sets, with_sets_found
from repro.page import write_page
from repro.runs import Finished, Planned, Planner

if TYPE_CHECKING:
    import pandas as pd

    from repro.bench import Bench


@dataclass(frozen=True)
class Asked:
    """One item at one scale, with its settings, seeds and runs.

    Attributes:
        paper, item: Which.
        scale: `quick`, `small` or `paper`.
        settings: Those of the scale, lengths capped if asked for.
        planned: The runs its plan lists.
        places: Where its data may be.
        folder: Where its results go.
    """

    paper: Paper
    item: Item
    scale: str
    settings: Any
    planned: tuple[Planned, ...]
    places: Places
    folder: Path

    @property
    def key(self) -> str:
        """Hex digest of everything that decides what the item presents."""
        content = {
            "version": self.item.version,
            "settings": runs.as_json(self.settings),
            "runs": [planned.key for planned in self.planned],
            "data": {str(wanted): known.checksum for wanted, known in self.described().items()},
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def seeds(self) -> int:
        """How many seeds its runs have; an item without runs has one."""
        return len({planned.run.seed for planned in self.planned}) or 1

    def deviations(self) -> list[str]:
        """What differs from the paper scale: settings, and the number of seeds."""
        published = self.item.scales["paper"]
        found = [str(each) for each in deviations(self.settings, published.settings)]
        return found + ([f"seeds: {self.seeds} instead of {published.seeds}"] if self.seeds != published.seeds else [])

    @property
    def name(self) -> str:
        """Paper and item, such as `lsgan fig7`."""
        return f"{self.paper.name} {self.item.key}"

    def described(self) -> dict[Set, Description]:
        """What is known by now of each data set that the settings name; some are counted when first loaded."""
        return {wanted: data.describe(wanted, self.places) for wanted in sets(self.settings)}

    def state(self) -> str:
        """`done`, `stale`, `results only`, `partial` or `not run`."""
        known = provenance(self.folder)["items"].get(self.item.key)
        shown = known is not None and self._outputs_exist(known)
        if shown and known["key"] != self.key:
            return "stale"
        # Results that came with the project are not done here: nothing of theirs could be loaded or gone on with.
        if shown and all((planned.path / runs.DONE).exists() for planned in everything([self])):
            return "done"
        if any(runs.is_done(planned) or runs.is_begun(planned) for planned in everything([self])):
            return "partial"
        return "results only" if shown else "not run"

    def _outputs_exist(self, known: dict) -> bool:
        names = [entry["file"] for entry in known["pictures"] + known["tables"]]
        names = [name for name in names if not name.startswith(PRIVATE)]  # results that came along lack those
        return all((self.folder / name).exists() for name in [*names, "values.csv", "results.csv", "index.html"])


def ask(
    planner: Planner, paper: Paper, item: Item, scale: str, out: Path, seeds: int | None, steps: int | None
) -> Asked:
    """Plans one item at one scale; pure and instant, except that data sets are looked for.

    Raises:
        MissingData: If a data set is not there.
    """
    declared: Scale = item.scales[scale]
    settings = with_sets_found(declared.settings, lambda wanted: _is_there(wanted, planner.places))
    settings = settings if steps is None else capped(settings, steps)
    count = declared.seeds if seeds is None else seeds
    planned = tuple(planner.plan(run) for run in item.plan(settings, range(count)))
    asked = Asked(paper, item, scale, settings, planned, planner.places, out / scale / paper.name)
    asked.described()
    return asked


def _is_there(wanted: Set, places: Places) -> bool:
    try:
        data.describe(wanted, places)
    except MissingData:
        return False
    return True


def everything(asked: Sequence[Asked]) -> list[Planned]:
    """All runs that items ask for and what those need, each once, needs first."""
    found: dict[str, Planned] = {}

    def visit(planned: Planned) -> None:
        for need in planned.needs:
            visit(need)
        found.setdefault(planned.key, planned)

    for each in asked:
        for planned in each.planned:
            visit(planned)
    return list(found.values())


def still_to_run(asked: Sequence[Asked]) -> list[Planned]:
    """What is not yet done, in the order of urgency: the longest chain of work first, needs before what needs them."""
    todo = [planned for planned in everything(asked) if not runs.is_done(planned)]
    committed = _committed_seconds(asked)
    costs = {planned.key: cost(planned, committed.get(planned.name)) for planned in todo}
    chain = dict(costs)
    for planned in reversed(todo):
        for need in planned.needs:
            if need.key in chain:
                chain[need.key] = max(chain[need.key], costs[need.key] + chain[planned.key])
    return sorted(todo, key=lambda planned: -chain[planned.key])


def _committed_seconds(asked: Sequence[Asked]) -> dict[str, float]:
    """Run's name to the seconds it took for the results that come with the project."""
    known = [provenance(folder) for folder in {ROOT / "results" / each.scale / each.paper.name for each in asked}]
    return {run["name"]: run["seconds"] for each in known for item in each["items"].values() for run in item["runs"]}


def cost(planned: Planned, committed: float | None) -> float:
    """Seconds that a run took when last measured in this cache or, if never, for the committed results; or a guess."""
    for mark in planned.path.parent.glob(f"{planned.name}-*/{runs.DONE}"):
        known = files.read_json(mark)
        if known:
            return float(known["seconds"])
    if committed is not None:
        return committed
    return 5.0 + getattr(planned.run.settings, "steps", 0) / 50


# ---- writing ----


def provenance(folder: Path) -> dict:
    """provenance.json of a folder, or an empty one."""
    return files.read_json(folder / "provenance.json") or {"items": {}}


def lock(folder: Path) -> filelock.FileLock:
    """The folder's lock, taken at once.

    Raises:
        Failure: If another process works on it; the message says which.
    """
    files.make_folder(folder)
    taken = filelock.FileLock(folder / ".lock")
    with files.told(folder):
        try:
            taken.acquire(timeout=0)
        except filelock.Timeout:  # an OSError too
            user = runs.holder(folder / ".holder.json")
            raise Failure(f"{folder} is in use by {user}; wait for it, or end it") from None
    files.write(folder / ".holder.json", json.dumps(runs.myself()))
    return taken


def present(asked: Asked, command: str) -> None:
    """Calls the item's function on its finished runs and writes all of the folder's files."""
    from repro import results  # pandas: only what writes waits for it
    from repro.bench import Bench

    bench = Bench(asked.item, asked.settings, data_name(asked), asked.scale, asked.described(), asked.paper.name)
    finished = [Finished(planned) for planned in asked.planned]
    asked.item.present(bench, finished)
    folder = asked.folder
    values = results.merged_values(folder / "values.csv", asked.item.key, bench.values)
    for name, (content, _) in bench.pictures.items():
        files.write(folder / name, content)
    for name, (header, rows, _) in bench.tables.items():
        files.write(folder / name, results.table_text(header, rows))
    known = provenance(folder)
    before = known["items"].get(asked.item.key, {})
    known["items"][asked.item.key] = _facts(asked, bench, command)
    write_folder(asked.paper, asked.scale, folder, values, known)
    for name in {entry["file"] for entry in before.get("pictures", []) + before.get("tables", [])}:
        own = Path(name).name == name.removeprefix(PRIVATE)  # never a file of another folder
        if own and name not in bench.pictures | bench.tables:
            (folder / name).unlink(missing_ok=True)


def write_folder(paper: Paper, scale: str, folder: Path, values: pd.DataFrame, known: dict) -> None:
    """Writes values.csv, and from it results.csv, claims.csv, provenance.json and index.html."""
    from repro import results

    # Values of an item that provenance.json does not know (an older item, a file set aside) are presented again.
    known["items"] = {key: known["items"][key] for key in paper.items if key in known["items"]}
    values = values[values["item"].isin(list(known["items"]))]
    known |= {"paper": paper.name, "title": paper.title, "reference": paper.reference, "scale": scale}
    known["departures"] = list(paper.departures)
    absent = [item for key, item in paper.items.items() if key not in known["items"]]
    known["not_run"] = [item.key for item in absent if not item.is_same_at_every_scale]
    known["same_at_every_scale"] = [item.key for item in absent if item.is_same_at_every_scale]
    published = results.published(ROOT / "results" / "published" / f"{paper.name}.csv")
    rows = results.result_rows(paper, scale, values, published, known["items"])
    files.write(folder / "values.csv", results.table_text(results.VALUES, values.to_numpy().tolist()))
    files.write(folder / "results.csv", results.table_text(results.RESULTS, rows))
    files.write(folder / "claims.csv", results.table_text(results.CLAIMS, results.claim_rows(paper, values)))
    write_page(folder, known)
    # Last, because it says that an item is done: killed before, the item is presented again.
    files.write(folder / "provenance.json", json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def data_name(asked: Asked) -> str:
    """The names and counts of its data sets, and what else it is drawn from."""
    parts = [counted(wanted, known) for wanted, known in asked.described().items()]
    return "; ".join(filter(None, [*parts, asked.item.data[0]]))


def _facts(asked: Asked, bench: Bench, command: str) -> dict:
    described = asked.described()
    kinds = [*(known.kind for known in described.values()), asked.item.data[1]]
    marks = [files.read_json(planned.path / runs.DONE) | {"name": planned.name} for planned in everything([asked])]
    return {
        "key": asked.key,
        "title": asked.item.title,
        "meaning": asked.item.meaning,
        "module": asked.item.module,
        "settings": runs.as_json(asked.settings),
        "seeds": asked.seeds,
        "deviations": asked.deviations(),
        "data": bench.data,
        "data_kind": " and ".join(dict.fromkeys(filter(None, kinds))),
        "sets": [{"name": str(w), "title": d.title, "checksum": d.checksum, "licence": d.licence}
                 for w, d in described.items()],
        "metrics": {m.name: {"meaning": m.meaning, "unit": m.unit, "better": m.better, "protocol": m.protocol}
                    for m in asked.item.metrics.values()},
        "pictures": [{"file": name, "caption": caption} for name, (_, caption) in bench.pictures.items()],
        "absent": [list(each) for each in bench.absent],
        "tables": [{"file": name, "caption": caption} for name, (_, _, caption) in bench.tables.items()],
        "minutes": sum(mark["seconds"] for mark in marks) / 60,
        "runs": [{"name": m["name"], "seed": m["seed"], "seconds": round(m["seconds"], 1)} for m in marks],
        "environment": {**runs.environment(machine.device()), "python": platform.python_version(),
                        "processor": machine.processor(), "cores": machine.cores()},
        "command": command,
        "commit": commit(),
        "written": time.strftime("%Y-%m-%d %H:%M:%S"),
    }  # fmt: skip


def commit() -> str:
    """The checkout's commit, with `+` if files differ from it; empty outside a checkout."""
    if shutil.which("git") is None:
        return ""
    ask_git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*ask_git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run(
        [*ask_git, "status", "--porcelain", "--untracked-files=no", "--", "repro", "papers"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "") if head.returncode == 0 else ""


def command_line() -> str:
    """The command that was given, as a person would type it; folders of this machine are left out."""
    words, kept = list(sys.argv[1:]), ["./run_all.sh"]
    while words:
        word, _, value = words.pop(0).partition("=")
        if word in ("--cache", "--out", "--data-dir"):
            value = value or (words.pop(0) if words else "")
            kept += ["--data-dir", "DIR"] if word == "--data-dir" else []
        else:
            kept.append(f"{word}={value}" if value else word)
    return " ".join(kept)
