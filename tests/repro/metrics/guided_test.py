import keras
import numpy as np
import tensorflow as tf

from repro.metrics import guided
from repro.metrics.patch_features import PATCH, PatchFeatures, standardised


class GuidedTest(tf.test.TestCase):
    def test_gradients_pass_only_where_input_and_gradient_are_positive(self):
        x = tf.Variable([2.0, 3.0, -1.0, -4.0])
        with tf.GradientTape() as tape:
            y = guided._guided(x, tf.constant(0.2))
            loss = tf.reduce_sum(y * [1.0, -1.0, 1.0, -1.0])
        self.assertAllClose(y, [2, 3, -0.2, -0.8])
        self.assertAllClose(tape.gradient(loss, x), [1, 0, 0, 0])

    def test_a_chain_of_two_layers_by_hand(self):
        image = keras.Input((1, 1, 2))
        x = keras.layers.LeakyReLU(0.2)(keras.layers.Conv2D(2, 1, use_bias=False)(image))
        network = keras.Model(image, keras.layers.Conv2D(1, 1, use_bias=False)(x))
        network.layers[1].kernel.assign(np.array([[1.0, 2], [3, -1]]).reshape(1, 1, 2, 2))
        network.layers[3].kernel.assign(np.array([1.0, -5]).reshape(1, 1, 2, 1))
        forward = guided.guided_network(network, network.layers[3])
        images = np.array([[1.0, 1]], np.float32).reshape(1, 1, 1, 2)
        self.assertAllClose(forward(tf.constant(images)), network(images))
        # Units are 4 and 1; the gradient of the second is -5 and stops, that of the first, 1, goes back to (1, 3).
        self.assertAllClose(guided.saliency(forward, images, 0).ravel(), [1, 3])

    def test_lift_by_hand(self):
        maps = np.zeros((2, 4, 4, 1))
        maps[0, 0, 0], maps[0, 3, 3] = 3, 4  # energies 9 and 16
        mask = np.zeros((2, 4, 4), bool)
        mask[:, :2, :2] = True
        self.assertAllClose(guided.lift(maps, mask), [9 / 25 / (4 / 16), np.nan])
        even = np.ones((1, 4, 4, 3))
        self.assertAllClose(guided.lift(even, mask[:1]), [1])

    def test_gini_of_even_and_single_points(self):
        maps = np.ones((2, 5, 5, 1))
        maps[1] = 0
        maps[1, 2, 2] = -7
        self.assertAllClose(guided.gini(maps), [0, 24 / 25])


class PatchFeaturesTest(tf.test.TestCase):
    def test_quadrants_sum_the_code_of_their_patches(self):
        images = np.random.default_rng(0).integers(0, 256, (20, 12, 12, 3), dtype=np.uint8)
        code = PatchFeatures(images, 5, seed=0)
        found = code.of(images)
        self.assertEqual(found.shape, (20, 20))
        self.assertAllGreaterEqual(found, 0)
        patch = images[3, 0:PATCH, 6 : 6 + PATCH].astype(np.float64)  # the order of values is rows, columns, channels
        flat = patch.ravel() - patch.mean()
        white = (flat / np.sqrt(flat.var() + 10) - code._mean) @ code._whitening
        apart = np.linalg.norm(white - code._centres, axis=1)
        alone = PatchFeatures.__new__(PatchFeatures)
        alone.__dict__ = code.__dict__
        top_right = alone.of(images[3:4, 0:PATCH, 6 : 6 + PATCH])[0]  # a single patch lies in the last quadrant
        self.assertAllClose(top_right[15:], np.maximum(0, apart.mean() - apart), atol=1e-3)

    def test_seeds_decide(self):
        images = np.random.default_rng(0).integers(0, 256, (20, 12, 12, 3), dtype=np.uint8)
        self.assertAllEqual(PatchFeatures(images, 3, 1).of(images), PatchFeatures(images, 3, 1).of(images))

    def test_standardised_over_some_rows(self):
        features = np.array([[1.0, 5], [3, 5], [100, 6]])
        self.assertAllClose(standardised(features, np.array([0, 1])), [[-1, 0], [1, 0], [98, 1]])
