import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.neighbors import KNeighborsClassifier

from papers.dcgan import table3_digits
from papers.dcgan.digits import Digits, taken
from papers.dcgan.fig9_digits import agreement, isolated
from papers.dcgan.table3_digits import Search
from repro.claims import Values
from repro.data import Places, Set, load


def values(of):
    lines = [
        [*key, seed, None, value]
        for key, sample in of.items()
        for seed, value in (enumerate(sample) if isinstance(sample, list) else [(None, sample)])
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class SearchTest(tf.test.TestCase):
    def test_errors_are_those_of_scikit_learn_however_the_pool_comes(self):
        random = np.random.default_rng(0)
        points, pool = random.random((50, 12)), random.random((300, 12))
        labels, wanted = random.integers(0, 3, 300), random.integers(0, 3, 50)
        expected = KNeighborsClassifier(1).fit(pool, labels).predict(points)
        search = Search(points)
        for start, stop in ((0, 7), (7, 200), (200, 300)):
            search.add(pool[start:stop], labels[start:stop], rows=64)
        self.assertEqual(search.seen, 300)
        self.assertAllEqual(search._label, expected)
        self.assertEqual(search.error(wanted), (expected != wanted).mean())

    def test_fewer_examples_than_all(self):
        search = Search(np.array([[0.0], [1.0]]))
        search.add(np.array([[0.4]]), np.array([5]))
        self.assertEqual(search.error(np.array([5, 6])), 0.5)
        search.add(np.array([[0.9]]), np.array([6]))
        self.assertEqual(search.error(np.array([5, 6])), 0)


class DigitsTest(tf.test.TestCase):
    def test_small_digits_are_enlarged_and_white_is_255(self):
        small = load(Set("digits8"), "train", Places(None, None))
        large = taken(small, 30)
        self.assertEqual((large.images.shape, large.images.dtype, large.white), ((30, 28, 28, 1), np.uint8, 255))
        self.assertAllEqual(large.labels, small.labels[:30])
        # Bilinear weights keep the mean ink, but for what falls over the border.
        self.assertAllClose(large.images.mean(axis=(1, 2, 3)), small.shown(np.arange(30)).mean(axis=(1, 2, 3)), atol=12)

    def test_names_of_counts(self):
        names = [table3_digits.short(count) for count in (1_000, 50_000, 10_000_000, 1_497)]
        self.assertEqual(names, ["1K", "50K", "10M", "1497"])
        self.assertEqual(Digits().passes, (100, 100))

    def test_every_count_has_a_metric(self):
        for name, scale in table3_digits.table3.scales.items():
            known = table3_digits.ROUGH if name == "quick" else table3_digits.ERRORS
            for count in scale.settings.counts:
                self.assertIn(known[count].name, table3_digits.table3.metrics)

    def test_claims(self):
        judge = table3_digits.generated_digits_are_as_good.judge
        real = {("real_50k", "test_error_real"): 3.3}
        good, bad = ({("DCGAN", "test_error_50K"): each, **real} for each in ([3.2, 3.3, 3.25], [6.0, 6.2, 6.1]))
        self.assertEqual(judge(values(good)).verdict, "holds")
        self.assertEqual(judge(values(bad)).verdict, "fails")
        self.assertEqual(judge(values({("DCGAN", "test_error_10K"): [5.0, 5.1, 5.2]})).verdict, "undecided")
        judge, metric = table3_digits.convolutional_is_better.judge, "test_error_10K"
        for name in (metric, f"{metric}_digits8"):
            both = {("DCGAN", name): [5.0, 5.1, 5.2], ("GAN permutation invariant, own layers", name): [9.0, 9.3, 9.1]}
            self.assertEqual(judge(values(both)).verdict, "holds")


class AgreementTest(tf.test.TestCase):
    def test_real_digits_are_read_in_the_networks_size_and_in_another(self):
        test = load(Set("digits8"), "test", Places(None, None))
        images, labels = test.shown(np.arange(100)), test.labels[:100]
        for side in (16, 24):
            grown = images.repeat(side // 8, axis=1).repeat(side // 8, axis=2)
            self.assertGreater(agreement("digits16", grown, labels), 0.95)
            self.assertLess(agreement("digits16", grown, (labels + 1) % 10), 0.05)


class IsolatedTest(tf.test.TestCase):
    def test_specks_and_strokes(self):
        image = np.zeros((1, 8, 8, 1), np.uint8)
        image[0, 1, 1] = image[0, 7, 7] = 255  # two specks, one in the corner
        image[0, 4, 2:6] = 200  # a stroke of four
        self.assertAllClose(isolated(image), 2 / 6)
        self.assertAllClose(isolated(np.zeros((1, 8, 8, 1), np.uint8)), np.nan)
