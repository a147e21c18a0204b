"""Figure 5b: which digits, what is judged, what is presented and claimed."""

import pathlib
import tempfile
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import fig5b_overfitting as fig5b
from repro.claims import Values
from repro.data import Dataset, Set
from tests import benches

TINY = fig5b.Overfit(
    Set("digits8"),
    images=30,
    validation=20,
    doubled=True,
    d=2,
    batch_size=10,
    critic_steps=2,
    steps=4,
    snapshot_every=2,
)


class ChosenTest(tf.test.TestCase):
    def folder(self):
        images = np.arange(50 * 4, dtype=np.uint8).reshape(50, 2, 2, 1)
        return mock.Mock(data=lambda wanted, split: Dataset("d", split, images, np.arange(50), (), None))

    def test_as_many_as_asked_for_and_no_digit_twice(self):
        settings = fig5b.Overfit(images=30, validation=20)
        train, validation = fig5b.chosen(settings, self.folder())
        self.assertEqual((len(set(train.labels)), len(train), len(validation)), (30, 30, 20))
        self.assertNotAllEqual(train.labels, np.arange(30))
        self.assertAllEqual(train.labels, fig5b.chosen(settings, self.folder())[0].labels)

    def test_doubling_makes_each_pixel_four(self):
        train, _ = fig5b.chosen(fig5b.Overfit(doubled=True), self.folder())
        self.assertEqual(train.images.shape, (50, 4, 4, 1))
        first = train.images[0, :, :, 0]
        self.assertAllEqual(first[::2, ::2], first[1::2, 1::2])


class SlopeTest(tf.test.TestCase):
    def test_only_the_last_half_counts(self):
        steps = [0, 100, 200, 300, 400]
        self.assertAllClose(fig5b.late_slope(steps, [9.0, 9.0, 0.0, 0.1, 0.2]), 1.0)

    def test_one_snapshot_has_none(self):
        self.assertTrue(np.isnan(fig5b.late_slope([1], [2.0])))


class PresentedTest(tf.test.TestCase):
    def test_four_numbers_at_every_snapshot_and_two_slopes_of_each_width(self):
        settings = fig5b.Figure5b(TINY, TINY.steps, (3,))
        found = benches.recorded(benches.presented(fig5b.fig5b, settings, 1, pathlib.Path(tempfile.mkdtemp())))
        self.assertEqual({row for row, *_ in found}, {"penalty", "clipping", "penalty, d 3", "clipping, d 3"})
        self.assertLen(found, 4 * (3 * 4 + 2))
        loss, gap = (found["penalty", name, "0", "4"] for name in ("negative_critic_loss_train", "gap_train"))
        self.assertLess(loss, gap)  # by the penalty
        for name in ("train", "validation"):
            pair = [found["clipping", f"{kind}_{name}", "0", "4"] for kind in ("negative_critic_loss", "gap")]
            self.assertAllClose(*pair, rtol=1e-5)


class ClaimsTest(tf.test.TestCase):
    def verdicts(self, train, validation):
        lines = [
            [method, metric.name, seed, None, value]
            for method in fig5b.NAMES
            for metric, sample in ((fig5b.SLOPE_TRAIN, train), (fig5b.SLOPE_VALIDATION, validation))
            for seed, value in enumerate(sample)
        ]
        values = Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))
        return [claim.judge(values).verdict for claim in (fig5b.losses_part, fig5b.both_methods_overfit)]

    def test_signs(self):
        self.assertEqual(self.verdicts([0.5, 0.6, 0.5], [-0.5, -0.6, -0.5]), ["holds", "holds"])
        self.assertEqual(self.verdicts([0.5, 0.6, 0.5], [0.1, 0.1, 0.1]), ["fails", "holds"])
        self.assertEqual(self.verdicts([0.1, 0.1, 0.1], [0.5, 0.6, 0.5]), ["fails", "fails"])
        self.assertEqual(self.verdicts([0.5], [-0.5]), ["undecided", "undecided"])
