"""The seven architectures of figure 2 and figure 4's ResNet: counts, shapes, initial values, single layers."""

from functools import cache

import numpy as np
import tensorflow as tf
from keras import layers

from papers.wgan_gp import scene_networks as nets
from papers.wgan_gp.image_networks import batch_norm, layer_norm
from papers.wgan_gp.scenes import ROWS

PUBLISHED = {
    "baseline": (5_364_739, 4_316_545),
    "constant": (444_291, 4_316_545),
    "perceptron": (7_157_760, 4_316_545),
    "bare": (5_362_819, 4_314_753),
    "gated": (10_724_675, 8_624_897),
    "tanh": (5_364_739, 4_316_545),
    "resnet101": (9_189_587, 7_618_801),
}


@cache
def small(row):
    """A row's pair at side 16 with layer norm, as the penalty has it."""
    return nets.networks_of(row, 16, 4, layer_norm)


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


def kernels(network):
    return [layer for layer in network.layers if hasattr(layer, "kernel")]


def changed_alone(critic, side):
    """Scores of three images before and after the second one changes."""
    images = np.random.default_rng(0).normal(size=(3, side, side, 3)).astype(np.float32)
    changed = images.copy()
    changed[1] = -changed[1]
    return critic(images, training=True).numpy(), critic(changed, training=True).numpy()


class CountsTest(tf.test.TestCase):
    def test_weights_of_figure_2_are_counted_as_published(self):
        self.assertEqual(list(PUBLISHED), list(ROWS))
        for row, counts in PUBLISHED.items():
            self.assertEqual(tuple(map(trainable, nets.networks_of(row))), counts, row)

    def test_weights_of_figure_4_are_counted_as_published(self):
        self.assertEqual(trainable(nets.bedroom_generator()), 8_544_515)
        self.assertEqual(trainable(nets.bedroom_critic()), 47_757_697)

    def test_the_deep_networks_have_101_layers_beside_four_shortcuts(self):
        for network in small("resnet101"):
            self.assertLen(kernels(network), 101 + 4)

    def test_layer_norm_in_place_of_batch_norm_changes_no_count(self):
        for row in ("baseline", "gated"):
            self.assertEqual(trainable(nets.networks_of(row, 16, 4)[1]), trainable(small(row)[1]), row)


class ShapesTest(tf.test.TestCase):
    def test_every_row_at_two_sizes(self):
        pairs = [(16, *small(row)) for row in ROWS]
        pairs += [(32, *nets.networks_of(row, 32, 4)) for row in ROWS if row != "resnet101"]
        for side, generator, critic in pairs:
            images = generator(np.ones((2, 128), np.float32), training=True)
            self.assertEqual(images.shape, (2, side, side, 3))
            self.assertAllInRange(images, -1.0, 1.0)
            self.assertEqual(critic(images, training=True).shape, (2, 1))

    def test_figure_4_keeps_its_base_maps_at_every_size(self):
        for side, blocks in ((128, 4), (64, 3), (32, 2)):
            generator, critic = nets.bedroom_generator(side, 1 / 64), nets.bedroom_critic(side, 1 / 64)
            self.assertEqual(generator.output_shape, (None, side, side, 3))
            self.assertLen(kernels(generator), 2 + 3 * blocks)
            self.assertLen(kernels(critic), 2 + 3 * (blocks - 1) + 2 * 2)
            maps = [layer for layer in critic.layers if isinstance(layer, layers.GlobalAveragePooling2D)]
            self.assertEqual(maps[0].input.shape, (None, 8, 8, 16))

    def test_which_rows_normalise(self):
        found = {}
        for row in ROWS:
            pair = small(row)
            kinds = (layers.BatchNormalization, layers.GroupNormalization)
            found[row] = tuple(
                sum(isinstance(layer, kind) for layer in network.layers)
                for network, kind in zip(pair, kinds, strict=True)
            )
        normed, half, none = (4, 3), (0, 3), (0, 0)
        expected = dict(baseline=normed, constant=half, perceptron=half, bare=none, gated=normed, tanh=normed)
        self.assertEqual(found, {**expected, "resnet101": (33, 33)})

    def test_tanh_replaces_every_other_nonlinearity(self):
        for network in small("tanh"):
            self.assertFalse([layer for layer in network.layers if "relu" in layer.name or "piecewise" in layer.name])
            self.assertLen([layer for layer in network.layers if isinstance(layer, layers.Activation)], 4)


