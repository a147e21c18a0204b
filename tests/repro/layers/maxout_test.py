import os

import keras
import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from repro.layers.maxout import ChannelMaxout, Maxout, SparseNormal, largest_of_adjacent


class MaxoutTest(tf.test.TestCase):
    def test_pieces_are_adjacent_and_negative_values_stay(self):
        found = largest_of_adjacent(
            tf.constant([[1.0, 2, 3, -7, 5, 6, 7, 8, 9, 10], [-5.0] * 4 + [-4] + [-9.0] * 5]), 5
        )
        self.assertAllEqual(found, [[5, 10], [-4, -9]])

    def test_a_unit_is_the_largest_of_its_affine_pieces(self):
        layer = Maxout(2, 3)
        x = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
        layer.build((None, 5))
        layer.bias.assign(np.arange(6.0))
        kernel = layer.kernel.numpy()
        pieces = np.einsum("ni,ij->nj", x, kernel) + np.arange(6.0)
        expected = np.stack([pieces[:, :3].max(axis=1), pieces[:, 3:].max(axis=1)], axis=1)
        self.assertAllClose(layer(x), expected)
        self.assertEqual(layer.count_params(), 36)

    def test_the_gradient_goes_to_the_largest_piece_alone(self):
        x = tf.Variable([[1.0, 3.0, 2.0]])
        with tf.GradientTape() as tape:
            y = largest_of_adjacent(x * 1.0, 3)
        self.assertAllEqual(tape.gradient(y, x), [[0, 1, 0]])

    def test_over_channels(self):
        x = tf.reshape(tf.range(16.0), (1, 2, 2, 4))
        self.assertAllEqual(ChannelMaxout(2)(x)[0, 0, 0], [1, 3])
        self.assertEqual(ChannelMaxout(2)(x).shape, (1, 2, 2, 2))

    def test_a_network_of_them_is_saved_and_loaded(self):
        network = keras.Sequential([keras.Input((4,)), Maxout(3, 2, kernel_constraint=keras.constraints.MaxNorm(1, 0))])
        path = os.path.join(self.get_temp_dir(), "network.keras")
        network.save(path)
        loaded = keras.models.load_model(path, safe_mode=True)
        x = np.ones((2, 4), np.float32)
        self.assertAllEqual(network(x), loaded(x))
        self.assertEqual(loaded.layers[0].kernel_constraint.max_value, 1)

    @given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 1000))
    def test_sparse_columns_have_exactly_so_many_weights(self, inputs, outputs, seed):
        nonzero = max(1, inputs // 2)
        kernel = SparseNormal(nonzero, seed=seed)((inputs, outputs)).numpy()
        self.assertAllEqual((kernel != 0).sum(axis=0), [nonzero] * outputs)
        self.assertAllEqual(kernel, SparseNormal(nonzero, seed=seed)((inputs, outputs)).numpy())

    def test_sparse_values_are_standard_normal(self):
        kernel = SparseNormal(50, seed=1)((400, 200)).numpy()
        values = kernel[kernel != 0]
        self.assertLess(abs(values.mean()), 0.03)
        self.assertLess(abs(values.std() - 1), 0.03)
        self.assertNotAllEqual(kernel, SparseNormal(50, seed=2)((400, 200)).numpy())
