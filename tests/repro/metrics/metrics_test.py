import numpy as np
import tensorflow as tf
from hypothesis import given
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
        [(first, a), (second, b)] = neighbours.squared_blocks(points, pool, 2)
        self.assertEqual((first, second), (0, 2))
        self.assertAllClose(np.vstack([a, b]), [[0.0, 100], [25, 25], [2, 74]])
        with self.assertRaisesRegex(ValueError, "Received: rows=0"):
            next(neighbours.squared_blocks(points, pool, 0))

    def test_a_far_middle_costs_no_digits(self):
        points = np.random.default_rng(0).normal(size=(20, 3))
        [(_, near)], [(_, far)] = (neighbours.squared_blocks(x, x) for x in (points, points + 1e6))
        self.assertAllClose(far, near, atol=1e-8)

    @given(arrays(np.float64, (9, 2), elements=st.integers(-3, 3)), st.integers(1, 10))
    def test_the_nearest_other_sample_is_never_the_sample_itself(self, points, rows):
        apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
        np.fill_diagonal(apart, np.inf)
        places = neighbours.nearest_places(points, points, rows)
        self.assertAllEqual(apart[np.arange(9), places], apart.min(axis=1))
        copies = neighbours.nearest_places(points, points.copy(), rows)
        self.assertAllEqual(points[copies], points)
