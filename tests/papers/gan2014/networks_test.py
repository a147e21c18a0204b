import itertools
import os

import keras
import numpy as np
import tensorflow as tf

from papers.gan2014 import networks
from repro.training import initialise


def dense_count(*sizes):
    return sum(a * b + b for a, b in itertools.pairwise(sizes))


class NetworksTest(tf.test.TestCase):
    def test_published_counts_of_mnist(self):
        bias = np.zeros(784, np.float32)
        self.assertEqual(networks.generator((28, 28, 1), bias).count_params(), 2_503_984)
        self.assertEqual(networks.discriminator((28, 28, 1)).count_params(), 1_231_441)

    def test_published_counts_of_the_convolutional_discriminator(self):
        network = networks.convolutional_discriminator()
        counts = [layer.count_params() for layer in network.layers if layer.count_params()]
        self.assertEqual(counts, [12_352, 131_136, 307_584, 12_002_500, 501])
        self.assertEqual(network.count_params(), 12_454_073)
        sides = [
            layer.output.shape[1] for layer in network.layers if type(layer).__name__ in ("Conv2D", "CeilMaxPooling2D")
        ]
        self.assertEqual(sides, [33, 16, 15, 7, 9, 5])

    def test_counts_at_other_widths(self):
        bias = np.zeros(64, np.float32)
        g = networks.generator((8, 8, 1), bias, hidden=(128, 128))
        self.assertEqual(g.count_params(), dense_count(100, 128, 128, 64))
        d = networks.discriminator((8, 8, 1), hidden=(40, 40))
        self.assertEqual(d.count_params(), 64 * 200 + 200 + 40 * 200 + 200 + 41)
        g = networks.object_generator(hidden=(20, 30))
        self.assertEqual(g.count_params(), dense_count(100, 20, 30, 3072))
        g = networks.deconvolutional_generator(hidden=(20, 200))
        # no bias in the transposed convolution: 25 * 3 * 2 weights, and one bias per pixel and channel
        self.assertEqual(g.count_params(), dense_count(100, 20, 200) + 150 + 3072)
        self.assertEqual(g.output_shape, (None, 32, 32, 3))

    def test_full_widths_by_formula(self):
        # too large to build in a test: the layer lists of the builders, at the published widths
        self.assertEqual(dense_count(100, 8000, 8000, 2304), 83_250_304)
        self.assertEqual(dense_count(100, 8000, 100, 8000, 8000, 2304), 84_858_404)
        self.assertEqual(dense_count(100, 8000, 8000, 3072), 89_395_072)
        self.assertEqual(dense_count(100, 8000, 8000) + 25 * 3 * 80 + 3072, 64_825_072)

    def test_the_first_samples_look_like_the_mean_image(self):
        images = np.random.default_rng(0).random((50, 4, 4, 1)) ** 2
        images[:, 0, 0] = 0
        g = networks.generator((4, 4, 1), networks.marginal_bias(images), hidden=(16, 16))
        initialise(g, 3, "generator")
        made = g(tf.random.stateless_uniform((20, 100), (1, 2), -1.7, 1.7)).numpy()
        self.assertLess(np.abs(made.mean(axis=0) - images.mean(axis=0)).max(), 0.02)

    def test_the_bias_of_black_white_and_grey(self):
        images = np.array([0.0, 0.5, 1.0]).reshape(1, 3, 1, 1)
        self.assertAllClose(networks.marginal_bias(images), [-16.118095550958, 0, 16.118095], rtol=1e-6)

    def test_what_is_dropped_and_how_it_is_scaled(self):
        rates = [layer.rate for layer in networks.discriminator((28, 28, 1)).layers if hasattr(layer, "rate")]
        self.assertAllClose(rates, [0.2, 0.5, 0.5])
        kept = keras.layers.Dropout(rates[0], seed=1)(tf.ones((1000, 10)), training=True)
        self.assertAllInSet(np.round(kept.numpy(), 5), [0, 1.25])
        self.assertAllClose(tf.reduce_mean(kept), 1, atol=0.02)
        rates = [layer.rate for layer in networks.convolutional_discriminator().layers if hasattr(layer, "rate")]
        self.assertAllClose(rates, [0.2, 0.5, 0.5, 0.5, 0.5])
        self.assertFalse([layer for layer in networks.object_generator(hidden=(4, 4)).layers if hasattr(layer, "rate")])

    def test_initial_ranges_are_those_of_each_layer(self):
        d = networks.discriminator((8, 8, 1), hidden=(40, 30), ranges=(0.1, 0.2, 0.3))
        initialise(d, 0, "discriminator")
        largest = [np.abs(w).max() for w in d.get_weights() if w.ndim == 2]
        self.assertAllClose(largest, [0.1, 0.2, 0.3], rtol=0.1)

    def test_column_norms_are_bounded_per_piece_and_biases_are_free(self):
        d = networks.discriminator((8, 8, 1), hidden=(40, 30), most=1.9365)
        constraints = [weight.constraint for weight in d.trainable_weights]
        self.assertEqual([c is not None for c in constraints], [True, False] * 3)
        self.assertAllClose(
            constraints[0](tf.constant([[3.0, 0.3], [4.0, 0.4]])), [[1.1619, 0.3], [1.5492, 0.4]], rtol=1e-4
        )

    def test_faces_have_their_two_stages(self):
        bias = np.zeros(2304, np.float32)
        first = networks.face_generator((48, 48, 1), bias, hidden=(40, 300))
        deeper = networks.deeper_face_generator((48, 48, 1), bias, hidden=(40, 300))
        activations = [layer.activation.__name__ for layer in deeper.layers if hasattr(layer, "activation")]
        self.assertEqual(activations, ["relu", "sigmoid", "relu", "sigmoid", "sigmoid"])
        self.assertEqual(first.count_params(), dense_count(100, 40, 300, 2304))
        initialise(first, 0, "generator")
        self.assertAllEqual((first.layers[2].get_weights()[0] != 0).sum(axis=0), [100] * 2304)
        self.assertAllEqual(first.layers[1].get_weights()[1], [-2] * 300)

    def test_saved_networks_give_the_same_samples(self):
        bias = networks.marginal_bias(np.random.default_rng(1).random((5, 8, 8, 1)))
        for number, network in enumerate(
            [networks.generator((8, 8, 1), bias, hidden=(4, 4)), networks.deconvolutional_generator(hidden=(4, 100))]
        ):
            initialise(network, 1, "generator")
            path = os.path.join(self.get_temp_dir(), f"{number}.keras")
            network.save(path)
            z = np.ones((2, 100), np.float32)
            self.assertAllEqual(keras.models.load_model(path, safe_mode=True)(z), network(z))
