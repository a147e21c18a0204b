"""What list, doctor and clean say, word for word, of an invented paper on an invented machine."""

import os
import shutil
from dataclasses import dataclass, replace
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import pytest

from repro import commands, data, present, runs
from repro.cli import parser
from repro.data import Places, Set
from repro.items import Metric, Paper, Run, Scale, item, setting
from repro.runs import Planner

M = Metric("m", "a metric")
NAME = __name__.split(".")[-2]  # a run's folder is named after the package of its function
GB = 10**9


@dataclass(frozen=True)
class Plain:
    name: str = setting("", "nowhere")


@dataclass(frozen=True)
class Pictured:
    data: Set = setting(Set("hwdb100"), "nowhere")


def work(settings, seed, folder):
    folder.save("out", x=np.array([seed]))


def look(settings, seed, folder):
    folder.save("out", x=np.array([seed]))


def plan(settings, seeds):
    return [Run(work, settings, seed) for seed in seeds]


def show(bench, runs):
    """Shows."""
    for run in runs:
        bench.record("a", M, float(run.load("out")["x"][0]), seed=run.seed)


def declared(key):
    return item(key, f"the item {key}", plan, quick=Scale(Plain(key), seeds=2), metrics=[M])(show)


PICTURED = item(
    "pictured", "an item with data", lambda settings, seeds: [Run(look, settings, 0)],
    quick=Scale(Pictured(Set("hwdb100"))), paper=Scale(Pictured(Set("scenes64"))), metrics=[M],
)(show)  # fmt: skip
ITEMS = [declared(key) for key in ("finished", "older", "halfway", "untouched")] + [PICTURED]


class Invented(Paper):
    @property
    def _declared(self):
        return ITEMS


