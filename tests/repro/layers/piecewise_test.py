import keras
import numpy as np
import tensorflow as tf

from repro.layers.piecewise import PiecewiseLinear


class PiecewiseLinearTest(tf.test.TestCase):
    def test_values_and_slopes_are_those_of_relu_and_leaky_relu(self):
        x = tf.constant([-2.0, -0.5, 0.0, 0.5, 2.0])
        for slope, theirs in ((0.0, tf.nn.relu), (0.2, lambda v: tf.nn.leaky_relu(v, 0.2))):
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                ours, other = PiecewiseLinear(slope)(x), theirs(x)
            self.assertAllEqual(ours, other)
            self.assertAllEqual(tape.gradient(ours, x), tape.gradient(other, x))

    def test_the_gradient_of_an_input_gradient_is_that_of_leaky_relu(self):
        """What a gradient penalty differentiates, through two layers."""
        random = np.random.default_rng(0)
        x, a, b = (tf.constant(random.normal(size=shape), tf.float32) for shape in ((6, 3), (3, 5), (5, 1)))

        def of_weights(activation):
            with tf.GradientTape() as outer:
                outer.watch([a, b])
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    y = activation(x @ a) @ b
                value = tf.reduce_sum(inner.gradient(y, x) ** 3)
            return outer.gradient(value, [a, b])

        for slope in (0.0, 0.2):
            ours = of_weights(PiecewiseLinear(slope))
            theirs = of_weights(lambda v, s=slope: tf.nn.leaky_relu(v, s))
            for one, other in zip(ours, theirs, strict=True):
                self.assertAllClose(one, other, rtol=1e-5)

    def test_it_is_saved_with_its_slope(self):
        layer = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(PiecewiseLinear(0.2)))
        self.assertEqual(layer.slope, 0.2)
