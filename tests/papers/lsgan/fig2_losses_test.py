"""Figure 2's curves against hand-worked values, and what the item records, draws and claims."""

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.gan2014.model import NonSaturating
from papers.lsgan import fig2_losses
from papers.lsgan.model import ZERO_ONE
from repro import claims
from repro.bench import Bench

# s, softplus(-s), its slope, slope of log(1 - sigma(s)), 1/2 (s - 1)², its slope
CURVES = np.array(
    [
        [-10, 10.0000453989, -0.9999546, -4.539787e-05, 60.5, -11],
        [-5, 5.006715348, -0.9933071, -0.006692851, 18, -6],
        [-2, 2.126928011, -0.8807971, -0.1192029, 4.5, -3],
        [0, 0.6931471806, -0.5, -0.5, 0.5, -1],
        [1, 0.3132616875, -0.2689414, -0.7310586, 0, 0],
        [2, 0.1269280110, -0.1192029, -0.8807971, 0.5, 1],
        [4, 0.01814992792, -0.01798621, -0.9820138, 4.5, 3],
        [6, 0.002475685138, -0.002472623, -0.9975274, 12.5, 5],
        [8, 3.354063729e-04, -3.353501e-04, -0.9996646, 24.5, 7],
        [10, 4.539889922e-05, -4.539787e-05, -0.9999546, 40.5, 9],
    ]
)


def presented(curves=None):
    curves = curves or fig2_losses.Curves()
    bench = Bench(fig2_losses.fig2, curves, "", "quick")
    fig2_losses.fig2.present(bench, [])
    return bench


def values(bench):
    table = pd.DataFrame(bench.values, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


class CurvesTest(tf.test.TestCase):
    def test_losses_to_nine_digits_and_slopes_to_six(self):
        s, entropy, slope, saturating, squares, squares_slope = CURVES.T
        self.assertAllClose(fig2_losses.cross_entropy(s), entropy, rtol=1e-9, atol=0)
        self.assertAllClose(fig2_losses.cross_entropy_slope(s), slope, rtol=1e-6, atol=0)
        self.assertAllClose(fig2_losses.saturating_slope(s), saturating, rtol=1e-6, atol=0)
        self.assertAllEqual(fig2_losses.least_squares(s), squares)
        self.assertAllEqual(fig2_losses.least_squares_slope(s), squares_slope)

    def test_slopes_are_the_derivatives(self):
        s, h = np.linspace(-10, 10, 81), 1e-5
        for curve, slope in (
            (fig2_losses.cross_entropy, fig2_losses.cross_entropy_slope),
            (fig2_losses.least_squares, fig2_losses.least_squares_slope),
            (lambda s: -np.logaddexp(0, s), fig2_losses.saturating_slope),
        ):
            self.assertAllClose((curve(s + h) - curve(s - h)) / (2 * h), slope(s), rtol=0, atol=1e-8)

    def test_they_are_the_losses_that_are_trained_with(self):
        for s in (-5.0, 0.0, 4.0):
            scores = tf.Variable([[s]])
            with tf.GradientTape(persistent=True) as tape:
                squares = ZERO_ONE.generator(scores)
                entropy = NonSaturating().generator(scores)
            for loss, curve, slope in (
                (squares, fig2_losses.least_squares, fig2_losses.least_squares_slope),
                (entropy, fig2_losses.cross_entropy, fig2_losses.cross_entropy_slope),
            ):
                self.assertAllClose(loss, curve(s), rtol=1e-5)
                self.assertAllClose(tape.gradient(loss, scores), [[slope(s)]], rtol=1e-5)

    def test_cross_entropy_is_flat_exactly_beyond_ln_999(self):
        self.assertAllClose(fig2_losses.FLAT_FROM, 6.9068, atol=5e-5)
        self.assertAllClose(fig2_losses.cross_entropy_slope(fig2_losses.FLAT_FROM), -1e-3, rtol=1e-12)
        slopes = -fig2_losses.cross_entropy_slope(np.linspace(-30, 30, 601))
        self.assertAllLess(np.diff(slopes), 0)  # so below 1e-3 everywhere beyond, and above it everywhere before
        self.assertAllGreater(slopes, 0)


class Fig2Test(tf.test.TestCase):
    def test_least_squares_has_one_point_of_zero_slope_and_cross_entropy_none(self):
        found = values(presented())
        self.assertEqual(found.one("least squares", "points_of_zero_slope"), 1)
        self.assertEqual(found.one("cross entropy", "points_of_zero_slope"), 0)
        self.assertAllClose(found.one("cross entropy", "flat_from"), np.log(999))

    def test_the_table_holds_the_curves(self):
        _, rows, _ = presented().tables["fig2_values.csv"]
        # The absolute tolerance is for the zeros at s = 1.
        self.assertAllClose(np.array(rows, float), CURVES, rtol=1e-6, atol=1e-15)

    def test_values_are_recorded_beside_their_scores(self):
        found = values(presented())
        self.assertAllClose(found.one("cross entropy, s = 8", "slope"), -3.353501e-04, rtol=1e-6)
        self.assertEqual(found.one("least squares, s = -10", "loss"), 60.5)

    def test_one_picture_whose_caption_says_what_is_not_verified(self):
        pictures = presented().pictures
        self.assertEqual(list(pictures), ["fig2.png"])
        self.assertIn("not verified", pictures["fig2.png"][1])

    def test_the_claim_holds_and_fails_for_a_loss_that_is_flat_twice(self):
        bench = presented()
        self.assertEqual(fig2_losses.flat_at_one_point.judge(values(bench)).verdict, "holds")
        bench.values = [
            [*v[:5], "2"] if v[1:3] == ["least squares", "points_of_zero_slope"] else v for v in bench.values
        ]
        self.assertEqual(fig2_losses.flat_at_one_point.judge(values(bench)).verdict, "fails")

    def test_a_reader_is_told_which_generator_loss_is_meant(self):
        self.assertIn("non-saturating", fig2_losses.fig2.meaning)
