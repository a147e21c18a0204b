"""The item "theory": what it records and claims."""

import functools

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.gan2014 import theory
from repro import claims
from repro.bench import Bench

FEW = theory.Theory(points=1_601, others=2, segments=20)


@functools.cache
def presented():
    bench = Bench(theory.theory, FEW, "", "quick")
    theory.theory.present(bench, [])
    return bench


def values(lines):
    table = pd.DataFrame(lines, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


def changed(row, metric, value, step=""):
    """The recorded values with one of them replaced."""
    return values([[*v[:5], str(value)] if v[1:5] == [row, metric, "", step] else v for v in presented().values])


class TheoryTest(tf.test.TestCase):
    def found(self, row, metric, step=None):
        return values(presented().values).one(row, metric, step)

    def test_pairs_are_recorded(self):
        self.assertAllClose(self.found("N(1, 0.5²)", "jsd"), 0.223983776556, rtol=0, atol=1e-10)
        self.assertAllClose(self.found("N(10, 1²)", "C(G)"), -0.000001726286, rtol=0, atol=1e-10)
        half = "halves that share one of 3 states"
        self.assertAllClose(self.found(half, "V_at_D*"), -np.log(2), rtol=0, atol=1e-12)
        self.assertAllClose(self.found("disjoint halves of 4 states", "jsd"), np.log(2), rtol=0, atol=1e-12)

    def test_the_published_numbers_have_ours_beside_them(self):
        self.assertAllClose(self.found("global minimum", "C(G)"), -np.log(4), rtol=0, atol=1e-12)
        self.assertEqual(self.found("at the optimum", "D(x)"), 0.5)

    def test_the_start_of_the_descent(self):
        p, q = theory.start(101)
        self.assertAllClose([p.sum(), q.sum()], [1, 1], rtol=0, atol=1e-12)
        self.assertAllClose(np.abs(p - q).sum() / 2, 0.830736, rtol=0, atol=5e-7)

    def test_c_after_multiplicative_steps(self):
        expected = {
            0: -0.437679649898, 1: -1.143716249470, 2: -1.303335422204, 3: -1.358188206013, 5: -1.383633799008,
            10: -1.386291085726, 20: -1.386294361117,
        }  # fmt: skip
        for step, c in expected.items():
            self.assertAllClose(self.found(theory.MULTIPLICATIVE, "C_in_descent", step), c, rtol=0, atol=5e-12)
        self.assertLess(self.found(theory.MULTIPLICATIVE, "closed_form_error"), 1e-14)

    def test_euclidean_steps_stall(self):
        start = self.found("Euclidean steps, rate 0.0001", "C_in_descent", 0)
        self.assertGreater(self.found("Euclidean steps, rate 0.0001", "C_in_descent", 1), start)
        for rate in ("0.001", "0.01"):
            before, end = (self.found(f"Euclidean steps, rate {rate}", "C_in_descent", step) for step in (1_999, 2_000))
            self.assertBetween(end, -1.03, -0.979)
            self.assertGreater(before, -0.3)  # they jump between two places for ever

    def test_every_metric_is_recorded_and_one_picture_drawn(self):
        self.assertEqual({line[2] for line in presented().values}, set(theory.theory.metrics))
        self.assertEqual(list(presented().pictures), ["theory.png"])

    def test_a_reader_is_told_that_networks_are_another_matter(self):
        self.assertIn("None of this is a proof about networks", theory.theory.meaning)


class ClaimsTest(tf.test.TestCase):
    def test_all_hold(self):
        for each in (
            theory.best_d_is_the_ratio,
            theory.criterion_is_the_divergence,
            theory.descent_in_p_g_converges,
            theory.euclidean_steps_stall,
        ):
            verdict = each.judge(values(presented().values))
            self.assertEqual(verdict.verdict, "holds", verdict.evidence)

    def test_the_ratio_fails_for_another_maximum_or_a_better_d(self):
        for metric, value in (("largest_D*_error", 2e-12), ("largest_gain_of_another_D", 1e-9)):
            verdict = theory.best_d_is_the_ratio.judge(changed("N(2, 1²)", metric, value))
            self.assertEqual(verdict.verdict, "fails")

    def test_the_criterion_fails_beyond_1e_8(self):
        judge = theory.criterion_is_the_divergence.judge
        self.assertEqual(judge(changed("N(2, 1²)", "identity_error", 9e-9)).verdict, "holds")
        for row, metric, value in (
            ("N(2, 1²)", "identity_error", 2e-8),
            ("global minimum", "C(G)", -np.log(4) + 2e-8),
            ("N(2, 1²)", "C(G)", -np.log(4)),
            ("N(10, 1²)", "C(G)", 0.1),
        ):
            self.assertEqual(judge(changed(row, metric, value)).verdict, "fails")

    def test_the_descent_fails_where_c_rises_ends_too_high_or_is_not_convex(self):
        judge, row = theory.descent_in_p_g_converges.judge, theory.MULTIPLICATIVE
        self.assertEqual(judge(changed(row, "C_in_descent", -1.0, "7")).verdict, "fails")
        self.assertEqual(judge(changed(row, "C_in_descent", -np.log(4) + 2e-9, "20")).verdict, "fails")
        self.assertEqual(judge(changed("random pairs of p_g", "smallest_convexity_slack", 1e-6)).verdict, "fails")

    def test_euclidean_steps_would_fail_the_claim_if_they_arrived(self):
        judge = theory.euclidean_steps_stall.judge
        arrived = changed("Euclidean steps, rate 0.01", "C_in_descent", -1.386, "2000")
        falling = changed("Euclidean steps, rate 0.0001", "C_in_descent", -0.5, "1")
        self.assertEqual([judge(arrived).verdict, judge(falling).verdict], ["fails", "fails"])
