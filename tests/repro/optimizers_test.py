import keras
import numpy as np
import tensorflow as tf

from repro.optimizers import DividedEachUpdate, LinearDecay, MomentumByEpoch, ScheduledMomentum, TF1RMSprop
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


class ScheduledMomentumTest(tf.test.TestCase):
    def moved(self, optimizer, steps, gradient=1.0):
        weight = keras.Variable([0.0])
        return [optimizer.apply([tf.constant([gradient])], [weight]) or float(weight.numpy()[0]) for _ in range(steps)]

    def test_classical_momentum_by_hand(self):
        # v = -0.1, -0.15, -0.175
        found = self.moved(ScheduledMomentum(0.1, MomentumByEpoch(0.5, 0.5, 2, 1)), 3)
        self.assertAllClose(found, [-0.1, -0.25, -0.425])

    def test_steps_equal_those_of_keras_at_constant_momentum(self):
        gradients = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
        weights = [keras.Variable(np.zeros(3, np.float32)) for _ in range(2)]
        ours = ScheduledMomentum(0.05, MomentumByEpoch(0.6, 0.6, 2, 1))
        keras_own = keras.optimizers.SGD(0.05, momentum=0.6)
        for gradient in gradients:
            ours.apply([tf.constant(gradient)], weights[:1])
            keras_own.apply([tf.constant(gradient)], weights[1:])
        self.assertAllClose(weights[0], weights[1], rtol=1e-6)

    def test_momentum_and_rate_follow_their_schedules(self):
        optimizer = ScheduledMomentum(DividedEachUpdate(0.1, 2.0, 0.03), MomentumByEpoch(0.0, 1.0, 2, 2))
        # rates 0.1, 0.05, 0.03, 0.03; momentum 0, 0, 1, 1: v = -0.1, -0.05, -0.08, -0.11
        self.assertAllClose(self.moved(optimizer, 4), [-0.1, -0.15, -0.23, -0.34])

    def test_a_constraint_is_applied_after_the_step(self):
        weight = keras.Variable([[3.0], [4.0]])
        weight.constraint = keras.constraints.MaxNorm(1.9365, axis=0)
        ScheduledMomentum(0.0, MomentumByEpoch(0.5, 0.5, 2, 1)).apply([tf.constant([[1.0], [1.0]])], [weight])
        self.assertAllClose(weight, [[1.1619], [1.5492]], rtol=1e-5)

    def test_momentum_by_epoch_at_published_epochs(self):
        momentum = MomentumByEpoch(0.5, 0.7, 250, 500)
        for epoch, expected in (
            (1, 0.5),
            (2, 0.5008032129),
            (50, 0.5393574297),
            (125, 0.5995983936),
            (250, 0.7),
            (300, 0.7),
        ):
            last_update = tf.constant(epoch * 500 - 1, tf.int64)
            self.assertAllClose(momentum(last_update), expected, rtol=1e-6)
            self.assertAllClose(momentum(tf.constant((epoch - 1) * 500, tf.int64)), expected, rtol=1e-6)

    def test_the_rate_at_published_updates(self):
        rate = DividedEachUpdate(0.1, 1.000004, 1e-6)
        for update, expected in ((0, 0.1), (500, 0.0998002003), (25_000, 0.0904837599), (125_000, 0.0606531266)):
            self.assertAllClose(rate(tf.constant(update, tf.int64)), expected, rtol=1e-6)
        self.assertAllClose(rate(tf.constant(2_878_238, tf.int64)), 1e-6, rtol=1e-6)
        self.assertGreater(float(rate(tf.constant(2_870_000, tf.int64))), 1e-6)
        several = DividedEachUpdate(0.1, 1.000004, 1e-6, every=5)
        self.assertEqual(float(several(tf.constant(4, tf.int64))), float(rate(tf.constant(0, tf.int64))))
        self.assertEqual(float(several(tf.constant(2_500, tf.int64))), float(rate(tf.constant(500, tf.int64))))

    def test_a_linear_fall_to_zero_at_published_iterations(self):
        rate = LinearDecay(2e-4, 100_000)
        for finished, expected in ((0, 2e-4), (1, 1.99998e-4), (50_000, 1e-4), (99_999, 2e-9), (100_001, 0.0)):
            self.assertAllClose(rate(tf.constant(finished, tf.int64)), expected, rtol=1e-6, atol=0)
        five = LinearDecay(2e-4, 100_000, every=5)
        self.assertEqual(float(five(tf.constant(4, tf.int64))), float(rate(tf.constant(0, tf.int64))))
        self.assertEqual(float(five(tf.constant(250_004, tf.int64))), float(rate(tf.constant(50_000, tf.int64))))
