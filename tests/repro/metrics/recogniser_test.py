"""The classifiers behind scores: their form, and prediction that does not depend on batches."""

import numpy as np
import tensorflow as tf

from repro.metrics import recogniser


class RecogniserTest(tf.test.TestCase):
    def test_the_form_of_figure_8s_judge(self):
        # conv 3x3: 1 to 32, 32 to 32, 32 to 64, 64 to 64; dense 7*7*64 to 256, 256 to 100; biases everywhere
        convolutions = (9 + 9 * 32) * 32 + 64 + (9 * 32 + 9 * 64) * 64 + 128
        dense = 3_136 * 256 + 256 + 256 * 100 + 100
        self.assertEqual(recogniser.network(100).count_params(), convolutions + dense)

    def test_above_28_pixels_128_features_and_above_32_a_second_pool_of_4(self):
        for side, flat in ((32, 8 * 8 * 64), (64, 8 * 8 * 64)):
            network = recogniser.network(3, side, 3)
            self.assertEqual(network.layers[-3].kernel.shape, (flat, 128))
            self.assertEqual(
                [tuple(shape) for shape in network.compute_output_shape((5, side, side, 3))], [(5, 3), (5, 128)]
            )
        self.assertEqual(recogniser.network(3, width=7).layers[-3].kernel.shape, (7 * 7 * 64, 7))

    def test_predictions_do_not_depend_on_what_else_is_judged(self):
        network = recogniser.network(4, 16, 1)
        images = np.random.default_rng(0).integers(0, 256, (260, 16, 16, 1)).astype(np.uint8)
        probabilities, features = recogniser.predict(network, images)
        self.assertEqual((probabilities.shape, features.shape), ((260, 4), (260, 256)))
        self.assertAllClose(probabilities.sum(axis=1), np.ones(260), atol=1e-5)
        alone = recogniser.predict(network, images[255:])
        self.assertAllEqual(alone[1], features[255:])
        self.assertAllClose(network(images[:7] / np.float32(255))[1], features[:7], atol=1e-5)

    def test_top1_by_hand(self):
        probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
        self.assertEqual(recogniser.top1(probabilities, np.array([0, 1, 1, 1])), 0.75)
