"""Declared scores: names that carry the protocol, and the measures behind them."""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro.data import Dataset, Description, Places
from repro.items import with_sets_found
from repro.metrics import scores
from repro.metrics.scores import FID, Judged, Protocol


def dataset(n, split="train"):
    images = np.random.default_rng(1).integers(0, 256, (n, 4, 4, 1)).astype(np.uint8)
    return Dataset("invented", split, images, None, (), Description("", "", "", {}, ""))


def judged(self, images, places=None):
    flat = images.reshape(len(images), -1)[:, :4] / 255
    return Judged(flat, np.abs(flat) / np.abs(flat).sum(axis=1, keepdims=True))


class ScoresTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.places = Places(None, Path(self.enterContext(tempfile.TemporaryDirectory())))

    def test_another_protocol_has_another_name(self):
        one = Protocol("scenes64")
        others = [
            Protocol("rooms32"), Protocol("scenes64", 500, 500), Protocol("scenes64", 1_000, 2_000),
            Protocol("scenes64", split="test"),
        ]  # fmt: skip
        names = [protocol.metric("frechet").name for protocol in (one, *others)]
        self.assertLen(set(names), 5)
        self.assertEqual(names[0], "frechet_scenes64_1000")
        self.assertEqual(names[3], "frechet_scenes64_1000_2000")
        self.assertEqual(names[4], "frechet_scenes64_1000_test")

    def test_a_metric_says_all_that_decides_it_and_is_one_object(self):
        metric = Protocol("digits16", 500, 400).metric("recall")
        for told in ("digits16", "sha256", "500 generated", "first 400 real images of train", "16 pixels", "bytes"):
            self.assertIn(told, metric.protocol)
        self.assertEqual(metric.better, "higher")
        self.assertIs(metric, Protocol("digits16", 500, 400).metric("recall"))

    def test_all_kinds_are_measured_and_equal_sets_are_told_so(self):
        protocol = Protocol("digits16", 120, 120)
        with mock.patch.object(Protocol, "judge", judged):
            real = protocol.reference(dataset(200), self.places)
            same = protocol.measure(protocol.judge(dataset(200).images[:120]), real)
            self.assertEqual(set(same), set(scores.KINDS))
            self.assertAllClose([same["frechet"], same["precision"], same["recall"]], [0, 1, 1], atol=1e-9)
            other = protocol.measure(protocol.judge(255 - dataset(200).images[:120] // 4), real, "frechet", "recall")
        self.assertEqual(list(other), ["frechet", "recall"])
        self.assertGreater(other["frechet"], 0.1)
        self.assertLess(other["recall"], 1)

    def test_other_counts_and_another_part_are_refused(self):
        protocol = Protocol("digits16", 120, 120)
        with mock.patch.object(Protocol, "judge", judged):
            with self.assertRaisesRegex(ValueError, "120 images of train expected. Received: 119 of train"):
                protocol.reference(dataset(119), self.places)
            with self.assertRaisesRegex(ValueError, "Received: 200 of test"):
                protocol.reference(dataset(200, "test"), self.places)
            with self.assertRaisesRegex(
                ValueError, r"120 generated and 120 real images expected. Received: \(119, 120\)"
            ):
                protocol.measure(protocol.judge(dataset(119).images), np.zeros((120, 4)))

    def test_the_published_network_needs_its_file(self):
        self.assertEqual(FID.metric("frechet").name, "frechet_inception2015_50000")
        self.assertIn("009d6814d1bc560d", FID.metric("frechet").protocol)
        self.assertTrue(FID.is_there)
        self.assertFalse(with_sets_found(FID, lambda wanted: False).is_there)
        self.assertTrue(Protocol("rooms32").is_there)