PAPER = Invented(NAME, "a paper", "nobody", ())


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Calls a command in a folder of its own; gives back the lines it says."""
    monkeypatch.setenv("COLUMNS", "400")
    places = Places(None, tmp_path / "runs")
    planner = Planner(places)

    def call(command, *words, places=places):
        given = parser().parse_args([*words, "--out", str(tmp_path / "out")])
        assert command(given, [PAPER], places) == 0

    def ask(key):
        return present.ask(planner, PAPER, PAPER.items[key], "quick", tmp_path / "out", None, None)

    return SimpleNamespace(call=call, ask=ask, cache=places.cache, folder=tmp_path)


def carry_out(planned):
    """Leaves what the runs would leave after 3.7 minutes each; a worker would import TensorFlow first."""
    for each in planned:
        each.run.function(each.run.settings, each.run.seed, runs.Folder(each))
        runs.mark_done(each, 222.0)


# ---- list ----


def test_list_says_what_is_done_stale_partial_not_run_and_without_data(house, monkeypatch, capsys):
    for key in ("finished", "older"):
        carry_out(house.ask(key).planned)
        present.present(house.ask(key), "a command")
    monkeypatch.setitem(PAPER.items, "older", replace(PAPER.items["older"], version=2))
    carry_out(house.ask("halfway").planned[:1])
    house.call(commands.list_items)
    told = capsys.readouterr().out
    assert (
        "scales: quick, small, paper; minutes (of one-thread work, shared runs in every item) and state: quick"
        in " ".join(told.split())
    )
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in told.splitlines()]
    assert [row for row in rows if row] == [
        [NAME, "finished", "the item finished", "7.4", "done"],
        [NAME, "older", "the item older", "7.4", "stale"],
        [NAME, "halfway", "the item halfway", "", "partial"],
        [NAME, "untouched", "the item untouched", "", "not run"],
        [NAME, "pictured", "an item with data", "", "data missing"],
    ]


def test_results_that_came_with_the_project_are_not_done_here(house):
    carry_out(house.ask("finished").planned)
    present.present(house.ask("finished"), "a command")
    assert house.ask("finished").state() == "done"
    for planned in house.ask("finished").planned:
        shutil.rmtree(planned.path)
    assert house.ask("finished").state() == "results only"


# ---- doctor ----

LOCK = """\
# invented
keras==3.15.1 \\
numpy==2.4.6 \\
pandas==3.1.1 \\
matplotlib==3.10.1 \\
scipy==1.18.1 \\
scikit-learn==1.9.1 \\
distributed==2026.8.1 \\
tensorflow-datasets==4.9.9 \\
"""


@pytest.fixture
def machine(house, monkeypatch):
    """A machine of our invention; what is set on it is what doctor sees."""
    made = SimpleNamespace(
        root=house.folder / "project", data=house.folder / "data", gpus=[], python="3.12.7",
        versions=dict(line.removesuffix(" \\").split("==") for line in LOCK.splitlines()[1:]),
    )  # fmt: skip
    for folder in (made.root, made.data, house.cache):
        folder.mkdir()
    for name in ("requirements.txt", "requirements-gpu.txt"):
        (made.root / name).write_text(LOCK)
    (house.cache / "kept").write_bytes(bytes(3_400_000))
    size = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 6 * 2**18}

    def version(name):
        if name not in made.versions:
            raise metadata.PackageNotFoundError(name)
        return made.versions[name]

    monkeypatch.setattr(commands, "ROOT", made.root)
    monkeypatch.setattr(commands, "platform", SimpleNamespace(python_version=lambda: made.python))
    monkeypatch.setattr(commands, "supported", lambda: made.python != "3.10.1")
    monkeypatch.setattr(commands.metadata, "version", version)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: {made.root: SimpleNamespace(free=79.4 * GB)}[path])
    monkeypatch.setattr(os, "sysconf", size.__getitem__)
    monkeypatch.setattr(commands.machine, "processor", lambda: "Abacus 9")
    monkeypatch.setattr(commands.machine, "cores", lambda: 2)
    monkeypatch.setattr(commands.machine, "gpu_names", lambda: made.gpus)
    return made


def test_doctor_on_a_machine_without_gpu_and_data(house, machine, monkeypatch, capsys):
    house.call(commands.doctor)
    said = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    go = "of images, go in the folder given by --data-dir (or REPRO_DATA); --scale quick works without"
    assert said == [
        "Python         3.12.7 (supported)",
        "packages       as locked",
        f"disk           79 GB free at {machine.root}",
        "memory         6 GiB",
        "processor      Abacus 9, 2 cores",
        "GPU            none: quick and small do without",
        f"runs           3 MB at {house.cache}",
        "data folder    none given (--data-dir or REPRO_DATA)",
        "scale quick    missing data sets: 1, see below",
        "scale small    missing data sets: 1, see below",
        "scale paper    missing data sets: 1, see below",
        f"data hwdb100   for quick {NAME}; small {NAME}: missing: "
        f"hwdb100: hwdb100.npz and hwdb100.json, or a folder hwdb100/CLASS/ {go}",
        f"data scenes64  for paper {NAME}: missing: "
        f"scenes64: scenes64.npz and scenes64.json, or a folder scenes64/CLASS/ {go}",
    ]


def test_doctor_on_a_machine_with_gpus_one_set_and_other_packages(house, machine, monkeypatch, capsys):
    machine.gpus = ["GPU 0: Loom 100", "GPU 1: Loom 100"]
    machine.versions["keras"] = "3.14.0"
    del machine.versions["distributed"]
    machine.python = "3.10.1"
    house.cache.joinpath("kept").unlink()
    house.cache.rmdir()
    found = data.Description("scenes", "real", "0", {"train": 3000, "test": 20}, "none")

    def describe(wanted, places):
        if wanted == Set("scenes64") and places.data == machine.data:
            return found
        raise data.Misuse(f"{wanted} is not there")

    monkeypatch.setattr(data, "describe", describe)
    house.call(commands.doctor, places=Places(machine.data, house.cache))
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "Python         3.10.1 (needs 3.11 to 3.13)",
        "packages       not as locked: keras 3.14.0, distributed absent; remove .venv and start again",
        f"disk           79 GB free at {machine.root}",
        "memory         6 GiB",
        "processor      Abacus 9, 2 cores",
        "GPU            GPU 0: Loom 100, GPU 1: Loom 100",
        f"runs           0 MB at {house.cache}",
        f"data folder    {machine.data}",
        "scale quick    missing data sets: 1, see below",
        "scale small    missing data sets: 1, see below",
        "scale paper    all data is there",
        f"data hwdb100   for quick {NAME}; small {NAME}: missing: hwdb100 is not there",
        f"data scenes64  for paper {NAME}: found (real; 3,000 train, 20 test)",
    ]


def test_the_supported_pythons_are_those_of_the_locks(monkeypatch):
    for version, expected in (((3, 10, 14), False), ((3, 11, 0), True), ((3, 13, 9), True), ((3, 14, 0), False)):
        monkeypatch.setattr(commands, "sys", SimpleNamespace(version_info=version))
        assert commands.supported() is expected


# ---- clean ----


def test_clean_keeps_what_items_ask_for_and_what_lacks_its_data(house, monkeypatch, capsys):
    carry_out(house.ask("finished").planned)
    kept = {planned.path.name for planned in house.ask("finished").planned}
    for name, size in (
        (f"{NAME}-work-seed0-00", 1_600_000),
        (f"{NAME}-look-seed7-11", 0),
        ("other-old-seed0-22", 900_000),
    ):
        (house.cache / name).mkdir()
        (house.cache / name / runs.LOG).write_bytes(bytes(size))
    kept |= {f"{NAME}-look-seed7-11"}  # its item's data is not there: whether it is asked for cannot be told
    unwanted = {f"{NAME}-work-seed0-00", "other-old-seed0-22"}

    def there():
        return {path.name for path in house.cache.iterdir()}

    house.call(commands.clean, "--dry-run")
    assert capsys.readouterr().out == f"2 runs that no item asks for, 2 MB at {house.cache}\n"
    assert there() == kept | unwanted
    house.call(commands.clean)
    assert capsys.readouterr().out == f"removing 2 runs that no item asks for, 2 MB at {house.cache}\n"
    assert there() == kept
    house.call(commands.clean)
    assert capsys.readouterr().out == f"0 runs that no item asks for, 0 MB at {house.cache}\n"
