import math

import pandas as pd
import tensorflow as tf

from repro import claims


class ClaimsTest(tf.test.TestCase):
    def test_verdicts_are_counted_in_words(self):
        self.assertEqual(claims.tally(["fails", "holds", "undecided", "holds"]), "2 hold, 1 fails, 1 undecided")
        self.assertEqual(claims.tally(["holds", "fails", "fails"]), "1 holds, 2 fail")
        self.assertEqual(claims.tally([]), "")

    def test_the_interval_is_the_t_interval(self):
        # mean 2, standard deviation 1, t(0.975, 2) = 4.302653, half width 4.302653 / sqrt(3)
        low, high = claims.interval({0: 1.0, 1: 2.0, 2: 3.0})
        self.assertAllClose([low, high], [2 - 2.484138, 2 + 2.484138], atol=1e-6)

    def test_verdicts_by_margin(self):
        tight = {0: 7.0, 1: 7.1, 2: 6.9}
        for margin, fails, expected in (
            (6.5, 4, "holds"),
            (7.0, 4, "undecided"),
            (7.6, None, "fails"),
            (9, 8, "fails"),
        ):
            self.assertEqual(claims.above(tight, margin, fails_below=fails).verdict, expected)
        self.assertEqual(claims.above({0: 5.0, 1: 5.1, 2: 4.9}, 6.5, fails_below=4).verdict, "undecided")
        self.assertEqual(claims.below(tight, 7.6).verdict, "holds")
        self.assertEqual(claims.below(tight, 4, fails_above=6.5).verdict, "fails")

    def test_three_seeds_are_needed_and_divergence_is_said(self):
        self.assertEqual(claims.above({0: 9.0, 1: 9.0}, 1).verdict, "undecided")
        lost = claims.above({0: 9.0, 1: math.nan, 2: 9.0}, 1)
        self.assertEqual(lost.verdict, "undecided")
        self.assertIn("diverged: seed 1", lost.evidence)

    def test_pairs_are_of_equal_seeds(self):
        self.assertEqual(claims.paired({0: 3.0, 1: 5.0}, {1: 1.0, 2: 7.0}), {1: 4.0})

    def test_fisher(self):
        # 5 of 10 against 0 of 10: p = 2 * 252 / 15504 = 0.0325 by the hypergeometric distribution
        self.assertEqual(claims.fisher(5, 10, 0, 10).verdict, "holds")
        self.assertEqual(claims.fisher(0, 10, 5, 10).verdict, "fails")
        self.assertEqual(claims.fisher(3, 5, 1, 5).verdict, "undecided")

    def test_fisher_wants_so_many_runs_of_each(self):
        # 5 of 5 against 0 of 4: p = 1 / 126, but four runs are too few where five are asked for
        self.assertEqual(claims.fisher(5, 5, 0, 4).verdict, "holds")
        few = claims.fisher(5, 5, 0, 4, least=5)
        self.assertEqual((few.verdict, few.n), ("undecided", 9))
        self.assertEqual(few.evidence, "5 of 5 against 0 of 4; 5 runs each are needed")
        self.assertEqual(claims.fisher(0, 0, 0, 0).verdict, "undecided")
        # 5 of 5 against 0 of 5: p = 2 / 252
        enough = claims.fisher(5, 5, 0, 5, least=5)
        self.assertEqual((enough.verdict, enough.n), ("holds", 10))
        self.assertEqual(enough.evidence, "5 of 5 against 0 of 5, p = 0.00794")

    def test_parts_of_a_claim(self):
        yes, no, open_ = (claims.Verdict(word, word, 3) for word in ("holds", "fails", "undecided"))
        self.assertEqual(claims.both(yes, yes).verdict, "holds")
        self.assertEqual(claims.both(yes, open_).verdict, "undecided")
        self.assertEqual(claims.both(open_, no).verdict, "fails")

    def test_so_many_cases_of_a_claim(self):
        holds, fails, open_ = (claims.Verdict(word, word, 3) for word in ("holds", "fails", "undecided"))
        self.assertEqual(claims.at_least(2, [holds, fails, holds]).verdict, "holds")
        self.assertEqual(claims.at_least(2, [holds, fails]).verdict, "fails")
        self.assertEqual(claims.at_least(2, [holds, open_, fails]).verdict, "undecided")
        self.assertEqual(claims.at_least(2, [holds]).verdict, "undecided")
        self.assertEqual(claims.at_least(2, []).n, 0)

    def test_values_are_of_the_last_step(self):
        table = pd.DataFrame(
            [("a", "m", 0, 10, 1.0), ("a", "m", 0, 20, 2.0), ("a", "m", 1, 10, 3.0), ("b", "m", 0, 10, 9.0)],
            columns=["row", "metric", "seed", "step", "value"],
        )
        values = claims.Values(table)
        self.assertEqual(values.by_seed("a", "m"), {0: 2.0, 1: 3.0})
        self.assertEqual(values.by_seed("a", "m", step=10), {0: 1.0, 1: 3.0})
        self.assertEqual(values.one("b", "m"), 9.0)
        with self.assertRaises(KeyError):
            values.one("a", "m")

    def test_alike_within_a_factor(self):
        b = {0: 1.0, 1: 10.0, 2: 100.0}  # how far seeds are apart does not matter: ratios are compared
        for ratios, expected in (
            ((1.1, 1.12, 1.09), "holds"),
            ((1.4, 1.45, 1.38), "fails"),
            ((0.7, 0.69, 0.72), "fails"),
            ((0.5, 1.0, 2.0), "undecided"),  # noise is no likeness
        ):
            a = {seed: b[seed] * ratio for seed, ratio in enumerate(ratios)}
            self.assertEqual(claims.alike(a, b, 1.25, of="x").verdict, expected)
        self.assertEqual(claims.alike(b, b, 1.25, of="x").verdict, "holds")
        self.assertEqual(claims.alike(b, b, 1.25, of="x", least=5).verdict, "undecided")
        for lost in (math.nan, math.inf, 0.0):
            self.assertEqual(claims.alike(b, {**b, 1: lost}, 1.25, of="x").verdict, "undecided")

    def test_alike_says_the_numbers(self):
        e = math.e
        found = claims.alike({0: 1.0, 1: e, 2: e**2}, {0: 1.0, 1: 1.0, 2: 1.0}, 1.25, of="x")
        # log ratios 0, 1, 2: mean 1, half width 4.3027 / sqrt(3) = 2.4841
        ends = f"{math.exp(1 - 2.48414):.4g} to {math.exp(1 + 2.48414):.4g}"
        self.assertEqual(
            found.evidence,
            f"x: 1 against 1, 2.718 against 1, 7.389 against 1; 95 % interval of the ratio {ends}, allowed 0.8 to 1.25",
        )
        self.assertEqual((found.verdict, found.n), ("undecided", 3))
        none = claims.alike({}, {0: 1.0}, 1.25, of="x")
        self.assertEqual((none.verdict, none.n), ("undecided", 0))
        self.assertIn("x: none", none.evidence)

    def test_late_values_are_means_over_the_second_half(self):
        nan = math.nan
        lines = [["a", "m", 0, step, value] for step, value in ((0, 9.0), (5, 9.0), (10, 1.0), (15, 2.0), (20, 6.0))]
        lines += [["a", "m", 1, 10, 4.0], ["a", "m", 1, 20, 6.0], ["a", "m", 2, 5, nan], ["a", "m", 2, 10, 1.0]]
        lines += [["a", "m", 3, 0, 4.0], ["a", "m", 3, 5, nan], ["a", "m", 4, 0, 4.0]]
        lines += [["a", "m", nan, 20, 7.0], ["b", "m", 0, 20, 8.0]]
        table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
        found = claims.Values(table).late_by_seed("a", "m")
        self.assertEqual(found.keys(), {0, 1, 2, 3, 4})
        self.assertEqual((found[0], found[1]), (3.0, 5.0))
        for early in (2, 3, 4):  # diverged before it had a late value, or after it, or has none
            self.assertTrue(math.isnan(found[early]))

    def test_sign_test_by_hand(self):
        self.assertAllClose(claims.sign_test_p(6, 0), 2 / 64)
        self.assertAllClose(claims.sign_test_p(3, 1), 2 * (1 + 4) / 16)
        self.assertEqual(claims.sign_test_p(0, 0), 1.0)
        for wins, losses, expected in ((6, 0, "holds"), (5, 0, "undecided"), (1, 9, "fails"), (0, 0, "undecided")):
            self.assertEqual(claims.sign_test(wins, losses).verdict, expected)
        found = claims.sign_test(3, 1, of="cases")
        self.assertEqual((found.n, found.evidence), (4, "cases: 3 against 1, p = 0.625"))

    def test_wilsons_interval_by_its_formula(self):
        z = 1.959964
        for k, n in ((0, 6), (3, 6), (6, 6), (42, 200)):
            p = k / n
            middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
            expected = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
            self.assertAllClose(claims.wilson(k, n), expected, atol=1e-6)
