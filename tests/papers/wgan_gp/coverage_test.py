"""Modes covered by samples that are placed by hand."""

import numpy as np
import tensorflow as tf

from papers.wgan_gp.coverage import COVERED, SHARE, UNEVEN, coverage
from repro.data import planar

CENTRES = planar.centres(planar.GRID25)


class CoverageTest(tf.test.TestCase):
    def test_even_samples_on_all_modes(self):
        found = coverage(np.repeat(CENTRES, 400, axis=0), CENTRES)
        self.assertEqual(found[COVERED], 25)
        self.assertAllClose([found[SHARE], found[UNEVEN]], [1.0, 0.0], atol=1e-12)

    def test_one_mode_and_none(self):
        found = coverage(np.repeat(CENTRES[:1], 10_000, axis=0), CENTRES)
        self.assertEqual(found[COVERED], 1)
        self.assertAllClose(found[UNEVEN], np.log(25))
        none = coverage(np.full((10_000, 2), 9.0), CENTRES)
        self.assertEqual((none[COVERED], none[SHARE]), (0, 0.0))

    def test_a_mode_needs_a_fifth_of_its_share_within_a_tenth(self):
        samples = np.repeat(CENTRES[:2], [9_920, 80], axis=0)
        self.assertEqual(coverage(samples, CENTRES)[COVERED], 2)
        samples[-1] += 0.11
        self.assertEqual(coverage(samples, CENTRES)[COVERED], 1)
