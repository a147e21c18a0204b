from itertools import pairwise

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy

from repro.metrics.inception_score import inception_score

SEEDS = st.integers(0, 10_000)


def predictions(seed, n, classes):
    return softmax(3 * np.random.default_rng(seed).normal(size=(n, classes)), axis=1)


class InceptionScoreTest(tf.test.TestCase):
    def test_sure_and_even_predictions_reach_the_number_of_classes(self):
        mean, std = inception_score(np.tile(np.eye(4), (25, 1)), 5)
        self.assertAllClose([mean, std], [4.0, 0.0], atol=1e-10)

    def test_equal_predictions_reach_1(self):
        self.assertAllClose(inception_score(np.tile([0.2, 0.5, 0.3], (100, 1))), (1.0, 0.0), atol=1e-12)
        self.assertAllClose(inception_score(np.tile([0.0, 1.0], (100, 1))), (1.0, 0.0), atol=1e-12)

    def test_two_splits_by_hand(self):
        # First split: half (1, 0), half (1/2, 1/2), mean (3/4, 1/4). Divergences: log 4/3, and log 2/sqrt(3).
        # Second: sure of two classes in turn: 2.
        first = [[1.0, 0.0]] * 5 + [[0.5, 0.5]] * 5
        second = [[1.0, 0.0], [0.0, 1.0]] * 5
        score = np.sqrt(4 / 3 * 2 / np.sqrt(3))
        mean, std = inception_score(np.array(first + second), 2)
        self.assertAllClose([mean, std], [(score + 2) / 2, (2 - score) / 2], rtol=1e-12)

    @settings(max_examples=30)
    @given(SEEDS, st.integers(10, 200), st.integers(2, 20), st.integers(1, 10))
    def test_as_scipys_relative_entropy(self, seed, n, classes, splits):
        if n < 10 * splits:
            splits = 1
        made = predictions(seed, n, classes)
        edges = np.arange(splits + 1) * n // splits
        parts = [made[a:b] for a, b in pairwise(edges)]
        scores = [np.exp(entropy(part, part.mean(axis=0, keepdims=True), axis=1).mean()) for part in parts]
        mean, std = inception_score(made, splits)
        self.assertAllClose([mean, std], [np.mean(scores), np.std(scores)], rtol=1e-10, atol=1e-10)
        self.assertBetween(mean, 1, classes)

    @given(SEEDS, st.floats(0.9991, 1.0009))
    def test_the_rounding_of_a_rows_sum_does_not_count(self, seed, total):
        made = predictions(seed, 40, 6)
        self.assertAllClose(inception_score(made * total, 2), inception_score(made, 2), rtol=1e-12)
        low = made.astype(np.float32)
        exact = low.astype(np.float64) / low.astype(np.float64).sum(axis=1, keepdims=True)
        self.assertAllClose(inception_score(low[:, ::-1], 2), inception_score(exact, 2), rtol=1e-12)

    @given(SEEDS)
    def test_names_of_classes_and_order_within_a_split_do_not_matter(self, seed):
        random = np.random.default_rng(seed)
        made = predictions(seed, 40, 6)
        expected = inception_score(made, 2)
        mixed = np.concatenate([random.permutation(part) for part in (made[:20], made[20:])])
        self.assertAllClose(inception_score(mixed[:, random.permutation(6)], 2), expected, rtol=1e-12)

    def test_refusals(self):
        good = predictions(0, 100, 3)
        spoilt = good.copy()
        spoilt[7] *= 1.1
        negative = good.copy()
        negative[3] += [0.9, -0.9, 0.0]
        missing = good.copy()
        missing[5, 0] = np.nan
        for made, splits, message in (
            (good[:99], 10, "Received: n=99, splits=10"),
            (good, 0, "Received: n=100, splits=0"),
            (spoilt, 10, "Received: sample 7 is otherwise"),
            (negative, 10, "Received: sample 3 is otherwise"),
            (np.log(good), 10, "Received: sample 0 is otherwise"),
            (missing, 10, "sample 5 of the set is not"),
        ):
            with self.subTest(message), self.assertRaisesRegex(ValueError, message):
                inception_score(made, splits)
