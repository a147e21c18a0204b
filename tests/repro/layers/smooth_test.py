"""The smooth activation at points worked out by hand, its slopes, and its way through a stored network."""

import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf

from repro.layers.smooth import smooth


class SmoothTest(tf.test.TestCase):
    def test_values_and_slopes(self):
        x = tf.constant([-1.0, 0.0, 1.0])
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = smooth(x)
            slope = inner.gradient(y, x)
        # The slope is the logistic function of 2x + 2; its own is twice that times one minus that.
        expected = 1 / (1 + np.exp([0.0, -2.0, -4.0]))
        self.assertAllClose(y, [-0.65342641, 0.06346401, 1.00907496], rtol=1e-6)
        self.assertAllClose(slope, expected, rtol=1e-6)
        self.assertAllClose(outer.gradient(slope, x), 2 * expected * (1 - expected), rtol=1e-5)

    def test_far_from_zero(self):
        self.assertAllClose(smooth(tf.constant([-60.0, 60.0])), [-1.0, 60.0])

    def test_a_stored_network_holds_it(self):
        network = keras.Sequential([keras.Input((2,)), keras.layers.Activation(smooth)])
        path = pathlib.Path(tempfile.mkdtemp()) / "network.keras"
        network.save(path)
        loaded = keras.models.load_model(path, compile=False, safe_mode=True)
        points = np.array([[-1.0, 2.0]], np.float32)
        self.assertAllEqual(loaded(points), network(points))
