import keras
import numpy as np
import tensorflow as tf

from papers.lsgan import networks
from papers.lsgan.label_cost import FORMS, label_cost


def shapes(network):
    """(height, width, channels), or (features,), behind every convolution, deconvolution and dense layer."""
    kinds = keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose
    return [layer.output.shape[1:] for layer in network.layers if isinstance(layer, kinds)]


def norms(network):
    return [layer.gamma.shape[0] for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]


def digits_as_released(generator, z):
    """The digit generator's weights in TensorFlow 1's operations, which ask for 7x7, 14x14 and 28x28."""

    def normalised(x, norm):
        gamma, beta, mean, variance = (weight.value for weight in norm.weights)
        return tf.nn.relu((x - mean) / tf.sqrt(variance + 1e-5) * gamma + beta)

    known = [[w.value for w in layer.weights] for layer in generator.layers if "norm" not in layer.name]
    (kernel, bias), *up = [weights for weights in known if weights]
    norm = [layer for layer in generator.layers if "norm" in layer.name]
    x = tf.reshape(normalised(z @ kernel + bias, norm[0]), (len(z), 4, 4, -1))
    for place, (side, (kernel, bias)) in enumerate(zip((7, 14, 28), up, strict=True)):
        shape = len(z), side, side, kernel.shape[2]
        x = tf.nn.conv2d_transpose(x, kernel, shape, 2, "SAME") + bias
        x = normalised(x, norm[place + 1]) if side < 28 else tf.tanh(x)
    return x


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


