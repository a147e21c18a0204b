import keras
import numpy as np
import tensorflow as tf

from repro.optimizers import (
    ConstantThenLinear,
    CoupledAdam,
    DividedEachUpdate,
    KernelL2Adam,
    LinearDecay,
    MomentumByEpoch,
    ScheduledMomentum,
    TF1RMSprop,
)
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

    def test_a_small_constant_gradient_moves_298_times_less_than_with_keras_at_first(self):
        """At the rate of figure 3 and a gradient of 0.01: places after 1, 5 and 50 steps."""

        def places(optimizer, gradient, steps=50):
            weight, found = keras.Variable([0.0]), []
            for _ in range(steps):
                optimizer.apply([tf.constant([gradient])], [weight])
                found.append(float(weight.numpy()[0]))
            return found

        ours, keras_own = (places(kind(5e-5), 0.01) for kind in (TF1RMSprop, keras.optimizers.RMSprop))
        expected = [-5.2704334866e-7, -2.93610810600871e-6, -1.255264230793999e-4]
        self.assertAllClose([ours[at] for at in (0, 4, 49)], expected, rtol=1e-4, atol=0)
        expected = [-1.5732919388e-4, -5.307833607618355e-4, -2.9529932338246377e-3]
        self.assertAllClose([keras_own[at] for at in (0, 4, 49)], expected, rtol=1e-4, atol=0)
        self.assertAllClose(places(TF1RMSprop(5e-5), 1.0, 1), [-5e-5], rtol=1e-5)
        self.assertAllClose(places(keras.optimizers.RMSprop(5e-5), 1.0, 1), [-1.5811e-4], rtol=1e-4)

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


class CoupledAdamTest(tf.test.TestCase):
    def test_several_steps_against_the_formula(self):
        start, l2 = np.array([1.0, -2.0, 0.5]), 0.1
        variable = keras.Variable(start.astype(np.float32))
        optimizer = CoupledAdam(0.01, 0.5, l2=l2)
        optimizer.build([variable])
        w, m, v = start.copy(), 0.0, 0.0
        for t in range(1, 6):
            g = np.array([0.3, -0.1, 0.0]) * t
            optimizer.apply([tf.constant(g, tf.float32)], [variable])
            g = g + l2 * w
            m, v = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g**2
            w = w - 0.01 * (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            self.assertAllClose(variable.value, w, atol=1e-6)

    def test_a_lonely_l2_gradient_moves_by_nearly_the_rate(self):
        # Epsilon is outside the corrected root: 1e-5 / (1e-5 + 1e-8) = 0.999; Keras' own form moves by 0.969.
        for optimizer, expected in (
            (CoupledAdam(2e-4, 0.5, l2=1e-5), 0.999),
            (keras.optimizers.Adam(2e-4, 0.5, epsilon=1e-8), 0.969),
        ):
            variable = keras.Variable(np.float32(1))
            optimizer.build([variable])
            alone = 0.0 if isinstance(optimizer, CoupledAdam) else 1e-5
            optimizer.apply([tf.constant(alone)], [variable])
            self.assertNear((1 - float(variable.value)) / 2e-4, expected, 2e-3)


class ConstantThenLinearTest(tf.test.TestCase):
    def test_rates_of_the_released_mnist_script(self):
        # 391 mini-batches a pass; G moves on the even ones, D on the odd ones.
        for offset in (0, 1):
            rate = ConstantThenLinear(2e-4, 100, 100, 391, every=2, offset=offset)
            for number, expected in ((1, 2e-4), (101, 2e-4), (102, 1.98e-4), (151, 1e-4), (200, 2e-6)):
                first = -(-((number - 1) * 391 - offset) // 2)  # its first update in that pass
                last = (number * 391 - 1 - offset) // 2
                self.assertAllClose([rate(first), rate(last)], [expected] * 2, rtol=1e-4)
            self.assertEqual(float(rate(10**6)), 0)

    def test_it_can_be_saved(self):
        rate = ConstantThenLinear(0.1, 2, 3, 4, every=2, offset=1)
        self.assertEqual(ConstantThenLinear.from_config(rate.get_config()).get_config(), rate.get_config())


class KernelL2AdamTest(tf.test.TestCase):
    def test_it_is_adam_on_the_loss_with_half_the_squares_of_kernels(self):
        given = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
        start = np.array([[0.5, -1.0, 2.0], [0.0, 0.3, -0.2]], np.float32)
        kernel, bias, theirs, plain = (keras.Variable(value) for value in (start, start[0], start, start[0]))
        ours, adam = KernelL2Adam(0.01, l2=0.1, beta_1=0.5), keras.optimizers.Adam(0.01, beta_1=0.5)
        for gradient in given:
            ours.apply([tf.constant(gradient), tf.constant(gradient[0])], [kernel, bias])
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(gradient * theirs.value) + 0.1 * tf.nn.l2_loss(theirs.value)
            adam.apply([tape.gradient(loss, theirs.value), tf.constant(gradient[0])], [theirs, plain])
        self.assertAllClose(kernel.numpy(), theirs.numpy(), rtol=1e-6)
        self.assertAllEqual(bias.numpy(), plain.numpy())
        self.assertNotAllClose(kernel.numpy()[0], bias.numpy())

    def test_without_decay_it_is_adam(self):
        weights = [keras.Variable(np.ones((2, 2), np.float32)) for _ in range(2)]
        for optimizer, weight in zip((KernelL2Adam(0.01), keras.optimizers.Adam(0.01)), weights, strict=True):
            optimizer.apply([tf.constant([[1.0, -2.0], [0.5, 0.0]])], [weight])
        self.assertAllEqual(weights[0].numpy(), weights[1].numpy())

    def test_it_is_made_again_from_its_config(self):
        made = KernelL2Adam.from_config(KernelL2Adam(0.01, l2=0.3, beta_2=0.9).get_config())
        self.assertAllClose([made.l2, made.beta_2, float(made.learning_rate)], [0.3, 0.9, 0.01])
