"""Figure 1's toy: its generator's exact density, its losses, and which player each kind of step moves."""

import keras
import numpy as np
import tensorflow as tf
from scipy import stats

from papers.gan2014 import toy
from papers.gan2014.model import NonSaturating
from repro.training import place_seed


def compiled(kind, seed=0):
    gan = kind(toy.generator(1.5, 0.6), toy.discriminator(4), toy.UnitInterval(), NonSaturating(0.5), seed)
    gan.compile(d_optimizer=keras.optimizers.Adam(0.01), g_optimizer=keras.optimizers.SGD(0.1))
    return gan


def weights(gan):
    return [[weight.copy() for weight in network.get_weights()] for network in (gan.generator, gan.discriminator)]


def moved(before, after):
    """Whether G and D have moved."""
    return [any((a != b).any() for a, b in zip(*networks, strict=True)) for networks in zip(before, after, strict=True)]


class GeneratorTest(tf.test.TestCase):
    def test_quantiles(self):
        z = np.array([[0.02], [0.25], [0.5], [0.98]], np.float32)
        self.assertAllClose(toy.generator(1.5, 0.6)(z), 1.5 + 0.6 * stats.norm.ppf(z), rtol=1e-5)

    def test_samples_are_normal(self):
        z = toy.UnitInterval().draw(20_000, tf.constant([0, 1]))
        points = toy.generator(1.5, 0.6)(z).numpy()[:, 0]
        self.assertLess(stats.kstest(points, "norm", (1.5, 0.6)).statistic, 0.012)  # 1.7 / sqrt(n): 99 %

    def test_neither_end_of_the_interval_is_drawn(self):
        z = toy.UnitInterval().draw(1_000_000, tf.constant([3, 4])).numpy()
        self.assertAllInRange(z, 2.0**-24, 1 - 2.0**-24)
        self.assertTrue(np.isfinite(toy.generator(0.0, 1.0)(np.array([[2.0**-24], [1 - 2.0**-24]], np.float32))).all())

    def test_two_weights_m_and_log_s(self):
        self.assertAllClose(toy.generator(1.5, 0.6).get_weights(), [1.5, np.log(0.6)])


class LossTest(tf.test.TestCase):
    def test_a_d_that_says_one_half_costs_log_2_each(self):
        loss, none = NonSaturating(0.5), tf.zeros((4, 1))
        self.assertAllClose([loss.discriminator(none, none), loss.generator(none)], [np.log(2)] * 2)

    def test_rates_belong_to_a_count_of_updates(self):
        rate = toy.stepwise([2, 3, 1], [0.1, 0.2, 0.3])
        self.assertAllClose([float(rate(t)) for t in range(8)], [0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3])
        self.assertEqual(toy.stepwise([5], [0.1]), 0.1)


class StepsTest(tf.test.TestCase):
    real = np.random.default_rng(0).normal(size=(3, 8, 1)).astype(np.float32)

    def test_one_player_moves_and_the_other_rests(self):
        for kind, expected in ((toy.OnlyDiscriminator, [False, True]), (toy.OnlyGenerator, [True, False])):
            gan = compiled(kind)
            before = weights(gan)
            gan.train_step(tf.constant(self.real[0]))
            self.assertEqual(moved(before, weights(gan)), expected)
            self.assertEqual(int(gan.step.value), 1)

    def test_a_round_is_several_updates_of_d_and_one_of_g(self):
        gan = compiled(toy.Rounds)
        gan.train_step(tf.constant(self.real))
        self.assertEqual(int(gan._optimizers["discriminator"].iterations.value), 3)
        self.assertEqual(int(gan._optimizers["generator"].iterations.value), 1)

    def test_a_round_by_hand(self):
        ours, theirs = compiled(toy.Rounds), compiled(toy.Rounds)
        ours.train_step(tf.constant(self.real))
        G, D, loss = theirs.generator, theirs.discriminator, theirs.loss_function

        def fakes(purpose):
            return G(theirs.latent.draw(8, tf.stack([place_seed(0, purpose), 0])))

        for place, batch in enumerate(self.real):
            with tf.GradientTape() as tape:
                value = loss.discriminator(D(batch), D(fakes(f"D {place}")))
            theirs.apply(D, tape.gradient(value, [weight.value for weight in D.trainable_weights]))
        with tf.GradientTape() as tape:
            value = loss.generator(D(fakes("G")))
        theirs.apply(G, tape.gradient(value, [weight.value for weight in G.trainable_weights]))
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            self.assertAllClose(a.value, b.value if a.name != "step" else 1, atol=1e-6)

    def test_the_update_of_g_follows_the_slope_of_m(self):
        gan = compiled(toy.OnlyGenerator)
        before = weights(gan)[0]
        gan.train_step(tf.constant(self.real[0]))
        z = gan.latent.draw(8, tf.stack([place_seed(0, "G"), 0])).numpy()

        def cost(mean, log_std):
            points = mean + np.exp(log_std) * stats.norm.ppf(z.astype(np.float64))
            return float(tf.reduce_mean(tf.nn.softplus(-gan.discriminator(points.astype(np.float32)))))

        h, after = 1e-2, weights(gan)[0]
        slopes = [
            (cost(before[0] + h, before[1]) - cost(before[0] - h, before[1])) / (2 * h),
            (cost(before[0], before[1] + h) - cost(before[0], before[1] - h)) / (2 * h),
        ]
        self.assertAllClose([(b - a) / 0.1 for a, b in zip(after, before, strict=True)], slopes, rtol=0.01, atol=1e-4)
