import numpy as np
import tensorflow as tf

from repro.layers.ceil_pooling import CeilMaxPooling2D


def by_hand(x, pool, strides):
    """Windows from the top left, cut off at the edge."""
    outputs = [-(-(side - pool) // strides) + 1 for side in x.shape[1:3]]
    out = np.empty((len(x), *outputs, x.shape[3]), x.dtype)
    for i in range(outputs[0]):
        for j in range(outputs[1]):
            window = x[:, i * strides : i * strides + pool, j * strides : j * strides + pool]
            out[:, i, j] = window.max(axis=(1, 2))
    return out


class CeilPoolingTest(tf.test.TestCase):
    def test_the_last_window_may_hang_over_the_edge(self):
        for side, pool, expected in ((33, 4, 16), (15, 4, 7), (9, 2, 5), (4, 2, 2)):
            x = np.random.default_rng(side).normal(size=(2, side, side, 3)).astype(np.float32) - 10
            found = CeilMaxPooling2D(pool, 2)(x)
            self.assertEqual(found.shape, (2, expected, expected, 3))
            self.assertAllEqual(found, by_hand(x, pool, 2))
            self.assertEqual(CeilMaxPooling2D(pool, 2).compute_output_shape(x.shape), found.shape)
