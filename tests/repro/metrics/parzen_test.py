from unittest import mock

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from sklearn.neighbors import KernelDensity

from repro.metrics import parzen
from repro.metrics.parzen import SIGMAS, best_sigma, log_likelihoods, mean_and_error

SEEDS = st.integers(0, 10_000)


def by_differences(samples, points, sigmas):
    """The definition, on the tensor of all differences."""
    samples, points = samples.reshape(len(samples), -1), points.reshape(len(points), -1)
    squared = ((points[:, None] - samples[None]) ** 2).sum(axis=2)
    n, d = samples.shape
    return np.stack(
        [
            logsumexp(-squared / (2 * sigma**2), axis=1) - np.log(n) - d * np.log(sigma * np.sqrt(2 * np.pi))
            for sigma in sigmas
        ]
    )


def pictures(seed, n, m, d=64):
    """Two sets on a 0..1 scale that lie in clusters: mostly black, as digits are."""
    random = np.random.default_rng(seed)
    middles = np.maximum(random.normal(size=(5, d)), 0) / 2
    made = [
        np.clip(middles[random.integers(0, 5, count)] + random.normal(0, 0.1, (count, d)), 0, 1) for count in (n, m)
    ]
    return made[0], made[1]


class ParzenTest(tf.test.TestCase):
    def test_log_densities_by_hand(self):
        for samples, point, sigma, expected in (
            ([[0.0, 0.0], [2.0, 0.0]], [1.0, 0.0], 0.7, -2.144935341797),
            ([[0.0, 0.0]], [0.0, 0.0], 1.0, -1.837877066409),
            ([[0.0], [1.0]], [0.3], 0.5, -0.727837867257),
        ):
            found = log_likelihoods(np.array(samples), np.array([point]), [sigma])
            self.assertAllClose(found, [[expected]], atol=1e-12, rtol=0)
        self.assertEqual((found.shape, found.dtype), ((1, 1), np.float64))

    def test_the_ten_widths(self):
        expected = [0.1, 0.129154966501, 0.166810053720, 0.215443469003, 0.278255940221,
                    0.359381366380, 0.464158883361, 0.599484250319, 0.774263682681, 1.0]  # fmt: skip
        self.assertAllClose(SIGMAS, expected, atol=1e-12, rtol=0)
        self.assertEqual((SIGMAS[0], SIGMAS[-1]), (0.1, 1.0))

    @given(SEEDS, st.integers(1, 40), st.integers(1, 15), st.integers(1, 30))
    def test_as_the_definition(self, seed, n, m, d):
        random = np.random.default_rng(seed)
        samples, points = random.normal(size=(n, d)), random.normal(size=(m, d))
        sigmas = random.uniform(0.02, 3, 4)
        expected = by_differences(samples, points, sigmas)
        self.assertAllClose(log_likelihoods(samples, points, sigmas), expected, atol=1e-6, rtol=1e-6)

    def test_as_the_definition_at_the_protocols_length_and_widths(self):
        samples, points = pictures(0, 600, 40, 784)
        expected = by_differences(samples, points, SIGMAS)
        found = log_likelihoods(samples, points)
        self.assertAllLess(np.abs(found - expected) / np.maximum(1, np.abs(expected)), 1e-10)
        images = log_likelihoods(samples.reshape(-1, 28, 28, 1), points.reshape(-1, 28, 28, 1))
        self.assertAllEqual(images, found)

    @settings(max_examples=20)
    @given(SEEDS, st.sampled_from([0.05, 0.1, 0.35, 1.0, 4.0]))
    def test_as_scikit_learn(self, seed, sigma):
        samples, points = pictures(seed, 80, 10)
        density = KernelDensity(bandwidth=sigma, rtol=0, atol=0).fit(samples)
        expected = density.score_samples(points)
        found = log_likelihoods(samples, points, [sigma])[0]
        self.assertAllLess(np.abs(found - expected) / np.maximum(1, np.abs(expected)), 1e-6)

    def test_what_the_cut_leaves_out_moves_nothing(self):
        samples, points = pictures(1, 2_000, 50)
        squared = np.sort(((points[:, None] - samples[None]) ** 2).sum(axis=2), axis=1)
        left_out = (squared - squared[:, :1] > parzen.CUT * np.array(SIGMAS)[:, None, None] ** 2).mean(axis=(1, 2))
        self.assertGreater(left_out[0], 0.5)
        self.assertEqual(left_out[-1], 0)
        found = log_likelihoods(samples, points)
        with mock.patch.object(parzen, "CUT", np.inf):
            self.assertAllClose(found, log_likelihoods(samples, points), atol=1e-12, rtol=0)

    def test_nothing_near_the_nearest_is_left_out(self):
        # Just inside the cut a sample counts e^-45 of the nearest, just outside it nothing: neither shows in float64.
        for excess in (89.999, 90.001, 200.0):
            samples = np.array([[0.0], [np.sqrt(excess)]])
            found = log_likelihoods(samples, np.array([[0.0]]), [1.0])
            self.assertAllClose(found, [[-np.log(2) - np.log(np.sqrt(2 * np.pi))]], atol=1e-15, rtol=1e-15)
        # 20 squared widths away it counts e^-10.
        found = log_likelihoods(np.array([[0.0], [np.sqrt(20)]]), np.array([[0.0]]), [1.0])
        self.assertAllClose(found, [[np.log((1 + np.exp(-10)) / 2) - np.log(np.sqrt(2 * np.pi))]], rtol=1e-14)

    def test_widths_keep_the_order_in_which_they_are_given(self):
        samples, points = pictures(2, 50, 7)
        order = np.random.default_rng(0).permutation(10)
        mixed = log_likelihoods(samples, points, np.array(SIGMAS)[order])
        self.assertAllEqual(mixed, log_likelihoods(samples, points)[order])
        twice = log_likelihoods(samples, points, [0.2, 0.7, 0.2])
        self.assertAllEqual(twice[0], twice[2])
        one = log_likelihoods(samples, points, [0.7])
        self.assertAllClose(one[0], twice[1], atol=1e-12, rtol=0)

    @given(SEEDS)
    def test_more_of_the_same_and_another_order_of_samples_change_nothing(self, seed):
        samples, points = pictures(seed, 30, 5)
        found = log_likelihoods(samples, points)
        self.assertAllClose(log_likelihoods(np.tile(samples, (3, 1)), points), found, atol=1e-9, rtol=0)
        order = np.random.default_rng(seed).permutation(30)
        self.assertAllClose(log_likelihoods(samples[order], points), found, atol=1e-9, rtol=0)

    @given(SEEDS, st.floats(-1e4, 1e4))
    def test_a_shift_of_everything_changes_nothing(self, seed, far):
        samples, points = pictures(seed, 30, 5)
        shift = np.random.default_rng(seed + 1).normal(size=samples.shape[1]) * far
        # Adding the shift rounds the values themselves: 1e4 has steps of 2e-12.
        shifted = log_likelihoods(samples + shift, points + shift)
        self.assertAllClose(shifted, log_likelihoods(samples, points), atol=1e-6, rtol=1e-9)

    @given(SEEDS, st.floats(0.01, 300))
    def test_a_scale_of_everything_adds_its_logarithm(self, seed, scale):
        samples, points = pictures(seed, 30, 5)
        scaled = log_likelihoods(scale * samples, scale * points, scale * np.array(SIGMAS))
        expected = log_likelihoods(samples, points) - samples.shape[1] * np.log(scale)
        self.assertAllClose(scaled, expected, atol=1e-8, rtol=1e-9)

    @given(SEEDS, st.integers(1, 40))
    def test_one_sample_is_a_gaussian(self, seed, d):
        random = np.random.default_rng(seed)
        sample, points = random.normal(size=(1, d)), random.normal(size=(6, d))
        for sigma, found in zip(SIGMAS, log_likelihoods(sample, points), strict=True):
            expected = -((points - sample) ** 2).sum(axis=1) / (2 * sigma**2) - d / 2 * np.log(2 * np.pi * sigma**2)
            self.assertAllClose(found, expected, rtol=1e-12, atol=1e-10)

    def test_blocks_of_any_size_give_the_same(self):
        samples, points = pictures(3, 300, 101)
        whole = log_likelihoods(samples, points, block_rows=101)
        for rows in (1, 7, 100, 500):
            found = log_likelihoods(samples, points, block_rows=rows)
            self.assertAllClose(found, whole, atol=1e-10, rtol=0)

    def test_a_far_point_is_finite(self):
        samples = np.zeros((10, 4))
        point = np.array([[1e3, 0.0, 0.0, 0.0]])
        expected = -1e6 / 0.02 - 4 * np.log(0.1 * np.sqrt(2 * np.pi))
        self.assertAllClose(log_likelihoods(samples, point, [0.1]), [[expected]], rtol=1e-12)
        self.assertNear(expected, -5e7, 10)

    def test_a_point_on_one_of_the_samples_reaches_the_ceiling_and_none_is_above(self):
        for d, sigma, ceiling in (
            (784, 0.2, 532.141172943896),
            (784, 0.215443469003, 473.826324867115),
            (784, 0.166810053720, 674.407071),
            (784, 0.1, 1075.568562502892),
            (2304, 0.1, 3178.711333382739),
            (2304, 0.2, 1581.700229372625),
        ):
            samples = np.zeros((10_000, d), np.float32)
            samples[1:, 0] = 100
            found = log_likelihoods(samples, samples[:1], [sigma])
            self.assertAllClose(found, [[ceiling]], atol=2e-6, rtol=0)
        near, points = pictures(4, 100, 100)
        ceilings = -np.log(100) - 64 * np.log(np.array(SIGMAS) * np.sqrt(2 * np.pi))
        own = log_likelihoods(near, near)
        self.assertTrue((own >= ceilings[:, None] - 1e-9).all())
        gaussian = -64 * np.log(np.array(SIGMAS) * np.sqrt(2 * np.pi))
        self.assertTrue((log_likelihoods(near, points) <= gaussian[:, None]).all())

    def test_float32_values_lose_nothing_more(self):
        samples, points = (values.astype(np.float32) for values in pictures(5, 200, 20))
        exact = log_likelihoods(samples.astype(np.float64), points.astype(np.float64))
        self.assertAllClose(log_likelihoods(samples, points), exact, atol=1e-10, rtol=0)

    def test_it_leaves_what_it_is_given_as_it_was(self):
        samples, points = pictures(6, 20, 5)
        before = samples.copy(), points.copy()
        log_likelihoods(samples, points)
        self.assertAllEqual(samples, before[0])
        self.assertAllEqual(points, before[1])

    def test_no_points_give_no_values(self):
        self.assertEqual(log_likelihoods(np.zeros((3, 2)), np.zeros((0, 2))).shape, (10, 0))

    def test_refusals(self):
        good = np.zeros((3, 2))
        for samples, points, sigmas, rows, message in (
            (good.astype(np.uint8), good, SIGMAS, 1, "floats on the scale .* Received: uint8"),
            (good, good.astype(int), SIGMAS, 1, "floats on the scale .* Received: int64"),
            (good[:0], good, SIGMAS, 1, r"Received: \(0, 2\) and \(3, 2\)"),
            (good, good[:, :1], SIGMAS, 1, r"Received: \(3, 2\) and \(3, 1\)"),
            (good, good, [0.1, 0.0], 1, r"positive widths expected. Received: \[0.1, 0.0\]"),
            (good, good, [np.nan], 1, "positive widths expected"),
            (good, good, SIGMAS, 0, "Received: block_rows=0"),
            (np.array([[0.0], [np.inf]]), good[:, :1], SIGMAS, 1, "Received: sample 1 is not"),
            (good[:, :1], np.array([[0.0], [0.0], [np.nan]]), SIGMAS, 2, "Received: point 2 is not"),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                log_likelihoods(samples, points, sigmas, rows)


class ChoiceTest(tf.test.TestCase):
    def test_the_likeliest_width_of_a_gaussian_is_its_own(self):
        # Around one sample at 0, points at distance r: the mean of -r²/(2 s²) - d log s peaks at s² = mean r² / d.
        points = np.array([[0.3, 0.4], [-0.6, 0.8]])
        best, means = best_sigma(np.zeros((1, 2)), points, [0.4, 0.55, 0.5590169943749475, 0.57, 1.0])
        self.assertEqual(best, 0.5590169943749475)  # sqrt((0.25 + 1) / 2 / 2)
        expected = -0.625 / (2 * best**2) - 2 * np.log(best * np.sqrt(2 * np.pi))
        self.assertAllClose(means[2], expected, rtol=1e-12)
        self.assertEqual((means.shape, means.dtype), ((5,), np.float64))

    def test_means_are_over_all_validation_points(self):
        samples, points = pictures(7, 100, 30)
        best, means = best_sigma(samples, points)
        self.assertAllEqual(means, log_likelihoods(samples, points).mean(axis=1))
        self.assertEqual(best, SIGMAS[int(np.argmax(means))])

    def test_the_first_of_equals(self):
        best, means = best_sigma(np.zeros((1, 1)), np.ones((4, 1)), [2.0, 1.0, 1.0, 3.0])
        self.assertEqual((best, means[1]), (1.0, means[2]))
        with mock.patch.object(parzen, "log_likelihoods", return_value=np.array([[1.0], [2.0], [2.0]])):
            self.assertEqual(best_sigma(np.zeros((1, 1)), np.ones((1, 1)), [0.3, 0.2, 0.1])[0], 0.2)

    def test_nothing_to_choose_by(self):
        for points, sigmas in ((np.zeros((0, 1)), SIGMAS), (np.zeros((1, 1)), [])):
            with self.assertRaisesRegex(ValueError, "points and widths expected"):
                best_sigma(np.zeros((1, 1)), points, sigmas)

    def test_the_standard_error_divides_by_the_number_of_points(self):
        mean, error = mean_and_error(np.array([1.0, 2.0, 3.0, 4.0]))
        self.assertAllClose([mean, error], [2.5, 0.559016994375], atol=1e-12, rtol=0)
        self.assertEqual(mean_and_error(np.array([7.0])), (7.0, 0.0))
        with self.assertRaisesRegex(ValueError, r"Received: shape \(0,\)"):
            mean_and_error(np.zeros(0))
