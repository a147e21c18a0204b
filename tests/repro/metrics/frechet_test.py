from functools import reduce
from operator import add

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg
from sklearn.covariance import EmpiricalCovariance

from repro.metrics.frechet import Moments, frechet_distance, frechet_distance_of_moments

SEEDS = st.integers(0, 10_000)


def of_moments(a, b):
    return frechet_distance_of_moments(Moments.of(a), Moments.of(b))


def by_square_root(a, b):
    """The usual form, with the square root of the covariances' product."""
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(ca @ cb).real
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * np.trace(root)


def by_singular_values(a, b):
    """The form that needs no covariance, on the sets themselves."""
    a_, b_ = ((x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (a, b))
    roots = linalg.svdvals(a_ @ b_.T).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + (a_**2).sum() + (b_**2).sum() - 2 * roots


def cloud(random, n, d, scales=1.0):
    """Correlated features off the origin."""
    return random.normal(size=(n, d)) * scales @ random.normal(size=(d, d)) + random.normal(size=d)


class FrechetTest(tf.test.TestCase):
    def test_shifted_and_scaled_gaussians_by_hand(self):
        a = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])  # covariance 2/3 I
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, a + np.array([3, 4])), 25.0)
            # mean 0, covariances 2/3 and 8/3: 2 (sqrt(8/3) - sqrt(2/3))² = 2 * 2/3
            self.assertAllClose(distance(a, 2 * a), 4 / 3)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(2, 30), st.integers(1, 12))
    def test_equal_covariances_leave_the_squared_distance_of_the_means(self, seed, n, d):
        random = np.random.default_rng(seed)
        a, shift = cloud(random, n, d), random.normal(size=d)
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, a + shift), (shift**2).sum(), rtol=1e-9, atol=1e-9)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(1, 6))
    def test_diagonal_gaussians_by_their_formula(self, seed, d):
        random = np.random.default_rng(seed)
        # The corners of a box and a box of other sides have diagonal covariances, of these variances.
        corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * d)).reshape(d, -1).T
        means, sides = random.normal(size=(2, d)), random.uniform(0.1, 3, (2, d))
        a, b = (corners * side + mean for mean, side in zip(means, sides, strict=True))
        deviations = sides * np.sqrt(2**d / (2**d - 1))
        expected = ((means[0] - means[1]) ** 2).sum() + ((deviations[0] - deviations[1]) ** 2).sum()
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected, rtol=1e-9, atol=1e-9)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(3, 40), st.integers(3, 40), st.integers(1, 12))
    def test_it_agrees_with_eigenvalues_of_the_product(self, seed, n, m, d):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(n, d)), random.normal(size=(m, d)) @ random.normal(size=(d, d))
        ca, cb = np.cov(a.T).reshape(d, d), np.cov(b.T).reshape(d, d)
        roots = np.sqrt(np.maximum(linalg.eigvals(ca @ cb).real, 0)).sum()
        expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * roots
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected, rtol=1e-5, atol=1e-5)
            self.assertAllClose(distance(a, b), distance(b, a), rtol=1e-9, atol=1e-9)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(2, 25))
    def test_as_scipys_square_root_where_the_covariances_have_full_rank(self, seed, d):
        random = np.random.default_rng(seed)
        a, b = cloud(random, 4 * d, d), cloud(random, 5 * d, d)
        expected = by_square_root(a, b)
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected, rtol=1e-6, atol=0)

    def test_both_forms_agree_over_many_orders_of_variance(self):
        random = np.random.default_rng(0)
        for smallest in (0, -3, -6, -10):
            scales = np.logspace(0, smallest / 2, 40)
            a, b = cloud(random, 200, 40, scales), cloud(random, 300, 40, scales)
            expected = by_singular_values(a, b)
            for distance in (frechet_distance, of_moments):
                self.assertAllClose(distance(a, b), expected, rtol=1e-10, atol=0)

    @settings(max_examples=40, deadline=None)
    @given(SEEDS, st.integers(2, 40), st.integers(2, 40), st.integers(0, 5), st.integers(0, 5))
    def test_few_samples_and_features_that_never_vary(self, seed, n, m, dead_a, dead_b):
        random = np.random.default_rng(seed)
        a, b = cloud(random, n, 12), cloud(random, m, 12)
        a[:, :dead_a], b[:, 12 - dead_b :] = 1.5, 0
        expected = by_singular_values(a, b)
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected, rtol=1e-9, atol=1e-9)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(2, 6), st.sampled_from([1, 1e3, 1e6]), st.sampled_from([0, 1e4]))
    def test_near_sets_whose_variance_is_nearly_all_in_one_direction(self, seed, d, big, far):
        random = np.random.default_rng(seed)
        corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * d)).reshape(d, -1).T
        sides = random.uniform(0.1, 3, (2, d))
        sides[:, 0] = big  # the same in both sets, and up to 1e12 times what they differ by
        expected = ((sides[0] - sides[1]) ** 2).sum() * 2**d / (2**d - 1)
        a, b = (corners * side + far for side in sides)
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected, rtol=1e-7, atol=0)
        turned = linalg.qr(random.normal(size=(d, d)))[0]
        self.assertAllClose(frechet_distance(a @ turned, b @ turned), expected, rtol=1e-6, atol=0)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(2, 30), st.integers(1, 12), st.sampled_from([0, 1e4]))
    def test_layout_dtype_and_copies_of_samples(self, seed, n, d, far):
        random = np.random.default_rng(seed)
        a, b = (cloud(random, n, d).astype(np.float32) + np.float32(far) for _ in range(2))
        expected = frechet_distance(a.astype(np.float64), b.astype(np.float64))
        rtol = 1e-8 if far else 1e-12
        wide = np.zeros((2 * n, 3 * d), np.float32)
        wide[::2, ::3] = a
        found = frechet_distance(wide[::2, ::3], np.asfortranarray(b)[:, ::-1][:, ::-1])
        self.assertAllClose(found, expected, rtol=rtol, atol=1e-9)
        # Every sample twice: the same means, and scatters twice as large over 2 n - 1.
        a_, b_ = (x.astype(np.float64) for x in (a, b))
        twice = frechet_distance(a_.repeat(2, axis=0), b_.repeat(2, axis=0))
        means = ((a_.mean(axis=0) - b_.mean(axis=0)) ** 2).sum()
        self.assertAllClose(twice, means + (expected - means) * (2 * n - 2) / (2 * n - 1), rtol=rtol, atol=1e-8)

    def test_directions_too_small_for_a_covariance(self):
        random = np.random.default_rng(0)
        a, b = random.normal(size=(100, 2)) * [1, 1e-8], random.normal(size=(100, 2))
        expected = by_singular_values(a, b)
        self.assertAllClose(frechet_distance(a, b), expected, rtol=1e-10, atol=0)
        self.assertAllClose(of_moments(a, b), expected, rtol=1e-7, atol=0)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(2, 30), st.integers(1, 12))
    def test_identical_sets_in_any_order_are_at_distance_0(self, seed, n, d):
        random = np.random.default_rng(seed)
        a = cloud(random, n, d)
        for distance in (frechet_distance, of_moments):
            found = distance(a, random.permutation(a))
            self.assertGreaterEqual(found, 0)
            self.assertLess(found, 1e-12 * (1 + a.var(axis=0).sum()))

    def test_a_set_without_variance(self):
        a, b = np.full((5, 3), 2.0), np.random.default_rng(0).normal(size=(9, 3))
        expected = ((b.mean(0) - 2) ** 2).sum() + np.trace(np.cov(b.T))
        for distance in (frechet_distance, of_moments):
            self.assertAllClose(distance(a, b), expected)
            self.assertAllClose(distance(b, a), expected)
            self.assertEqual(distance(a, a), 0)

    def test_float32_features_lose_nothing_more(self):
        a, b = (np.random.default_rng(seed).normal(size=(50, 5)).astype(np.float32) for seed in (0, 1))
        self.assertEqual(frechet_distance(a, b), frechet_distance(a.astype(np.float64), b.astype(np.float64)))

    def test_refusals(self):
        with self.assertRaisesRegex(ValueError, "at least 2 samples expected. Received: 1 in the first set"):
            frechet_distance(np.ones((1, 2)), np.ones((3, 2)))
        with self.assertRaisesRegex(ValueError, "sample 2 of the first set is not"):
            frechet_distance(np.array([[0.0], [1.0], [np.nan]]), np.ones((3, 1)))
        with self.assertRaisesRegex(ValueError, "sample 1 of the second set is not"):
            frechet_distance(np.ones((3, 1)), np.array([[0.0], [np.inf]]))
        with self.assertRaisesRegex(ValueError, "one length expected. Received: 2 and 3"):
            frechet_distance(np.ones((3, 2)), np.ones((3, 3)))
        with self.assertRaisesRegex(ValueError, r"Received: shape \(3,\) in the second set"):
            frechet_distance(np.ones((3, 2)), np.ones(3))
        with self.assertRaisesRegex(ValueError, r"Received: shape \(3, 0\) in the first set"):
            frechet_distance(np.ones((3, 0)), np.ones((3, 0)))
        with self.assertRaisesRegex(ValueError, "a covariance needs two samples. Received: 1"):
            of_moments(np.ones((1, 2)), np.ones((3, 2)))


