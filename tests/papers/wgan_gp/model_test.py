"""The penalty against numbers worked out by hand, and Algorithm 1 against the weights it leaves."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.wgan_gp.model import (
    WGAN,
    WGANGP,
    Clipping,
    GradientPenalty,
    critic_gap,
    gradient_penalty,
    input_gradient_norms,
)
from repro.layers.piecewise import PiecewiseLinear
from repro.optimizers import LinearDecay
from repro.training import Normal

REAL = tf.constant([[1.0, 0.0], [0.0, 2.0]], tf.float64)
FAKE = tf.constant([[-1.0, 1.0], [2.0, -2.0]], tf.float64)
EPSILON = tf.constant([[0.25], [0.75]], tf.float64)


def linear(points, training):
    return points @ tf.constant([[3.0], [4.0]], tf.float64) + 7


class Quadratic:
    """D(x) = 1/2 x'Ax."""

    def __init__(self, scale=1.0):
        self.A = tf.Variable(tf.constant([[2.0, 1.0], [1.0, 3.0]], tf.float64) * scale)

    def __call__(self, points, training):
        return 0.5 * tf.reduce_sum(points * (points @ self.A), axis=1, keepdims=True)


class Tanh:
    """Two tanh-layer inputs, three hidden units, one output."""

    def __init__(self):
        self.W1 = tf.Variable([[0.5, -1, 0.25], [1.5, 0.75, -0.5]], dtype=tf.float64)
        self.b1 = tf.Variable([0.1, -0.2, 0.3], dtype=tf.float64)
        self.W2 = tf.Variable([[1.0], [-2.0], [0.5]], dtype=tf.float64)
        self.b2 = tf.Variable([0.05], dtype=tf.float64)

    def __call__(self, points, training):
        return tf.tanh(points @ self.W1 + self.b1) @ self.W2 + self.b2


