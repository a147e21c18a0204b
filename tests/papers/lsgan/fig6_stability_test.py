from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import fig6_stability as fig6
from papers.lsgan import scenes
from papers.lsgan.model import PEARSON, ZERO_ONE
from repro import runs
from repro.bench import Bench
from repro.claims import Values
from repro.data import Dataset, Places, Set
from repro.items import Run
from repro.optimizers import TF1RMSprop

RANDOM = np.random.default_rng(0)
REAL = RANDOM.normal(size=(300, 5))
UNTRAINED = 10 + 0.01 * RANDOM.normal(size=(300, 5))


def values(metric, **rows):
    lines = [
        [row.replace("__", ", "), name, seed, None, value]
        for name, of in ({metric: rows} if isinstance(metric, str) else metric).items()
        for row, sample in of.items()
        for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class JudgedTest(tf.test.TestCase):
    def success(self, features, finite=True):
        return fig6.judged(features, UNTRAINED, REAL, finite)[fig6.SUCCESS]

    def test_other_draws_of_the_data_succeed(self):
        self.assertEqual(self.success(RANDOM.normal(size=(300, 5))), 1)

    def test_divergence_fails(self):
        self.assertEqual(self.success(RANDOM.normal(size=(300, 5)), finite=False), 0)

    def test_one_image_or_few_fail(self):
        self.assertEqual(self.success(REAL[:1] + 1e-6 * RANDOM.normal(size=(300, 5))), 0)
        self.assertEqual(self.success(np.repeat(RANDOM.normal(size=(30, 5)), 10, axis=0)), 0)

    def test_noise_far_from_the_data_fails(self):
        numbers = fig6.judged(UNTRAINED * 0.9 + RANDOM.normal(size=(300, 5)), UNTRAINED, REAL, True)
        self.assertEqual(numbers[fig6.SUCCESS], 0)
        self.assertGreater(numbers[fig6.UNTRAINED], 0.25)


class PlanTest(tf.test.TestCase):
    def test_nine_runs_a_seed_with_the_released_schemes(self):
        planned = fig6.plan(fig6.Figure6(), range(2))
        runs, scorings = planned[:18], planned[18:]
        self.assertLen(set(runs), 18)
        self.assertEqual([run.needs for run in scorings], [(run,) for run in runs])
        self.assertEqual({run.function for run in scorings}, {scenes.score})
        cells = [(r.settings.without, r.settings.optimizer, r.settings.loss) for r in runs[:9]]
        for panel in fig6.PANELS.values():
            self.assertIn(panel, cells)
        self.assertIn(("BN_GD", "rmsprop", "lsgan_011"), cells)
        self.assertNotIn(("BN_GD", "adam", "lsgan_m110"), cells)

    def test_every_seed_has_the_cells_of_the_published_comparison_under_keys_of_their_own(self):
        """Least squares under Adam with (0,1,1), under RMSProp with (-1,1,0), panel (c) also with (0,1,1)."""
        schemes = {"adam": {"gan", "lsgan_011"}, "rmsprop": {"gan", "lsgan_m110"}}
        expected = {
            (without, optimizer, loss)
            for without in ("BN_G", "BN_GD")
            for optimizer, losses in schemes.items()
            for loss in losses
        } | {("BN_GD", "rmsprop", "lsgan_011")}
        for scale in fig6.fig6.scales.values():
            plan = fig6.plan(scale.settings, range(2))[:18]
            for seed in range(2):
                cells = [(r.settings.without, r.settings.optimizer, r.settings.loss) for r in plan if r.seed == seed]
                self.assertCountEqual(cells, expected)
        planner = runs.Planner(Places(None, Path("nowhere")), "cpu")
        planned = [planner.plan(run) for run in fig6.plan(fig6.fig6.scales["quick"].settings, range(2))]
        self.assertLen({each.key for each in planned}, 36)
        self.assertLen({each.name for each in planned[:18]}, 18)


class TrainedTest(tf.test.TestCase):
    """What a cell's training is made of, caught just before it starts."""

    def made(self, without, optimizer, loss):
        settings = fig6.Stability(Set("none"), without, optimizer, loss, width=1 / 64, z_dim=4)
        images = np.zeros((64, 16, 16, 3), np.uint8)
        folder = mock.Mock(data=lambda wanted, split: Dataset("none", split, images, None, (), None))
        with mock.patch.object(fig6, "fit_images") as fit:
            fig6.train_stability(settings, 3, folder)
        gan, _, *others = fit.call_args.args
        self.assertEqual(others, [settings, 3, folder])
        return gan

    def test_norms_losses_and_optimizers_of_each_cell(self):
        for (without, optimizer), losses in fig6.CELLS.items():
            for loss in losses:
                gan = self.made(without, optimizer, loss)
                norms = [
                    sum("normalization" in layer.name for layer in network.layers)
                    for network in (gan.generator, gan.discriminator)
                ]
                self.assertEqual(norms, [0, 3 if without == "BN_G" else 0])
                if loss != "gan":
                    scheme = {"lsgan_011": ZERO_ONE, "lsgan_m110": PEARSON}[loss]
                    found = gan.loss_function
                    self.assertEqual((found.a, found.b, found.c), (scheme.a, scheme.b, scheme.c))
                    self.assertEqual(found.summed, optimizer == "rmsprop")
                for made in gan._optimizers.values():
                    self.assertAllClose(float(made.learning_rate), 2e-4)
                    if optimizer == "adam":
                        self.assertAllClose([made.beta_1, made.beta_2, made.epsilon], [0.5, 0.999, 1e-8])
                    else:
                        self.assertIsInstance(made, TF1RMSprop)
                        self.assertEqual((made.decay, made.epsilon), (0.9, 1e-10))

    def test_both_losses_of_a_cell_start_from_the_same_weights(self):
        ours, theirs = (self.made("BN_G", "adam", loss) for loss in ("lsgan_011", "gan"))
        for name, network in ours.networks.items():
            for a, b in zip(network.weights, theirs.networks[name].weights, strict=True):
                self.assertAllEqual(a.value, b.value)


@dataclass
class Ended:
    """A run that has ended, with invented features."""

    run: Run
    last: np.ndarray
    diverged_at: int | None = None
    arrays: dict = field(
        default_factory=lambda: {"real": {"features": REAL}, "scores": {"frechet": 5.0, "recall": 0.5}}
    )
    needs: list = field(default_factory=list)
    lost, kept = runs.Finished.lost, runs.Finished.kept

    @property
    def settings(self):
        return self.run.settings

    @property
    def seed(self):
        return self.run.seed

    def load(self, name):
        return self.arrays[name]

    def snapshots(self):
        sheet = np.zeros((64, 16, 16, 3), np.uint8)
        yield 0, {"features": UNTRAINED, "sheet": sheet}
        yield 300, {"features": self.last, "sheet": sheet}


class PresentedTest(tf.test.TestCase):
    def test_successes_are_counted_with_their_intervals(self):
        good = RANDOM.normal(size=(300, 5))
        ended = []
        settings = fig6.fig6.scales["quick"].settings
        for run in fig6.plan(settings, range(2))[:18]:
            gan, lost = run.settings.loss == "gan", run.settings.loss == "lsgan_m110" and run.seed == 0
            ended.append(Ended(run, UNTRAINED if gan else good, 300 if lost else None))
        scored = [
            Ended(run, None, needs=[trained])
            for run, trained in zip(fig6.plan(settings, range(2))[18:], ended, strict=True)
        ]
        bench = Bench(fig6.fig6, settings, "invented", "quick")
        fig6.fig6.present(bench, ended + scored)
        self.assertEqual(list(bench.pictures), ["fig6.png"])
        [(_, rows, _)] = bench.tables.values()
        found = {row: [float(cell) for cell in cells] for row, *cells in rows}
        self.assertLen(found, 9)
        # Clopper-Pearson, the ends by hand: of 0, 1 and 2 of 2 where a tail, such as (1 - x)² of none, is 0.025.
        low, high = 1 - 0.975**0.5, 0.975**0.5
        for row, counts in found.items():
            expected = (
                [0, 2, 0, 1 - 0.025**0.5] if row.startswith("gan")
                else [1, 2, low, high] if row.startswith("lsgan_m110")
                else [2, 2, 0.025**0.5, 1]
            )  # fmt: skip
            self.assertAllClose(counts, expected, atol=1e-6)
        recorded = {(line[1], line[2], line[3]): float(line[5]) for line in bench.values}
        lost = "lsgan_m110, BN_GD, rmsprop"
        self.assertAllEqual([recorded[lost, "frechet_rooms32_1000", seed] for seed in "01"], [np.nan, 5])
        self.assertEqual(recorded["gan, BN_G, adam", "recall_rooms32_1000", "0"], 0.5)
        self.assertEqual([recorded[lost, "diverged", seed] for seed in "01"], [1, 0])
        self.assertAllClose(recorded["gan, BN_G, adam", "frechet_pool8_share_of_untrained", "1"], 1.0)


class ClaimsTest(tf.test.TestCase):
    def test_learning_more_often(self):
        judge = fig6.lsgan_learns_more_often.judge

        def counts(ours, theirs):
            return values("success", lsgan_011__BN_G__adam=ours, gan__BN_G__adam=theirs)

        # 5 of 5 against 0 of 5: p = 2 / 252
        self.assertEqual(judge(counts([1] * 5, [0] * 5)).verdict, "holds")
        self.assertEqual(judge(counts([0] * 5, [1] * 5)).verdict, "fails")
        self.assertEqual(judge(counts([1, 1, 0, 0, 0], [0] * 5)).verdict, "undecided")
        self.assertEqual(judge(counts([1] * 3, [0] * 3)).verdict, "undecided")

    def test_variety_counts_only_where_both_succeed(self):
        judge, rows = fig6.lsgan_is_more_varied.judge, ("lsgan_m110__BN_GD__rmsprop", "gan__BN_GD__rmsprop")

        def of(success):
            spread = {rows[0]: [0.9, 0.95, 0.92, 0.1], rows[1]: [0.6, 0.61, 0.63, 0.9]}
            return values({"success": dict(zip(rows, success, strict=True)), "spread_ratio_pool8": spread})

        self.assertEqual(judge(of([[1, 1, 1, 0], [1, 1, 1, 1]])).verdict, "holds")
        self.assertEqual(judge(of([[1, 1, 0, 0], [1, 1, 1, 1]])).verdict, "undecided")

    def test_other_cells_within_a_factor(self):
        judge = fig6.other_cells_do_alike.judge
        same = [1.0, 2.0, 3.0, 4.0, 5.0]

        def of(moved):
            rows = {f"{loss}__{cell}": same for cell in ("BN_G__rmsprop", "BN_GD__adam") for loss in ("gan",)}
            rows |= {"lsgan_m110__BN_G__rmsprop": moved, "lsgan_011__BN_GD__adam": same}
            return values("frechet_pool8", **rows)

        self.assertEqual(judge(of([x * 1.2 for x in same])).verdict, "holds")
        self.assertEqual(judge(of([x * 1.3 for x in same])).verdict, "fails")
        self.assertEqual(judge(of(same[::-1])).verdict, "undecided")
        self.assertEqual(judge(of(same[:4])).verdict, "undecided")
