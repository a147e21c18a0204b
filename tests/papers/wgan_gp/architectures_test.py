"""The set of architectures and its order; the networks' counts, layers and values; every corner trains a step."""

import itertools
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl.testing import parameterized

from papers.wgan_gp import study, study_networks
from papers.wgan_gp.architectures import DEPTHS, NONLINEARITIES, Architecture, Grid
from papers.wgan_gp.image_networks import layer_norm
from papers.wgan_gp.table1_grid import QUICK
from repro.training import Normal


class GridTest(tf.test.TestCase):
    def test_the_published_set_has_9216_architectures(self):
        self.assertEqual(Grid().size, 4**4 * 2**2 * 3**2)

    def test_the_order_has_every_architecture_once(self):
        few = Grid(NONLINEARITIES[:2], ("tanh",), (4, 8), (20,), norm_g=(True,), filters_g=(32,))
        found = {few.drawn(number) for number in range(few.size)}
        self.assertLen(found, 2 * 2 * 2 * 3)
        expected = itertools.product(*few.options.values())
        self.assertEqual(found, {Architecture(*options) for options in expected})

    def test_each_option_is_drawn_about_evenly(self):
        drawn = [Grid().drawn(number) for number in range(200)]
        self.assertLen(set(drawn), 200)
        for name, values in Grid().options.items():
            counts = [sum(getattr(each, name) == value for each in drawn) for value in values]
            # three standard deviations of a binomial count
            share = 1 / len(values)
            self.assertAllClose(
                counts, [200 * share] * len(values), atol=3 * np.sqrt(200 * share * (1 - share)), rtol=0
            )

    def test_smaller_sets_differ_in_filters_only(self):
        for number in range(20):
            published, ours = Grid().drawn(number), QUICK.drawn(number)
            self.assertEqual((ours.filters_g * 8, ours.filters_d * 8), (published.filters_g, published.filters_d))
            self.assertEqual((ours.depth_g, ours.norm_d), (published.depth_g, published.norm_d))

    def test_a_number_beyond_the_set_is_refused(self):
        with pytest.raises(ValueError, match="Received: 9216"):
            Grid().drawn(9216)


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


class NetworksTest(tf.test.TestCase, parameterized.TestCase):
    # By hand, at 32x32 with 3 channels: kernels, biases, and 2 numbers a channel for norm.
    @parameterized.parameters(
        (Architecture(), 1_558_275, 1_034_113),
        (Architecture("relu", "relu", 20, 20, False, False, 32, 32), 1_113_539, 851_521),
        (Architecture(depth_g=8, depth_d=8, filters_g=128, filters_d=128), 7_526_915, 6_478_593),
    )  # fmt: skip
    def test_weights_are_counted_by_hand(self, architecture, of_generator, of_critic):
        self.assertEqual(trainable(study_networks.study_generator(architecture)), of_generator)
        self.assertEqual(trainable(study_networks.study_critic(architecture)), of_critic)
        self.assertEqual(trainable(study_networks.study_critic(architecture, norm=layer_norm)), of_critic)

    @parameterized.parameters(*DEPTHS)
    def test_depth_counts_layers_with_kernels(self, depth):
        architecture = Architecture(depth_g=depth, depth_d=depth, filters_g=2, filters_d=2)
        for network in (
            study_networks.study_generator(architecture, 16, channels=1),
            study_networks.study_critic(architecture, 16, channels=1),
        ):
            self.assertLen([layer for layer in network.layers if hasattr(layer, "kernel")], depth)
            shapes = network.input_shape, network.output_shape
            self.assertIn((None, 16, 16, 1), shapes)

    def test_the_last_layer_of_g_and_the_first_of_d_have_no_norm(self):
        G = study_networks.study_generator(Architecture(filters_g=2), 16)
        D = study_networks.study_critic(Architecture(filters_d=2), 16, norm=layer_norm)
        norms = (keras.layers.BatchNormalization, keras.layers.GroupNormalization)
        self.assertEqual([int(isinstance(layer, norms)) for layer in G.layers if layer.weights], [0, 1, 0, 1, 0, 1, 0])
        self.assertEqual([int(isinstance(layer, norms)) for layer in D.layers if layer.weights], [0, 0, 1, 0, 1, 0])

    def test_nonlinearities_at_three_points(self):
        x = tf.constant([-1.0, 0.0, 1.0])
        expected = {
            "relu": [0, 0, 1],
            "leaky_relu": [-0.2, 0, 1],
            "smooth": [-0.65342641, 0.06346401, 1.00907496],
            "tanh": [-0.76159416, 0, 0.76159416],
        }
        for name in NONLINEARITIES:
            self.assertAllClose(study_networks.nonlinearity(name)(x), expected[name], rtol=1e-6)


# nonlinearities, depths, norm in G and D, filters of both
CORNERS = {
    "smallest": (study.GAN, Architecture("relu", "relu", 4, 4, False, False, 1, 1)),
    "deepest": (study.PENALTY, Architecture("leaky_relu", "leaky_relu", 20, 20, True, True, 1, 1)),
    "deepest, plain": (study.ONE_SIDED, Architecture("smooth", "smooth", 20, 20, False, False, 2, 2)),
    "deepest, batch norm": (study.GAN, Architecture("tanh", "tanh", 20, 20, True, True, 2, 2)),
    "shallow against deep": (study.PENALTY, Architecture("smooth", "tanh", 4, 20, True, False, 1, 2)),
    "deep against shallow": (study.ONE_SIDED, Architecture("tanh", "smooth", 20, 4, False, True, 2, 1)),
}


class CornersTest(tf.test.TestCase, parameterized.TestCase):
    @parameterized.named_parameters(*((name, *corner) for name, corner in CORNERS.items()))
    def test_a_step_moves_both_networks_and_leaves_finite_weights(self, method, architecture):
        settings = study.Training(side=8, method=replace(method, critic_steps=1), architecture=architecture)
        gan = study.compiled(settings, 1, Normal(128), 0)
        before = {name: [weight.numpy() for weight in net.weights] for name, net in gan.networks.items()}
        gan.train_step(tf.random.stateless_uniform((1, 4, 8, 8, 1), [0, 0], -1, 1))
        self.assertTrue(gan.is_finite())
        for name, network in gan.networks.items():
            moved = [np.abs(new.numpy() - old).max() for new, old in zip(network.weights, before[name], strict=True)]
            self.assertGreater(max(moved), 0, name)
