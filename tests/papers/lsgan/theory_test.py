import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.lsgan import chi_square as chi
from papers.lsgan import fig2_losses as fig2
from papers.lsgan import theory

P, G = theory.P, theory.G
M110, O11 = (-1.0, 1.0, 0.0), (0.0, 1.0, 1.0)


class TheoryTest(tf.test.TestCase):
    def close(self, a, b, tolerance=1e-12):
        self.assertAllClose(a, b, rtol=0, atol=tolerance)

    def test_the_worked_example(self):
        self.close(chi.pearson(P, G), 0.4)
        for (a, b, c), d, vd, vg, two_c in (
            (M110, (0.6, 0.2, -0.2, -0.6), 0.8, 0.1, 0.4),
            (O11, (0.8, 0.6, 0.4, 0.2), 0.2, 0.2, 0.6),
        ):
            optimal = chi.optimal_discriminator(P, G, a, b)
            self.close(optimal, d)
            self.close([chi.value_d(optimal, P, G, a, b), chi.value_g(optimal, G, c)], [vd, vg])
            self.close(chi.criterion(P, G, a, b, c), two_c)
            self.close(chi.value_d(optimal + 0.1, P, G, a, b) - vd, 0.01)
        self.close(chi.fixed_d_gradient(P, G, *M110), (0.18, 0.02, 0.02, 0.18))
        self.close(chi.fixed_d_gradient(P, G, *O11), (0.02, 0.08, 0.18, 0.32))
        self.close(chi.true_gradient(P, G, *M110), (-0.78, -0.22, 0.18, 0.42))
        self.close(chi.true_gradient(P, G, *O11), (0.18, 0.32, 0.42, 0.48))

    def test_other_pairs_of_distributions(self):
        u = np.full(4, 0.25)
        for p, g, x, m110, o11 in (
            ([0.5, 0.5, 0], [0, 0.5, 0.5], 1, (0.5, 0.25, 1), (0.125, 0.3125, 0.75)),
            ([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], 2, (0, 0.5, 2), (0, 0.5, 1)),
            (u, u, 0, (1, 0, 0), (0.25, 0.125, 0.5)),
        ):
            p, g = np.array(p, float), np.array(g, float)
            self.close(chi.pearson(p, g), x)
            for (a, b, c), expected in ((M110, m110), (O11, o11)):
                d = chi.optimal_discriminator(p, g, a, b)
                found = chi.value_d(d, p, g, a, b), chi.value_g(d, g, c), chi.criterion(p, g, a, b, c)
                self.close(found, expected)

    def test_the_true_gradient_is_that_of_finite_differences(self):
        for scheme in (M110, O11):
            for state in range(4):
                step = np.eye(4)[state] * 1e-6
                difference = chi.criterion(P, G + step, *scheme) - chi.criterion(P, G - step, *scheme)
                self.close(difference / 2 / 2e-6, chi.true_gradient(P, G, *scheme)[state], 1e-6)

    def test_the_descent(self):
        expected = {
            (M110, chi.fixed_d_gradient): (0.3962274460, 0.3718178797, 0.3706771345, 0.4873967581, 0.4971118833),
            (O11, chi.fixed_d_gradient): (0.3909600937, 0.3213081221, 0.0473191438, 5.7e-9, 0),
            (M110, chi.true_gradient): (0.3715810202, 0.1766439211, 8.09343e-5, 0, 0),
            (O11, chi.true_gradient): (0.3928230693, 0.3322863231, 0.0364591558, 1.1e-8, 0),
        }
        for (scheme, gradient), values in expected.items():
            found, g = chi.tabular_descent(P, G, scheme, gradient, (1, 10, 100, 1000, 4000))
            self.close(found, values, 1e-8)
            if (scheme, gradient) == (M110, chi.fixed_d_gradient):
                self.close(g, (0.000843, 0.500147, 0.333057, 0.165953), 1e-6)
            else:
                self.close(g, P, 1e-6)

    def test_from_beside_p_the_pearson_scheme_moves_away(self):
        start = P + np.array([-0.01, 0.01, -0.01, 0.01])
        found, _ = chi.tabular_descent(P, start, M110, chi.fixed_d_gradient, (0, 100, 1000, 4000))
        self.close(found, (0.00102, 0.00097, 0.00128, 0.34068), 1e-5)
        self.assertLess(chi.tabular_descent(P, start, O11, chi.fixed_d_gradient, (1000,))[0][0], 1e-9)

    @settings(max_examples=50, deadline=None)
    @given(st.integers(0, 10**6), st.integers(2, 9))
    def test_the_identities(self, seed, states):
        random = np.random.default_rng(seed)
        p, g = random.dirichlet(np.ones(states)), random.dirichlet(np.ones(states))
        x = chi.pearson(p, g)
        self.close(chi.pearson(g, p), x)
        self.assertBetween(x, 0, 2)
        self.close(chi.criterion(p, g, *M110), x)
        self.close(chi.criterion(p, g, *O11), 0.5 + x / 4)
        for a, b, _ in (M110, O11):
            d = chi.optimal_discriminator(p, g, a, b)
            self.close(chi.value_d(d, p, g, a, b), (b - a) ** 2 * (2 - x) / 8)
            e = random.normal(size=states)
            self.close(chi.value_d(d + e, p, g, a, b) - chi.value_d(d, p, g, a, b), 0.5 * ((p + g) * e**2).sum())

    def test_a_wrong_divergence_would_show(self):
        self.close(((G - P) ** 2 / P).sum(), 1.2083333333, 1e-9)
        self.assertGreater(abs(((G - P) ** 2 / P).sum() - chi.pearson(P, G)), 0.5)


class LossCurvesTest(tf.test.TestCase):
    def test_the_printed_digits(self):
        for s, ce, slope, saturating, ls, ls_slope in (
            (-10, 10.0000454, -0.9999546, -4.539787e-05, 60.5, -11),
            (-2, 2.126928011, -0.8807971, -0.1192029, 4.5, -3),
            (0, 0.6931471806, -0.5, -0.5, 0.5, -1),
            (1, 0.3132616875, -0.2689414, -0.7310586, 0, 0),
            (4, 0.01814992792, -0.01798621, -0.9820138, 4.5, 3),
            (8, 3.354063729e-04, -3.353501e-04, -0.9996646, 24.5, 7),
            (10, 4.539889922e-05, -4.539787e-05, -0.9999546, 40.5, 9),
        ):
            s = np.float64(s)
            self.assertAllClose(fig2.cross_entropy(s), ce, rtol=1e-9, atol=0)
            found = fig2.cross_entropy_slope(s), fig2.saturating_slope(s)
            self.assertAllClose(found, (slope, saturating), rtol=1e-6, atol=0)
            self.assertAllClose((fig2.least_squares(s), fig2.least_squares_slope(s)), (ls, ls_slope), rtol=1e-12)

    def test_slopes_are_derivatives(self):
        s = np.linspace(-9, 9, 50)
        for value, slope in (
            (fig2.cross_entropy, fig2.cross_entropy_slope),
            (fig2.least_squares, fig2.least_squares_slope),
        ):
            self.assertAllClose((value(s + 1e-5) - value(s - 1e-5)) / 2e-5, slope(s), atol=1e-8)

    def test_where_each_is_flat(self):
        self.assertAllClose(fig2.FLAT_FROM, 6.9068, atol=1e-4)
        self.assertLess(abs(fig2.cross_entropy_slope(np.float64(fig2.FLAT_FROM + 1e-6))), 1e-3)
        self.assertGreater(abs(fig2.cross_entropy_slope(np.float64(fig2.FLAT_FROM - 1e-2))), 1e-3)
