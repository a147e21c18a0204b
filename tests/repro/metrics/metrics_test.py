from unittest import mock

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from repro.data import ring
from repro.metrics import modes, neighbours


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


class NeighboursTest(tf.test.TestCase):
    def test_distances_by_hand(self):
        a, b = np.array([[0.0, 0], [3, 4]]), np.array([[0.0, 0]])
        self.assertAllClose(neighbours.distances(a, b), [[0.0], [5.0]])
        self.assertAllClose(neighbours.mean_pairwise_distance(np.array([[0.0, 0], [3, 4], [0, 0]])), 20 / 6)
        self.assertAllClose(neighbours.distances(np.array([[255]], np.uint8), np.array([[0]], np.uint8)), [[1.0]])
        with self.assertRaisesRegex(ValueError, "two images. Received: 1"):
            neighbours.mean_pairwise_distance(np.ones((1, 2)))


def clusters(seed, n, d, apart):
    """Two clusters of normal samples, so far from each other along every value."""
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) + apart * random.integers(0, 2, (n, 1))


class NearestTest(tf.test.TestCase):
    def test_places_and_distances_do_not_depend_on_the_block(self):
        points, pool = (np.random.default_rng(seed).normal(size=(n, 3)) for seed, n in ((0, 7), (1, 23)))
        apart = np.linalg.norm(points[:, None] - pool[None], axis=2)
        for rows in (1, 5, 23, 100):
            distance, place = neighbours.nearest(points, pool, rows)
            self.assertAllClose(distance, apart.min(axis=1))
            self.assertAllEqual(place, apart.argmin(axis=1))


class BlocksTest(tf.test.TestCase):
    def test_squared_distances_by_hand(self):
        points, pool = np.array([[0.0, 0], [3, 4], [1, 1]]), np.array([[0.0, 0], [6, 8]])
        [(first, a, _), (second, b, _)] = neighbours.squared_blocks(points, pool, 2)
        self.assertEqual((first, second), (0, 2))
        self.assertAllClose(np.vstack([a, b]), [[0.0, 100], [25, 25], [2, 74]])
        with self.assertRaisesRegex(ValueError, "Received: rows=0"):
            next(neighbours.squared_blocks(points, pool, 0))

    def test_a_far_middle_costs_no_digits(self):
        points = np.random.default_rng(0).normal(size=(20, 3))
        [(_, near, _)], [(_, far, _)] = (neighbours.squared_blocks(x, x) for x in (points, points + 1e6))
        self.assertAllClose(far, near, atol=1e-8)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 200), st.sampled_from([0, 1e2, 1e6]), st.booleans())
    def test_rounding_moves_a_squared_distance_by_no_more_than_is_said(self, seed, d, apart, outlier):
        points, pool = clusters(seed, 12, d, apart), clusters(seed + 1, 15, d, apart)
        if outlier:
            pool[0] = 1e9
        [(_, found, slack)] = neighbours.squared_blocks(points, pool)
        exact = ((points.astype(np.longdouble)[:, None] - pool[None]) ** 2).sum(axis=2)
        self.assertTrue((np.abs(found - exact) <= slack).all())
        rows, columns = np.indices(exact.shape).reshape(2, -1)
        with mock.patch.object(neighbours, "VALUES", 7 * d):
            pairs = neighbours.squared_pairs(points, pool, rows, columns)
        self.assertAllClose(pairs, exact.ravel().astype(np.float64), rtol=1e-13, atol=0)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 20), st.sampled_from([0, 1e2, 1e8]))
    def test_distances_and_neighbours_are_as_exact_in_tight_clusters_far_from_each_other(self, seed, d, apart):
        points, pool = clusters(seed, 20, d, apart), clusters(seed + 1, 25, d, apart)
        points[3], points[4] = pool[7], points[5]
        exact = np.linalg.norm(points[:, None] - pool[None], axis=2)
        found = neighbours.distances(points, pool)
        self.assertAllClose(found, exact, rtol=1e-8, atol=0)
        self.assertEqual(found[3, 7], 0)
        places = neighbours.nearest_places(points, pool, 7)
        self.assertAllEqual(exact[np.arange(20), places], exact.min(axis=1))
        self.assertEqual(neighbours.nearest_places(points, points)[4], 5)
        distance, _ = neighbours.nearest(points, pool, 6)
        self.assertAllClose(distance, exact.min(axis=1), rtol=1e-8, atol=0)

    def test_equal_pictures_are_at_distance_0(self):
        pictures = np.random.default_rng(0).random((3, 64, 64, 3))
        self.assertAllEqual(neighbours.nearest(pictures, pictures.copy())[0], np.zeros(3))
        self.assertEqual(neighbours.mean_pairwise_distance(np.repeat(pictures[:1], 4, axis=0)), 0)

    @given(arrays(np.float64, (9, 2), elements=st.integers(-3, 3)), st.integers(1, 10))
    def test_the_nearest_other_sample_is_never_the_sample_itself(self, points, rows):
        apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
        np.fill_diagonal(apart, np.inf)
        places = neighbours.nearest_places(points, points, rows)
        self.assertAllEqual(apart[np.arange(9), places], apart.min(axis=1))
        copies = neighbours.nearest_places(points, points.copy(), rows)
        self.assertAllEqual(points[copies], points)
