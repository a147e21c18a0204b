import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import ext_variance
from repro.claims import Values


class SmallVarianceTest(tf.test.TestCase):
    def test_two_sets_by_two_losses_a_seed(self):
        runs = ext_variance.plan(ext_variance.SmallVariance(), range(3))
        self.assertLen(set(runs), 12)
        self.assertEqual({run.settings.loss for run in runs}, {"lsgan_m110", "gan"})

    def test_success_wants_every_digit_and_a_short_distance(self):
        digits, near = np.repeat(np.arange(10), 100), np.full(1000, 2.9)
        success = ext_variance.SUCCESS
        good = ext_variance.judged(digits, near, 10.0)
        self.assertEqual([good[m] for m in (success, ext_variance.DISTANCE, ext_variance.LEAST)], [1, 0.29, 0.1])
        self.assertEqual(ext_variance.judged(digits, near + 0.2, 10.0)[success], 0)
        rare = np.concatenate([np.full(81, 1), digits[81:]])  # 19 of 1,000 are left of the digit 0
        self.assertEqual(ext_variance.judged(rare, near, 10.0)[success], 0)
        self.assertEqual(ext_variance.judged(rare, near, 10.0)[ext_variance.LEAST], 0.019)

    def test_the_claim_counts_both_sets_together(self):
        def of(ours, theirs):
            lines = [
                [f"{loss}, {name}", "success", seed, None, value]
                for loss, found in (("lsgan_m110", ours), ("gan", theirs))
                for name in ("digits_shift", "digits_shift_rotate")
                for seed, value in enumerate(found)
            ]
            return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))

        judge = ext_variance.lsgan_succeeds_more_often.judge
        # 6 of 6 against 0 of 6: p = 2 / 924
        self.assertEqual(judge(of([1, 1, 1], [0, 0, 0])).verdict, "holds")
        self.assertEqual(judge(of([0, 0, 0], [1, 1, 1])).verdict, "fails")
        self.assertEqual(judge(of([1, 0, 1], [1, 1, 0])).verdict, "undecided")
        self.assertEqual(judge(of([1, 1], [0, 0])).verdict, "undecided")
