"""Tests of Street View House Numbers, on invented files of its form."""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy import io

from repro import data
from repro.data import Places, Set
from repro.errors import DamagedData, MissingData, Misuse

WANTED = Set("svhn")
LABELS = {"train": np.array([10, 1, 2, 9, 10, 5, 7], np.uint8), "test": np.array([3, 10, 8], np.uint8)}


def pictures(count: int) -> np.ndarray:
    """Uint8, shape (count, 32, 32, 3): every value tells picture, row, column and channel apart."""
    picture, row, column, channel = np.indices((count, 32, 32, 3))
    return (30 * picture + 3 * row + 2 * column + 7 * channel).astype(np.uint8)


class SvhnTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder / "cache")
        (self.folder / "svhn").mkdir()
        self.file = self.folder / "svhn" / "test_32x32.mat"
        for split in LABELS:
            self.write(split)

    def write(self, split="test", *, compressed=True, **changes):
        stored = pictures(len(LABELS[split])).transpose(1, 2, 3, 0)
        arrays = {"X": stored, "y": LABELS[split][:, None]} | changes
        kept = {name: array for name, array in arrays.items() if array is not None}
        io.savemat(self.folder / "svhn" / f"{split}_32x32.mat", kept, do_compression=compressed)

    def test_test_is_in_the_files_order_and_ten_is_the_digit_0(self):
        for compressed in (False, True):
            self.write(compressed=compressed)
            test = data.load(WANTED, "test", self.places)
            self.assertEqual((test.images.dtype, test.labels.dtype), (np.uint8, np.int32))
            self.assertAllEqual(test.images, pictures(3))
            self.assertTrue(test.images.flags.c_contiguous)
            self.assertEqual([test.class_names[label] for label in test.labels], ["3", "0", "8"])
            self.assertAllEqual(test.labels, [2, 9, 7])
        self.assertEqual((test.description.counts, test.description.kind), ({"train": 7, "test": 3}, "real"))

    def test_train_is_shuffled_once_and_for_all(self):
        train = data.load(WANTED, "train", self.places)
        order = np.random.default_rng(0).permutation(7)
        self.assertNotAllEqual(order, np.arange(7))
        self.assertAllEqual(train.images, pictures(7)[order])
        self.assertAllEqual(train.labels, LABELS["train"][order].astype(int) - 1)

    def test_labels_of_other_types_are_the_same(self):
        self.write(y=LABELS["test"][:, None].astype(np.float64))
        self.assertAllEqual(data.load(WANTED, "test", self.places).labels, [2, 9, 7])

    def test_missing_names_files_and_place(self):
        help_ = (
            "the official train_32x32.mat and test_32x32.mat of Street View House Numbers go in a folder svhn in the "
            "folder given by --data-dir (or REPRO_DATA); --scale quick works without"
        )
        with self.assertRaisesWithLiteralMatch(MissingData, f"svhn: {help_}"):
            data.describe(WANTED, Places(None, self.folder))
        self.file.unlink()
        for read in (lambda: data.describe(WANTED, self.places), lambda: data.load(WANTED, "train", self.places)):
            with self.assertRaisesWithLiteralMatch(
                MissingData, f"svhn: no svhn/test_32x32.mat in {self.folder}; {help_}"
            ):
                read()

    def test_arrays_that_do_not_fit(self):
        stored = pictures(3).transpose(1, 2, 3, 0)
        for changes, message in (
            ({"X": None}, r"X: shape \(32, 32, 3, N\) expected, found None"),
            ({"X": stored[:, :31]}, r"X: shape \(32, 32, 3, N\) expected, found \(32, 31, 3, 3\)"),
            ({"X": stored[..., 0]}, r"X: shape \(32, 32, 3, N\) expected, found \(32, 32, 3\)"),
            ({"X": stored[..., :0]}, r"X: shape \(32, 32, 3, N\) expected, found \(32, 32, 3, 0\)"),
            ({"X": stored.astype(np.float64) / 255}, "X: uint8 expected, found float64"),
            ({"y": None}, r"y: shape \(3, 1\) expected, as X has, found None"),
            ({"y": LABELS["test"][:2, None]}, r"y: shape \(3, 1\) expected, as X has, found \(2, 1\)"),
            ({"y": np.array([[1], [0], [3]], np.uint8)}, "y: 1 to 10 expected, found 0 to 3"),
            ({"y": np.array([[1], [11], [3]], np.uint8)}, "y: 1 to 10 expected, found 1 to 11"),
            ({"y": np.array([[1], [2.5], [3]])}, "y: 1 to 10 expected, found 1.0 to 3.0"),
        ):
            self.write(**changes)
            with self.subTest(message), self.assertRaisesRegex(DamagedData, f"^{self.file}: {message}"):
                data.load(WANTED, "test", self.places)

    def test_a_damaged_file_is_an_error_of_one_kind_or_none(self):
        for compressed in (False, True):
            self.write(compressed=compressed)
            whole, random = self.file.read_bytes(), np.random.default_rng(0)
            for length in (0, 100, 200, len(whole) // 2, len(whole) - 1):
                self.file.write_bytes(whole[:length])
                with self.subTest(length), self.assertRaisesRegex(DamagedData, f"^{self.file}: "):
                    data.load(WANTED, "test", self.places)
            for _ in range(100):
                damaged = bytearray(whole)
                place = int(random.integers(128, 400 if random.random() < 0.7 else len(whole)))
                damaged[place] ^= 1 << int(random.integers(8))
                self.file.write_bytes(damaged)
                try:
                    self.assertEqual(data.load(WANTED, "test", self.places).images.shape[1:], (32, 32, 3))
                except DamagedData as told:
                    self.assertStartsWith(str(told), str(self.file))

    def test_misuse(self):
        with self.assertRaisesRegex(Misuse, "svhn has no split 'extra'"):
            data.load(WANTED, "extra", self.places)
        with self.assertRaisesRegex(Misuse, "svhn is used with all its classes; some were asked for: 3"):
            data.describe(Set("svhn", 3), self.places)

    def test_checksum_is_that_of_both_files(self):
        found = {data.describe(WANTED, self.places).checksum}
        self.write(X=pictures(3)[::-1].transpose(1, 2, 3, 0))
        found.add(data.describe(WANTED, self.places).checksum)
        self.write("train", X=pictures(7)[::-1].transpose(1, 2, 3, 0))
        found.add(data.describe(WANTED, self.places).checksum)
        self.assertLen(found, 3)
