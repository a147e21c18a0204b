import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.dcgan import dedup
from papers.dcgan.autoencoder import network
from repro.claims import Values
from repro.data import Set, rooms
from repro.files import read_arrays
from tests.benches import presented, recorded


class CountedTest(tf.test.TestCase):
    def test_by_hand(self):
        # Originals 0 and 1 share a code by chance; copies are of 0, 2 and 3, and the last one is not found.
        codes = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [1, 0], [0, 1], [1, 1]], bool)
        found = dedup.counted(codes, np.array([0, 2, 3]), 4)
        self.assertAllEqual(found["recall"], [1, 1, 0])
        self.assertEqual((int(found["removed"]), int(found["distinct"])), (3, 4))
        self.assertAllClose(found["false_per_100"], 100 / 3)  # of 0, 1 and 4 two go, one of them wrongly
        self.assertAllClose(found["false_per_100_images"], 25)

    def test_dead_units_have_no_entropy(self):
        codes = np.array([[0, 1, 1], [0, 1, 0]], bool)
        self.assertAllClose(dedup.counted(codes, np.array([], int), 2)["entropy"], 1 / 3)

    def test_copies_differ_a_little(self):
        images = rooms.draw(range(6), 0, 32)["images"]
        which, copies = dedup.planted(images, 6, seed=0, quality=75)
        self.assertAllEqual(np.sort(which), range(6))
        apart = np.abs(copies.astype(int) - images[which]).mean(axis=(1, 2, 3))
        self.assertAllGreater(apart[[0, 2, 3, 5]], 0)  # a factor near 1 may change nothing
        self.assertAllLess(apart, 12)
        worse = dedup.planted(images, 6, seed=0, quality=20)[1]
        self.assertAllEqual((worse != copies).any(axis=(1, 2, 3)), [False, False, True] * 2)
        shifted = copies[0]
        neighbours = [np.roll(images[which[0]], step, axis) for step in (-1, 1) for axis in (0, 1)]
        self.assertTrue(any(np.array_equal(shifted[1:-1, 1:-1], each[1:-1, 1:-1]) for each in neighbours))


class DedupTest(tf.test.TestCase):
    def test_weights(self):
        self.assertEqual(network((32, 32, 3)).count_params(), 789_632)

    def test_the_bound_supports_the_claim_and_never_refutes_it(self):
        def judged(row, removed, share):
            lines = [
                [row, metric.name, seed, None, value]
                for metric, sample in ((dedup.REMOVED, removed), (dedup.FALSE, share))
                for seed, value in enumerate(sample)
            ]
            table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
            return dedup.few_are_removed_wrongly.judge(Values(table))

        # Wilson: 1 of 503 ends at 1.12 %, 1 of 1,000 at 0.56 %.
        self.assertEqual(judged(dedup.REAL_ROW, [503], [100 / 503]).verdict, "undecided")
        self.assertEqual(judged(dedup.REAL_ROW, [1_000] * 2, [0.1] * 2).verdict, "holds")
        self.assertEqual(judged(dedup.ROW, [1_000, 32], [0.1, 12.5]).verdict, "undecided")
        self.assertIn("4 of 32, at most 28.1 %", judged(dedup.ROW, [32], [12.5]).evidence)
        self.assertEqual(judged(dedup.ROW, [1_000, 0], [0.1]).verdict, "undecided")
        self.assertIn("no two codes were equal", judged(dedup.ROW, [0], []).evidence)

    def test_end_to_end(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(rooms.COUNTS, {"train": 60, "test": 10}))
        settings = dedup.Dedup(Set("rooms16"), images=60, planted=9, epochs=2, batch_size=16)
        found = recorded(presented(dedup.dedup, settings, 1, folder))
        self.assertBetween(found["autoencoder", "distinct_codes", "0", ""], 2, 69)
        self.assertBetween(found["autoencoder", "bit_entropy", "0", ""], 1e-3, 1)
        [history] = folder.glob("*/history.npz")
        self.assertAllEqual(read_arrays(history)["step"], [4, 8])  # a chapter an epoch: 69 images in batches of 16
