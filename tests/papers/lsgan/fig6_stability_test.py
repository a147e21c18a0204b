import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import fig6_stability as fig6
from repro.claims import Values

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
        runs = fig6.plan(fig6.Stability(), range(2))
        self.assertLen(set(runs), 18)
        cells = [(r.settings.without, r.settings.optimizer, r.settings.loss) for r in runs[:9]]
        for panel in fig6.PANELS.values():
            self.assertIn(panel, cells)
        self.assertIn(("BN_GD", "rmsprop", "lsgan_011"), cells)
        self.assertNotIn(("BN_GD", "adam", "lsgan_m110"), cells)


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

    def test_other_cells_within_two_standard_errors(self):
        judge = fig6.other_cells_do_alike.judge
        same = [1.0, 2.0, 3.0, 4.0, 5.0]  # variance 2.5: the error of a difference of means of five is 1, twice is 2

        def of(moved):
            rows = {f"{loss}__{cell}": same for cell in ("BN_G__rmsprop", "BN_GD__adam") for loss in ("gan",)}
            rows |= {"lsgan_m110__BN_G__rmsprop": moved, "lsgan_011__BN_GD__adam": same}
            return values("frechet_pool8", **rows)

        self.assertEqual(judge(of([x + 1.9 for x in same])).verdict, "holds")
        self.assertEqual(judge(of([x + 2.1 for x in same])).verdict, "fails")
        self.assertEqual(judge(of(same[:4])).verdict, "undecided")
