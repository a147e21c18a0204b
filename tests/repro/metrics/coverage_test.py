import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import NearestNeighbors

from repro.metrics.coverage import density_and_coverage, precision_and_recall

SEEDS = st.integers(0, 10_000)


def grid(n, d=2):
    """Whole numbers, among which equal points and equal distances are frequent and distances are exact."""
    return arrays(np.float64, (n, d), elements=st.integers(-3, 3))


def all_four(generated, real, k, rows=500):
    return *precision_and_recall(generated, real, k, rows), *density_and_coverage(generated, real, k, rows)


def by_definition(generated, real, k):
    """All four from tables of all differences."""

    def inside(points, centres):
        own = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
        radii = [np.sort(np.delete(row, place))[k - 1] for place, row in enumerate(own)]
        return ((points[:, None] - centres[None]) ** 2).sum(axis=2) <= radii

    of_real, of_generated = inside(generated, real), inside(real, generated)
    precision, recall = of_real.any(axis=1).mean(), of_generated.any(axis=1).mean()
    return precision, recall, of_real.sum() / (k * len(generated)), of_real.any(axis=0).mean()


class CoverageTest(tf.test.TestCase):
    def test_five_points_on_a_line_by_hand(self):
        real, generated = np.array([[0.0], [1], [3], [10]]), np.array([[2.0], [4], [5], [-7], [-9]])
        # k = 1. Radii of the real ones: 1, 1, 2, 7. The points 2, 4 and 5 lie in two balls each, on the surface of one
        # of them: 2 in those of 1 and 3, 4 and 5 in those of 3 and 10. Radii of the generated: 2, 1, 1, 2, 2. The real
        # 0, 1 and 3 lie in the ball of 2, 0 on its surface; nothing reaches 10.
        self.assertAllClose(precision_and_recall(generated, real, 1), (0.6, 0.75))
        self.assertAllClose(density_and_coverage(generated, real, 1), (6 / 5, 0.75))

    @settings(max_examples=60, deadline=None)
    @given(grid(12), grid(9), st.integers(1, 5), st.integers(1, 13))
    def test_as_the_definition_where_distances_are_equal(self, generated, real, k, rows):
        self.assertAllClose(all_four(generated, real, k, rows), by_definition(generated, real, k), rtol=1e-12)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(7, 60), st.integers(7, 60), st.integers(1, 30), st.integers(1, 5))
    def test_as_scikit_learns_neighbours(self, seed, n, m, d, k):
        random = np.random.default_rng(seed)
        generated, real = random.normal(size=(n, d)), 1.2 * random.normal(size=(m, d))
        counts = []
        for points, centres in ((generated, real), (real, generated)):
            radii = NearestNeighbors(n_neighbors=k).fit(centres).kneighbors()[0][:, -1]
            apart = NearestNeighbors(n_neighbors=len(centres)).fit(centres)
            distances, places = apart.kneighbors(points)
            counts.append((distances <= radii[places], places))
        (of_real, places), (of_generated, _) = counts
        expected = of_real.any(axis=1).mean(), of_generated.any(axis=1).mean()
        self.assertAllClose(precision_and_recall(generated, real, k), expected, rtol=1e-12)
        expected = of_real.sum() / (k * n), len(set(places[of_real].tolist())) / m
        self.assertAllClose(density_and_coverage(generated, real, k), expected, rtol=1e-12)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.sampled_from([1, 8, 64]), st.sampled_from([0, 1e4, 1e8]), st.booleans())
    def test_as_the_definition_in_tight_clusters_far_apart_and_with_a_sample_far_off(self, seed, d, apart, outlier):
        random = np.random.default_rng(seed)
        real, generated = (random.normal(size=(n, d)) + apart * random.integers(0, 2, (n, 1)) for n in (40, 50))
        generated[:4], real[10:13] = real[:4], real[9]
        if outlier:
            real[20] = 1e7
        self.assertAllClose(all_four(generated, real, 3, 17), by_definition(generated, real, 3), rtol=1e-12)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(1, 50))
    def test_blocks_and_order_change_nothing(self, seed, rows):
        random = np.random.default_rng(seed)
        generated, real = random.normal(size=(50, 4)), random.normal(size=(40, 4))
        generated[:5] = real[:5]
        expected = all_four(generated, real, 3)
        self.assertEqual(all_four(generated, real, 3, rows), expected)
        self.assertAllClose(all_four(random.permutation(generated), random.permutation(real), 3), expected, rtol=1e-12)

    @settings(max_examples=20, deadline=None)
    @given(SEEDS, st.integers(6, 40), st.floats(-1e5, 1e5))
    def test_a_copy_of_the_data_reaches_all_of_it_wherever_it_lies(self, seed, n, far):
        real = np.random.default_rng(seed).normal(size=(n, 3)) + far
        self.assertEqual(precision_and_recall(real, real.copy()), (1.0, 1.0))
        density, coverage = density_and_coverage(real, real.copy())
        self.assertGreaterEqual(density, 1)
        self.assertEqual(coverage, 1.0)

    def test_precision_and_recall_change_places_with_the_sets(self):
        generated, real = (np.random.default_rng(seed).normal(size=(50, 3)) for seed in (0, 1))
        self.assertEqual(precision_and_recall(generated, real), precision_and_recall(real, generated)[::-1])

    def test_far_sets_do_not_reach_each_other(self):
        real = np.random.default_rng(0).normal(size=(50, 3))
        self.assertEqual(all_four(real + 1_000, real, 5), (0.0, 0.0, 0.0, 0.0))

    def test_one_and_the_same_image_is_precise_and_reaches_nothing(self):
        real = np.random.default_rng(0).normal(size=(50, 3))
        same = np.repeat(real[:1], 50, axis=0)
        self.assertEqual(precision_and_recall(same, real), (1.0, 1 / 50))
        density, coverage = density_and_coverage(same, real)
        self.assertGreaterEqual(density, 1)
        self.assertLess(coverage, 0.5)

    def test_equal_distributions_have_the_expected_coverage_and_density(self):
        random = np.random.default_rng(0)
        density, coverage = density_and_coverage(random.normal(size=(2_000, 8)), random.normal(size=(2_000, 8)))
        self.assertAllClose([density, coverage], [1.0, 1 - 2**-5], atol=0.03)

    def test_defaults_are_those_of_the_papers(self):
        generated, real = (np.random.default_rng(seed).normal(size=(50, 3)) for seed in (0, 1))
        self.assertEqual(precision_and_recall(generated, real), precision_and_recall(generated, real, 3))
        self.assertEqual(density_and_coverage(generated, real), density_and_coverage(generated, real, 5))

    def test_refusals(self):
        good = np.zeros((6, 2))
        for score, k in ((precision_and_recall, 3), (density_and_coverage, 5)):
            for generated, real, message in (
                (good[:k], good, f"at least {k + 1} samples expected. Received: {k} in the generated set"),
                (good, good[:k], f"Received: {k} in the real set"),
                (good, good[:, :1], "Received: 2 and 1"),
                (good, good + np.nan, "sample 0 of the real set is not"),
            ):
                with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                    score(generated, real)
            with self.assertRaisesRegex(ValueError, "Received: k=0"):
                score(good, good, 0)
