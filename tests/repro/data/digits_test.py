from pathlib import Path
from unittest import mock

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

    def test_description_draws_nothing(self):
        with mock.patch.object(digits, "_glyph", side_effect=AssertionError("drawn")):
            for name in ("digits_shift", "digits_shift_rotate"):
                self.assertEqual(data.describe(Set(name, 2), PLACES).counts, {"train": 2_000, "test": 400})

    def test_all_of_a_digit_is_inside(self):
        shifted, turned = (data.load(Set(name), "test", PLACES) for name in ("digits_shift", "digits_shift_rotate"))
        for digit in range(10):
            whole = float(np.asarray(digits._glyph(digit), float).sum())
            for train, allowed in ((shifted, 0), (turned, 0.03)):
                ink = train.images[train.of_class(digit)].sum(axis=(1, 2, 3), dtype=float)
                self.assertAllClose(ink / whole, np.ones(200), atol=allowed, rtol=0)

    def test_shifted_digits_have_one_picture_a_place_and_turned_ones_many_more(self):
        for digit in (0, 1, 4, 8):
            shifted, turned = of_digit("digits_shift", digit), of_digit("digits_shift_rotate", digit)
            places = digits.SIDE - int(shifted[0].any(axis=0).sum()) + 1
            self.assertLen(np.unique(shifted, axis=0), places)
            self.assertLess(places, 20)
            self.assertGreater(len(np.unique(turned, axis=0)), 500)

    def test_digits_turn_one_way_by_up_to_ten_degrees(self):
        # The main axis of a one stands upright; its angle by second moments, anticlockwise.
        def angles(images):
            rows, columns = np.mgrid[: digits.SIDE, : digits.SIDE]
            found = []
            for image in images[:200].astype(float) / 255:
                weight = image / image.sum()
                y, x = rows - (weight * rows).sum(), columns - (weight * columns).sum()
                second = [(weight * a * b).sum() for a, b in ((x, y), (y, y), (x, x))]
                found.append(np.degrees(0.5 * np.arctan2(2 * second[0], second[1] - second[2])))
            return np.array(found)

        upright, turned = angles(of_digit("digits_shift", 1)), angles(of_digit("digits_shift_rotate", 1))
        self.assertAllClose(upright, np.full(200, upright[0]), atol=1e-6)
        self.assertAllInRange(turned - upright[0], -0.5, 10.5)
        self.assertAllClose(np.mean(turned - upright[0]), 5.0, atol=0.8)
        self.assertGreater(np.ptp(turned), 9.0)
