import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf
from sklearn import datasets

from repro import data
from repro.data import Places, Set
from repro.errors import DamagedData, Misuse
from repro.metrics.parzen import best_sigma, log_likelihoods, mean_and_error

WANTED = Set("digits8")
PLACES = Places(None, Path("nowhere"))


class Digits8Test(tf.test.TestCase):
    def test_the_order_is_a_fixed_permutation_of_scikit_learns(self):
        official = datasets.load_digits()
        order = np.random.default_rng(0).permutation(1_797)
        for split, places in (("train", order[:1_400]), ("test", order[1_400:])):
            found = data.load(WANTED, split, PLACES)
            self.assertEqual((found.images.shape, found.images.dtype), ((len(places), 8, 8, 1), np.uint8))
            self.assertAllEqual(found.images[..., 0], official.images[places])
            self.assertAllEqual(found.labels, official.target[places])
            self.assertEqual((found.labels.dtype, found.class_names), (np.int32, tuple("0123456789")))

    def test_a_sixteenth_of_a_pixel_is_exact(self):
        test = data.load(WANTED, "test", PLACES)
        self.assertEqual((test.white, int(test.images.min()), int(test.images.max())), (16, 0, 16))
        self.assertAllEqual(test.scaled() * 16, test.images)
        self.assertEqual((test.scaled().max(), test.shown().max()), (1.0, 255))

    def test_description_and_counts(self):
        known = data.describe(WANTED, PLACES)
        self.assertEqual((known.counts, known.kind), ({"train": 1_400, "test": 397}, "embedded"))
        self.assertEqual(data.counted(WANTED, known), "digits8 (1,400 train, 397 test)")
        self.assertEqual(known.licence, "CC BY 4.0")

    def test_the_first_classes(self):
        for classes in (1, 3, 10):
            few = Set("digits8", classes)
            known = data.describe(few, PLACES)
            for split in ("train", "test"):
                found, whole = data.load(few, split, PLACES), data.load(WANTED, split, PLACES)
                self.assertEqual(len(found), known.counts[split])
                self.assertAllEqual(found.images, whole.images[whole.labels < classes])
                self.assertAllEqual(found.labels, whole.labels[whole.labels < classes])
        self.assertEqual(known.checksum, data.describe(WANTED, PLACES).checksum)
        self.assertNotEqual(data.describe(Set("digits8", 3), PLACES).checksum, known.checksum)

    def test_misuse(self):
        with self.assertRaisesRegex(Misuse, "digits8 has 1 to 10 classes; 11 were asked for"):
            data.describe(Set("digits8", 11), PLACES)
        with self.assertRaisesRegex(Misuse, "digits8 has no split 'valid'"):
            data.load(WANTED, "valid", PLACES)

    def test_other_digits_are_refused(self):
        values, labels = datasets.load_digits(return_X_y=True)
        values[5, 7] += 1
        for answer, message in (
            ({"return_value": (values, labels)}, "sha256 f64c32.* of images and labels expected, found [0-9a-f]{64}$"),
            ({"side_effect": EOFError("cut off")}, "a readable file expected: cut off"),
        ):
            with (
                mock.patch.object(datasets, "load_digits", **answer),
                self.assertRaisesRegex(DamagedData, f"^the digits of scikit-learn [0-9.]+: {message}"),
            ):
                data.load(WANTED, "train", PLACES)

    def test_describing_imports_neither_scikit_learn_nor_tensorflow(self):
        check = (
            "import pathlib, sys; from repro.data import Places, Set, describe\n"
            "assert describe(Set('digits8'), Places(None, pathlib.Path('x'))).counts['test'] == 397\n"
            "sys.exit(' '.join({'sklearn', 'scipy', 'tensorflow'} & sys.modules.keys()) or None)"
        )
        subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[3])

    def test_log_likelihoods_that_were_measured_with_another_program(self):
        train = data.load(WANTED, "train", PLACES).scaled()
        test = data.load(WANTED, "test", PLACES).scaled()
        for samples, mean, error in (
            (train[:1_200], 29.30, 0.84),
            (train[:500], 23.49, 0.61),
            (train[:100], 9.65, 0.60),
            (np.concatenate([train, test]).mean(axis=0, keepdims=True), -7.62, 0.33),  # the mean of all 1,797
        ):
            sigma, _ = best_sigma(samples, train[1_200:])
            found = mean_and_error(log_likelihoods(samples, test, [sigma])[0])
            self.assertAllClose(found, (mean, error), atol=0.006, rtol=0)
