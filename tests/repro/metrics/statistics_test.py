import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro import files
from repro.data import Dataset, Description
from repro.metrics import statistics

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 2, 2, 1), np.uint8)
DATA = Dataset("toy", "train", IMAGES, None, (), Description("", "procedural", "c1", {"train": 50}, ""))


class StatisticsTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.cache = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(statistics, "AT_ONCE", 20))
        self.seen = []
        self.measure = statistics.Measure(self.flat, "network", 1, "here")

    def flat(self, images):
        self.seen.append(len(images))
        return images.reshape(len(images), -1) / np.float32(255)

    def stored(self):
        (path,) = (self.cache / "statistics").glob("*.npz")
        return path

    def test_features_are_kept_as_they_are(self):
        first, second = (statistics.features(DATA, 30, self.measure, self.cache) for _ in range(2))
        self.assertEqual((first.dtype, second.dtype, self.seen), (np.float32, np.float32, [20, 10]))
        self.assertAllEqual(first, IMAGES[:30].reshape(30, 4) / np.float32(255))
        self.assertAllEqual(first, second)

    def test_whatever_determines_them_changes_the_name(self):
        other = replace(DATA.description, checksum="c2")
        asked = [
            (DATA, 45, self.measure),
            (replace(DATA, description=other), 45, self.measure),
            (replace(DATA, split="test"), 45, self.measure),
            (DATA, 44, self.measure),
            (DATA, 45, replace(self.measure, checksum="other")),
            (DATA, 45, replace(self.measure, preprocessing=2)),
            (DATA, 45, replace(self.measure, environment="there")),
        ]
        for given in asked:
            statistics.features(*given, self.cache)
        self.assertLen(self.seen, 3 * len(asked))
        self.assertLen(list((self.cache / "statistics").glob("*.npz")), len(asked))

    def test_a_damaged_file_is_set_aside_and_made_again(self):
        first = statistics.features(DATA, 45, self.measure, self.cache)
        path = self.stored()
        whole = path.read_bytes()
        known = files.read_arrays(path)
        bent = bytearray(whole)
        bent[len(bent) // 2] ^= 1
        damages = {
            "cut": whole[:-30],
            "empty": b"",
            "bent": bytes(bent),
            "pickled": files.npz(known | {"features": np.array([None])}),
            "no features": files.npz({"key": known["key"]}),
            "no array": files.npz(known | {"features": np.float64(1)}),
            "of another": files.npz(known | {"key": np.array("0" * 64)}),
            "other shapes": files.npz(known | {"features": known["features"][:2]}),
        }
        for name, content in damages.items():
            with self.subTest(name):
                self.seen.clear()
                path.write_bytes(content)
                again = statistics.features(DATA, 45, self.measure, self.cache)
                self.assertEqual(self.seen, [20, 20, 5])
                self.assertAllEqual(again, first)
                self.assertEqual(path.with_name(f"{path.name}.damaged").read_bytes(), content)
                self.assertEqual(path.read_bytes(), whole)

    def test_sixteenths_are_measured_as_they_are_shown(self):
        sixteenths = replace(DATA, images=IMAGES // 16, white=16)
        found = statistics.features(sixteenths, 20, self.measure, self.cache)
        self.assertAllClose(found, np.rint(sixteenths.scaled(np.arange(20)) * 255).reshape(20, 4) / 255)

    def test_more_images_than_there_are_and_none_are_refused(self):
        for count in (0, 51):
            with self.assertRaisesRegex(ValueError, f"1 to 50 images of toy train expected. Received: {count}"):
                statistics.features(DATA, count, self.measure, self.cache)

    def test_features_that_are_not_finite_are_not_kept(self):
        broken = replace(self.measure, features=lambda images: np.full((len(images), 3), np.nan))
        with self.assertRaisesRegex(ValueError, "finite"):
            statistics.features(DATA, 45, broken, self.cache)
        self.assertEmpty(list((self.cache / "statistics").glob("*.npz")))
