"""Tests of the small type that every data set comes out as."""

import numpy as np
import tensorflow as tf

from repro.data import Dataset


def dataset(values, **more):
    images = np.array(values, np.uint8).reshape(-1, 1, 1, 1)
    return Dataset("x", "train", images, None, (), None, **more)


class DatasetTest(tf.test.TestCase):
    def test_scaled_is_0_to_1_whatever_is_white(self):
        self.assertAllEqual(dataset([0, 51, 255]).scaled().ravel(), [0.0, 0.2, 1.0])
        sixteenths = dataset(range(17), white=16).scaled()
        self.assertEqual((sixteenths.shape, sixteenths.dtype), ((17, 1, 1, 1), np.float64))
        self.assertAllEqual(sixteenths.ravel(), np.arange(17) * 0.0625)

    def test_shown_is_0_to_255_whatever_is_white(self):
        self.assertAllEqual(dataset([0, 51, 255]).shown().ravel(), [0, 51, 255])
        shown = dataset(range(17), white=16).shown()
        self.assertEqual(shown.dtype, np.uint8)
        # 15.9375 a step, to the nearest whole number, a half to the even one.
        expected = [0, 16, 32, 48, 64, 80, 96, 112, 128, 143, 159, 175, 191, 207, 223, 239, 255]
        self.assertAllEqual(shown.ravel(), expected)

    def test_places_are_taken_in_their_order(self):
        for white in (16, 255):
            few = dataset([1, 2, 3, 4], white=white)
            self.assertAllEqual(few.scaled(np.array([3, 0])), few.scaled()[[3, 0]])
            self.assertAllEqual(few.shown(np.array([3, 0, 3])), few.shown()[[3, 0, 3]])

    def test_what_is_shown_is_a_copy(self):
        few = dataset([1, 2])
        few.shown()[:] = 9
        self.assertAllEqual(few.images.ravel(), [1, 2])
