"""Tests of prepared folders and of the pictures in them."""

import pickle
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro.data import array_records
from repro.data.array_records import Joined, Stored
from repro.errors import DamagedData, Failure

SHAPE = (4, 6, 3)


def examples(count: int, first: int = 0):
    """Pictures of one grey each, every fourth of them for the test; the label is the grey's last digit."""
    for grey in range(first, first + count):
        yield "test" if grey % 4 == 3 else "train", np.full(SHAPE, grey, np.uint8), grey % 10


class ArrayRecordsTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.top = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder = self.top / "set"

    def prepare(self, folder: Path, *args) -> Path:
        return array_records.prepared(folder, lambda new: array_records.write(new, SHAPE, examples(*args)), 1000)

    def stored(self, *args) -> Stored:
        folder = self.prepare(self.folder.with_name(f"set{args}"), *args)
        return Stored(folder, "train", np.arange(len(array_records.labels(folder, "train"))), SHAPE)

    def test_order_and_labels_are_kept_over_files_and_blocks(self):
        with mock.patch.multiple(array_records, SHARD=7 * 72, AT_ONCE=3):
            stored = self.stored(30)
            greys = [grey for grey in range(30) if grey % 4 != 3]
            self.assertAllEqual(stored[:][:, 0, 0, 0], greys)
        (folder,) = self.top.glob("set(30,)")
        self.assertAllEqual(array_records.labels(folder, "train"), [grey % 10 for grey in greys])
        self.assertAllEqual(array_records.labels(folder, "test"), [3, 7, 1, 5, 9, 3, 7])
        self.assertLen(list(folder.rglob("*-train.*")), 4)
        self.assertEqual((stored.shape, stored.dtype), ((23, *SHAPE), np.uint8))

    def test_joined_is_indexed_like_an_array(self):
        parts = [self.stored(8), self.stored(8, 100)]
        order = np.random.default_rng(0).permutation(12)
        joined = Joined(parts, order)
        whole = np.concatenate([part[:] for part in parts])[order]
        self.assertAllEqual(joined[:], whole)
        for places in (np.array([3, 0, 3]), slice(1, 4), 2, -1, np.array([[0, 1], [2, 11]]), np.array([], int)):
            self.assertAllEqual(joined[places], whole[places])
        self.assertAllEqual(pickle.loads(pickle.dumps(joined))[:], whole)
        self.assertEqual((len(joined), joined.shape), (12, (12, *SHAPE)))

    def test_made_once_and_again_where_damaged(self):
        self.prepare(self.folder, 5)
        self.prepare(self.folder, 9)
        self.assertLen(array_records.labels(self.folder, "train"), 4)
        (file,) = self.folder.rglob("*-train.*")
        file.write_bytes(file.read_bytes()[:-1])
        with self.assertLogs("repro.data.array_records", "WARNING"):
            self.prepare(self.folder, 9)
        self.assertLen(array_records.labels(self.folder, "train"), 7)
        self.assertTrue(self.folder.with_name("set.damaged1").is_dir())

    def test_what_a_killed_preparation_left_is_cleared(self):
        left = self.folder.with_name("set.unfinished")
        left.mkdir()
        (left / "summary.json").write_text("half")
        self.prepare(self.folder, 5)
        self.assertEqual(sorted(path.name for path in self.top.iterdir()), ["set", "set.lock"])
        self.assertLen(array_records.labels(self.folder, "test"), 1)

    def test_full_disk(self):
        with (
            mock.patch("tensorflow_datasets.core.SequentialWriter.add_examples", side_effect=RuntimeError("no space")),
            self.assertRaisesWithLiteralMatch(
                Failure, f"cannot prepare {self.folder} (about 1,000 bytes needed): no space"
            ),
        ):
            self.prepare(self.folder, 5)
        self.assertEqual([path.name for path in self.top.iterdir()], ["set.lock"])
        with self.assertRaisesRegex(Failure, f"cannot prepare {self.folder}: 1,000,000,000,000,000,000 bytes needed"):
            array_records.check_room(self.folder, 10**18)

    def test_damaged_pictures(self):
        stored = self.stored(8)
        (file,) = self.top.rglob("*-train.*")
        content = bytearray(file.read_bytes())
        content[: len(content) // 2] = bytes(len(content) // 2)
        file.write_bytes(content)
        with self.assertRaisesRegex(DamagedData, "readable pictures of train expected"):
            stored[:]
