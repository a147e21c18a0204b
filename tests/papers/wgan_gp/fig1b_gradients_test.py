"""Figure 1b: gradients by activations against TensorFlow's, the state after the first update, what is claimed."""

import pathlib
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import fig1b_gradients as fig1b
from papers.wgan_gp import networks
from papers.wgan_gp.model import critic_gap
from repro.claims import Values
from tests import benches

TINY = fig1b.Deep(hidden=3, width=8, batch_size=4, critic_steps=2, steps=2)
RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(2, 6, 2)).astype(np.float32)


def weights_of(critic):
    return [weight.numpy().astype(np.float64) for weight in critic.trainable_weights]


class NormsTest(tf.test.TestCase):
    def test_they_are_those_of_the_tape(self):
        critic = networks.planar_critic(16, 3)
        norms = fig1b.activation_gradient_norms(weights_of(critic), REAL, FAKE)
        x, expected = tf.constant(np.concatenate([REAL, FAKE])), []
        sign = tf.constant(np.repeat([-1.0, 1.0], 6)[:, None] / 6, tf.float32)
        with tf.GradientTape() as tape:
            activations = []
            for layer in critic.layers:
                if "piecewise" in layer.name:
                    x = tf.nn.relu(x)
                    tape.watch(x)
                    activations.append(x)
                else:
                    x = layer(x)
            loss = tf.reduce_sum(sign * x)
        expected = [float(tf.norm(gradient)) for gradient in tape.gradient(loss, activations)]
        self.assertAllClose(loss, -critic_gap(critic, tf.constant(REAL), tf.constant(FAKE)), atol=1e-6)
        self.assertAllClose(norms[:-1], expected, rtol=1e-5)
        self.assertAllClose(norms[-1], np.sqrt(2 / 6))

    def test_all_weights_at_the_bound_reach_the_analytic_limit(self):
        """c for the output, c n for each further layer, with all units active."""
        c, n = 0.01, 16
        shapes = [(2, n), (n, n), (n, n), (n, 1)]
        weights = [array for shape in shapes for array in (np.full(shape, c), np.zeros(shape[1]))]
        norms = fig1b.activation_gradient_norms(weights, np.ones((1, 2)), np.ones((1, 2)))
        first = np.sqrt(2) * c * np.sqrt(n)
        self.assertAllClose(norms, [first * (c * n) ** 2, first * c * n, first, np.sqrt(2)], rtol=1e-12)

    def test_gradients_too_small_for_float32_squares_are_seen(self):
        shapes = [(2, 4)] + [(4, 4)] * 11 + [(4, 1)]
        weights = [array for shape in shapes for array in (np.full(shape, 1e-3), np.zeros(shape[1]))]
        norms = fig1b.activation_gradient_norms(weights, np.ones((2, 2)), np.ones((2, 2)))
        self.assertAllClose(fig1b.slope_per_layer(norms), np.log10(4e-3), rtol=1e-9)
        self.assertLess(norms[0], 1e-28)

    def test_a_dead_critic_has_no_slope_and_does_not_warn(self):
        weights = [np.zeros((2, 4)), np.zeros(4), np.zeros((4, 4)), np.zeros(4), np.zeros((4, 1)), np.zeros(1)]
        norms = fig1b.activation_gradient_norms(weights, REAL, FAKE)
        self.assertTrue(np.isnan(fig1b.slope_per_layer(norms)))

    def test_clipping_a_he_uniform_start_alone_makes_the_decay_and_fills_the_bounds(self):
        """Section 3.2's reading is there before any training: 1 - c / 0.1083 of the weights, and -0.8 a layer."""
        critic = networks.planar_critic(512, 12)
        weights = [np.clip(weight, -0.01, 0.01) for weight in weights_of(critic)]
        kernels = np.concatenate([weight.ravel() for weight in weights[::2]])
        self.assertAllClose((np.abs(kernels) >= 0.0099).mean(), 0.908, atol=0.002)
        norms = fig1b.activation_gradient_norms(weights, 40 * REAL, 40 * FAKE)
        self.assertAllClose(fig1b.slope_per_layer(norms), -0.81, atol=0.12)


