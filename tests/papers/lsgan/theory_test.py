"""The item "theory": what it records and claims, and that a real train_step follows the fixed-D gradient."""

import functools

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import chi_square, theory
from papers.lsgan.model import LSGAN, LeastSquares
from repro import claims
from repro.bench import Bench
from repro.training import Normal

P, G = theory.P, theory.G
FEW = theory.Theory(pairs=20, steps=1000)


class Saved:
    """A run's folder and, after it, the finished run: keeps arrays in memory."""

    def __init__(self):
        self.arrays = {}

    def save(self, name, **arrays):
        self.arrays[name] = arrays

    def load(self, name):
        return self.arrays[name]


@functools.cache
def run():
    saved = Saved()
    theory.train_step_gradient(FEW, 0, saved)
    return saved


@functools.cache
def presented(settings=FEW):
    bench = Bench(theory.theory, settings, "", "quick")
    theory.theory.present(bench, [run()])
    return bench


def values(bench):
    table = pd.DataFrame(bench.values, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


def softmax(theta):
    return np.exp(theta) / np.exp(theta).sum()


def finite_differences(value, h=1e-6):
    """d value(g(theta)) / d theta at g = G."""
    theta = np.log(G)
    return np.array([(value(softmax(theta + h * e)) - value(softmax(theta - h * e))) / (2 * h) for e in np.eye(4)])


class AutodiffTest(tf.test.TestCase):
    def test_the_loss_gives_the_gradient_with_d_held_constant(self):
        for name, (a, b, c) in theory.SCHEMES.items():
            d = chi_square.optimal_discriminator(P, G, a, b)
            held = finite_differences(lambda g, d=d, c=c: chi_square.value_g(d, g, c))
            self.assertAllClose(run().load("gradients")[name], held, rtol=0, atol=1e-8)

    def test_it_is_not_the_gradient_of_c_with_d_optimal_again(self):
        for name, scheme in theory.SCHEMES.items():
            again = finite_differences(lambda g, scheme=scheme: chi_square.criterion(P, g, *scheme) / 2)
            self.assertGreater(np.abs(run().load("gradients")[name] - again).max(), 0.01)


# ---- a real train_step on four states ----


class SoftmaxGenerator(keras.layers.Layer):
    """Delivers every state once, with its probability as a fifth column: one batch is the whole expectation."""

    theta_initializer = keras.initializers.Zeros()

    def build(self, shape):
        self.theta = self.add_weight(shape=(4,), initializer=self.theta_initializer, name="theta")

    def call(self, z):
        return tf.concat([tf.eye(4), tf.nn.softmax(self.theta)[:, None]], axis=1) + 0 * z[:, :1]


class TabularDiscriminator(keras.layers.Layer):
    """One score for every state; hands the probabilities on."""

    table_initializer = keras.initializers.Zeros()

    def build(self, shape):
        self.table = self.add_weight(shape=(4, 1), initializer=self.table_initializer, name="table")

    def call(self, states):
        return tf.concat([states[:, :4] @ self.table, states[:, 4:]], axis=1)


class Expected:
    """The implemented losses, state by state, weighted with the states' probabilities."""

    def __init__(self, loss):
        self.loss = loss

    def discriminator(self, real, fake):
        # One state at a time, each side's half alone: the other side is given its own label and costs nothing.
        of_real = [real[s, 1] * self.loss.discriminator(real[s, 0], self.loss.a) for s in range(4)]
        of_fake = [fake[s, 1] * self.loss.discriminator(self.loss.b, fake[s, 0]) for s in range(4)]
        return tf.add_n(of_real + of_fake)

    def generator(self, fake):
        return tf.add_n([fake[s, 1] * self.loss.generator(fake[s, 0]) for s in range(4)])


def tabular(scheme):
    """An LSGAN on four states at g = G and D optimal; plain descent with rate 1."""
    z, states = keras.Input((1,)), keras.Input((5,))
    gan = LSGAN(
        keras.Model(z, SoftmaxGenerator()(z)),
        keras.Model(states, TabularDiscriminator()(states)),
        Normal(1),
        Expected(LeastSquares(*scheme)),
    )
    gan.compile(d_optimizer=keras.optimizers.SGD(1.0), g_optimizer=keras.optimizers.SGD(1.0))
    gan.generator.set_weights([np.log(G)])
    gan.discriminator.set_weights([chi_square.optimal_discriminator(P, G, *scheme[:2])[:, None]])
    return gan


class TrainStepTest(tf.test.TestCase):
    real = np.hstack([np.eye(4), P[:, None]]).astype(np.float32)

    def test_g_moves_along_the_fixed_d_gradient_and_not_along_that_of_c(self):
        for scheme in theory.SCHEMES.values():
            gan = tabular(scheme)
            gan.train_step(tf.constant(self.real))
            moved = np.log(G) - gan.generator.get_weights()[0]
            fixed, true = (
                G * (s - (G * s).sum())
                for s in (chi_square.fixed_d_gradient(P, G, *scheme), chi_square.true_gradient(P, G, *scheme))
            )
            self.assertAllClose(moved, fixed, rtol=0, atol=1e-6)  # float32
            self.assertGreater(np.abs(moved - true).max(), 0.01)

    def test_d_rests_at_its_optimum(self):
        for a, b, c in theory.SCHEMES.values():
            gan = tabular((a, b, c))
            gan.train_step(tf.constant(self.real))
            optimum = chi_square.optimal_discriminator(P, G, a, b)
            self.assertAllClose(gan.discriminator.get_weights()[0][:, 0], optimum, rtol=0, atol=1e-6)

    def test_d_finds_its_optimum_while_g_rests(self):
        for a, b, c in theory.SCHEMES.values():
            gan = tabular((a, b, c))
            gan.discriminator.set_weights([np.zeros((4, 1))])
            gan._optimizers["generator"].learning_rate = 0.0
            for _ in range(40):  # the error shrinks by 1 - (p + g) = 1/2 a step
                gan.train_step(tf.constant(self.real))
            optimum = chi_square.optimal_discriminator(P, G, a, b)
            self.assertAllClose(gan.discriminator.get_weights()[0][:, 0], optimum, rtol=0, atol=1e-6)


class TheoryTest(tf.test.TestCase):
    def test_the_worked_example_is_recorded(self):
        found = values(presented())
        for row, expected in (("(-1,1,0)", (0.4, 0.4, 0.8, 0.1)), ("(0,1,1)", (0.4, 0.6, 0.2, 0.2))):
            recorded = [found.one(row, metric) for metric in ("pearson_chi2", "two_C", "V_D", "V_G")]
            self.assertAllClose(recorded, expected, rtol=0, atol=1e-12)

    def test_disjoint_supports_are_recorded(self):
        found, row = values(presented()), "(-1,1,0), disjoint halves of 4 states"
        recorded = [found.one(row, metric) for metric in ("pearson_chi2", "two_C", "V_D", "V_G")]
        self.assertAllClose(recorded, [2, 2, 0, 0.5], rtol=0, atol=1e-12)

    def test_the_descent_is_recorded_at_powers_of_ten(self):
        found = values(presented())
        for row, at_100 in (
            ("(-1,1,0), fixed D", 0.3706771345),
            ("(0,1,1), fixed D", 0.0473191438),
            ("(-1,1,0), true C", 8.09343e-5),
            ("(0,1,1), true C", 0.0364591558),
        ):
            self.assertAllClose(found.one(row, "X_in_descent", 0), 0.4, rtol=0, atol=1e-12)
            self.assertAllClose(found.one(row, "X_in_descent", 100), at_100, rtol=0, atol=1e-8)

    def test_distances_of_the_loss_gradient_by_hand(self):
        # g (s - sum g s), fixed D and true C, of (-1,1,0): (.008, -.016, -.024, .032) and (-.088, -.064, .024, .128);
        # of (0,1,1): (-.018, -.024, -.006, .048) and (-.022, -.016, .006, .032).
        found = values(presented())
        for row, apart in (("(-1,1,0)", 0.096), ("(0,1,1)", 0.016)):
            self.assertAllClose(found.one(row, "autodiff_minus_true_C"), apart, rtol=0, atol=1e-12)
            self.assertAllClose(found.one(row, "autodiff_minus_fixed_D"), 0, rtol=0, atol=1e-12)

    def test_the_identity_holds_on_the_example_and_on_a_thousand_random_pairs(self):
        for scheme in theory.SCHEMES.values():
            self.assertLess(theory.identity_error(scheme, 1000), 1e-12)

    def test_a_short_descent_is_presented_too(self):
        bench = presented(theory.Theory(pairs=2, steps=3))
        self.assertEqual(list(bench.pictures), ["theory.png"])
        self.assertGreater(values(bench).one("(0,1,1), fixed D", "X_in_descent", 3), 0)

    def test_every_metric_is_recorded(self):
        self.assertEqual({line[2] for line in presented().values}, set(theory.theory.metrics))

    def test_the_plan_is_one_run(self):
        (planned,) = theory.plan(FEW, range(3))
        self.assertEqual((planned.function, planned.settings), (theory.train_step_gradient, FEW))


class ClaimsTest(tf.test.TestCase):
    def test_the_identity_is_judged_to_1e_12(self):
        self.assertEqual(theory.objective_is_pearson.judge(values(presented())).verdict, "holds")
        off = [["theory", "(-1,1,0)", "largest_identity_error", "", "", "1e-11"]]
        bench = Bench(theory.theory, FEW, "", "quick", values=off)
        self.assertEqual(theory.objective_is_pearson.judge(values(bench)).verdict, "fails")

    def test_training_does_not_descend_the_divergence(self):
        verdict = theory.training_descends_the_divergence.judge(values(presented()))
        self.assertEqual(verdict.verdict, "fails")
        self.assertIn("0.096", verdict.evidence)
        self.assertIn("0.016", verdict.evidence)

    def test_the_pearson_labels_do_not_find_p_and_lose_a_state(self):
        bench = presented(theory.Theory(pairs=2, steps=4000))
        verdict = theory.pearson_scheme_loses_a_state.judge(values(bench))
        self.assertEqual(verdict.verdict, "holds")
        self.assertIn("smallest share 0.00084", verdict.evidence)
        self.assertLess(values(bench).one("(-1,1,0), fixed D", "smallest_share_after_descent"), 1e-3)
        self.assertAllClose(values(bench).one("(0,1,1), fixed D", "smallest_share_after_descent"), 0.1, atol=1e-8)
