import numpy as np
import tensorflow as tf

from repro.layers.gate import Gate


class GateTest(tf.test.TestCase):
    def test_by_hand(self):
        x = tf.constant([[0.0, 1.0, 2.0, -3.0]])
        sigmoid = 1 / (1 + np.exp(-2.0))
        self.assertAllClose(Gate()(x), [[0.5 * np.tanh(1.0), sigmoid * np.tanh(-3.0)]])

    def test_half_as_many_channels(self):
        self.assertEqual(Gate().compute_output_shape((None, 4, 4, 10)), (None, 4, 4, 5))
