"""Figures 2, 4 and 5a: what is planned, trained, judged, presented and claimed."""

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import fig2_architectures as fig2
from papers.wgan_gp import fig4_bedrooms as fig4
from papers.wgan_gp import fig5a_critic_loss as fig5a
from papers.wgan_gp import methods, scenes
from papers.wgan_gp.scenes import ROWS
from repro import runs
from repro.bench import Bench
from repro.claims import Values
from repro.data import Places, Set, rooms
from repro.items import Run
from tests.benches import presented, recorded

TINY = scenes.Scene(Set("rooms16"), d=4, batch_size=4, steps=4, snapshot_every=2, judged=8, watched=6)
RANDOM = np.random.default_rng(0)


def values(found):
    """Of {row: {metric: values by seed}}."""
    lines = [
        [row, metric, seed, None, value]
        for row, metrics in found.items()
        for metric, sample in metrics.items()
        for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class PlanTest(tf.test.TestCase):
    def test_28_cells_of_seven_rows_and_four_methods_as_published(self):
        planned = fig2.plan(fig2.Figure2(), range(1))
        cells = [(run.settings.row, run.settings.method.name) for run in planned]
        self.assertLen(set(cells), 28)
        self.assertEqual(list(dict.fromkeys(row for row, _ in cells)), list(ROWS))
        self.assertEqual([method for _, method in cells[:4]], ["dcgan", "lsgan", "wgan_clipping", "wgan_gp"])
        rates = {run.settings.method.name: run.settings.method.learning_rate for run in planned}
        self.assertEqual(rates, {"dcgan": 2e-4, "lsgan": 1e-4, "wgan_clipping": 5e-5, "wgan_gp": 1e-4})

    def test_quick_builds_the_deep_row_and_trains_the_others(self):
        planned = fig2.plan(fig2.fig2.scales["quick"].settings, range(1))
        self.assertLen([run for run in planned if run.function is not scenes.build_scene], 24)
        [built] = [run for run in planned if run.function is scenes.build_scene]
        self.assertEqual(built.settings.row, "resnet101")

    def test_figure_5a_is_figure_2s_baseline_at_every_scale(self):
        for name, scale in fig5a.fig5a.scales.items():
            [run] = fig5a.plan(scale.settings, range(1))
            theirs = fig2.plan(fig2.fig2.scales[name].settings, range(1))
            self.assertEqual([other for other in theirs if other == run], [run], name)

    def test_every_cell_is_a_run_of_its_own(self):
        planner = runs.Planner(Places(None, Path("nowhere")))
        planned = [planner.plan(run) for run in fig2.plan(fig2.fig2.scales["quick"].settings, range(2))]
        self.assertLen({each.key for each in planned}, 49)
        self.assertLen({each.name for each in planned}, 49)


class JudgedTest(tf.test.TestCase):
    real, untrained = RANDOM.normal(size=(300, 5)), 10 + 0.01 * RANDOM.normal(size=(300, 5))

    def numbers(self, trained, finite=True):
        features = {"real": self.real, "untrained": self.untrained, "trained": trained}
        return scenes.judged(features, finite)

    def test_other_draws_of_the_data_do_not_fail(self):
        numbers = self.numbers(RANDOM.normal(size=(300, 5)))
        self.assertEqual(numbers[scenes.FAILED], 0)
        self.assertAllClose(numbers[scenes.SPREAD], 1.0, rtol=0.05)

    def test_one_image_only_fails(self):
        numbers = self.numbers(0.1 * RANDOM.normal(size=(300, 5)))
        self.assertEqual(numbers[scenes.FAILED], 1)
        self.assertLess(numbers[scenes.UNTRAINED], 0.5)

    def test_varied_but_hardly_nearer_than_untrained_fails(self):
        numbers = self.numbers(9 + RANDOM.normal(size=(300, 5)))
        self.assertEqual(numbers[scenes.FAILED], 1)
        self.assertGreater(numbers[scenes.SPREAD], 0.5)
        self.assertAllClose(numbers[scenes.UNTRAINED], 0.81, atol=0.03)

    def test_a_diverged_run_fails_and_has_no_distances(self):
        numbers = self.numbers(RANDOM.normal(size=(300, 5)), finite=False)
        self.assertEqual((numbers[scenes.FAILED], numbers[scenes.DIVERGED]), (1, 1))
        self.assertAllEqual(np.isnan([numbers[scenes.FRECHET], numbers[scenes.SPREAD]]), [True, True])


class Figure2ClaimTest(tf.test.TestCase):
    def verdict(self, failed, rows=tuple(ROWS), seeds=1):
        """`failed`: cells (row, method) in which the last seed fails."""
        found = {
            fig2.row_of(row, method): {"failed": [0] * (seeds - 1) + [int((row, method) in failed)]}
            for row in rows
            for method in fig2.COLUMNS
        }
        return fig2.only_wgan_gp_trains_all.judge(values(found))

    def test_holds_only_if_every_other_method_fails_somewhere_and_wgan_gp_nowhere(self):
        others = {("bare", "dcgan"), ("tanh", "lsgan"), ("resnet101", "wgan_clipping")}
        self.assertEqual(self.verdict(others).verdict, "holds")
        self.assertEqual(self.verdict(others, seeds=2).verdict, "holds")
        self.assertEqual(self.verdict(others - {("tanh", "lsgan")}).verdict, "fails")
        self.assertEqual(self.verdict(others | {("gated", "wgan_gp")}).verdict, "fails")

    def test_a_missing_row_leaves_it_undecided_unless_wgan_gp_has_failed(self):
        shallow = fig2.SHALLOW
        others = {("bare", method) for method in fig2.OTHERS}
        found = self.verdict(others, shallow)
        self.assertEqual((found.verdict, found.n), ("undecided", 24))
        self.assertIn("wgan_gp: none failed, of 6", found.evidence)
        self.assertEqual(self.verdict(others | {("tanh", "wgan_gp")}, shallow).verdict, "fails")

    def test_what_no_method_trains_and_whose_baseline_fails_tells_nothing(self):
        others = {("bare", method) for method in fig2.OTHERS}
        self.assertEqual(self.verdict(others | {("baseline", "lsgan")}).verdict, "undecided")
        self.assertEqual(self.verdict({(row, method) for row in ROWS for method in fig2.OTHERS}).verdict, "undecided")
        deep = {("resnet101", method) for method in fig2.COLUMNS}
        self.assertEqual(self.verdict(others | deep).verdict, "undecided")
        self.assertEqual(self.verdict(others | deep | {("tanh", "wgan_gp")}).verdict, "fails")


class Figure5aTest(tf.test.TestCase):
    def test_late_share_by_hand(self):
        steps = list(range(0, 1_100, 100))
        course = [-9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 3.0, 1.0, 2.0, 6.0]
        self.assertAllClose(fig5a.late_share(steps, course), 2.0 / 8.0)
        self.assertTrue(np.isnan(fig5a.late_share([0, 1], [-2.0, -1.0])))
        self.assertAllClose(fig5a.late_share([1, 2], [2.0, -3.0]), 1.5)  # turned against these images: not converged

    def test_claim_asks_for_both_splits(self):
        for validation, verdict in ((0.2, "holds"), (0.8, "fails")):
            found = {
                "late_share_of_peak_train": [0.2, 0.21, 0.19],
                "late_share_of_peak_validation": [validation, validation + 0.01, validation - 0.01],
            }
            self.assertEqual(fig5a.loss_converges.judge(values({fig5a.ROW: found})).verdict, verdict)

    def test_a_loss_that_still_falls_has_not_failed_yet(self):
        for ends, verdict in (((2.6, 2.6, 2.6), "undecided"), ((2.9, 2.9, 2.9), "fails"), ((2.6, 2.6, 2.9), "fails")):
            lines = [
                [fig5a.ROW, fig5a.LATE[name].name, seed, None, 0.7 + seed / 100]
                for name in fig5a.SPLITS
                for seed in range(3)
            ]
            lines += [
                [fig5a.ROW, fig5a.LOSS[name].name, seed, step, value]
                for name in fig5a.SPLITS
                for seed, end in enumerate(ends)
                for step, value in ((0, 0.0), (50, 4.0), (100, 3.0), (125, end), (150, end))
            ]
            table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
            self.assertEqual(fig5a.loss_converges.judge(Values(table)).verdict, verdict)


class MirroredTest(tf.test.TestCase):
    def test_whole_batches_are_mirrored_about_half_the_time(self):
        batch = tf.constant(RANDOM.normal(size=(2, 3, 4, 1)), tf.float32)
        prepared = fig4.mirrored(lambda step: batch, seed=0)
        turned = []
        for step in range(64):
            found = prepared(tf.constant(step, tf.int64))
            turned.append(bool(tf.reduce_all(found == batch[:, :, ::-1])))
            self.assertTrue(turned[-1] or bool(tf.reduce_all(found == batch)))
        self.assertBetween(sum(turned), 20, 44)
        again = fig4.mirrored(lambda step: batch, seed=0)(tf.constant(5, tf.int64))
        self.assertAllEqual(again, prepared(tf.constant(5, tf.int64)))


class PresentedTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(rooms.COUNTS, {"train": 40, "test": 20}))
        # One critic step an iteration: what takes long here is tracing, not training.
        self.columns = {name: replace(method, critic_steps=1) for name, method in fig2.COLUMNS.items()}

    def test_figures_2_and_5a_from_the_same_run(self):
        self.enterContext(mock.patch.dict(fig2.COLUMNS, self.columns))
        rows = {name: ROWS[name] for name in ("baseline", "bare")}
        self.enterContext(mock.patch.dict(ROWS, rows, clear=True))
        bench = presented(fig2.fig2, fig2.Figure2(TINY, ("baseline",)), 1, self.folder)
        found = recorded(bench)
        for method in fig2.COLUMNS:
            row = fig2.row_of("baseline", method)
            self.assertEqual(found[row, "diverged", "0", ""], 0)
            self.assertGreater(found[row, "frechet_pool8", "0", ""], 0)
        self.assertLen([row for row, metric, *_ in found if metric == "failed"], 4)
        sizes = {row: size for (row, metric, *_), size in found.items() if metric == "weights_generator"}
        self.assertEqual(list(sizes), list(rows))
        self.assertGreater(sizes["baseline"], sizes["bare"])
        self.assertEqual(list(bench.pictures), ["fig2.png", *(f"fig2_{name}.png" for name in fig2.COLUMNS)])

        trained = sorted(self.folder.glob("*train_watched*"))
        found = recorded(presented(fig5a.fig5a, replace(TINY, method=self.columns["wgan_gp"]), 1, self.folder))
        self.assertEqual(sorted(self.folder.glob("*train_watched*")), trained)
        self.assertLen(found, 2 * (3 * 2 + 1))
        for name in fig5a.SPLITS:
            for step in ("0", "2", "4"):
                pair = [found[fig5a.ROW, metric, "0", step] for metric in (fig5a.LOSS[name].name, fig5a.GAP[name].name)]
                self.assertLess(*pair)  # by the penalty

    def test_figure_4(self):
        method = self.columns["wgan_gp"]
        settings = fig4.Bedrooms(Set("rooms16"), method, 1.0, 1 / 64, batch_size=4, steps=1, judged=8)
        bench = presented(fig4.fig4, settings, 1, self.folder)
        self.assertEqual(recorded(bench)[fig4.ROW, "diverged", "0", ""], 0)
        self.assertEqual(list(bench.pictures), ["fig4.png"])

    def test_a_diverged_cell_is_a_failed_one_and_no_error(self):
        cell = replace(TINY, method=methods.DCGAN, rate_factor=1e38)
        planned = runs.Planner(Places(None, self.folder)).plan(Run(scenes.train_scene, cell, 0))
        runs.execute(planned)
        finished = runs.Finished(planned)
        self.assertEqual(finished.diverged_at, 2)
        bench = Bench(fig2.fig2, fig2.Figure2(TINY), "invented data", "quick")
        fig2.fig2.present(bench, [finished])
        found = recorded(bench)
        self.assertEqual([found["baseline, dcgan", name, "0", ""] for name in ("failed", "diverged")], [1, 1])
        self.assertTrue(np.isnan(found["baseline, dcgan", "frechet_pool8", "0", ""]))
