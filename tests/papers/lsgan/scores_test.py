"""The study of scores: each damage by hand, and what counts as worse."""

import numpy as np
import tensorflow as tf

from papers.lsgan import scores


class DamageTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3)).astype(np.uint8)
        self.labels = np.arange(40) % 4

    def test_no_damage_is_the_image_itself(self):
        for kind in scores.KINDS_OF_DAMAGE:
            made = scores.damaged(kind, 0.0, self.images, self.labels, 20, 0)
            self.assertAllEqual(made, self.images[:20])

    def test_noise_has_the_standard_deviation_that_is_asked_for(self):
        grey = np.full((40, 8, 8, 3), 128, np.uint8)
        made = scores.damaged("noise", 0.1, grey, self.labels, 40, 3)
        self.assertAllClose(made.std() / 255, 0.1, rtol=0.03)
        self.assertAllEqual(made, scores.damaged("noise", 0.1, grey, self.labels, 40, 3))
        self.assertNotAllEqual(made, scores.damaged("noise", 0.1, grey, self.labels, 40, 4))

    def test_blur_keeps_an_even_picture_and_spreads_a_point(self):
        even = np.full((1, 8, 8, 3), 77, np.uint8)
        self.assertAllEqual(scores.damaged("blur", 2.0, even, self.labels, 1, 0), even)
        point = np.zeros((1, 9, 9, 1), np.uint8)
        point[0, 4, 4] = 255
        # a Gaussian of width 1 cut at 4 pixels: its middle weight is 1 / sum(exp(-k^2 / 2)), in both directions
        middle = 1 / sum(np.exp(-(k**2) / 2) for k in range(-4, 5))
        self.assertEqual(int(scores.damaged("blur", 1.0, point, self.labels, 1, 0)[0, 4, 4, 0]), round(255 * middle**2))

    def test_dropped_classes_and_copies_are_counted(self):
        made = scores.damaged("dropped", 2, self.images, self.labels, 15, 0)
        kept = self.images[self.labels < 2]
        self.assertAllEqual(made, kept[:15])
        made = scores.damaged("copied", 0.75, self.images, self.labels, 20, 0)
        self.assertLen(np.unique(made.reshape(20, -1), axis=0), 5)
        self.assertAllEqual(made[5:10], self.images[:5])

    def test_flat_images_have_their_mean_colour(self):
        made = scores.damaged("flat", 0.25, self.images, self.labels, 20, 0)
        self.assertAllEqual(made[5:], self.images[5:20])
        self.assertAllEqual(made[4, 0, 0], np.rint(self.images[4].mean(axis=(0, 1))))
        self.assertEqual(made[:5].std(axis=(1, 2)).max(), 0)

    def test_worse_is_more_of_a_distance_and_less_of_a_share(self):
        self.assertEqual(scores.is_monotone("frechet", [1, 2, 3]), 1)
        self.assertEqual(scores.is_monotone("frechet", [1, 2, 2]), 0)
        self.assertEqual(scores.is_monotone("recall", [0.9, 0.5, 0.1]), 1)
        self.assertEqual(scores.is_monotone("recall", [0.9, 0.95, 0.1]), 0)
        self.assertEqual(scores.is_monotone("two_sample_accuracy", [0.5, 0.7, 0.9]), 1)