class PenaltyTest(tf.test.TestCase):
    def test_critics_with_layer_norm_judge_each_sample_alone(self):
        critics = {row: small(row)[1] for row in ROWS}
        for name, critic in {**critics, "figure 4": nets.bedroom_critic(16, 1 / 64)}.items():
            before, after = changed_alone(critic, 16)
            self.assertAllClose(before[[0, 2]], after[[0, 2]], rtol=1e-4, atol=1e-9, msg=name)
            self.assertNotAllClose(before[1], after[1], rtol=1e-2, atol=0, msg=name)

    def test_batch_norm_makes_them_depend_on_each_other(self):
        before, after = changed_alone(nets.networks_of("baseline", 16, 4)[1], 16)
        self.assertGreater(np.abs(before[[0, 2]] - after[[0, 2]]).max(), 1e-5)


class LayersTest(tf.test.TestCase):
    def test_depth_to_space_is_tensorflows(self):
        x = np.arange(2 * 3 * 2 * 12, dtype=np.float32).reshape(2, 3, 2, 12)
        symbolic = layers.Input((3, 2, 12))
        ours = nets.keras.Model(symbolic, nets._depth_to_space(symbolic))
        self.assertAllEqual(ours(x), tf.nn.depth_to_space(x, 2))

    def test_a_block_whose_kernels_are_zero_is_its_shortcut(self):
        symbolic = layers.Input((4, 4, 8))
        block = nets.keras.Model(symbolic, nets._bottleneck(symbolic, 8, batch_norm))
        for layer in kernels(block):
            layer.kernel.assign(tf.zeros_like(layer.kernel))
        x = np.random.default_rng(0).normal(size=(2, 4, 4, 8)).astype(np.float32)
        self.assertAllClose(block(x, training=True), x)

    def test_a_block_adds_three_tenths_of_what_its_norm_gives(self):
        """With batch statistics the norm's output has variance one, so the difference's deviation is 0.3."""
        symbolic = layers.Input((4, 4, 8))
        block = nets.keras.Model(symbolic, nets._bottleneck(symbolic, 8, batch_norm))
        x = np.random.default_rng(0).normal(size=(8, 4, 4, 8)).astype(np.float32)
        added = block(x, training=True).numpy() - x
        self.assertAllClose(added.std(axis=(0, 1, 2)), np.full(8, 0.3), rtol=1e-3)


class InitialValuesTest(tf.test.TestCase):
    def test_dcgans_networks_start_uniform_with_deviation_002(self):
        for network in nets.networks_of("baseline", 64, 16):
            for layer in kernels(network):
                values = np.array(layer.kernel)
                self.assertLessEqual(np.abs(values).max(), nets.LIMIT)
                self.assertAllClose(values.std(), 0.02, rtol=0.03)

    def test_kernels_after_an_enlargement_start_at_half(self):
        generator = nets.bedroom_generator(32, 1 / 4)
        _, first, second, shortcut, *_, last = kernels(generator)
        by_shape = {layer.kernel.shape[0]: layer for layer in (first, second, shortcut)}
        self.assertAllClose(np.std(by_shape[1].kernel), 0.5 * np.sqrt(2 / (128 + 128)), rtol=0.05)
        stds = sorted(float(np.std(layer.kernel)) for layer in (first, second, shortcut) if layer.kernel.shape[0] == 3)
        he = np.sqrt(4 / (9 * 256))
        self.assertAllClose(stds, [0.5 * he, he], rtol=0.05)
        self.assertAllClose(np.std(last.kernel), 0.5 * np.sqrt(2 / (25 * (64 + 3))), rtol=0.1)
