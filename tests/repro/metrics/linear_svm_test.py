from unittest import mock

import numpy as np
import tensorflow as tf
from sklearn.svm import LinearSVC

from repro.metrics import linear_svm


def problem(n=400, width=30, classes=3, seed=0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    centres = random.normal(0, 0.6, (classes, width))
    return (centres[labels] + random.normal(size=(n, width))).astype(np.float32), labels


class LinearSVMTest(tf.test.TestCase):
    def test_weights_are_those_of_scikit_learn(self):
        x, y = problem()
        for c in (1e-3, 1e-1):
            ours = linear_svm.fit(x, y, 3, c)
            theirs = LinearSVC(C=c, dual=False, tol=1e-9, max_iter=10_000).fit(x, y)
            self.assertAllClose(ours.weights, theirs.coef_, atol=1e-3)
            self.assertAllClose(ours.intercepts, theirs.intercept_, atol=1e-3)

    def test_few_rows_have_the_fit_that_the_whole_space_gives(self):
        x, y = problem(n=40, width=800)
        x[2] = x[0]  # rows that depend on each other are no trouble
        rows = np.arange(0, 40, 2)
        for c in (1e-3, 10.0, 0.1):
            few = linear_svm.fit(x, y, 3, c, rows)
            theirs = LinearSVC(C=c, dual=False, tol=1e-9, max_iter=10_000).fit(x[rows], y[rows])
            self.assertAllClose(few.weights, theirs.coef_, atol=1e-6)
            self.assertAllClose(few.intercepts, theirs.intercept_, atol=1e-6)
        self.enterContext(mock.patch.object(linear_svm, "FEW", 0))
        self.assertAllClose(linear_svm.fit(x, y, 3, 0.1, rows).weights, few.weights, atol=1e-4)

    def test_few_rows_of_two_classes_have_two_opposite_fits(self):
        x, y = problem(n=20, width=400, classes=2)
        few = linear_svm.fit(x, y, 2, 0.1)
        self.assertAllClose(few.weights[0], -few.weights[1], atol=1e-6)
        self.assertEqual(few.accuracy(x, y), 1.0)

    def test_a_class_that_few_rows_lack_is_never_the_answer(self):
        x, y = problem(n=20, width=400, classes=2)
        self.assertAllEqual(linear_svm.fit(x, y, 3, 0.1).predict(x), y)

    def test_blocks_halves_and_warm_starts_change_nothing(self):
        x, y = problem(n=500)
        whole = linear_svm.fit(x, y, 3, 0.01)
        for name, value in (("ROWS", 64), ("HELD", 0)):
            self.enterContext(mock.patch.object(linear_svm, name, value))
            self.assertAllClose(linear_svm.fit(x, y, 3, 0.01).weights, whole.weights, atol=1e-4)
        start = linear_svm.fit(x, y, 3, 0.03)
        self.assertAllClose(linear_svm.fit(x, y, 3, 0.01, start=start).weights, whole.weights, atol=1e-4)
        half = linear_svm.fit(x.astype(np.float16), y, 3, 0.01)
        self.assertAllClose(half.weights, whole.weights, atol=1e-3)

    def test_only_the_named_rows_are_learned_from_and_judged(self):
        x, y = problem()
        rows = np.arange(0, 400, 2)
        self.assertAllClose(
            linear_svm.fit(x, y, 3, 0.01, rows).weights, linear_svm.fit(x[rows], y[rows], 3, 0.01).weights
        )
        fitted = linear_svm.fit(x, y, 3, 0.01)
        self.assertEqual(fitted.accuracy(x, y, rows), (fitted.predict(x[rows]) == y[rows]).mean())
        self.assertGreater(fitted.accuracy(x, y), 0.8)

    def test_the_best_c_is_that_of_the_highest_accuracy(self):
        x, y = problem(n=300)
        learned, validation = np.arange(60), np.arange(60, 300)
        grid = (1e-6, 1e-2, 1.0)
        accuracies = [linear_svm.fit(x, y, 3, c, learned).accuracy(x, y, validation) for c in grid]
        self.assertEqual(linear_svm.best_c(x, y, 3, grid, [learned], validation), grid[int(np.argmax(accuracies))])

    def test_draws_are_balanced_and_differ(self):
        labels = np.random.default_rng(0).integers(0, 4, 1_000)
        rows = np.arange(500)
        draws = linear_svm.balanced_draws(labels, rows, 10, 3, seed=0)
        for draw in draws:
            self.assertAllEqual(np.bincount(labels[draw]), [10] * 4)
            self.assertLen(set(draw), 40)
            self.assertLess(draw.max(), 500)
        self.assertNotAllEqual(*draws[:2])
        self.assertAllEqual(draws[0], linear_svm.balanced_draws(labels, rows, 10, 3, seed=0)[0])
        with self.assertRaisesRegex(ValueError, "at least 400 rows of each class"):
            linear_svm.balanced_draws(labels, rows, 400, 3, seed=0)