class PenaltyTest(tf.test.TestCase):
    def test_a_linear_critic_of_slope_five(self):
        for epsilon in (EPSILON, 1 - EPSILON):
            self.assertAllClose(gradient_penalty(linear, REAL, FAKE, epsilon), 16.0, rtol=1e-14)
            self.assertAllClose(gradient_penalty(linear, REAL, FAKE, epsilon, one_sided=True), 16.0, rtol=1e-14)

    def test_its_gradient_by_the_weights(self):
        w = tf.Variable([[3.0], [4.0]], dtype=tf.float64)
        with tf.GradientTape() as tape:
            value = 10 * gradient_penalty(lambda p, training: p @ w, REAL, FAKE, EPSILON)
        self.assertAllClose(tape.gradient(value, w)[:, 0], [48.0, 64.0], rtol=1e-14)

    def test_the_best_weight_in_one_dimension_is_above_one(self):
        """w* = 1 + difference of means / (2 lambda): the gap exceeds the distance, 2, at 0.1 eleven times."""
        real, fake = tf.fill([4, 1], tf.constant(2.0, tf.float64)), tf.zeros([4, 1], tf.float64)
        epsilon = tf.fill([4, 1], tf.constant(0.5, tf.float64))
        for weight, best, gap, negative_loss in ((10.0, 1.1, 2.2, 2.1), (0.1, 11.0, 22.0, 12.0)):
            w = tf.Variable([[best]], dtype=tf.float64)
            critic = lambda p, training, w=w: p @ w  # noqa: E731
            with tf.GradientTape() as tape:
                loss = GradientPenalty(weight).loss(critic, real, fake, epsilon)
            self.assertAllClose(tape.gradient(loss, w), [[0.0]], atol=1e-12)
            self.assertAllClose(critic_gap(critic, real, fake), gap, rtol=1e-12)
            self.assertAllClose(-loss, negative_loss, rtol=1e-12)

    def test_points_lie_on_the_segments_between_paired_samples(self):
        """Per sample, x - fake is parallel to real - fake: with an epsilon for every element it is not."""

        def bends(epsilon):
            seen = []
            gradient_penalty(lambda p, training: seen.append(p) or tf.square(p), REAL, FAKE, epsilon)
            along, whole = seen[0] - FAKE, REAL - FAKE
            return along[:, 0] * whole[:, 1] - along[:, 1] * whole[:, 0]

        self.assertAllClose(bends(EPSILON), [0.0, 0.0], atol=1e-14)
        elementwise = tf.constant([[0.25, 0.75], [0.75, 0.25]], tf.float64)
        self.assertAllClose(bends(elementwise), [1.0, -4.0], rtol=1e-14)

    def test_a_quadratic_critic_and_the_usual_mistakes(self):
        critic = Quadratic()
        points = EPSILON * REAL + (1 - EPSILON) * FAKE
        self.assertAllClose(points, [[-0.5, 0.75], [0.5, 1.0]], rtol=1e-15)
        self.assertAllClose(input_gradient_norms(critic, points), [1.7677669530, 4.0311288741], rtol=1e-10)
        with tf.GradientTape() as tape:
            value = gradient_penalty(critic, REAL, FAKE, EPSILON)
        self.assertAllClose(value, 4.888604172884356, rtol=1e-14)
        expected = [[0.8062198527, 1.1791401273], [1.1791401273, 3.2017947376]]
        self.assertAllClose(tape.gradient(value, critic.A), expected, rtol=1e-9)
        loss = GradientPenalty().loss(critic, REAL, FAKE, EPSILON)
        self.assertAllClose(loss, 49.13604172884356, rtol=1e-14)
        swapped = gradient_penalty(critic, REAL, FAKE, 1 - EPSILON)  # epsilon weighing the fake sample
        self.assertAllClose(swapped, 1.4197330470, rtol=1e-9)
        slopes = (points @ critic.A).numpy()  # what one gets from norms over other axes, and of a mean over samples
        for norms, wrong in (
            (np.linalg.norm(slopes, axis=0), 4.7588166023),
            (np.linalg.norm(slopes), 11.5715915692),
            (np.linalg.norm(slopes / 2, axis=1), 0.5224270864),
        ):
            self.assertAllClose(np.mean((norms - 1) ** 2), wrong, rtol=1e-9)
            self.assertNotAllClose(value, wrong, rtol=0.01)

    def test_one_sided_leaves_small_slopes_alone(self):
        critic = Quadratic(0.1)
        self.assertAllClose(gradient_penalty(critic, REAL, FAKE, EPSILON, one_sided=True), 0.0)
        self.assertAllClose(gradient_penalty(critic, REAL, FAKE, EPSILON), 0.5169854173, rtol=1e-9)

    def test_loss_and_its_gradient_through_a_tanh_network(self):
        critic = Tanh()
        with tf.GradientTape() as tape:
            loss = GradientPenalty().loss(critic, REAL, FAKE, EPSILON)
        self.assertAllClose(loss, 14.640169531509455, rtol=1e-13)
        W1, b1, W2, b2 = tape.gradient(loss, [critic.W1, critic.b1, critic.W2, critic.b2])
        expected = [[3.4539863661, -29.5089760893, 8.5149149154], [-0.0375804683, 12.21169116, -4.8327567984]]
        self.assertAllClose(W1, expected, rtol=1e-8)
        self.assertAllClose(b1, [1.0706414052, -10.6373894667, 0.8011819762], rtol=1e-9)
        self.assertAllClose(W2[:, 0], [-1.4392864576, -23.6348497044, 10.1700847647], rtol=1e-9)
        self.assertAllClose(b2, [0.0], atol=1e-14)

    def test_that_gradient_against_a_central_difference(self):
        def shifted(by):
            critic = Tanh()
            critic.W1.assign_add([[by, 0, 0], [0, 0, 0]])
            return GradientPenalty().loss(critic, REAL, FAKE, EPSILON)

        step = 1e-5
        self.assertAllClose((shifted(step) - shifted(-step)) / (2 * step), 3.4539863661, rtol=1e-7)

    def test_the_norm_is_over_all_axes_of_an_image(self):
        images = tf.zeros([3, 2, 2, 1], tf.float64)
        slope = tf.constant([1.0, 2.0, 2.0, 4.0], tf.float64)
        critic = lambda x, training: tf.reshape(x, [3, 4]) @ slope[:, None]  # noqa: E731
        self.assertAllClose(input_gradient_norms(critic, images), [5.0] * 3, rtol=1e-14)
        epsilon = tf.constant([0.1, 0.5, 0.9], tf.float64)[:, None, None, None]
        self.assertAllClose(gradient_penalty(critic, images, images + 1, epsilon), 16.0, rtol=1e-14)

    def test_batch_norm_hides_a_samples_own_slope(self):
        """Why the critic must not have it: the gradient of the sum is 0, or another than the sample's own."""

        def normalised(points):
            mean, variance = tf.nn.moments(points, axes=[0])
            return 3 * (points - mean) / tf.sqrt(variance)

        plain, kinked = (tf.constant(x, tf.float64)[:, None] for x in ([1, 2, 4, 9], [1, 2, 3, 9]))
        norms = input_gradient_norms(lambda p, training: normalised(p), plain)
        self.assertAllClose(norms, [0.0] * 4, atol=1e-15)
        norms = input_gradient_norms(lambda p, training: tf.nn.relu(normalised(p)), kinked)
        self.assertAllClose(norms, [0.11815097, 0.01243694, 0.14302486, 0.03731083], atol=1e-8)

    def test_a_gradient_that_is_no_number_stays_none(self):
        points = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        broken = lambda p, training: p * tf.constant([[np.nan, 1.0], [0.0, 0.0]], tf.float32)  # noqa: E731
        norms = input_gradient_norms(broken, points)
        self.assertAllEqual(np.isnan(norms), [True, False])
        self.assertEqual(float(norms[1]), 0.0)

    def test_a_flat_critic_has_penalty_one_and_a_finite_gradient(self):
        w = tf.Variable([[0.0], [0.0]], dtype=tf.float64)
        with tf.GradientTape() as tape:
            value = gradient_penalty(lambda p, training: p @ w, REAL, FAKE, EPSILON)
        self.assertAllEqual(value, 1.0)
        self.assertAllEqual(tape.gradient(value, w), [[0.0], [0.0]])

    def test_a_shift_of_biases_that_turns_no_unit_leaves_the_penalty_alone(self):
        W, b, v = (
            tf.constant(x, tf.float64) for x in ([[1.0, -2, 0.5], [2, 1, -1]], [0.3, 0.2, 0.1], [[1.0], [2], [3]])
        )

        def penalty(shift):
            return gradient_penalty(lambda p, training: tf.nn.relu(p @ W + b + shift) @ v + shift, REAL, FAKE, EPSILON)

        self.assertAllEqual(penalty(0.05), penalty(0.0))
        self.assertNotAllClose(penalty(3.0), penalty(0.0), rtol=1e-3)  # this one turns some

    def test_relu_biases_get_no_gradient_from_the_penalty(self):
        critic = keras.Sequential([keras.Input((2,)), layers.Dense(8), PiecewiseLinear(), layers.Dense(1)])
        real, fake, epsilon = (tf.cast(x, tf.float32) for x in (REAL, FAKE, EPSILON))
        with tf.GradientTape() as tape:
            value = gradient_penalty(critic, real, fake, epsilon)
        for weight, gradient in zip(
            critic.weights, tape.gradient(value, [w.value for w in critic.weights]), strict=True
        ):
            if weight.name == "bias":
                self.assertTrue(gradient is None or not np.any(gradient))
            else:
                self.assertNotAllClose(gradient, tf.zeros_like(gradient))


