import dataclasses
import json
from pathlib import Path
from unittest import mock

import tensorflow as tf

from repro import present, runs
from repro.data import Places
from repro.items import Item, Paper, Run, Scale, setting


@dataclasses.dataclass(frozen=True)
class Length:
    steps: int = setting(100, "ours")
    label: str = ""


def train(settings, seed, folder):
    pass


def judge(settings, seed, folder):
    pass


class UrgencyTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.root = Path(self.get_temp_dir()) / self._testMethodName
        self.enter_context(mock.patch.object(present, "ROOT", self.root))
        self.planner = runs.Planner(Places(None, self.root / "runs"))

    def asked(self, *wanted, scales=None):
        scales = scales or {}
        item = Item("fig1", "", lambda settings, seeds: [], lambda bench, runs: None, scales, {}, ("", ""), 1, "")
        planned = tuple(self.planner.plan(run) for run in wanted)
        paper = Paper("p", "", "", ())
        return present.Asked(paper, item, "quick", Length(), planned, self.planner.places, self.root / "out")

    def test_fewer_seeds_than_at_paper_scale_are_a_deviation_as_a_setting_is(self):
        runs_of = [Run(train, Length(), 0), Run(judge, Length(), 0), Run(train, Length(), 1)]
        scales = {"paper": Scale(Length(steps=500), seeds=3)}
        told = ["steps: 100 instead of 500 (ours)"]
        self.assertEqual(self.asked(*runs_of, scales=scales).deviations(), [*told, "seeds: 2 instead of 3"])
        scales = {"paper": Scale(Length(steps=500), seeds=1)}
        self.assertEqual(self.asked(scales=scales).deviations(), told)

    def names(self, *wanted):
        return [planned.name.split("-", 1)[1] for planned in present.still_to_run([self.asked(*wanted)])]

    def commit(self, **seconds):
        folder = self.root / "results" / "quick" / "p"
        folder.mkdir(parents=True)
        prefix = self.planner.plan(Run(train, Length(), 0)).name.split("-", 1)[0]
        listed = [{"name": f"{prefix}-{name.replace('_', '-')}", "seconds": s} for name, s in seconds.items()]
        (folder / "provenance.json").write_text(json.dumps({"items": {"fig1": {"runs": listed}}}))

    def test_a_guess_puts_more_steps_first(self):
        few, many = Run(train, Length(10, "few"), 0), Run(train, Length(1_000, "many"), 0)
        self.assertEqual(self.names(few, many), ["train-many-seed0", "train-few-seed0"])

    def test_the_seconds_of_the_committed_results_overrule_the_guess(self):
        self.commit(train_few_seed0=90.0, train_many_seed0=30.0)
        few, many = Run(train, Length(10, "few"), 0), Run(train, Length(1_000, "many"), 0)
        self.assertEqual(self.names(few, many), ["train-few-seed0", "train-many-seed0"])

    def test_a_chain_counts_as_a_whole_and_needs_come_before_what_needs_them(self):
        self.commit(train_short_seed0=40.0, judge_seed0=30.0, train_long_seed0=60.0)
        short, long = Run(train, Length(1, "short"), 0), Run(train, Length(1, "long"), 0)
        judged = Run(judge, Length(1), 0, [short])
        self.assertEqual(self.names(long, judged), ["train-short-seed0", "train-long-seed0", "judge-seed0"])


class PageTest(tf.test.TestCase):
    def test_items_without_results_are_named_apart_from_those_that_no_scale_changes(self):
        def declared(key, **scales):
            return Item(key, "", lambda settings, seeds: [], lambda bench, runs: None, scales, {}, ("", ""), 1, "")

        short, long = Scale(Length(10), 1), Scale(Length(), 1)
        paper = Paper("p", "", "", ())
        paper.__dict__["_declared"] = [  # in place of modules
            declared("done", small=short, paper=long),
            declared("open", small=short, paper=long),
            declared("exact", small=long, paper=long),
        ]
        folder = Path(self.get_temp_dir())
        asked = present.Asked(
            paper, paper.items["done"], "small", Length(10), (), Places(None, folder), folder / "results"
        )
        present.present(asked, "")
        page = (asked.folder / "index.html").read_text()
        self.assertIn("No results at this scale: open.", page)
        self.assertIn("The same at every scale, and not here: exact.", page)
