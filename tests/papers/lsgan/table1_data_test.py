"""Table 1: published counts as in the published file, used ones as counted, never one for the other."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import PAPER, table1_data
from papers.lsgan.table1_data import PRINTED, Table1, count_sets, table1
from repro import results
from repro.bench import Bench
from repro.data import Dataset, Description, Set
from repro.items import SCALES, sets

PUBLISHED = Path(__file__).resolve().parents[3] / "results/published/lsgan.csv"
QUICK = table1.scales["quick"].settings


def description(kind="procedural"):
    return Description("A set", kind, "0", {"train": 1, "test": 1}, "none")


class Folder:
    """A run's folder, and the finished run: every set has 5 training images, 2 test images and 3 classes."""

    def __init__(self, labelled=True):
        self.labelled, self.arrays = labelled, {}

    def data(self, wanted, split):
        images = np.zeros((5 if split == "train" else 2, 4, 4, 1), np.uint8)
        labels = np.zeros(len(images), np.int32) if self.labelled else None
        names = ("a", "b", "c") if self.labelled else ()
        return Dataset(wanted.name, split, images, labels, names, description())

    def save(self, name, **arrays):
        self.arrays[name] = arrays

    def load(self, name):
        return self.arrays[name]


def presented(settings, counts):
    run = Folder()
    run.save("counts", **{field: np.array(each) for field, each in counts.items()})
    bench = Bench(table1, settings, "", "quick", {wanted: description() for wanted in sets(settings)})
    table1.present(bench, [run])
    return bench


def lines(bench):
    """results.csv of the item: (row, metric) to the line as a dictionary."""
    values = pd.DataFrame(bench.values, columns=list(results.VALUES))
    published = results.read(PUBLISHED, results.PUBLISHED)
    rows = results.result_rows(PAPER, "quick", values, published, {"table1": {"data": "", "data_kind": ""}})
    return {(row[2], row[3]): dict(zip(results.RESULTS, row, strict=True)) for row in rows if row[1] == "table1"}


class PublishedTest(tf.test.TestCase):
    def test_printed_counts_are_those_of_the_published_file(self):
        with open(PUBLISHED, newline="") as file:
            found = {(x["row"], x["metric"]): int(x["value"]) for x in csv.DictReader(file) if x["item"] == "table1"}
        for row, samples, categories in PRINTED.values():
            self.assertEqual(found.pop((row, "samples")), samples)
            self.assertEqual(found.pop((row, "categories"), found.get(("lsun_each", "categories"))), categories)
        self.assertEqual(found, {("lsun_each", "categories"): 1})

    def test_five_scenes_of_lsun_in_all(self):
        self.assertEqual(sum(samples for row, samples, _ in PRINTED.values() if row.startswith("lsun")), 6_258_186)


class CountTest(tf.test.TestCase):
    def test_images_of_both_splits_and_categories_are_counted(self):
        folder = Folder()
        count_sets(QUICK, 0, folder)
        self.assertEqual({k: v.tolist() for k, v in folder.load("counts").items()},
                         {"bedroom": [5, 2, 3], "characters": [5, 2, 3]})  # fmt: skip

    def test_a_set_without_labels_is_one_category(self):
        folder = Folder(labelled=False)
        count_sets(QUICK, 0, folder)
        self.assertEqual(folder.load("counts")["bedroom"].tolist(), [5, 2, 1])


class Table1Test(tf.test.TestCase):
    quick = {"bedroom": (10_000, 2_000, 1), "characters": (9_000, 1_800, 30)}  # noqa: RUF012

    def test_a_substitute_has_a_row_of_its_own_and_no_published_number(self):
        found = lines(presented(QUICK, self.quick))
        for row, samples, categories in (("rooms32", "10000", "1"), ("hanzi, first 30 classes", "9000", "30")):
            self.assertEqual((found[row, "samples"]["value"], found[row, "samples"]["published"]), (samples, ""))
            self.assertEqual(
                (found[row, "categories"]["value"], found[row, "categories"]["published"]), (categories, "")
            )
        for row, samples, _ in PRINTED.values():
            line = found[row, "samples"]
            self.assertEqual((line["value"], line["published"]), ("", str(samples)))
            self.assertEqual(line["note"], "not measured at this scale")

    def test_at_the_paper_scale_counts_stand_beside_the_published_ones(self):
        counts = {field: (samples - 1, 300, categories) for field, (_, samples, categories) in PRINTED.items()}
        found = lines(presented(Table1(), counts))
        for row, samples, _ in PRINTED.values():
            self.assertEqual((found[row, "samples"]["value"], found[row, "samples"]["published"]),
                             (str(samples - 1), str(samples)))  # fmt: skip
        for row, categories in (("hwdb1.0", "3740"), ("lsun_each", "1")):
            line = found[row, "categories"]
            self.assertEqual((line["value"], line["published"], line["note"]), (categories, categories, ""))
        self.assertEqual(found["lsun_each", "categories"]["published_status"], "unverified")

    def test_the_table_names_substitutes_and_says_where_there_is_none(self):
        _, rows, _ = presented(QUICK, self.quick).tables["table1.csv"]
        used = {row[0]: row[3:] for row in rows}
        self.assertEqual(used["lsun_bedroom"], ["rooms32", "procedural", "10000", "1", "2000"])
        self.assertEqual(used["hwdb1.0"], ["hanzi, first 30 classes", "procedural", "9000", "30", "1800"])
        for row in ("lsun_kitchen", "lsun_church_outdoor", "lsun_dining_room", "lsun_conference_room"):
            self.assertEqual(used[row], ["none at this scale", "", "", "", ""])
        _, rows, _ = presented(Table1(), {field: (1, 1, 1) for field in PRINTED}).tables["table1.csv"]
        self.assertEqual({row[3] for row in rows}, {"the same"})

    def test_small_has_no_churches_and_no_conference_rooms(self):
        small = table1.scales["small"].settings
        absent = [field for field in PRINTED if getattr(small, field) is None]
        self.assertEqual(absent, ["church_outdoor", "conference_room"])
        self.assertEqual(small.characters, Set("hwdb100"))

    def test_every_scale_plans_one_run(self):
        for scale in SCALES:
            [run] = table1_data.plan(table1.scales[scale].settings, range(3))
            self.assertEqual(run.function, count_sets)