def networks():
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(8), PiecewiseLinear(), layers.Dense(1)])
    return generator, critic


def compiled(kind=WGANGP, *others, rate=0.1, **named):
    model = kind(*networks(), Normal(3), *others, **named)
    model.compile(d_optimizer=keras.optimizers.SGD(rate), g_optimizer=keras.optimizers.SGD(rate))
    return model


def stack(steps=5, n=4):
    return np.random.default_rng(0).normal(size=(steps, n, 2)).astype(np.float32)


def copied(network):
    return [weight.value.numpy() for weight in network.trainable_weights]


class AlgorithmTest(tf.test.TestCase):
    def by_hand(self, model, reals, rate):
        """Algorithm 1 with plain gradient steps, naively."""
        model._in_step = True  # so that it gives the step's random numbers
        G, D = model.generator, model.critic
        for real, latents, epsilon in zip(reals, *model.noise(reals), strict=True):
            fake = G(latents)
            with tf.GradientTape() as tape:
                with tf.GradientTape() as inner:
                    x = epsilon * real + (1 - epsilon) * fake
                    inner.watch(x)
                    scores = D(x)
                norms = tf.norm(inner.gradient(scores, x), axis=1)
                loss = tf.reduce_mean(D(fake) - D(real) + 10 * tf.reshape((norms - 1) ** 2, [-1, 1]))
            self.descend(D, tape, loss, rate)
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(D(G(model.latents("generator", len(reals[0])))))
        self.descend(G, tape, loss, rate)

    @staticmethod
    def descend(network, tape, loss, rate):
        for weight, gradient in zip(network.weights, tape.gradient(loss, [w.value for w in network.weights])):  # noqa: B905
            if gradient is not None:
                weight.assign_sub(rate * gradient)

    def test_five_critic_steps_then_one_of_the_generator(self):
        ours, naive, reals = compiled(rate=0.01), compiled(rate=0.01), stack()
        ours.fit(reals[None].reshape(5, 4, 2), batch_size=5, shuffle=False, verbose=0)
        self.by_hand(naive, tf.constant(reals), 0.01)
        for a, b in zip(ours.generator.weights + ours.critic.weights, naive.generator.weights + naive.critic.weights):  # noqa: B905
            self.assertAllClose(a, b, rtol=1e-4, atol=1e-5)

    def test_every_batch_of_the_stack_moves_the_critic(self):
        whole = compiled()
        whole.train_step(stack())
        for turn in range(5):
            changed, model = stack(), compiled()
            changed[turn] += 1
            model.train_step(changed)
            self.assertNotAllClose(copied(model.critic)[0], copied(whole.critic)[0], rtol=1e-6)

    def test_each_critic_step_has_noise_of_its_own(self):
        model = compiled()
        model._in_step = True
        latents, epsilons = model.noise(tf.constant(stack()))
        self.assertEqual((latents.shape, epsilons.shape), ((5, 4, 3), (5, 4, 1)))
        drawn = [*latents.numpy(), model.latents("generator", 4).numpy()]
        self.assertLen({row.tobytes() for array in drawn for row in array}, 24)
        self.assertLen(np.unique(epsilons), 20)

    def test_an_image_has_one_epsilon_in_0_to_1(self):
        model = compiled()
        model._in_step = True
        _, epsilon = model.noise(tf.zeros([5, 40, 6, 6, 3]))
        self.assertEqual(epsilon.shape, (5, 40, 1, 1, 1))
        self.assertAllInRange(epsilon, 0.0, 1.0)
        self.assertAllClose([np.mean(epsilon), np.std(epsilon)], [0.5, np.sqrt(1 / 12)], atol=0.05)

    def test_the_optimizers_count_n_and_five_n(self):
        model = compiled()
        model.fit(stack(15), batch_size=5, shuffle=False, verbose=0)
        counts = {name: int(optimizer.iterations) for name, optimizer in model._optimizers.items()}
        self.assertEqual(counts, {"generator": 3, "discriminator": 15})
        self.assertEqual(int(model.step.value), 3)

    def test_the_critic_moves_alone_while_it_learns(self):
        model = compiled()
        model._optimizers["generator"].learning_rate = 0.0
        before, critic = copied(model.generator), copied(model.critic)
        model.train_step(stack())
        for old, new in zip(before, copied(model.generator), strict=True):
            self.assertAllEqual(old, new)
        self.assertNotAllClose(critic[0], copied(model.critic)[0])

    def test_clipping_holds_every_weight_after_each_critic_step(self):
        model = compiled(WGAN, Clipping(0.05))
        model.train_step(stack())
        for weight in copied(model.critic):
            self.assertLessEqual(np.abs(weight).max(), np.float32(0.05))
        self.assertGreater(np.abs(copied(model.generator)[0]).max(), 0.05)
        self.assertGreater(np.abs(copied(compiled(WGAN, Clipping(0.05)).critic)[0]).max(), 0.05)  # not before

    def test_clipping_holds_scales_and_offsets_of_batch_norm(self):
        critic = keras.Sequential([keras.Input((2,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(1)])
        model = WGAN(networks()[0], critic, Normal(3), Clipping(0.05))
        model.compile(d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1))
        norm = critic.layers[1]
        norm.beta.assign(np.ones(4))
        model.train_step(stack())
        for weight in (norm.gamma, norm.beta):  # both from 1
            self.assertAllInRange(np.abs(weight.numpy()), 0.0, np.float32(0.05))

    def test_the_generators_batch_may_be_a_multiple(self):
        model = compiled(generator_batches=2)
        asked = {}
        draw = model.latents
        model.latents = lambda purpose, n: asked.setdefault(purpose, int(n)) and draw(purpose, n)
        model.train_step(stack())
        self.assertEqual(asked["generator"], 8)
        self.assertEqual(asked["critic"], 5 * 4)

    def test_a_batch_in_place_of_a_stack_is_refused(self):
        with self.assertRaisesRegex(ValueError, "expected a stack of 5 batches.*Received: \\(4, 2\\)"):
            compiled().train_step(tf.zeros([4, 2]))

    def test_the_critics_rate_falls_with_the_generators_steps(self):
        schedule, slow = LinearDecay(2e-4, 100_000, every=5), LinearDecay(2e-4, 100_000)
        model = compiled(critic_steps=5)
        model.compile(d_optimizer=keras.optimizers.SGD(schedule), g_optimizer=keras.optimizers.SGD(slow))
        model.train_step(stack())
        rates = [float(optimizer.learning_rate) for optimizer in model._optimizers.values()]
        self.assertAllClose(rates, [1.99998e-4] * 2, rtol=1e-6)
