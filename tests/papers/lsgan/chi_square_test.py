"""The theory on finitely many states: numbers by hand to 1e-12, identities on random distributions, the descent."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.lsgan import chi_square

P = np.array([0.4, 0.3, 0.2, 0.1])
G = np.array([0.1, 0.2, 0.3, 0.4])
PEARSON, ZERO_ONE = (-1.0, 1.0, 0.0), (0.0, 1.0, 1.0)
EXACT = {"rtol": 0, "atol": 1e-12}  # float64; sums of a few terms of size one


@st.composite
def pairs(draw):
    """Two distributions over the same 2 to 8 states; states without mass occur, in one or in both."""
    states = draw(st.integers(2, 8))
    weights = st.lists(st.integers(0, 1000), min_size=states, max_size=states).filter(any)
    p, g = np.array(draw(weights), float), np.array(draw(weights), float)
    return p / p.sum(), g / g.sum()


labels = st.integers(-8, 8).map(lambda quarters: quarters / 4)


class WorkedExampleTest(tf.test.TestCase):
    def check(self, scheme, d, v_d, v_g, two_c, fixed, true):
        a, b, c = scheme
        found = chi_square.optimal_discriminator(P, G, a, b)
        self.assertAllClose(found, d, **EXACT)
        self.assertAllClose(chi_square.value_d(found, P, G, a, b), v_d, **EXACT)
        self.assertAllClose(chi_square.value_g(found, G, c), v_g, **EXACT)
        self.assertAllClose(chi_square.criterion(P, G, *scheme), two_c, **EXACT)
        self.assertAllClose(chi_square.fixed_d_gradient(P, G, *scheme), fixed, **EXACT)
        self.assertAllClose(chi_square.true_gradient(P, G, *scheme), true, **EXACT)

    def test_labels_minus_one_one_zero(self):
        fixed, true = [0.18, 0.02, 0.02, 0.18], [-0.78, -0.22, 0.18, 0.42]
        self.check(PEARSON, [0.6, 0.2, -0.2, -0.6], v_d=0.8, v_g=0.1, two_c=0.4, fixed=fixed, true=true)

    def test_labels_zero_one_one(self):
        fixed, true = [0.02, 0.08, 0.18, 0.32], [0.18, 0.32, 0.42, 0.48]
        self.check(ZERO_ONE, [0.8, 0.6, 0.4, 0.2], v_d=0.2, v_g=0.2, two_c=0.6, fixed=fixed, true=true)

    def test_the_divergence_is_not_the_ordinary_one_between_p_and_g(self):
        self.assertAllClose(chi_square.pearson(P, G), 0.4, **EXACT)
        self.assertAllClose(((G - P) ** 2 / P).sum(), 1.2083333333333333, **EXACT)

    def test_it_is_the_pearson_divergence_between_p_plus_g_and_2g(self):
        # chi2(P || Q) = sum (Q - P)² / P
        self.assertAllClose((((2 * G) - (P + G)) ** 2 / (P + G)).sum(), chi_square.pearson(P, G), **EXACT)

    def test_a_score_beside_the_optimum_costs_the_square(self):
        d = chi_square.optimal_discriminator(P, G, -1, 1)
        cost = chi_square.value_d(d + 0.1, P, G, -1, 1) - chi_square.value_d(d, P, G, -1, 1)
        self.assertAllClose(cost, 0.01, **EXACT)

    def test_other_pairs_by_hand(self):
        uniform = [0.25] * 4
        for p, g, x, pearson, zero_one in (
            ([0.5, 0.5, 0], [0, 0.5, 0.5], 1, (0.5, 0.25, 1), (0.125, 0.3125, 0.75)),
            ([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], 2, (0, 0.5, 2), (0, 0.5, 1)),
            (uniform, uniform, 0, (1, 0, 0), (0.25, 0.125, 0.5)),
        ):
            p, g = np.array(p, float), np.array(g, float)
            self.assertAllClose(chi_square.pearson(p, g), x, **EXACT)
            for (a, b, c), expected in ((PEARSON, pearson), (ZERO_ONE, zero_one)):
                d = chi_square.optimal_discriminator(p, g, a, b)
                found = [chi_square.value_d(d, p, g, a, b), chi_square.value_g(d, g, c)]
                self.assertAllClose([*found, chi_square.criterion(p, g, a, b, c)], expected, **EXACT)

    def test_a_state_that_neither_has_changes_nothing(self):
        p, g = np.append(P, 0.0), np.append(G, 0.0)
        self.assertAllClose(chi_square.optimal_discriminator(p, g, 0, 1), [0.8, 0.6, 0.4, 0.2, 0.5], **EXACT)
        self.assertAllClose(chi_square.pearson(p, g), 0.4, **EXACT)
        self.assertAllClose(chi_square.criterion(p, g, *ZERO_ONE), 0.6, **EXACT)
        self.assertAllEqual(np.isfinite(chi_square.true_gradient(p, g, *ZERO_ONE)), [True] * 5)


class IdentitiesTest(tf.test.TestCase):
    @settings(max_examples=100, deadline=None)
    @given(pairs())
    def test_twice_the_criterion_is_the_divergence_or_an_affine_function_of_it(self, pair):
        x = chi_square.pearson(*pair)
        self.assertAllClose(chi_square.criterion(*pair, *PEARSON), x, **EXACT)
        self.assertAllClose(chi_square.criterion(*pair, *ZERO_ONE), 0.5 + x / 4, **EXACT)

    @settings(max_examples=100, deadline=None)
    @given(pairs(), labels, labels, labels)
    def test_closed_forms_for_any_labels(self, pair, a, b, c):
        x, al, be = chi_square.pearson(*pair), b - c, b - a
        expected = 2 * al**2 - 2 * al * be + be**2 * (2 + x) / 4
        self.assertAllClose(chi_square.criterion(*pair, a, b, c), expected, rtol=0, atol=1e-11)  # labels up to 2
        d = chi_square.optimal_discriminator(*pair, a, b)
        self.assertAllClose(chi_square.value_d(d, *pair, a, b), be**2 * (2 - x) / 8, rtol=0, atol=1e-11)

    @settings(max_examples=100, deadline=None)
    @given(pairs())
    def test_the_divergence_is_symmetric_and_between_0_and_2(self, pair):
        p, g = pair
        x = chi_square.pearson(p, g)
        self.assertEqual(x, chi_square.pearson(g, p))
        self.assertBetween(x, 0, 2 + 1e-12)
        self.assertEqual(chi_square.pearson(p, p), 0)
        self.assertAllClose(chi_square.pearson(np.append(p, 0 * g), np.append(0 * p, g)), 2, **EXACT)

    @settings(max_examples=100, deadline=None)
    @given(pairs(), labels, labels, st.integers(0, 2**32 - 1))
    def test_d_is_the_minimiser(self, pair, a, b, seed):
        p, g = pair
        e = np.random.default_rng(seed).normal(size=p.shape)
        d = chi_square.optimal_discriminator(p, g, a, b)
        cost = chi_square.value_d(d + e, p, g, a, b) - chi_square.value_d(d, p, g, a, b)
        self.assertAllClose(cost, 0.5 * ((p + g) * e**2).sum(), rtol=0, atol=1e-11)

    @settings(max_examples=50, deadline=None)
    @given(pairs(), labels, labels, labels, st.floats(-3, 3))
    def test_values_of_a_constant_score(self, pair, a, b, c, k):
        p, g = pair
        d = np.full(p.shape, k)
        expected = 0.5 * (k - b) ** 2 + 0.5 * (k - a) ** 2
        self.assertAllClose(chi_square.value_d(d, p, g, a, b), expected, rtol=0, atol=1e-11)
        self.assertAllClose(chi_square.value_g(d, g, c), 0.5 * (k - c) ** 2, rtol=0, atol=1e-11)

    def test_at_equal_distributions_every_score_is_the_middle_of_the_labels(self):
        for (a, b, c), k, v_d, v_g in ((PEARSON, 0.0, 1.0, 0.0), (ZERO_ONE, 0.5, 0.25, 0.125)):
            d = chi_square.optimal_discriminator(P, P, a, b)
            self.assertAllClose(d, [k] * 4, **EXACT)
            self.assertAllClose(chi_square.value_d(d, P, P, a, b), v_d, **EXACT)
            self.assertAllClose(chi_square.value_g(d, P, c), v_g, **EXACT)

    def test_the_pearson_labels_are_zero_one_coding_with_c_one_half(self):
        # D' = 2 D - 1 maps the labels 0, 1 and 1/2 to -1, 1 and 0; losses grow by 4.
        self.assertAllClose(4 * chi_square.criterion(P, G, 0, 1, 0.5), chi_square.criterion(P, G, *PEARSON), **EXACT)
        self.assertNotAllClose(4 * chi_square.criterion(P, G, 0, 1, 1), chi_square.criterion(P, G, *PEARSON))


class GradientsTest(tf.test.TestCase):
    def central(self, value, h=1e-6):
        return np.array([(value(G + h * e) - value(G - h * e)) / (2 * h) for e in np.eye(4)])

    def test_gradients_agree_with_finite_differences(self):
        for a, b, c in (PEARSON, ZERO_ONE, (-0.5, 0.75, 0.25)):
            d = chi_square.optimal_discriminator(P, G, a, b)
            held = self.central(lambda g, d=d, c=c: chi_square.value_g(d, g, c))
            again = self.central(lambda g, s=(a, b, c): chi_square.criterion(P, g, *s) / 2)
            # An error of 1e-6² from the curvature and 1e-16 / 1e-6 from rounding.
            self.assertAllClose(chi_square.fixed_d_gradient(P, G, a, b, c), held, rtol=0, atol=1e-8)
            self.assertAllClose(chi_square.true_gradient(P, G, a, b, c), again, rtol=0, atol=1e-8)

    def test_with_the_pearson_labels_too_much_and_too_little_mass_look_alike(self):
        there = chi_square.fixed_d_gradient(P, G, *PEARSON)
        self.assertAllClose(there, chi_square.fixed_d_gradient(G, P, *PEARSON), **EXACT)
        self.assertAllClose(there, there[::-1], **EXACT)  # state 4 has too much, state 1 too little


class DescentTest(tf.test.TestCase):
    def descend(self, scheme, gradient, at=(1, 10, 100, 1000, 4000), start=G):
        return chi_square.tabular_descent(P, start, scheme, gradient, at)

    def test_pearson_labels_with_d_fixed_lose_a_state(self):
        found, g = self.descend(PEARSON, chi_square.fixed_d_gradient)
        expected = [0.3962274460, 0.3718178797, 0.3706771345, 0.4873967581, 0.4971118833]
        self.assertAllClose(found, expected, rtol=0, atol=1e-8)
        self.assertAllClose(g, [0.000843, 0.500147, 0.333057, 0.165953], rtol=0, atol=1e-6)
        self.assertAllClose(chi_square.pearson(P, np.array([0, 1 / 2, 1 / 3, 1 / 6])), 0.5, **EXACT)  # the limit

    def test_zero_one_labels_with_d_fixed_find_p(self):
        found, g = self.descend(ZERO_ONE, chi_square.fixed_d_gradient)
        self.assertAllClose(found[:3], [0.3909600937, 0.3213081221, 0.0473191438], rtol=0, atol=1e-8)
        self.assertAllClose(found[3], 5.7e-9, rtol=0.01, atol=0)
        self.assertAllClose(g, P, rtol=0, atol=1e-8)

    def test_both_labels_find_p_along_the_gradient_of_the_divergence(self):
        for scheme, expected in (
            (PEARSON, [0.3715810202, 0.1766439211, 8.09343e-5]),
            (ZERO_ONE, [0.3928230693, 0.3322863231, 0.0364591558]),
        ):
            found, g = self.descend(scheme, chi_square.true_gradient)
            self.assertAllClose(found[:3], expected, rtol=0, atol=1e-8)
            self.assertAllClose(g, P, rtol=0, atol=1e-6)

    def test_pearson_labels_with_d_fixed_leave_p_even_from_beside_it(self):
        start = P + np.array([-0.01, 0.01, -0.01, 0.01])
        found, _ = self.descend(PEARSON, chi_square.fixed_d_gradient, (0, 100, 1000, 4000), start)
        self.assertAllClose(found, [0.00102, 0.00097, 0.00128, 0.34068], rtol=0, atol=5e-6)
        found, _ = self.descend(ZERO_ONE, chi_square.fixed_d_gradient, (1000,), start)
        self.assertAllClose(found, [2e-10], rtol=0.25, atol=0)
