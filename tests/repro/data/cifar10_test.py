"""Tests of CIFAR-10 as tensorflow-datasets prepares it, on an invented archive of the official form."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from repro.data import Places, Set, cifar10, describe, load
from repro.errors import DamagedData, MissingData, Misuse

WANTED = Set("cifar10")
COUNTS = {"train": 20, "test": 4}


def picture(place: int) -> np.ndarray:
    """Uint8, shape (3, 32, 32): red tells the place, green the row, blue the column."""
    red = np.full((32, 32), 10 * place)
    return np.stack([red, *np.indices((32, 32))]).astype(np.uint8)


def archive(folder: Path) -> Path:
    """Writes the official binary files, four pictures each; picture i has label i modulo 10."""
    inside = folder / "cifar-10-batches-bin"
    inside.mkdir(parents=True)
    (inside / "batches.meta.txt").write_text("\n".join(cifar10.OBJECTS) + "\n\n")
    for number in range(6):
        name = f"data_batch_{number + 1}.bin" if number < 5 else "test_batch.bin"
        places = range(4 * number, 4 * number + 4) if number < 5 else range(4)
        (inside / name).write_bytes(b"".join(bytes([place % 10]) + picture(place).tobytes() for place in places))
    return folder


class Cifar10Test(tf.test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        with mock.patch.object(
            tfds.download.DownloadManager, "download_and_extract", return_value=str(archive(cls.made / "official"))
        ):
            cifar10.prepare(cls.made / "data")

    def setUp(self):
        super().setUp()
        self.data = Path(self.enterContext(tempfile.TemporaryDirectory())) / "data"
        shutil.copytree(self.made / "data", self.data)
        self.places = Places(self.data, self.data / "cache")
        (self.folder,) = self.data.glob("cifar10/3.*")

    def test_official_order(self):
        self.assertEqual(describe(WANTED, self.places).counts, COUNTS)
        for split, count in COUNTS.items():
            data = load(WANTED, split, self.places)
            self.assertEqual((data.images.shape, data.images.dtype), ((count, 32, 32, 3), np.uint8))
            expected = np.stack([picture(place).transpose(1, 2, 0) for place in range(count)])
            self.assertAllEqual(data.images, expected)
            self.assertAllEqual(data.labels, np.arange(count) % 10)
            self.assertEqual((data.labels.dtype, data.class_names), (np.int32, cifar10.OBJECTS))
        self.assertEqual(data.description.kind, "real")

    def test_it_is_shuffled_where_it_lies(self):
        ids = [record["id"] for record in cifar10._records(self.folder, "train")]
        self.assertNotEqual(ids, sorted(ids))

    def test_array_record_files_give_the_same(self):
        before = load(WANTED, "train", self.places)
        shutil.rmtree(self.folder)
        with mock.patch.object(
            tfds.download.DownloadManager, "download_and_extract", return_value=str(self.made / "official")
        ):

            class Official(tfds.image_classification.Cifar10, skip_registration=True):
                """The builder, with another kind of file."""

                name = "cifar10"
                code_path = None
                url_infos = None

            Official(data_dir=self.data, file_format="array_record").download_and_prepare()
        after = load(WANTED, "train", self.places)
        self.assertAllEqual(after.images, before.images)
        self.assertAllEqual(after.labels, before.labels)

    def test_some_classes(self):
        data = load(Set("cifar10", ("cat", "airplane")), "train", self.places)
        self.assertAllEqual(data.labels, [1, 0, 1, 0])
        self.assertAllEqual(data.images[:, 0, 0, 0], [0, 30, 100, 130])
        self.assertNotEqual(data.description.checksum, describe(WANTED, self.places).checksum)
        with self.assertRaisesRegex(Misuse, "cifar10 has 1 to 10 classes; 11 were asked for"):
            describe(Set("cifar10", 11), self.places)

    def test_missing_names_the_command_that_prepares_it(self):
        with self.assertRaisesRegex(MissingData, "python -m repro.data.cifar10 DIR downloads 170 MB .*quick works"):
            describe(WANTED, Places(None, self.data))
        shutil.rmtree(self.data / "cifar10")
        message = (
            f"cifar10: no cifar10/VERSION/dataset_info.json in {self.data}; .venv/bin/python -m repro.data.cifar10 "
            f"{self.data} downloads 170 MB and prepares it there; --scale quick works without, and "
            "--scale small takes cifar10_jpeg75"
        )
        with self.assertRaisesWithLiteralMatch(MissingData, message):
            load(WANTED, "train", self.places)

    def test_damaged_files(self):
        (file,) = self.folder.glob("cifar10-train.*")
        content = file.read_bytes()
        flipped = bytearray(content)
        flipped[len(content) // 2] ^= 1
        for damaged in (bytes(flipped), content[:-100], b""):
            file.write_bytes(damaged)
            with (
                self.subTest(len(damaged)),
                self.assertRaisesRegex(DamagedData, f"^{self.folder}: .* of train expected"),
            ):
                load(WANTED, "train", self.places)
        self.assertLen(load(WANTED, "test", self.places), 4)
        file.unlink()
        with self.assertRaisesRegex(DamagedData, "1 files cifar10-train.* expected, found 0"):
            describe(WANTED, self.places)

    def test_counts_that_do_not_fit(self):
        info = self.folder / "dataset_info.json"
        form = json.loads(info.read_text())
        for split in form["splits"]:
            split["shardLengths"] = [str(int(split["shardLengths"][0]) + 1)]
        info.write_text(json.dumps(form))
        message = "readable pictures of train expected: Input dataset was expected to contain 21 elements but .* 20"
        with self.assertRaisesRegex(DamagedData, message):
            load(WANTED, "train", self.places)
        info.write_text("{")
        with self.assertRaisesRegex(DamagedData, "dataset_info.json: the lengths of train and test expected"):
            describe(WANTED, self.places)

    def test_ids_that_do_not_fit(self):
        for place, message in (
            (3, "20 pictures of train expected, the first missing is train_00005"),
            (20, "readable"),
        ):
            records = list(cifar10._records(self.folder, "train"))
            for record in records:
                if record["id"] == b"train_00005":
                    record["id"] = f"train_{place:05d}".encode()
            with (
                mock.patch.object(cifar10, "_records", return_value=records),
                self.assertRaisesRegex(DamagedData, f"^{self.folder}: {message}"),
            ):
                load(WANTED, "train", self.places)

    def test_checksum(self):
        before = describe(WANTED, self.places).checksum
        self.assertEqual(describe(WANTED, self.places).checksum, before)
        (file,) = self.folder.glob("cifar10-test.*")
        file.write_bytes(file.read_bytes() + b" ")
        self.assertNotEqual(describe(WANTED, self.places).checksum, before)

    def test_describing_does_not_import_tensorflow(self):
        check = (
            "import pathlib, sys; from repro.data import Places, Set, describe; "
            f"describe(Set('cifar10'), Places(pathlib.Path({str(self.data)!r}), pathlib.Path('x'))); "
            "sys.exit(any(name.startswith('tensorflow') for name in sys.modules))"
        )
        subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[3])
