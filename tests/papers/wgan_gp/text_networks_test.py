"""Layer lists, counts, initial values and blocks of the networks for lines of text."""

import numpy as np
import tensorflow as tf

from papers.wgan_gp.text_networks import text_critic, text_generator
from repro.training import initialise


class TextNetworksTest(tf.test.TestCase):
    def test_weights_are_counted_as_released(self):
        generator, critic = text_generator(100), text_critic(100)
        self.assertEqual((generator.count_params(), critic.count_params()), (15_277_156, 13_180_417))
        self.assertEqual((15_225_856 + 513 * 100, 13_128_705 + 512 * 101), (15_277_156, 13_180_417))

    def test_shapes_and_layers(self):
        generator, critic = text_generator(7, 4, 2), text_critic(7, 4, 2)
        self.assertEqual((generator.input_shape, generator.output_shape), ((None, 128), (None, 32, 7)))
        self.assertEqual((critic.input_shape, critic.output_shape), ((None, 32, 7), (None, 1)))
        block = ["PiecewiseLinear", "Conv1D", "PiecewiseLinear", "Conv1D", "Rescaling", "Add"]
        for network, ends in (
            (generator, (["Dense", "Reshape"], ["Conv1D", "Softmax"])),
            (critic, (["Conv1D"], ["Flatten", "Dense"])),
        ):
            found = [type(layer).__name__ for layer in network.layers[1:]]
            self.assertEqual(found, [*ends[0], *block, *block, *ends[1]])

    def test_the_generator_gives_distributions(self):
        lines = text_generator(7, 4, 1)(np.random.default_rng(0).normal(size=(3, 128)).astype(np.float32)).numpy()
        self.assertAllClose(lines.sum(axis=-1), np.ones((3, 32)), rtol=1e-5)
        self.assertGreater(lines.min(), 0)

    def test_a_block_by_hand(self):
        """One channel, kernels that are zero but at the middle: x + 0.3 relu(2 relu(x) + 1) 3."""
        critic = text_critic(1, 1, 1, length=3)
        first, one, two, last = (layer for layer in critic.layers if layer.weights)
        first.set_weights([np.ones((1, 1, 1)), np.zeros(1)])
        for layer, factor, bias in ((one, 2.0, 1.0), (two, 3.0, 0.0)):
            kernel = np.zeros((5, 1, 1))
            kernel[2] = factor
            layer.set_weights([kernel, np.full(1, bias)])
        last.set_weights([np.array([[1.0], [10.0], [100.0]]), np.zeros(1)])
        x = np.array([1.0, -1.0, 2.0])
        expected = x + 0.3 * 3 * np.maximum(2 * np.maximum(x, 0) + 1, 0)
        found = critic(x.reshape(1, 3, 1).astype(np.float32))
        self.assertAllClose(found, [[expected @ [1, 10, 100]]], rtol=1e-5)

    def test_initial_values_are_the_released_ones(self):
        critic = text_critic(78, 64, 1)
        initialise(critic, 0, "critic")
        kernels = [weight.numpy() for weight in critic.weights if len(weight.shape) > 1]
        limits = (  # square root of 3 times 4, for the last layer 2, over the sum of the fans
            np.sqrt(12 / (78 + 64)), np.sqrt(12 / (5 * 128)), np.sqrt(12 / (5 * 128)), np.sqrt(6 / (32 * 64 + 1)),
        )  # fmt: skip
        for kernel, limit in zip(kernels, limits, strict=True):
            self.assertAllClose(np.abs(kernel).max(), limit, rtol=0.02)
            self.assertAllClose(np.std(kernel), limit / np.sqrt(3), rtol=0.04)
        self.assertEqual(max(float(np.abs(w).max()) for w in critic.weights if len(w.shape) == 1), 0)

    def test_the_critic_judges_each_line_alone(self):
        critic = text_critic(7, 4, 2)
        lines = np.random.default_rng(0).random((3, 32, 7)).astype(np.float32)
        changed = lines.copy()
        changed[1] += 1
        before, after = critic(lines).numpy(), critic(changed).numpy()
        self.assertAllClose(before[[0, 2]], after[[0, 2]], rtol=1e-5)
        self.assertNotAllClose(before[1], after[1], rtol=1e-3)
