import dataclasses
import gc
import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph

from repro import backup, files, fitting, runs
from repro.data import Places, Set
from repro.errors import Failure
from repro.items import Run, capped, deviations, nested, sets, setting, version, with_sets_found
from tests import toys


@dataclasses.dataclass(frozen=True)
class Inner:
    rate: float = setting(0.1, "Table 1")
    steps: int = setting(1000, "Table 1", length=True)


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner = nested(Inner())
    width: int = setting(3, "Figure 1")


@dataclasses.dataclass(frozen=True)
class Measured:
    data: Set = setting(Set("svhn"), "Table 2")
    steps: int = setting(1000, "Table 2", length=True)


@dataclasses.dataclass(frozen=True)
class WithOptional:
    measured: Measured | None = nested(Measured(), optional=True)


def work(settings, seed, folder):
    folder.save("out", x=np.array([seed, len(folder.needs)]))


def diverge(settings, seed, folder):
    folder.save("history", step=np.array([40]), diverged_at=np.array([40]))


def least(settings, seed, folder):
    folder.save("out", product=np.float32(1e-40) * np.float32(1))


def train(settings, seed, folder):
    points = tf.constant(toys.points(8))
    fitting.fit(toys.compiled(seed=seed), lambda step: points, steps=2, folder=folder, snapshot_every=2)


def graphs():
    """How many graphs of functions this process holds."""
    gc.collect()
    return sum(isinstance(found, FuncGraph) for found in gc.get_objects())


@version(2)
def newer(settings, seed, folder):
    pass


class RunsTest(tf.test.TestCase):
    def planner(self, name, device="cpu"):
        return runs.Planner(Places(None, Path(self.get_temp_dir()) / self._testMethodName / name), device)

    def key(self, *arguments, device="cpu", **keywords):
        return self.planner("keys", device).plan(Run(*arguments, **keywords)).key

    def test_the_graphs_of_a_training_do_not_outlive_the_next_start(self):
        planner = self.planner("graphs")
        runs.execute(planner.plan(Run(least, Inner(), 0)))
        before = graphs()
        runs.execute(planner.plan(Run(train, Inner(), 0)))
        left = graphs()
        runs.execute(planner.plan(Run(least, Inner(), 1)))
        self.assertGreater(left, before)  # else TensorFlow has mended it, and `_fresh_tensorflow` can forget it
        self.assertEqual(graphs(), before)

    def test_everything_that_determines_a_result_is_in_the_key(self):
        base = self.key(work, Inner(), 0)
        self.assertEqual(base, self.key(work, Inner(), 0))
        need = Run(work, Inner(), 5)
        others = [
            self.key(work, Inner(rate=0.2), 0), self.key(work, Inner(), 1), self.key(newer, Inner(), 0),
            self.key(work, Inner(), 0, needs=[need]), self.key(work, Inner(), 0, device="gpu"),
        ]  # fmt: skip
        self.assertLen({base, *others}, 6)

    def test_a_run_takes_denormals_as_zero(self):
        planned = self.planner("least").plan(Run(least, Inner(), 0))
        runs.execute(planned)
        self.assertEqual(runs.Finished(planned).load("out")["product"], 0)

    def test_what_a_diverged_training_leaves_is_no_result_also_through_runs_that_need_it(self):
        planner = self.planner("lost")
        sound, diverged = Run(work, Inner(), 0), Run(diverge, Inner(), 0)
        for run, lost in (
            (sound, False),
            (diverged, True),
            (Run(work, Inner(), 1, [sound, diverged]), True),
            (Run(work, Inner(), 2, [Run(work, Inner(), 1, [diverged])]), True),
            (Run(work, Inner(), 3, [sound]), False),
        ):
            planned = planner.plan(run)
            for each in (*(deeper for need in planned.needs for deeper in need.needs), *planned.needs, planned):
                runs.execute(each)
            finished = runs.Finished(planned)
            self.assertEqual(finished.lost, lost)
            self.assertAllEqual(np.isnan([finished.kept(3), finished.kept(0.5)]), [lost, lost])
            self.assertEqual(finished.diverged_at, 40 if run == diverged else None)
        self.assertEqual(repr(runs.Finished(planner.plan(sound)).kept(3)), "3")

    def test_equal_runs_are_one(self):
        planner = self.planner("one")
        self.assertIs(planner.plan(Run(work, Inner(), 0)), planner.plan(Run(work, Inner(), 0)))

    def test_a_run_is_done_once_its_files_are_what_it_wrote(self):
        planner = self.planner("done")
        planned = planner.plan(Run(work, Inner(), 3, [Run(work, Inner(), 4)]))
        self.assertFalse(runs.is_done(planned))
        runs.execute(planned)
        self.assertTrue(runs.is_done(planned))
        self.assertAllEqual(runs.Finished(planned).load("out")["x"], [3, 1])
        (planned.path / "out.npz").write_bytes(b"damaged")
        self.assertFalse(runs.is_done(planned))
        runs.execute(planned)
        self.assertAllEqual(runs.Finished(planned).load("out")["x"], [3, 1])

    def test_a_held_run_names_its_holder(self):
        planned = self.planner("held").plan(Run(work, Inner(), 0))
        planned.path.mkdir(parents=True)
        note = {"process": 7, "host": "here", "since": "today"}
        (planned.path / "holder.json").write_text(json.dumps(note))
        lock = runs.filelock.FileLock(planned.path / ".lock")
        self.enter_context(lock)
        patience, runs.LOCK_PATIENCE_S = runs.LOCK_PATIENCE_S, 0.1
        self.addCleanup(setattr, runs, "LOCK_PATIENCE_S", patience)
        with self.assertRaisesRegex(Failure, "is held by process 7 on here since today"):
            # A second FileLock object of this process is another holder.
            runs.execute(planned)

    def enter_context(self, context):
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def test_deviations_are_computed(self):
        found = deviations(Outer(Inner(rate=0.5), 4), Outer())
        self.assertEqual(
            [str(d) for d in found], ["inner.rate: 0.5 instead of 0.1 (Table 1)", "width: 4 instead of 3 (Figure 1)"]
        )

    def test_deviations_give_the_published_source_and_what_only_one_side_has(self):
        @dataclasses.dataclass(frozen=True)
        class Ours:
            latent: ClassVar[str] = "uniform"
            rate: float = setting(0.1, "ours")
            extra: int = setting(1, "ours too")

        @dataclasses.dataclass(frozen=True)
        class Published(Ours):
            rate: float = setting(0.2, "section 4")
            latent: str = setting("normal", "the released code")

        found = [str(each) for each in deviations(Ours(extra=2), Published())]
        self.assertEqual(
            found,
            [
                "latent: uniform instead of normal (the released code)",
                "rate: 0.1 instead of 0.2 (section 4)",
                "extra: 2 instead of 1 (ours too)",
            ],
        )
        self.assertEqual(
            [str(each) for each in deviations(Published(), Ours())],
            ["rate: 0.2 instead of 0.1 (ours)", "latent: normal instead of uniform (the released code)"],
        )

    def test_lengths_are_capped_and_nothing_else(self):
        self.assertEqual(capped(Outer(), 10), Outer(Inner(steps=10)))
        self.assertEqual(capped(Outer(), 5000), Outer())

    def test_settings_of_optional_sets_are_left_out_where_these_are_not_there(self):
        self.assertEqual(with_sets_found(WithOptional(), lambda wanted: True), WithOptional())
        left = with_sets_found(WithOptional(), lambda wanted: False)
        self.assertEqual(left, WithOptional(None))
        self.assertEqual(with_sets_found(left, lambda wanted: True), left)
        self.assertEqual(sets(WithOptional()), [Set("svhn")])
        self.assertEqual((sets(left), capped(left, 1)), ([], left))
        [told] = map(str, deviations(left, WithOptional()))
        self.assertRegex(told, "^[a-z]+: left out$")
        self.assertRegex(str(deviations(WithOptional(), left)[0]), "^[a-z]+: added$")