class PresentedTest(tf.test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.bench = benches.presented(fig1b.fig1b, TINY, 1, cls.folder)

    def test_four_rows_before_and_after(self):
        found = benches.recorded(self.bench)
        rows = {"clipping 0.1", "clipping 0.01", "clipping 0.001", "penalty"}
        self.assertEqual({row for row, *_ in found}, rows)
        self.assertLen(found, 2 * 4 + 3 * 3)
        self.assertBetween(found["clipping 0.001", "kernels_moved", "0", ""], 0, 2)
        self.assertAllClose(found["clipping 0.001", "share_at_bound_first_update", "0", ""], 0.99, atol=0.02)

    def test_the_first_state_is_that_after_one_critic_update(self):
        gan = fig1b.made(TINY, 0, critic_steps=1)
        before = weights_of(gan.critic)
        looked = fig1b.looked_at(gan, TINY, 0)
        [path] = self.folder.glob("wgan_gp-train_deep-penalty-*/first.npz")
        first = np.load(path)["norms"]
        self.assertNotAllClose(looked["norms"][:-1], first[:-1], rtol=1e-7)
        self.assertAllClose(looked["norms"], first, rtol=0.1)  # one step of 1e-4 away
        self.assertLen(before, 8)


class ClaimsTest(tf.test.TestCase):
    def judge(self, claim, found):
        """The verdict on {(row, metric): values by seed}."""
        lines = [[*key, seed, None, value] for key, sample in found.items() for seed, value in enumerate(sample)]
        return claim.judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

    def test_slopes_may_have_either_sign(self):
        found = {
            (f"clipping {clip:g}", fig1b.SLOPE.name): [slope, slope - 0.01, slope + 0.01]
            for clip, slope in ((0.1, 0.12), (0.01, -0.8), (0.001, -1.8))
        }
        self.assertEqual(self.judge(fig1b.clipping_bends_gradients, found), "holds")
        found["clipping 0.1", fig1b.SLOPE.name] = [0.01, 0.02, -0.01]
        self.assertEqual(self.judge(fig1b.clipping_bends_gradients, found), "fails")

    def test_the_penalty_is_flat_either_way(self):
        for sample, expected in (([0.01, -0.02, 0.015], "holds"), ([-0.3, -0.31, -0.3], "fails")):
            found = {("penalty", fig1b.SLOPE.name): sample}
            self.assertEqual(self.judge(fig1b.penalty_keeps_gradients, found), expected)

    def test_what_the_start_has_already_does_not_count(self):
        first, row = [0.908] * 3, "clipping 0.01"
        for last, expected in (([0.908, 0.907, 0.908], "fails"), ([0.98, 0.985, 0.98], "holds")):
            found = {(row, fig1b.BOUND.name): last, (row, fig1b.BOUND_FIRST.name): first}
            found[row, fig1b.MOVED.name] = [0.2, 0.3, 0.2]
            self.assertEqual(self.judge(fig1b.weights_go_to_the_bounds, found), expected)
            found[row, fig1b.MOVED.name] = [0.009, 1e-6, 1e-6]
            self.assertEqual(self.judge(fig1b.weights_go_to_the_bounds, found), "undecided")
            other = "clipping 0.1"
            found |= {(other, fig1b.BOUND.name): last, (other, fig1b.BOUND_FIRST.name): first}
            found[other, fig1b.MOVED.name] = [0.2, 0.3, 0.2]  # of two thresholds that which moved is judged
            self.assertEqual(self.judge(fig1b.weights_go_to_the_bounds, found), expected)
            found[other, fig1b.MOVED.name] = [0.001, np.nan, 0.2]
            found[other, fig1b.BOUND.name] = [last[0], np.nan, last[2]]
            self.assertEqual(self.judge(fig1b.weights_go_to_the_bounds, found), "undecided")
