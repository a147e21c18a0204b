import numpy as np
import tensorflow as tf

from repro.metrics import pool8
from repro.metrics.frechet import frechet_distance


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

    def test_a_shift_is_its_square_in_the_frechet_distance(self):
        real = np.random.default_rng(0).normal(size=(50, 4))
        self.assertAllClose(frechet_distance(real + np.array([3, 4, 0, 0]), real), 25.0)

    def test_features_are_blind_to_what_happens_inside_a_block(self):
        images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
        blocks = images.reshape(3, 8, 4, 8, 4, 3)
        mixed = blocks[:, :, ::-1, :, ::-1].reshape(images.shape)
        self.assertAllClose(pool8.pool8(mixed), pool8.pool8(images))
        self.assertAllClose(pool8.pool8(np.full((1, 8, 8, 1), 255, np.uint8)), np.ones((1, 64)))
