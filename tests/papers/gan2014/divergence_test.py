"""GAN's theory against printed values, closed forms, and properties on random distributions."""

import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from papers.gan2014 import divergence
from papers.gan2014.divergence import LOG_2, LOG_4, log_of, normal_log_density

EXACT = {"rtol": 0, "atol": 1e-12}
X = np.linspace(-40, 40, 8_001)
WIDTH = 0.01
P = normal_log_density(X)
# mean and standard deviation of p_g, JSD and C with p_data = N(0, 1): integrated on 800,001 points
GAUSSIANS = (
    (0, 1, 0, -1.386294361120),
    (0.5, 1, 0.030311300522, -1.325671760076),
    (1, 1, 0.111421482188, -1.163451396743),
    (2, 1, 0.336830820358, -0.712632720404),
    (4, 1, 0.632720193758, -0.120853973604),
    (10, 1, 0.693146317417, -0.000001726286),
    (0, 2, 0.092733381669, -1.200827597781),
    (1, 0.5, 0.223983776556, -0.938326808008),
)


@st.composite
def pairs(draw):
    """Two probabilities over the same 2 to 8 states, zeros among them."""
    n = draw(st.integers(2, 8))
    weights = st.lists(st.integers(0, 20), min_size=n, max_size=n).filter(sum)
    p, q = (np.array(draw(weights), float) for _ in range(2))
    return p / p.sum(), q / q.sum()


class GaussiansTest(tf.test.TestCase):
    def test_printed_values(self):
        for mean, std, jsd, c in GAUSSIANS:
            q = normal_log_density(X, mean, std)
            logit = divergence.optimal_logit(P, q)
            found = [
                divergence.jsd(P, q, WIDTH),
                divergence.criterion(P, q, WIDTH),
                divergence.value(logit, P, q, WIDTH),
            ]
            self.assertAllClose(found, [jsd, c, c], rtol=0, atol=5e-11)  # as printed

    def test_the_divergence_is_the_entropy_of_the_mixture_less_that_of_its_parts(self):
        for mean, std, jsd, _ in GAUSSIANS:
            mixture = np.logaddexp(P, normal_log_density(X, mean, std)) - LOG_2
            of_mixture = -(np.exp(mixture) * mixture).sum() * WIDTH
            of_parts = [0.5 * np.log(2 * np.pi * np.e * s**2) for s in (1, std)]
            self.assertAllClose(of_mixture - np.mean(of_parts), jsd, rtol=0, atol=1e-10)

    def test_equal_variances_make_the_best_d_a_logistic_regression(self):
        logit = divergence.optimal_logit(P, normal_log_density(X, 1.0))
        self.assertAllClose(logit, 0.5 - X, rtol=0, atol=1e-10)
        best = divergence.optimal_discriminator(*(normal_log_density(np.array([0, 0.5]), m) for m in (0, 1)))
        self.assertAllClose(best, [0.6224593312018546, 0.5], **EXACT)

    def test_densities_that_underflow_give_no_nan(self):
        far = normal_log_density(X, 30, 0.1)
        self.assertAllClose(divergence.jsd(P, far, WIDTH), LOG_2, **EXACT)
        self.assertTrue(np.isfinite(divergence.optimal_discriminator(P, far)).all())