class MomentsTest(tf.test.TestCase):
    def test_two_batches_by_hand(self):
        both = Moments.of(np.array([[0.0, 0], [2, 0]])) + Moments.of(np.array([[4.0, 6]]))
        self.assertEqual(both.n, 3)
        self.assertAllClose(both.mean, [2.0, 2])
        self.assertAllClose(both.covariance, [[4.0, 6], [6, 12]])

    @settings(max_examples=40, deadline=None)
    @given(SEEDS, st.integers(2, 50), st.integers(1, 6), st.lists(st.integers(1, 49), max_size=6), st.floats(-1e6, 1e6))
    def test_batches_of_any_size_in_any_order_are_the_whole_set(self, seed, n, d, cuts, far):
        random = np.random.default_rng(seed)
        features = random.normal(size=(n, d)) + far
        batches = [batch for batch in np.split(features, sorted({cut for cut in cuts if cut < n})) if len(batch)]
        random.shuffle(batches)
        found = reduce(add, map(Moments.of, batches))
        self.assertEqual(found.n, n)
        self.assertAllClose(found.mean, features.mean(axis=0), rtol=1e-12, atol=1e-12)
        self.assertAllClose(found.covariance, np.cov(features.T).reshape(d, d), rtol=1e-8, atol=1e-8)
        fitted = EmpiricalCovariance().fit(features).covariance_ * n / (n - 1)
        self.assertAllClose(found.covariance, fitted, rtol=1e-6, atol=1e-6)

    def test_distances_do_not_depend_on_the_batches(self):
        random = np.random.default_rng(0)
        a, b = cloud(random, 60, 8), cloud(random, 90, 8)
        whole = of_moments(a, b)
        for size in (1, 7, 30, 60):
            batches = [Moments.of(a[start : start + size]) for start in range(0, 60, size)]
            self.assertAllClose(frechet_distance_of_moments(reduce(add, batches), Moments.of(b)), whole, rtol=1e-12)
        self.assertAllClose(whole, frechet_distance(a, b), rtol=1e-12)

    def test_refusals(self):
        with self.assertRaisesRegex(ValueError, "at least 1 samples expected. Received: 0 in the set"):
            Moments.of(np.zeros((0, 2)))
        with self.assertRaisesRegex(ValueError, "sample 1 of the set is not"):
            Moments.of(np.array([[0.0], [np.nan]]))
        with self.assertRaisesRegex(ValueError, "two samples. Received: 1"):
            _ = Moments.of(np.zeros((1, 2))).covariance
