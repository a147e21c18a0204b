import keras
import numpy as np
import tensorflow as tf

from papers.dcgan import networks
from repro.layers.batch_norm import BatchNorm
from repro.training import initialise


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


def moving(network):
    return network.count_params() - trainable(network)


def shapes(network, *kinds):
    return [tuple(layer.output.shape[1:]) for layer in network.layers if isinstance(layer, kinds)]


CONVOLUTIONS = keras.layers.Conv2D, keras.layers.Conv2DTranspose


def never_turned(layer):
    """A layer as given, of which no input and no result is turned."""
    config = layer.get_config()
    return type(layer).from_config(config | {key: False for key in config if key.startswith("turned")})


class NetworksTest(tf.test.TestCase):
    def test_published_counts(self):
        # From the layer tables of figure 1 and of the released code.
        for network, count in (
            (networks.image_generator(), 18_885_760),
            (networks.image_discriminator(), 17_232_768),
            (networks.image_generator(maps=64), 5_142_080),
            (networks.image_discriminator(maps=64), 4_315_584),
            (networks.image_generator(32, maps=64), 1_446_976),
            (networks.image_discriminator(32, maps=64), 1_033_664),
            (networks.image_generator(32, maps=16), 169_744),
            (networks.image_discriminator(32, maps=16), 66_416),
            (networks.object_generator(), 6_690_688),
            (networks.object_discriminator(), 4_586_112),
            (networks.digit_generator(), 6_820_538),
            (networks.digit_discriminator(), 6_688_202),
            (networks.dense_digit_generator(), 1_982_112),
            (networks.dense_digit_discriminator(), 1_872_906),
        ):
            self.assertEqual(trainable(network), count, network.name)

    def test_no_layer_has_a_bias_and_batch_norm_is_where_it_should_be(self):
        for build, norms in (
            (networks.image_generator, [16_384, 512, 256, 128]),
            (networks.image_discriminator, [256, 512, 1_024]),
            (networks.object_generator, [8_192, 512, 256, 256, 128, 128]),
            (networks.object_discriminator, [128, 256, 256, 512, 512]),
            (networks.digit_generator, [1_024, 6_272, 64]),
            (networks.digit_discriminator, [128, 1_024]),
            (networks.dense_digit_generator, [1_024, 1_024]),
            (networks.dense_digit_discriminator, [1_024]),
        ):
            network = build()
            self.assertFalse([layer for layer in network.layers if getattr(layer, "use_bias", False)])
            found = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
            self.assertEqual([layer.stored_mean.shape[0] for layer in found], norms, network.name)
            self.assertEqual(moving(network), 2 * sum(norms))

    def test_sizes_from_layer_to_layer(self):
        self.assertEqual(
            shapes(networks.image_generator(), *CONVOLUTIONS), [(8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 3)]
        )
        self.assertEqual(
            shapes(networks.image_discriminator(), *CONVOLUTIONS),
            [(32, 32, 128), (16, 16, 256), (8, 8, 512), (4, 4, 1024)],
        )
        self.assertEqual(
            [shape[0] for shape in shapes(networks.object_discriminator(maps=8), *CONVOLUTIONS)], [32, 16, 16, 8, 8, 4]
        )
        self.assertEqual(networks.object_generator(maps=8).output_shape, (None, 32, 32, 3))

    def test_the_label_joins_every_layer(self):
        for network, expected in (
            (networks.digit_generator(), [110, 1_034, 138, 74]),
            (networks.digit_discriminator(), [11, 74, 6_282, 1_034]),
            (networks.dense_digit_generator(), [110, 1_034, 1_034]),
            (networks.dense_digit_discriminator(), [794, 1_034, 1_034]),
        ):
            joined = [layer.output.shape[-1] for layer in network.layers if "join" in layer.name]
            self.assertEqual(joined, expected, network.name)

    def test_the_dense_pair_has_the_digits_activations_and_norms(self):
        generator, discriminator = networks.dense_digit_generator(dense=4), networks.dense_digit_discriminator(dense=4)
        self.assertEqual(generator.layers[-2].activation.__name__, "sigmoid")
        self.assertLen([x for x in generator.layers if isinstance(x, keras.layers.ReLU)], 2)
        leaks = [x.negative_slope for x in discriminator.layers if isinstance(x, keras.layers.LeakyReLU)]
        self.assertAllClose(leaks, [0.2] * 2)
        norms = [x for n in (generator, discriminator) for x in n.layers if isinstance(x, BatchNorm)]
        self.assertFalse([x for x in norms if x.affine])
        self.assertEqual(generator.output_shape, (None, 28, 28, 1))

    def test_inner_maps_are_turned_and_images_and_scores_are_not(self):
        random = np.random.default_rng(0)
        for network in (
            networks.image_generator(32, maps=2),
            networks.image_discriminator(32, maps=2),
            networks.object_generator(maps=2),
            networks.object_discriminator(maps=2),
            networks.digit_generator(maps=2, dense=4),
            networks.digit_discriminator(maps=2, dense=4),
        ):
            upright = keras.models.clone_model(network, clone_function=never_turned)
            upright.set_weights(network.get_weights())
            inputs = [random.normal(size=(3, *x.shape[1:])).astype(x.dtype) for x in network.inputs]
            inputs = inputs if len(inputs) > 1 else inputs[0]
            self.assertAllClose(network(inputs, training=True), upright(inputs, training=True), atol=1e-4)
            convolutions = [x for x in network.layers if isinstance(x, CONVOLUTIONS)]
            turned = [(x.turned_input, x.turned_output) for x in convolutions]
            inner = [(True, True)] * (len(turned) - 2)
            self.assertEqual(turned, [(False, True), *inner, (True, False)], network.name)

    def test_windows_of_the_units(self):
        # (side in pixels, pixels from one unit to the next) after each convolution, from kernels and strides.
        for network, side, expected in (
            (networks.image_discriminator(maps=1), 64, [(5, 2), (13, 4), (29, 8), (61, 16)]),
            (networks.object_discriminator(maps=1), 32, [(3, 1), (5, 2), (9, 2), (13, 4), (21, 4), (29, 8)]),
        ):
            convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
            for place, (window, jump) in enumerate(expected):
                x = image = tf.Variable(tf.ones((1, side, side, 3)))
                with tf.GradientTape() as tape:
                    for layer in convolutions[: place + 1]:
                        layer.kernel.assign(tf.ones_like(layer.kernel))
                        x = layer(x)
                    unit = x[0, x.shape[1] // 2, x.shape[1] // 2, 0]
                rows = tf.reduce_any(tape.gradient(unit, image) != 0, axis=[0, 2, 3]).numpy()
                self.assertEqual((rows.sum(), side // x.shape[1]), (window, jump), network.name)

    def test_ranges_leaks_and_other_sides(self):
        self.assertEqual(networks.image_generator(maps=2).layers[-1].activation.__name__, "tanh")
        self.assertEqual(networks.digit_generator(maps=2, dense=4).layers[-1].activation.__name__, "sigmoid")
        leaks = [x for x in networks.image_discriminator(maps=2).layers if isinstance(x, keras.layers.LeakyReLU)]
        self.assertAllClose([x.negative_slope for x in leaks], [0.2] * 4)
        self.assertEqual(networks.image_generator(16, maps=2, channels=1).output_shape, (None, 16, 16, 1))
        for side in (4, 48, 63):
            with self.assertRaisesRegex(ValueError, "4 doubled"):
                networks.image_generator(side)

    def test_initial_weights_are_normal_and_not_truncated(self):
        network = networks.image_discriminator(maps=32)
        initialise(network, 0, "discriminator")
        kernel = max((w.value.numpy().ravel() for w in network.trainable_weights), key=len)
        self.assertNear(kernel.std(), 0.02, 4 * 0.02 / (2 * len(kernel)) ** 0.5)
        self.assertNear((np.abs(kernel) > 0.04).mean(), 0.0455, 0.002)

    def test_initial_outputs_have_the_expected_spread(self):
        g, d = networks.image_generator(32, maps=64), networks.image_discriminator(32, maps=64)
        initialise(g, 0, "generator")
        initialise(d, 0, "discriminator")
        z = tf.random.stateless_uniform((32, 100), [0, 0], -1, 1)
        before = keras.Model(g.input, g.layers[-2].output)(z)
        last = g.layers[-1]
        last.activation = keras.activations.linear
        # 64 maps of rectified normal values, 6.25 taps on average: sqrt(64 * 6.25 * 0.5) * 0.02.
        self.assertNear(float(tf.math.reduce_std(last(before))), 0.283, 0.04)
        last.activation = keras.activations.tanh
        scores = d(g(z))
        loss = tf.reduce_mean(tf.nn.softplus(scores)) + tf.reduce_mean(tf.nn.softplus(-scores))
        self.assertBetween(float(loss), 1.386, 2.3)

    def test_initial_loss_on_digits_is_about_that_of_a_coin(self):
        # 2 ln 2, and what logits with a standard deviation of about half a unit add.
        g, d = networks.digit_generator(), networks.digit_discriminator()
        initialise(g, 0, "generator")
        initialise(d, 0, "discriminator")
        z, labels = tf.random.stateless_uniform((16, 100), [0, 0], -1, 1), tf.range(16) % 10
        fake, real = g([z, labels]), tf.random.stateless_uniform((16, 28, 28, 1), [0, 1])
        scores = [d([images, labels]) for images in (real, fake)]
        loss = tf.reduce_mean(tf.nn.softplus(-scores[0])) + tf.reduce_mean(tf.nn.softplus(scores[1]))
        self.assertBetween(float(loss), 1.35, 1.6)
