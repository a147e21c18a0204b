"""Table 1: how many images of how many categories the paper uses, and what is used here in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from repro.data import Set
from repro.items import Metric, Run, Scale, item, setting

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

CATALOGUE = "Table 1; count as in the catalogue of LSUN"
# The field below that stands for a row of the paper's table: its row in results.csv, samples, categories.
PRINTED = {
    "bedroom": ("lsun_bedroom", 3_033_042, 1),
    "church_outdoor": ("lsun_church_outdoor", 126_227, 1),
    "dining_room": ("lsun_dining_room", 657_571, 1),
    "kitchen": ("lsun_kitchen", 2_212_277, 1),
    "conference_room": ("lsun_conference_room", 229_069, 1),
    "characters": ("hwdb1.0", 1_246_991, 3_740),
}


@dataclass(frozen=True)
class Table1:
    """The data sets, one for each row of the paper's table; None where there is nothing in its place."""

    bedroom: Set | None = setting(Set("lsun112", ("bedroom",)), CATALOGUE)
    church_outdoor: Set | None = setting(Set("lsun112", ("church_outdoor",)), CATALOGUE)
    dining_room: Set | None = setting(Set("lsun112", ("dining_room",)), CATALOGUE)
    kitchen: Set | None = setting(Set("lsun112", ("kitchen",)), CATALOGUE)
    conference_room: Set | None = setting(Set("lsun112", ("conference_room",)), CATALOGUE)
    characters: Set | None = setting(Set("hwdb1.0"), "Table 1; count of CASIA's training part")


def count_sets(settings: Table1, seed: int, folder: Folder) -> None:
    """Counts what a training is given: under each field that names a set, training images, test images, categories."""
    counts = {}
    for field in fields(settings):
        wanted = getattr(settings, field.name)
        if wanted is not None:
            train, test = (folder.data(wanted, split) for split in ("train", "test"))
            categories = 1 if train.labels is None else len(train.class_names)
            counts[field.name] = np.array([len(train), len(test), categories])
    folder.save("counts", **counts)


def plan(settings: Table1, seeds: Sequence[int]) -> list[Run]:
    """One run: some sets are only counted when they are opened."""
    return [Run(count_sets, settings, 0)]


SAMPLES = Metric("samples", "training images", "images")
TEST_SAMPLES = Metric("test_samples", "images held out", "images")
CATEGORIES = Metric("categories", "categories among them; 1 for a set without labels", "classes")


@item(
    "table1",
    "The data sets: published and used",
    plan,
    quick=Scale(Table1(Set("rooms32"), None, None, None, None, Set("hanzi", 30))),
    small=Scale(
        Table1(
            Set("scenes64", ("bedroom",)), None, Set("scenes64", ("dining_room",)), Set("scenes64", ("kitchen",)), None,
            Set("hwdb100"),
        )
    ),
    paper=Scale(Table1()),
    metrics=[SAMPLES, TEST_SAMPLES, CATEGORIES],
)  # fmt: skip
def table1(bench: Bench, runs: Sequence[Finished]) -> None:
    """Samples and categories of the paper's data sets, and beside them those of the sets that stand in their place at
    this scale. A substitute has a row of its own and is never compared with the published count. The published counts
    are those of the catalogues of LSUN and of CASIA; that the paper prints the same is from memory, not verified.
    """
    [run] = runs
    counts, rows, categories_of = run.load("counts"), [], {}
    for field, (published, samples, categories) in PRINTED.items():
        wanted = getattr(bench.settings, field)
        if wanted is None:
            rows.append([published, samples, categories, "none at this scale", "", "", "", ""])
            continue
        train, test, classes = map(int, counts[field])
        row = published if _is_published(wanted) else str(wanted)
        bench.record(row, SAMPLES, train)
        bench.record(row, TEST_SAMPLES, test)
        # The published table is taken to say 1 once for all scenes of LSUN.
        categories_of["lsun_each" if row.startswith("lsun_") else row] = classes
        same = "the same" if row == published else str(wanted)
        rows.append([published, samples, categories, same, bench.sets[wanted].kind, train, classes, test])
    for row, classes in categories_of.items():
        bench.record(row, CATEGORIES, classes)
    header = [
        "published set", "samples published", "categories published", "used here", "kind", "training images used",
        "categories used", "images held out",
    ]  # fmt: skip
    bench.table("table1", header, rows, "Published beside used; a substitute's counts are of other data.")


def _is_published(wanted: Set) -> bool:
    return any(wanted == getattr(Table1(), field.name) for field in fields(Table1))