class DiscreteTest(tf.test.TestCase):
    def test_by_hand(self):
        p, q = log_of(np.array([0.5, 0.3, 0.2])), log_of(np.array([0.2, 0.2, 0.6]))
        logit = divergence.optimal_logit(p, q)
        self.assertAllClose(divergence.sigmoid(logit), [5 / 7, 0.6, 0.25], **EXACT)
        self.assertAllClose(divergence.value(logit, p, q), -1.205162661209355, **EXACT)
        self.assertAllClose(divergence.jsd(p, q), 0.09056584995526779, **EXACT)

    def test_states_that_only_one_has(self):
        p, q = log_of(np.array([0.5, 0.5, 0])), log_of(np.array([0, 0.5, 0.5]))
        logit = divergence.optimal_logit(p, q)
        self.assertAllClose(divergence.jsd(p, q), LOG_2 / 2, **EXACT)
        self.assertAllClose([divergence.criterion(p, q), divergence.value(logit, p, q)], [-LOG_2, -LOG_2], **EXACT)
        self.assertAllEqual(divergence.sigmoid(logit), [1, 0.5, 0])

    def test_a_state_that_neither_has_changes_nothing(self):
        p, q = log_of(np.array([0.5, 0.5, 0])), log_of(np.array([0.25, 0.75, 0]))
        self.assertAllClose(divergence.optimal_discriminator(p, q), [2 / 3, 0.4, 0.5], **EXACT)
        self.assertAllClose(divergence.jsd(p, q), divergence.jsd(p[:2], q[:2]), **EXACT)

    @given(pairs())
    def test_value_at_the_best_d_is_the_criterion(self, pair):
        p, q = map(log_of, pair)
        found = divergence.value(divergence.optimal_logit(p, q), p, q)
        self.assertAllClose(found, divergence.criterion(p, q), **EXACT)

    @given(pairs())
    def test_the_divergence_is_symmetric_between_0_and_log_2_and_0_for_equal_ones(self, pair):
        p, q = map(log_of, pair)
        self.assertAllClose(divergence.jsd(p, q), divergence.jsd(q, p), **EXACT)
        self.assertBetween(divergence.jsd(p, q), -1e-15, LOG_2 + 1e-15)
        self.assertAllClose(divergence.jsd(p, p), 0, **EXACT)
        none = np.full(p.shape, -np.inf)
        self.assertAllClose(divergence.jsd(np.append(p, none), np.append(none, q)), LOG_2, **EXACT)

    @given(pairs(), st.integers(0, 2**32 - 1))
    def test_no_other_d_has_a_larger_value(self, pair, seed):
        p, q = map(log_of, pair)
        logit = divergence.optimal_logit(p, q)
        other = np.where(np.isfinite(logit), logit, 0) + np.random.default_rng(seed).normal(size=p.shape)
        self.assertLessEqual(divergence.value(other, p, q), divergence.value(logit, p, q) + 1e-12)

    @given(st.floats(1e-3, 1), st.floats(1e-3, 1))
    def test_the_pointwise_maximum_lies_at_the_ratio(self, a, b):
        found = divergence.pointwise_maximiser(np.log([a]), np.log([b]))
        self.assertAllClose(found, [a / (a + b)], **EXACT)

    def test_the_pointwise_maximum_where_one_has_no_mass(self):
        found = divergence.pointwise_maximiser(log_of(np.array([0.5, 0])), log_of(np.array([0, 0.5])))
        self.assertAllClose(found, [1, 0], **EXACT)


class DescentTest(tf.test.TestCase):
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])

    def test_the_slope_is_that_of_c_and_of_the_value_at_a_fixed_d(self):
        h, found = 1e-6, divergence.slope(self.p, self.q)
        logit = divergence.optimal_logit(log_of(self.p), log_of(self.q))
        for state, unit in enumerate(np.eye(3)):
            up, down = (log_of(self.q + sign * h * unit) for sign in (1, -1))
            of_c, of_v = (
                [divergence.value(d, log_of(self.p), q) for q, d in zip((up, down), ds, strict=True)]
                for ds in ([divergence.optimal_logit(log_of(self.p), q) for q in (up, down)], [logit, logit])
            )
            self.assertAllClose((of_c[0] - of_c[1]) / (2 * h), found[state], rtol=0, atol=1e-8)
            self.assertAllClose((of_v[0] - of_v[1]) / (2 * h), found[state], rtol=0, atol=1e-8)
        self.assertAllClose(found, np.log([2 / 7, 0.4, 0.75]), **EXACT)

    @given(pairs())
    def test_a_multiplicative_step_of_rate_one_goes_half_way(self, pair):
        p, q = pair
        found = divergence.multiplicative_step(p, q, 1.0)
        if (q > 0).all():
            self.assertAllClose(found, (p + q) / 2, **EXACT)
        self.assertAllEqual(found[q == 0], np.zeros((q == 0).sum()))

    def test_a_smaller_rate_moves_less_and_rate_zero_not_at_all(self):
        half, none = (divergence.multiplicative_step(self.p, self.q, rate) for rate in (0.5, 0.0))
        by_hand = self.q * ((self.p + self.q) / self.q) ** 0.5
        self.assertAllClose(half, by_hand / by_hand.sum(), **EXACT)
        self.assertAllClose(none, self.q, **EXACT)

    @given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
    def test_the_projection_is_the_nearest_probability(self, v, seed):
        v = np.array(v)
        found = divergence.onto_simplex(v)
        self.assertAllClose(found.sum(), 1, **EXACT)
        self.assertGreaterEqual(found.min(), 0)
        other = np.random.default_rng(seed).dirichlet(np.ones(len(v)))
        # Nearest: the way to any other probability leads away from v.
        self.assertLessEqual(float((v - found) @ (other - found)), 1e-9)

    def test_an_euclidean_step_cuts_off_steep_slopes(self):
        found = divergence.euclidean_step(np.array([0.5, 0.5, 0]), np.array([0, 0.5, 0.5]), 0.001, steepest=50)
        self.assertAllClose(found, divergence.onto_simplex([0.05, 0.5 + 0.001 * LOG_2, 0.5]), **EXACT)

    def test_a_path_holds_its_start_and_every_step(self):
        path = divergence.descent(divergence.multiplicative_step, self.p, self.q, 1.0, 3)
        self.assertAllClose(path, [self.p + (self.q - self.p) / 2**t for t in range(4)], **EXACT)
        self.assertAllClose(divergence.total_variation(self.p, self.q), 0.4, **EXACT)
        self.assertAllClose(divergence.criterion(log_of(self.p), log_of(self.p)), -LOG_4, **EXACT)
