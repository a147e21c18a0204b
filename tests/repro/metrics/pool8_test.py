import numpy as np
import tensorflow as tf

from repro.metrics import pool8


class Pool8Test(tf.test.TestCase):
    def test_block_means_by_hand(self):
        image = np.zeros((1, 16, 16, 3), np.uint8)
        image[0, 0, 0] = [255, 0, 0]
        image[0, 2:4, 14:16, 2] = 51
        features = pool8.pool8(image).reshape(8, 8, 3)
        self.assertAllClose(features[0, 0], [0.25, 0, 0])
        self.assertAllClose(features[1, 7], [0, 0, 0.2])
        self.assertAllClose(features.sum(), 0.45)
        self.assertEqual(features.dtype, np.float64)

    def test_an_odd_side_is_refused(self):
        with self.assertRaisesRegex(ValueError, "multiples of 8. Received: 12x16"):
            pool8.pool8(np.zeros((1, 12, 16, 3), np.uint8))

    def test_planted_duplicates_are_counted(self):
        random = np.random.default_rng(0)
        real, made = random.normal(size=(200, 6)), random.normal(size=(200, 6))
        self.assertLess(pool8.near_duplicate_share(made, real), 0.05)
        made[:60:2] = made[1:60:2]  # 30 pairs of equals: 60 of 200
        self.assertAllClose(pool8.near_duplicate_share(made, real), 0.3, atol=0.03)
        self.assertAllClose(pool8.near_duplicate_share(real, real), 0.01)

    def test_spread_scales_and_does_not_see_shifts(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        self.assertAllClose(pool8.spread_ratio(0.5 * real + 3, real), 0.5)

    def test_a_shift_is_its_square_in_the_frechet_distance(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        self.assertAllClose(pool8.frechet_pool8(real + np.array([3, 4, 0, 0]), real), 25.0)

    def test_one_and_the_same_image_is_all_duplicates_without_spread(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        same = np.repeat(real[:1], 30, axis=0)
        self.assertEqual(pool8.near_duplicate_share(same, real), 1.0)
        self.assertAllClose(pool8.spread_ratio(same, real), 0.0, atol=1e-6)

    def test_features_are_blind_to_what_happens_inside_a_block(self):
        images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
        blocks = images.reshape(3, 8, 4, 8, 4, 3)
        mixed = blocks[:, :, ::-1, :, ::-1].reshape(images.shape)
        self.assertAllClose(pool8.pool8(mixed), pool8.pool8(images))
        self.assertAllClose(pool8.pool8(np.full((1, 8, 8, 1), 255, np.uint8)), np.ones((1, 64)))
