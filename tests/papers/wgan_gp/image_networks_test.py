"""Layer lists, counts and initial values of the convolutional networks against the published ones."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.wgan_gp import image_networks as nets
from papers.wgan_gp import scene_networks
from repro.layers.piecewise import PiecewiseLinear


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


class CountsTest(tf.test.TestCase):
    def test_weights_are_counted_as_published(self):
        found = {
            "digits G": (nets.digit_generator(norm=False), 1_554_177),
            "digits G, norm": (nets.digit_generator(norm=True), 1_562_753),
            "digits D": (nets.digit_critic(norm=False), 1_030_145),
            "digits D, norm": (nets.digit_critic(norm=True), 1_030_913),
            "small G": (nets.small_generator(), 5_179_907),
            "small G, 64": (nets.small_generator(d=64), 1_565_955),
            "small D": (nets.small_critic(), 4_114_689),
            "small D, 64": (nets.small_critic(d=64), 1_033_345),
            "small D, norm": (nets.small_critic(norm=nets.batch_norm), 4_116_225),
            "small D, 64, norm": (nets.small_critic(d=64, norm=nets.batch_norm), 1_034_113),
            "ResNet G": (nets.resnet_generator(), 1_204_483),
            "ResNet D": (nets.resnet_critic(), 1_053_825),
        }
        self.assertEqual(
            {name: trainable(network) for name, (network, _) in found.items()},
            {name: count for name, (_, count) in found.items()},
        )

    def test_shapes_at_published_and_quick_sizes(self):
        for generator, critic, shape in (
            (nets.digit_generator(norm=False, d=2), nets.digit_critic(norm=True, d=2), (28, 28, 1)),
            (nets.digit_generator(16, 2, norm=True), nets.digit_critic(16, 2, norm=False), (16, 16, 1)),
            (nets.small_generator(16, 2, channels=1), nets.small_critic(16, 2, channels=1), (16, 16, 1)),
            (nets.resnet_generator(16, 4, channels=1), nets.resnet_critic(16, 4, channels=1), (16, 16, 1)),
        ):
            self.assertEqual(generator.output_shape, (None, *shape))
            self.assertEqual(critic.input_shape, (None, *shape))
            self.assertEqual(critic.output_shape, (None, 1))

    def test_leaky_slopes_are_a_fifth(self):
        """Keras' own default is 0.3."""
        for critic in (nets.small_critic(16, 2), scene_networks.scene_critic(16, 2)):
            slopes = [layer.slope for layer in critic.layers if isinstance(layer, PiecewiseLinear)]
            self.assertEqual(set(slopes), {0.2})

    def test_repeating_pixels_is_four_copies_whose_depth_becomes_space(self):
        """The released code enlarges so; ours is Keras' layer."""
        x = tf.reshape(tf.range(8.0), [1, 2, 2, 2])
        theirs = tf.nn.depth_to_space(tf.concat([x] * 4, axis=-1), 2)
        self.assertAllEqual(layers.UpSampling2D(2)(x), theirs)

    def test_a_critic_for_the_penalty_judges_each_sample_alone(self):
        images = np.random.default_rng(0).normal(size=(3, 16, 16, 1)).astype(np.float32)
        changed = images.copy()
        changed[1] += 1
        for critic in (
            nets.digit_critic(16, 4, norm=False),
            nets.resnet_critic(16, 4, channels=1),
            nets.small_critic(16, 4, channels=1, norm=nets.layer_norm),
        ):
            before, after = critic(images, training=True).numpy(), critic(changed, training=True).numpy()
            self.assertAllClose(before[[0, 2]], after[[0, 2]], rtol=1e-6)
            self.assertNotAllClose(before[1], after[1], rtol=1e-3)


class InitialValuesTest(tf.test.TestCase):
    def std(self, shape, **named):
        values = nets.FanUniform(**named, seed=0)(shape)
        self.assertAllClose(np.abs(values).max(), np.sqrt(3) * np.std(values), rtol=0.02)
        return float(np.std(values))

    def test_standard_deviations_by_hand(self):
        convolution, deconvolution = (5, 5, 32, 64), (5, 5, 64, 32)  # both from 32 maps to 64
        self.assertAllClose(self.std(convolution, stride=2), np.sqrt(4 / (32 * 25 + 64 * 25 / 4)), rtol=0.01)
        self.assertAllClose(self.std(deconvolution, stride=2), np.sqrt(4 / (32 * 25 / 4 + 64 * 25)), rtol=0.01)
        self.assertAllClose(self.std((3, 3, 32, 64), gain=nets.GLOROT), np.sqrt(2 / (9 * 96)), rtol=0.01)

    def test_without_a_stride_it_is_kerass_variance_scaling(self):
        theirs = keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform", seed=1)((3, 3, 64, 128))
        self.assertAllClose(self.std((3, 3, 64, 128)), np.std(theirs), rtol=0.01)

    def test_networks_are_drawn_again_by_place(self):
        from repro.training import initialise

        network = nets.small_critic(16, 4)
        initialise(network, 3, "critic")
        first = [weight.numpy() for weight in network.weights]
        initialise(network, 3, "critic")
        for before, after in zip(first, network.weights, strict=True):
            self.assertAllEqual(before, after)


class RewritesTest(tf.test.TestCase):
    def test_layer_norm_by_hand_with_a_scale_per_channel(self):
        x = np.random.default_rng(0).normal(2, 3, size=(4, 5, 5, 6)).astype(np.float32)
        norm = nets.layer_norm()
        found = norm(x).numpy()
        mean, var = x.mean(axis=(1, 2, 3), keepdims=True), x.var(axis=(1, 2, 3), keepdims=True)
        self.assertAllClose(found, (x - mean) / np.sqrt(var + 1e-5), atol=2e-5)
        self.assertEqual([tuple(weight.shape) for weight in norm.weights], [(6,), (6,)])

    def test_one_by_one_convolutions_change_places_with_pooling_and_repetition(self):
        x = tf.constant(np.random.default_rng(0).normal(size=(2, 8, 8, 3)), tf.float32)
        conv = nets.convolution(5, 1)
        conv.build(x.shape)
        conv.bias.assign(np.arange(5.0))
        pool, repeat = layers.AveragePooling2D(2), layers.UpSampling2D(2)
        self.assertAllClose(pool(conv(x)), conv(pool(x)), atol=1e-5)
        self.assertAllClose(repeat(conv(x)), conv(repeat(x)), atol=1e-5)
