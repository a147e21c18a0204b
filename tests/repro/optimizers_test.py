import keras
import numpy as np
import tensorflow as tf

from repro.optimizers import TF1RMSprop
from tests import toys


def peer_steps(rate, gradients):
    """What TensorFlow 1's own optimizer makes of a weight that starts at zero."""
    tf1 = tf.compat.v1
    with tf.Graph().as_default(), tf1.Session() as session:
        weight = tf1.get_variable("weight", initializer=tf.zeros(2))
        given = tf1.placeholder(tf.float32, (2,))
        step = tf1.train.RMSPropOptimizer(rate).apply_gradients([(given, weight)])
        session.run(tf1.global_variables_initializer())
        found = []
        for gradient in gradients:
            session.run(step, {given: gradient})
            found.append(session.run(weight))
    return np.array(found)


class TF1RMSpropTest(tf.test.TestCase):
    def test_the_first_step_is_short(self):
        weight = keras.Variable([1.0])
        TF1RMSprop(2e-4).apply([tf.constant([0.3])], [weight])
        # m = 0.9 + 0.1 * 0.09 = 0.909; 2e-4 * 0.3 / sqrt(0.909) = 6.293168e-5
        self.assertAllClose(1 - weight.numpy(), [6.293168e-5], rtol=1e-3)

    def test_steps_equal_those_of_tensorflow_1(self):
        gradients = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
        weight, optimizer = keras.Variable(np.zeros(2, np.float32)), TF1RMSprop(0.01)
        found = []
        for gradient in gradients:
            optimizer.apply([tf.constant(gradient)], [weight])
            found.append(weight.numpy())
        self.assertAllClose(np.array(found), peer_steps(0.01, gradients), rtol=1e-5, atol=1e-7)

    def test_its_slots_are_part_of_the_state(self):
        model = toys.Alternating(toys.generator(), toys.discriminator(), toys.Normal(3), toys.Quadratic())
        model.compile(d_optimizer=TF1RMSprop(0.01), g_optimizer=TF1RMSprop(0.01))
        before = toys.copies(model.state())
        self.assertTrue(any((array == 1).all() for name, array in before.items() if name.startswith("generator opt")))
        model.fit(toys.points(), batch_size=32, shuffle=False, verbose=0)
        after = toys.copies(model.state())
        self.assertNotAllClose(after["generator optimizer/0002"], before["generator optimizer/0002"])
        model.restore(before)
        self.assertAllEqual(model.state()["generator optimizer/0002"], before["generator optimizer/0002"])

    def test_it_is_made_again_from_its_config(self):
        made = TF1RMSprop.from_config(TF1RMSprop(0.01, decay=0.8, epsilon=1e-3).get_config())
        self.assertAllClose([made.decay, made.epsilon, float(made.learning_rate)], [0.8, 1e-3, 0.01])
