from fractions import Fraction
from operator import mul

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import polynomial_kernel

from repro.metrics.kernel_distance import draw_subsets, kernel_distance, squared_discrepancy

SEEDS = st.integers(0, 10_000)


class KernelDistanceTest(tf.test.TestCase):
    def test_two_samples_each_by_hand(self):
        # One value a sample, kernel (x y + 1)³: k(0, 1) = 1, k(2, -1) = -1; across 1, 1, (2 + 1)³, 0.
        found = squared_discrepancy(np.array([[0.0], [1]]), np.array([[2.0], [-1]]))
        self.assertAllClose(found, 1 - 1 - 2 * 29 / 4, rtol=1e-12)
        # Two values: x·y / 2.
        found = squared_discrepancy(np.array([[2.0, 0], [0, 2]]), np.array([[1.0, 1], [1, 1]]))
        self.assertAllClose(found, 1 + 8 - 2 * 8, rtol=1e-12)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(2, 30), st.integers(2, 30), st.integers(1, 20))
    def test_as_scikit_learns_kernel(self, seed, n, m, d):
        random = np.random.default_rng(seed)
        a, b = random.normal(size=(n, d)) + 1, 2 * random.normal(size=(m, d))
        kernels = [polynomial_kernel(x, y, degree=3, gamma=1 / d, coef0=1) for x, y in ((a, a), (b, b), (a, b))]
        own = [kernel[~np.eye(len(kernel), dtype=bool)].mean() for kernel in kernels[:2]]
        found = squared_discrepancy(a, b)
        self.assertAllClose(found, sum(own) - 2 * kernels[2].mean(), rtol=1e-9, atol=1e-9)
        self.assertAllClose(found, squared_discrepancy(b, a), rtol=1e-9, atol=1e-9)
        mixed = squared_discrepancy(random.permutation(a), random.permutation(b))
        self.assertAllClose(found, mixed, rtol=1e-9, atol=1e-9)

    @settings(max_examples=25, deadline=None)
    @given(SEEDS, st.integers(2, 6), st.integers(2, 6), st.sampled_from([1, 4, 16]), st.sampled_from([0, 100, 10_000]))
    def test_as_exact_fractions_however_far_from_0(self, seed, n, m, d, far):
        random = np.random.default_rng(seed)
        a, b = (random.integers(-3, 4, (size, d)) + far for size in (n, m))

        def kernels(x, y):
            return [[(Fraction(sum(map(mul, u, v)), d) + 1) ** 3 for v in y.tolist()] for u in x.tolist()]

        own = [
            Fraction(sum(map(sum, table)) - sum(row[place] for place, row in enumerate(table)), len(x) * (len(x) - 1))
            for x in (a, b)
            for table in [kernels(x, x)]
        ]
        exact = sum(own) - 2 * Fraction(sum(map(sum, kernels(a, b))), n * m)
        # What is summed is as large as 3 (far² + 1)² w, w the products of what is left; that it may cancel is allowed.
        scale = 3 * (far**2 + 1.0) ** 2 * 9
        for kind in (np.float64, np.float32, np.int64):
            x, y = (np.asfortranarray(values.astype(kind)) for values in (a, b))
            self.assertAllClose(squared_discrepancy(x, y), float(exact), rtol=0, atol=1e-12 * scale)

    def test_small_sets_are_one_subset(self):
        random = np.random.default_rng(0)
        a, b = random.normal(size=(40, 3)), random.normal(size=(40, 3)) + 1
        mean, std = kernel_distance(a, b)
        self.assertAllClose(mean, squared_discrepancy(a, b), rtol=1e-12)
        self.assertLess(std, 1e-12)
        self.assertAllClose(kernel_distance(b, a)[0], mean, rtol=1e-12)
        self.assertEqual(kernel_distance(a, a.copy(), subsets=[(np.arange(40), np.arange(40))])[1], 0)

    def test_it_is_unbiased(self):
        random = np.random.default_rng(0)
        found = [squared_discrepancy(*random.normal(size=(2, 10, 2))) for _ in range(4_000)]
        self.assertLess(abs(np.mean(found)), 4 * np.std(found) / np.sqrt(4_000))
        self.assertLess(min(found), 0)

    def test_subsets_have_no_sample_twice_and_come_from_the_seed(self):
        subsets = draw_subsets(1_500, 1_200, 3)
        self.assertLen(subsets, 100)
        for ours, theirs in subsets:
            self.assertLen(set(ours.tolist()), 1_000)
            self.assertLen(set(theirs.tolist()), 1_000)
        self.assertGreater(max(ours.max() for ours, _ in subsets), 1_400)
        self.assertLess(max(theirs.max() for _, theirs in subsets), 1_200)
        self.assertAllEqual(subsets, draw_subsets(1_500, 1_200, 3))
        self.assertNotAllEqual(subsets[0][0], draw_subsets(1_500, 1_200, 4)[0][0])
        self.assertEqual([len(places) for places in draw_subsets(1_500, 40, 0)[0]], [40, 40])

    def test_where_every_subset_is_the_whole_one_is_enough(self):
        [places] = draw_subsets(30, 30, 0)
        self.assertEqual([sorted(each) for each in places], [list(range(30))] * 2)
        self.assertLen(draw_subsets(30, 31, 0), 100)
        a, b = np.random.default_rng(2).normal(size=(2, 30, 4))
        self.assertAllClose(kernel_distance(a, b), (squared_discrepancy(a, b), 0), rtol=1e-12)

    def test_mean_and_std_over_the_given_subsets(self):
        random = np.random.default_rng(0)
        a, b = random.normal(size=(20, 3)), random.normal(size=(30, 3))
        subsets = [(random.choice(20, 5, replace=False), random.choice(30, 5, replace=False)) for _ in range(4)]
        values = [squared_discrepancy(a[i], b[j]) for i, j in subsets]
        self.assertAllClose(kernel_distance(a, b, subsets=subsets), (np.mean(values), np.std(values)), rtol=1e-12)
        drawn = kernel_distance(a, b, seed=5)
        self.assertEqual(drawn, kernel_distance(a, b, subsets=draw_subsets(20, 30, 5)))
        self.assertGreater(drawn[1], 0)

    def test_refusals(self):
        good = np.zeros((3, 2))
        for generated, real, message in (
            (good[:1], good, "at least 2 samples expected. Received: 1 in the generated set"),
            (good, good[:1], "Received: 1 in the real set"),
            (good, good[:, :1], "Received: 2 and 1"),
            (good, np.array([[0, 0], [0, np.inf]]), "sample 1 of the real set is not"),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                kernel_distance(generated, real)
        with self.assertRaisesRegex(ValueError, "Received: 1 in the first set"):
            kernel_distance(good, good, subsets=[(np.array([0]), np.array([1]))])
