import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import NearestNeighbors

from repro.metrics.two_sample import two_sample_accuracy

SEEDS = st.integers(0, 10_000)
GRID = arrays(np.float64, (8, 2), elements=st.integers(-3, 3))


class TwoSampleTest(tf.test.TestCase):
    def test_a_line_by_hand(self):
        # 0 and 1 are each other's; 2.5 is nearest to 1, 9 and 10 to each other, 20 to 10: three of six are right.
        self.assertEqual(two_sample_accuracy(np.array([[0.0], [1], [9]]), np.array([[2.5], [10], [20]])), 3 / 6)
        # 1 is as near to 0 as to 2: one half.
        self.assertEqual(two_sample_accuracy(np.array([[0.0], [1]]), np.array([[2.0], [2.5]])), 3.5 / 4)

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.integers(2, 25), st.integers(1, 10))
    def test_as_scikit_learns_neighbours(self, seed, n, d):
        random = np.random.default_rng(seed)
        generated, real = random.normal(size=(n, d)), random.normal(size=(n, d)) + 0.5
        sets = np.repeat([0, 1], n)
        places = NearestNeighbors(n_neighbors=1).fit(np.vstack([generated, real])).kneighbors()[1][:, 0]
        expected = (sets[places] == sets).mean()
        self.assertAllClose(two_sample_accuracy(generated, real), expected, rtol=1e-12)

    @settings(max_examples=50, deadline=None)
    @given(SEEDS, GRID, GRID, st.integers(1, 9))
    def test_order_blocks_and_which_is_which_change_nothing(self, seed, generated, real, rows):
        random = np.random.default_rng(seed)
        expected = two_sample_accuracy(generated, real)
        self.assertEqual(two_sample_accuracy(generated, real, rows), expected)
        self.assertEqual(two_sample_accuracy(real, generated), expected)
        self.assertAllClose(two_sample_accuracy(random.permutation(generated), random.permutation(real)), expected)

    def test_what_it_says_of_copies_of_strangers_and_of_like_sets(self):
        random = np.random.default_rng(0)
        real = random.normal(size=(1_000, 4))
        self.assertEqual(two_sample_accuracy(real.copy(), real), 0.0)
        self.assertEqual(two_sample_accuracy(real + 100, real), 1.0)
        self.assertAllClose(two_sample_accuracy(random.normal(size=(1_000, 4)), real), 0.5, atol=0.05)
        same = np.zeros((10, 4))
        self.assertEqual(two_sample_accuracy(same, same.copy()), 0.5)

    def test_refusals(self):
        good = np.zeros((3, 2))
        for generated, real, message in (
            (good, good[:2], "as many generated as real samples expected. Received: 3 and 2"),
            (good[:1], good[:1], "at least 2 samples expected. Received: 1 in the generated set"),
            (good, np.array([[0, 0], [0, 0], [0, np.nan]]), "sample 2 of the real set is not"),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                two_sample_accuracy(generated, real)
