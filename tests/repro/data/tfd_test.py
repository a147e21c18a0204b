"""Tests of the Toronto Face Database, on an invented file of its form."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy import io

from repro import data
from repro.data import Places, Set, tfd
from repro.errors import DamagedData, MissingData, Misuse

WANTED = Set("tfd")
# One line a picture, one column a fold.
FOLDS = np.array(
    [
        [0, 0, 0, 0, 0],
        [1, 2, 3, 1, 1],
        [0, 0, 0, 0, 0],
        [2, 3, 1, 3, 2],
        [3, 1, 2, 2, 3],
        [0, 0, 0, 0, 0],
        [1, 1, 1, 1, 2],
        [3, 2, 3, 1, 1],
    ]
)


def pictures() -> np.ndarray:
    """Uint8, shape (8, 48, 48): picture i is brighter by 10 i, row by row by 2, column by column by 1."""
    rows, columns = np.indices((48, 48))
    return (10 * np.arange(8)[:, None, None] + 2 * rows + columns).astype(np.uint8)


class TfdTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder / "cache")
        self.file = self.folder / "tfd" / "TFD_48x48.mat"
        self.file.parent.mkdir()
        self.write()

    def write(self, *, compressed=False, **changes):
        arrays = {"images": pictures(), "folds": FOLDS.astype(np.uint8)}
        arrays |= {"labs_ex": np.full((8, 1), -1.0), "labs_id": np.full((8, 1), -1.0)} | changes
        kept = {name: array for name, array in arrays.items() if array is not None}
        io.savemat(self.file, kept, do_compression=compressed)

    def test_train_is_what_is_unlabelled_in_the_files_order(self):
        train = data.load(WANTED, "train", self.places)
        self.assertEqual((train.images.shape, train.images.dtype), ((3, 48, 48, 1), np.uint8))
        self.assertAllEqual(train.images[..., 0], pictures()[[0, 2, 5]])
        self.assertTrue(train.images.flags.c_contiguous)
        self.assertEqual((train.labels, train.class_names, train.white), (None, (), 255))
        self.assertEqual((train.description.counts, train.description.kind), ({"train": 3}, "real"))

    def test_parts_of_folds(self):
        for number, part, rows in (
            (0, "train", [1, 6]),
            (0, "valid", [3]),
            (0, "test", [4, 7]),
            (1, "valid", [1, 7]),
            (4, "test", [4]),
        ):
            images = tfd.fold(self.places, number, part)
            self.assertEqual((images.shape, images.dtype), ((len(rows), 48, 48, 1), np.uint8))
            self.assertAllEqual(images[..., 0], pictures()[rows])
            if part != "train":
                self.assertAllEqual(data.load(WANTED, f"{part}{number}", self.places).images, images)

    def test_compressed_files_and_other_types_of_number_give_the_same(self):
        for changes in (
            {"compressed": True},
            {"images": pictures().astype(np.float64), "folds": FOLDS.astype(np.float64)},
            {"images": pictures().astype(np.int16), "compressed": True},
        ):
            self.write(**changes)
            images = data.load(WANTED, "train", self.places).images
            self.assertAllEqual(images[..., 0], pictures()[[0, 2, 5]])
            self.assertEqual(images.dtype, np.uint8)

    def test_missing_names_file_and_place_and_that_it_was_handed_out_on_request(self):
        help_ = (
            "TFD_48x48.mat, which the authors of the Toronto Face Database handed out on request only, goes in a "
            "folder tfd in the folder given by --data-dir (or REPRO_DATA); --scale quick works "
            "without"
        )
        with self.assertRaisesWithLiteralMatch(MissingData, f"tfd: {help_}"):
            data.describe(WANTED, Places(None, self.folder))
        self.file.unlink()
        absent = f"tfd: no tfd/TFD_48x48.mat in {self.folder}; {help_}"
        for read in (
            lambda: data.describe(WANTED, self.places),
            lambda: data.load(WANTED, "train", self.places),
            lambda: tfd.fold(self.places, 0, "test"),
        ):
            with self.assertRaisesWithLiteralMatch(MissingData, absent):
                read()

    def test_arrays_that_do_not_fit(self):
        half = pictures().astype(np.float64)
        half[0, 3, 3] = 0.5
        for changes, message in (
            ({"images": None}, r"images: shape \(8, 48, 48\) expected, as folds has, found None"),
            ({"images": pictures()[:7]}, r"images: shape \(8, 48, 48\) expected, as folds has, found \(7, 48, 48\)"),
            ({"images": pictures()[:, :40]}, r"found \(8, 40, 48\)"),
            ({"images": half}, r"whole numbers 0 to 255 expected, found float64 of shape \(3, 48, 48\), 0.0 to"),
            ({"images": half * np.nan}, "whole numbers 0 to 255 expected, found float64 of .*, nan to nan"),
            ({"images": pictures().astype(int) + 200}, "whole numbers 0 to 255 expected, found int64 of .* to 391"),
            ({"images": np.full((8, 48, 48), "a")}, r"images: shape \(8, 48, 48\) expected, as folds has, found None"),
            ({"folds": None}, "an array of numbers folds expected, found none"),
            (
                {"folds": FOLDS[:, :4]},
                r"folds: shape \(N, 5\) of 0 to 3 expected, found int64 of shape \(8, 4\), 0 to 3",
            ),
            ({"folds": FOLDS + 1}, r"folds: shape \(N, 5\) of 0 to 3 expected, found int64 of shape \(8, 5\), 1 to 4"),
            ({"folds": np.zeros((0, 5)), "images": pictures()[:0]}, "expected, found"),
            ({"folds": np.ones((8, 5))}, "folds: pictures of every part expected, found none"),
        ):
            self.write(**changes)
            with self.subTest(message), self.assertRaisesRegex(DamagedData, f"^{self.file}: .*{message}"):
                data.load(WANTED, "train", self.places)

    def test_files_that_are_none(self):
        hdf5 = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
        whole = self.file.read_bytes()
        for content in (b"", b"nothing of the kind " * 20, hdf5 + bytes(400), whole[:200], whole[: len(whole) // 2]):
            self.file.write_bytes(content)
            with self.subTest(len(content)), self.assertRaisesRegex(DamagedData, f"^{self.file}: .* expected"):
                data.load(WANTED, "train", self.places)

    def test_a_damaged_file_is_an_error_of_one_kind_or_none(self):
        for compressed in (False, True):
            self.write(compressed=compressed)
            whole, random = self.file.read_bytes(), np.random.default_rng(0)
            for _ in range(150):
                damaged = bytearray(whole)
                place = int(random.integers(128, 400 if random.random() < 0.7 else len(whole)))
                damaged[place] ^= 1 << int(random.integers(8))
                self.file.write_bytes(damaged)
                try:
                    train = data.load(WANTED, "train", self.places)
                    self.assertEqual(train.images.shape[1:], (48, 48, 1))
                except DamagedData as told:
                    self.assertStartsWith(str(told), str(self.file))

    def test_misuse(self):
        for split in ("test", "valid5", "train0", "valid"):
            with self.assertRaisesRegex(Misuse, f"tfd has no split '{split}'; there are train, valid0 to valid4 and"):
                data.load(WANTED, split, self.places)
        for number, part in ((5, "test"), (-1, "test"), (0, "all")):
            with self.assertRaisesRegex(Misuse, "tfd has folds 0 to 4 of train, valid, test; fold"):
                tfd.fold(self.places, number, part)
        with self.assertRaisesRegex(Misuse, "tfd is used without labels; classes were asked for: 3"):
            data.describe(Set("tfd", 3), self.places)

    def test_checksum(self):
        before = data.describe(WANTED, self.places).checksum
        self.write(images=pictures()[::-1])
        self.assertNotEqual(data.describe(WANTED, self.places).checksum, before)

    def test_describing_does_not_import_tensorflow(self):
        check = (
            "import pathlib, sys; from repro.data import Places, Set, describe\n"
            f"describe(Set('tfd'), Places(pathlib.Path({str(self.folder)!r}), pathlib.Path('x')))\n"
            "sys.exit(' '.join({'tensorflow', 'scipy.stats', 'sklearn'} & sys.modules.keys()) or None)"
        )
        subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[3])
