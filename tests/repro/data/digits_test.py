from pathlib import Path

import numpy as np
import tensorflow as tf

from repro import data
from repro.data import Places, Set, digits
from repro.errors import Misuse

PLACES = Places(None, Path("nowhere"))


def of_digit(name, digit):
    train = data.load(Set(name), "train", PLACES)
    return train.images[train.of_class(digit)][..., 0]


class DigitsTest(tf.test.TestCase):
    def test_counts_and_description(self):
        known = data.describe(Set("digits_shift"), PLACES)
        self.assertEqual((known.counts, known.kind), ({"train": 10_000, "test": 2_000}, "procedural"))
        self.assertNotEqual(known.checksum, data.describe(Set("digits_shift_rotate"), PLACES).checksum)
        test = data.load(Set("digits_shift", 3), "test", PLACES)
        self.assertEqual(test.images.shape, (600, 28, 28, 1))
        self.assertAllEqual(np.bincount(test.labels), [200, 200, 200])
        with self.assertRaisesRegex(Misuse, "digits_shift has 1 to 10 classes; 11 were asked for"):
            data.describe(Set("digits_shift", 11), PLACES)

    def test_the_same_pictures_every_time_others_for_the_test(self):
        first, again = (of_digit("digits_shift_rotate", 4) for _ in range(2))
        self.assertAllEqual(first, again)
        test = data.load(Set("digits_shift_rotate"), "test", PLACES)
        self.assertNotAllEqual(test.images[test.of_class(4)][:200, ..., 0], first[:200])

    def test_a_shift_moves_nothing_but_the_place_and_reaches_every_place(self):
        for digit in (0, 1, 7):
            images = of_digit("digits_shift", digit)
            rows = images.any(axis=2)
            self.assertTrue((rows == rows[0]).all())
            self.assertAllInRange(int(rows[0].sum()), digits.HEIGHT, digits.HEIGHT + 1)
            starts = images.any(axis=1).argmax(axis=1)
            wide = int(images[0].any(axis=0).sum())
            counts = np.bincount(starts, minlength=digits.SIDE - wide + 1)
            self.assertLen(counts, digits.SIDE - wide + 1)
            expected = len(images) / len(counts)
            self.assertAllInRange(counts, expected - 5 * expected**0.5, expected + 5 * expected**0.5)
            moved = [np.roll(image, -start, axis=1) for image, start in zip(images, starts, strict=True)]
            self.assertLen(np.unique(np.array(moved), axis=0), 1)

    def test_turning_makes_nearly_every_picture_its_own_and_loses_no_ink(self):
        for digit in (0, 7):
            images = of_digit("digits_shift_rotate", digit)
            self.assertGreater(len(np.unique(images, axis=0)), 900)
            self.assertEqual((int(images[:, 0].max()), int(images[:, -1].max())), (0, 0))
            ink = images.sum(axis=(1, 2))
            self.assertAllClose(ink, np.full(len(ink), ink.mean()), rtol=0.03)