class FilesTest(tf.test.TestCase):
    def folder(self):
        path = Path(self.get_temp_dir()) / self._testMethodName
        path.mkdir(exist_ok=True)
        return path

    def test_a_failed_write_leaves_the_old_file_and_no_other(self):
        path = self.folder() / "x.txt"
        files.write(path, "old")
        with self.assertRaisesRegex(Failure, r"cannot write .*x.txt.* \(1 kB needed\): File exists; give permission"):
            files.write(path / "below", "a file is no folder")
        self.assertEqual(path.read_text(), "old")
        self.assertEqual([p.name for p in self.folder().iterdir()], ["x.txt"])

    def test_no_backup_with_a_changed_byte_is_taken(self):
        folder, random = self.folder(), np.random.default_rng(0)
        state = {"step": np.int64(10), "w": np.arange(50.0)}
        backup.write(folder, 10, state, {"step": [10]})
        [path] = folder.glob("backup-*.bin")
        good = path.read_bytes()
        for place in random.integers(0, len(good), 40):
            changed = bytearray(good)
            changed[place] ^= 1 << int(random.integers(8))
            path.write_bytes(bytes(changed))
            self.assertIsNone(backup.newest(folder))
        path.write_bytes(good)
        self.assertAllEqual(backup.newest(folder).state["w"], state["w"])

    def test_damaged_arrays_are_named(self):
        path = self.folder() / "a.npz"
        files.write_arrays(path, x=np.ones(3))
        self.assertAllEqual(files.read_arrays(path)["x"], np.ones(3))
        path.write_bytes(path.read_bytes()[:50])
        with self.assertRaisesRegex(Failure, "a.npz is damaged"):
            files.read_arrays(path)