class NetworksTest(tf.test.TestCase):
    def test_published_counts(self):
        # trainable and total, counted from the layer tables of figure 4 and section 4.3
        for network, count, total in (
            (networks.character_generator(3740), 9_417_857, 9_430_657),
            (networks.character_discriminator(3740), 21_392_155, 21_394_843),
            (networks.character_generator(None), 6_854_529, 6_867_329),
            (networks.character_discriminator(None), 18_124_059, 18_126_747),
            (networks.ring_generator(), 49_666, 49_666),
            (networks.ring_discriminator(), 17_025, 17_025),
        ):
            self.assertEqual((trainable(network), network.count_params()), (count, total), network.name)

    def test_label_widths_after_each_concatenation(self):
        d = networks.character_discriminator(10)
        widths = [layer.output.shape[-1] for layer in d.layers if "concatenate" in layer.name]
        self.assertEqual(widths, [15_936, 1_280])
        convolution = next(layer for layer in d.layers if "labelled" in layer.name)
        self.assertEqual(tuple(convolution.kernel.shape), (5, 5, 513, 320))

    def test_last_layers(self):
        g, d = networks.character_generator(10), networks.character_discriminator(10)
        self.assertEqual(g.layers[-1].activation.__name__, "sigmoid")
        self.assertEqual(d.layers[-1].activation.__name__, "linear")
        self.assertEqual(networks.ring_discriminator().layers[-1].activation.__name__, "linear")
        self.assertEqual(g.output_shape, (None, 28, 28, 1))

    def test_batch_norm_is_the_published_one(self):
        norms = [x for x in networks.character_generator(10).layers if "normalization" in x.name]
        self.assertEqual(
            [(n.momentum, n.epsilon, n.gamma.shape[0]) for n in norms], [(0.9, 1e-5, 6272), (0.9, 1e-5, 128)]
        )

    def test_label_costs_equal_the_built_networks_and_hand_counts(self):
        for classes in (7, 100):
            g, d, _ = label_cost(classes, "linear map")
            self.assertEqual(trainable(networks.character_generator(classes)), g)
            self.assertEqual(trainable(networks.character_discriminator(classes)), d)
        expected = {
            (100, "linear map"): (8_486_017, 20_460_315, 219), (100, "direct (A)"): (7_481_729, 19_026_559, 157),
            (100, "direct (B)"): (7_481_729, 9_162_679, 49), (3740, "linear map"): (9_417_857, 21_392_155, 220),
            (3740, "direct (A)"): (30_311_809, 51_877_559, 1_588),
            (3740, "direct (B)"): (30_311_809, 906_258_879, 35_074),
        }  # fmt: skip
        for classes in (100, 3740):
            for form in FORMS:
                g, d, work = label_cost(classes, form)
                self.assertEqual((g, d, round(work / 1e6)), expected[classes, form])
        with self.assertRaisesRegex(ValueError, "Received: form='x'"):
            label_cost(3, "x")

    def test_networks_of_figure_6_and_of_the_digits_have_the_counts_of_the_released_layers(self):
        for network, expected in (
            (networks.stability_generator(norm=False), (12_702_851, 0)),
            (networks.stability_generator(norm=True), (12_704_771, 1_920)),
            (networks.stability_discriminator(norm=True), (4_316_545, 1_792)),
            (networks.stability_discriminator(norm=False), (4_314_753, 0)),
            (networks.digit_generator(), (4_944_129, 17_152)),
            (networks.digit_discriminator(), (1_252_671, 1_100)),
        ):
            self.assertEqual((trainable(network), network.count_params() - trainable(network)), expected)

    def test_without_the_first_row_and_column_the_layer_is_the_released_seven_by_seven_one(self):
        layer, x = keras.layers.Conv2DTranspose(3, 5, 2, "same"), keras.random.normal((2, 4, 4, 5), seed=1)
        ours = layer(x)[:, 1:, 1:]
        theirs = tf.nn.conv2d_transpose(x, layer.kernel.value, (2, 7, 7, 3), 2, "SAME")
        self.assertAllClose(ours, theirs, atol=1e-5)

    def test_the_digit_generator_is_the_released_one(self):
        generator, random = networks.digit_generator(width=1 / 16), np.random.default_rng(0)
        for weight in generator.weights:  # moving averages too; those of variances must be positive
            weight.assign(random.uniform(0.1, 0.3, weight.shape) * (random.choice([-1, 1], weight.shape)))
            if "variance" in weight.path:
                weight.assign(tf.abs(weight.value))
        z = tf.constant(random.uniform(-1, 1, (3, 100)), tf.float32)
        found = generator(z, training=False)
        self.assertGreater(float(tf.math.reduce_std(found)), 0.1)
        self.assertAllClose(found, digits_as_released(generator, z), atol=1e-4)

    def test_networks_of_figure_6_layer_by_layer(self):
        up = [(8_192,), (8, 8, 256), (16, 16, 128), (32, 32, 64), (64, 64, 3)]
        down = [(32, 32, 64), (16, 16, 128), (8, 8, 256), (4, 4, 512), (1,)]
        for norm, of_g, of_d in ((True, [512, 256, 128, 64], [128, 256, 512]), (False, [], [])):
            g, d = networks.stability_generator(norm=norm), networks.stability_discriminator(norm=norm)
            self.assertEqual((shapes(g), norms(g)), (up, of_g))
            self.assertEqual((shapes(d), norms(d)), (down, of_d))
            self.assertEqual((g.layers[-1].activation.__name__, d.layers[-1].activation.__name__), ("tanh", "linear"))
        small = networks.stability_generator(32, norm=False, width=0.25, z_dim=7)
        self.assertEqual((small.input_shape, shapes(small)[:2]), ((None, 7), [(512,), (4, 4, 64)]))

    def test_networks_of_the_digits_layer_by_layer(self):
        g, d = networks.digit_generator(), networks.digit_discriminator()
        self.assertEqual(shapes(g), [(8_192,), (8, 8, 256), (14, 14, 128), (28, 28, 1)])  # 8x8 before it is cropped
        self.assertEqual(shapes(d), [(14, 14, 20), (7, 7, 50), (500,), (1,)])
        self.assertEqual((norms(g), norms(d)), ([8_192, 256, 128], [50, 500]))
        self.assertEqual((g.layers[-1].activation.__name__, d.layers[-1].activation.__name__), ("tanh", "linear"))

    def test_images_of_figure_6_and_digits_lie_within_their_range_and_scores_do_not(self):
        for g, d in (
            (
                networks.stability_generator(32, norm=False, width=0.125),
                networks.stability_discriminator(32, norm=False, width=0.125),
            ),
            (networks.digit_generator(width=0.125), networks.digit_discriminator()),
        ):
            z = np.random.default_rng(0).uniform(-1e8, 1e8, (3, g.input_shape[1])).astype(np.float32)
            images = g(z)
            self.assertAllInRange(images, -1.0, 1.0)
            self.assertGreater(np.abs(images).max(), 0.9)
            self.assertEqual(d.input_shape, g.output_shape)
            scores = d(1e8 * images)
            self.assertGreater(float(tf.reduce_max(scores) - tf.reduce_min(scores)), 2.0)
