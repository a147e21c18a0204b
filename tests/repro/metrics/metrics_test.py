import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from repro.data import ring
from repro.metrics import modes, neighbours
from repro.metrics.frechet import frechet_distance


class ModesTest(tf.test.TestCase):
    def test_counting_by_hand(self):
        centres = np.array([[0.0, 0.0], [10.0, 0.0]])
        samples = np.array([[0.1, 0.0]] * 99 + [[10.15, 0.0]])
        self.assertEqual(modes.modes_within(samples, centres), 2)
        self.assertEqual(modes.modes_within(samples, centres, 0.2), 2)
        self.assertEqual(modes.modes_within(samples, centres, 0.12), 1)
        self.assertAllClose(modes.share_within(samples, centres, 0.12), 0.99)
        self.assertAllClose(modes.median_distance(samples, centres), 0.1)
        self.assertAllClose(modes.largest_share(samples, centres), 0.99)
        self.assertEqual(modes.modes_within(np.vstack([samples, samples[:1]]), centres), 1)  # 1 of 101 is below 1 %

    def test_collapse_for_good(self):
        steps = np.arange(0, 20_000, 1000)
        early = np.array([8] * 5 + [3] * 15)
        self.assertEqual(modes.collapse_step(steps, early), 5000)
        self.assertIsNone(modes.collapse_step(steps, np.array([8] * 11 + [3] * 9)))  # fewer than ten snapshots
        self.assertIsNone(modes.collapse_step(steps, np.array([3, 8] * 10)))
        one_relapse = early.copy()
        one_relapse[10] = 8
        self.assertEqual(modes.collapse_step(steps, one_relapse), 5000)

    def test_the_ring_is_the_released_one(self):
        points = ring.draw("released", 200_000, [0, 1]).numpy()
        nearest, distance = modes.distances(points, ring.modes())
        shares = np.bincount(nearest) / len(points)
        self.assertAllClose(shares, [2 / 9] + [1 / 9] * 7, atol=0.003)
        self.assertAllClose((distance <= 0.03).mean(), 1 - np.exp(-4.5), atol=0.001)
        self.assertAllClose(np.linalg.norm(ring.modes(), axis=1), np.ones(8))
        self.assertAllClose(ring.modes()[0], [0, 1])
        self.assertLen(ring.components("uniform8"), 8)
        with self.assertRaisesRegex(ValueError, "Received: ring='x'"):
            ring.components("x")


class FrechetTest(tf.test.TestCase):
    def test_shifted_and_scaled_gaussians_by_hand(self):
        a = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])  # covariance 2/3 I
        self.assertAllClose(frechet_distance(a, a + np.array([3, 4])), 25.0)
        # mean 0, covariances 2/3 and 8/3: 2 (sqrt(8/3) - sqrt(2/3))² = 2 * 2/3
        self.assertAllClose(frechet_distance(a, 2 * a), 4 / 3)

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 1000), st.integers(3, 40), st.integers(3, 40), st.integers(1, 12))
    def test_it_agrees_with_eigenvalues_of_the_product(self, seed, n, m, d):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(n, d)), random.normal(size=(m, d)) @ random.normal(size=(d, d))
        ca, cb = np.cov(a.T).reshape(d, d), np.cov(b.T).reshape(d, d)
        roots = np.sqrt(np.maximum(linalg.eigvals(ca @ cb).real, 0)).sum()
        expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * roots
        self.assertAllClose(frechet_distance(a, b), expected, rtol=1e-5, atol=1e-5)
        self.assertAllClose(frechet_distance(a, b), frechet_distance(b, a), rtol=1e-9, atol=1e-9)

    def test_refusals(self):
        with self.assertRaisesRegex(ValueError, "needs two samples. Received: 1"):
            frechet_distance(np.ones((1, 2)), np.ones((3, 2)))
        with self.assertRaisesRegex(ValueError, "sample 2 is not"):
            frechet_distance(np.array([[0.0], [1.0], [np.nan]]), np.ones((3, 1)))


class NeighboursTest(tf.test.TestCase):
    def test_distances_by_hand(self):
        a, b = np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 0]])
        self.assertAllClose(neighbours.distances(a, b), [[0.0], [5.0]])
        self.assertAllClose(neighbours.mean_pairwise_distance(np.array([[0.0, 0], [3, 4], [0, 0]])), 20 / 6)
        self.assertAllClose(neighbours.distances(np.array([[255]], np.uint8), np.array([[0]], np.uint8)), [[1.0]])
        with self.assertRaisesRegex(ValueError, "two images. Received: 1"):
            neighbours.mean_pairwise_distance(np.ones((1, 2)))


class NearestTest(tf.test.TestCase):
    def test_places_and_distances_do_not_depend_on_the_block(self):
        points, pool = (np.random.default_rng(seed).normal(size=(n, 3)) for seed, n in ((0, 7), (1, 23)))
        apart = np.linalg.norm(points[:, None] - pool[None], axis=2)
        for rows in (1, 5, 23, 100):
            distance, place = neighbours.nearest(points, pool, rows)
            self.assertAllClose(distance, apart.min(axis=1))
            self.assertAllEqual(place, apart.argmin(axis=1))
