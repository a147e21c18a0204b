"""Figure 1's toy to the printed digits, and what the item records, draws and claims."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import fig1_boundaries as fig1
from papers.lsgan.model import LeastSquares
from repro import claims
from repro.bench import Bench

LS, M110, NS, SATURATING = fig1.NAMES


@functools.cache
def presented():
    bench = Bench(fig1.fig1, fig1.Clouds(), *fig1.fig1.data[:1], "quick")
    fig1.fig1.present(bench, [])
    return bench


def values(lines):
    table = pd.DataFrame(lines, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


def found(row, metric, step=None):
    return values(presented().values).one(row, metric, step)


class FitsTest(tf.test.TestCase):
    def test_coefficients(self):
        d = fig1.fitted(fig1.Clouds())
        self.assertAllClose([*d[LS].w, d[LS].offset], [0.0893660, -0.1886115, 0.9919623], rtol=0, atol=5e-8)
        for row in (NS, SATURATING):
            self.assertAllClose([*d[row].w, d[row].offset], [1.0066641, -2.0151086, 4.8522680], rtol=0, atol=5e-8)

    def test_targets_of_minus_one_and_one_double_the_scores(self):
        d, points = fig1.fitted(fig1.Clouds()), np.array([[0.0, 0.0], [3.0, -2.0]])
        self.assertAllClose(d[M110].score(points), 2 * d[LS].score(points) - 1, rtol=0, atol=1e-12)
        self.assertAllClose(d[M110].distance(points), d[LS].distance(points), rtol=0, atol=1e-12)

    def test_the_logistic_fit_is_a_minimum(self):
        settings = fig1.Clouds()
        real, fake, _ = fig1.clouds(settings)
        d = fig1.fitted(settings)[NS]

        def objective(w, offset):
            at = [points @ w + offset for points in (real, fake)]
            losses = np.concatenate([np.logaddexp(0, -at[0]), np.logaddexp(0, at[1])])
            return losses.mean() + settings.penalty * w @ w

        lowest = objective(d.w, d.offset)
        for step in np.vstack([np.eye(3), -np.eye(3)]) * 1e-3:
            self.assertGreater(objective(d.w + step[:2], d.offset + step[2]), lowest)

    def test_gradients_are_those_of_the_losses_that_are_trained_with(self):
        d = fig1.fitted(fig1.Clouds())
        for row, loss in ((LS, LeastSquares(0, 1, 1)), (M110, LeastSquares(-1, 1, 0))):
            point = tf.Variable([[8.0, -4.0]], dtype=tf.float64)
            with tf.GradientTape() as tape:
                value = loss.generator(tf.linalg.matvec(point, d[row].w) + d[row].offset)
            self.assertAllClose(tape.gradient(value, point), d[row].gradient(point.numpy()), rtol=1e-12)

    def test_gradients_are_the_derivatives_of_the_cross_entropy_losses(self):
        point, h = np.array([[1.0, 3.0]]), 1e-6  # where neither vanishes
        for row, loss in ((NS, lambda s: np.logaddexp(0, -s)), (SATURATING, lambda s: -np.logaddexp(0, s))):
            d = fig1.fitted(fig1.Clouds())[row]
            differences = [
                (loss(d.score(point + h * e)) - loss(d.score(point - h * e))).item() / (2 * h) for e in np.eye(2)
            ]
            self.assertAllClose(d.gradient(point)[0], differences, rtol=1e-7, atol=0)

    def test_clouds_are_drawn_in_the_stated_order(self):
        random = np.random.default_rng(0)
        real, rejected, accepted = fig1.clouds(fig1.Clouds())
        self.assertAllEqual(real, random.normal((4, 2), 0.5, (200, 2)))
        self.assertAllEqual(rejected, random.normal((2, 6), 0.7, (200, 2)))
        self.assertAllEqual(accepted, random.normal((8, -4), 0.5, (30, 2)))


class Fig1Test(tf.test.TestCase):
    def test_scores_and_gradients_of_the_accepted_fakes(self):
        for row, score, gradient, digits in (
            (LS, 2.46037, 0.304795973663, 1e-12),
            (NS, 20.95891, 2.36315453406e-09, 1e-20),
            (SATURATING, 20.95891, 2.252562, 5e-7),
        ):
            self.assertAllClose(found(row, "mean_score_accepted_fakes"), score, rtol=0, atol=5e-6)
            self.assertAllClose(found(row, "mean_abs_gradient_accepted_fakes"), gradient, rtol=0, atol=digits)
        self.assertAllClose(found(M110, "mean_abs_gradient_accepted_fakes"), 1.6366073, rtol=0, atol=5e-8)
        self.assertAllClose(found(LS, "gradient_over_nonsaturating") / 1e8, 1.29, rtol=0, atol=5e-3)
        self.assertEqual(found(NS, "gradient_over_nonsaturating"), 1)

    def test_the_two_forms_of_cross_entropy_share_the_slope_of_the_logit(self):
        # sigma(s) |w| and sigma(-s) |w| sum to |w| in every point
        both = [found(row, "mean_abs_gradient_accepted_fakes") for row in (NS, SATURATING)]
        w = fig1.fitted(fig1.Clouds())[NS].w
        self.assertAllClose(sum(both), np.hypot(*w), rtol=0, atol=1e-14)

    def test_movement_of_the_accepted_fakes(self):
        for row, distances in (
            (LS, (9.392710, 7.995842, 5.266860)),
            (NS, (9.304475, 9.304475, 9.304475)),
            (SATURATING, (9.304475, 20.567285, 54.355713)),
        ):
            recorded = [found(row, "signed_distance_accepted_fakes", step) for step in (0, 5, 20)]
            self.assertAllClose(recorded, distances, rtol=0, atol=5e-7)

    def test_the_boundary_does_not_cross_the_real_points(self):
        for row, distance in ((LS, 2.230307), (NS, 2.119566), (SATURATING, 2.119566)):
            self.assertAllClose(found(row, "signed_distance_real"), distance, rtol=0, atol=5e-7)
            self.assertGreater(found(row, "nearest_signed_distance_real"), 0)

    def test_the_table_holds_every_method_in_a_column(self):
        header, rows, _ = presented().tables["fig1_values.csv"]
        self.assertEqual(header, ["", *fig1.NAMES.values()])
        cells = {label: [float(cell) for cell in line] for label, *line in rows}
        self.assertAllClose(cells["after 5 steps"][0], 7.995842, rtol=0, atol=5e-7)
        self.assertAllClose(
            cells["moved towards the boundary in 20 steps"],
            [4.125850, 9.188610, 0, 9.304475 - 54.355713],
            rtol=0,
            atol=1e-6,
        )

    def test_every_metric_is_recorded_and_one_picture_drawn(self):
        self.assertEqual({line[2] for line in presented().values}, set(fig1.fig1.metrics))
        self.assertEqual(list(presented().pictures), ["fig1.png"])

    def test_a_reader_is_told_what_is_ours_and_what_the_claim_is_about(self):
        for words in (
            "coordinates here are ours",
            "does not cross the real data",
            "non-saturating generator loss alone",
        ):
            self.assertIn(words, " ".join(fig1.fig1.meaning.split()))

    def test_fewer_points_are_presented_too(self):
        bench = Bench(fig1.fig1, replace(fig1.Clouds(), real=20, rejected=20, accepted=2), "", "quick")
        fig1.fig1.present(bench, [])
        self.assertIn("fig1.png", bench.pictures)


class ClaimTest(tf.test.TestCase):
    def judged(self, ratio, logit):
        lines = [
            ["fig1", LS, "gradient_over_nonsaturating", "", "", str(ratio)],
            ["fig1", NS, "smallest_score_accepted_fakes", "", "", str(logit)],
        ]
        return fig1.accepted_fakes_are_pulled.judge(values(lines)).verdict

    def test_margins(self):
        self.assertEqual([self.judged(ratio, 9) for ratio in (1001, 1000, 10, 9)],
                         ["holds", "undecided", "undecided", "fails"])  # fmt: skip
        self.assertEqual([self.judged(ratio, 8) for ratio in (1001, 9)], ["undecided", "undecided"])

    def test_it_holds_on_the_toy(self):
        verdict = fig1.accepted_fakes_are_pulled.judge(values(presented().values))
        self.assertEqual(verdict.verdict, "holds")
        self.assertIn("1.29e+08", verdict.evidence)
