import numpy as np
import tensorflow as tf

from repro.metrics import variety


class VarietyTest(tf.test.TestCase):
    def test_planted_duplicates_are_counted(self):
        random = np.random.default_rng(0)
        real, made = random.normal(size=(200, 6)), random.normal(size=(200, 6))
        self.assertLess(variety.near_duplicate_share(made, real), 0.05)
        made[:60:2] = made[1:60:2]  # 30 pairs of equals: 60 of 200
        self.assertAllClose(variety.near_duplicate_share(made, real), 0.3, atol=0.03)
        self.assertAllClose(variety.near_duplicate_share(real, real), 0.01)

    def test_spread_scales_and_does_not_see_shifts(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        self.assertAllClose(variety.spread_ratio(0.5 * real + 3, real), 0.5)

    def test_one_and_the_same_image_is_all_duplicates_without_spread(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        same = np.repeat(real[:1], 30, axis=0)
        self.assertEqual(variety.near_duplicate_share(same, real), 1.0)
        self.assertAllClose(variety.spread_ratio(same, real), 0.0, atol=1e-6)

    def test_exact_copies_are_nearer_than_anything_that_differs(self):
        real = np.random.default_rng(0).normal(size=(300, 4)) + 1e4
        real[1] = real[0]  # 2 of 300: the 1 % quantile lies among the others
        made = real + 1
        made[10:20] = made[9]
        self.assertAllClose(variety.near_duplicate_share(made, real), 13 / 300, atol=2 / 300)
        self.assertEqual(variety.near_duplicate_share(made[9:20], real), 1.0)
