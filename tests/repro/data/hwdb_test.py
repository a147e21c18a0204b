"""Tests of the official HWDB1.0 files, on three invented writers."""

import json
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro.data import Places, Set, describe, gnt, hwdb, load
from repro.errors import DamagedData, Failure, MissingData, Misuse

WANTED = Set("hwdb1.0")
# 啊 B0A1, 阿 B0A2 and 座 D7F9 are of level 1; 亍 D8A1 is of level 2, A is no Chinese character.
WRITERS = {
    "HWDB1.0trn_gnt": {"001-t.gnt": "座啊亍", "002-t.gnt": "阿A座"},
    "HWDB1.0tst_gnt": {"003-t.gnt": "啊座阿阿亍", "004-t.gnt": "啊"},
}


def character(name: str, letter: str) -> tuple[bytes, np.ndarray]:
    """A box of the letter's own size, of one grey that tells file and letter."""
    code = letter.encode("gbk").ljust(2, b"\0")
    side = 40 + code[0] % 7
    return code, np.full((side, side + 9), (int(name[:3]) * 40 + code[1]) % 256, np.uint8)


def fill(folder: Path, zipped: bool) -> None:
    """Writes the official files, as folders or as zip files."""
    for part, writers in WRITERS.items():
        (folder / part).mkdir(parents=True)
        for name, letters in writers.items():
            with (folder / part / name).open("wb") as stream:
                for letter in letters:
                    gnt.write(stream, *character(name, letter))
        if zipped:
            with zipfile.ZipFile(folder / f"{part}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for file in (folder / part).iterdir():
                    archive.write(file, f"{part}/{file.name}")
                    file.unlink()
            (folder / part).rmdir()


class HwdbTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "official", self.folder / "cache")

    def prepared(self) -> list[str]:
        """What is in the cache, locks aside."""
        found = (self.places.cache / "data").glob("*")
        return sorted(path.name for path in found if path.suffix != ".lock")

    def test_three_classes_in_the_order_of_their_codes(self):
        fill(self.places.data, zipped=False)
        train, test = (load(WANTED, split, self.places) for split in ("train", "test"))
        self.assertEqual(train.class_names, ("啊", "阿", "座"))
        self.assertEqual(train.description.counts, {"train": 4, "test": 5})
        self.assertAllEqual(np.bincount(train.labels), [1, 1, 2])
        self.assertAllEqual(np.bincount(test.labels), [2, 2, 1])
        self.assertEqual((train.labels.dtype, train.images.dtype), (np.int32, np.uint8))
        self.assertEqual((len(test), test.images.shape), (5, (5, 28, 28, 1)))
        # Every picture is of one grey, which names its file and letter.
        greys = {(label, picture.max()) for label, picture in zip(train.labels, train.images[:], strict=True)}
        self.assertEqual(
            greys, {(0, (40 + 0xA1) % 256), (1, (80 + 0xA2) % 256), (2, 40 + 0xF9 - 256), (2, 80 + 0xF9 - 256)}
        )
        (folder,) = self.prepared()
        folder = self.places.cache / "data" / folder
        self.assertEqual((folder / "classes.txt").read_text("utf-8"), "B0A1 啊\nB0A2 阿\nD7F9 座\n")
        self.assertEqual(json.loads((folder / "summary.json").read_text())["skipped"], {"train": 2, "test": 1})

    def test_pictures_are_indexed_like_an_array(self):
        fill(self.places.data, zipped=False)
        images = load(WANTED, "test", self.places).images
        whole = images[np.arange(5)]
        self.assertEqual((whole.shape, whole.dtype), ((5, 28, 28, 1), np.uint8))
        for places in (np.array([3, 0, 3]), slice(1, 4), 2, -1, np.array([[0, 1], [2, 3]]), np.array([], int)):
            self.assertAllEqual(images[places], whole[places])
        self.assertAllEqual(pickle.loads(pickle.dumps(images))[:], whole)
        with self.assertRaises(IndexError):
            images[5]

    def test_first_classes(self):
        fill(self.places.data, zipped=False)
        self.assertEqual(describe(WANTED, self.places).counts, {})
        whole = load(WANTED, "test", self.places)
        data = load(Set("hwdb1.0", 2), "test", self.places)
        kept = np.flatnonzero(whole.labels < 2)
        self.assertAllEqual(data.labels, whole.labels[kept])
        self.assertAllEqual(data.images[:], whole.images[kept])
        self.assertEqual((data.class_names, data.description.counts), (("啊", "阿"), {"train": 2, "test": 4}))
        self.assertNotEqual(data.description.checksum, whole.description.checksum)
        with self.assertRaisesWithLiteralMatch(Misuse, "hwdb1.0 has 1 to 3 classes; 4 were asked for"):
            describe(Set("hwdb1.0", 4), self.places)

    def test_zip_and_folder_give_the_same(self):
        data = []
        for zipped in (False, True):
            places = Places(self.folder / f"official-{zipped}", self.places.cache)
            fill(places.data, zipped)
            data.append(load(WANTED, "train", places))
        folder, archive = data
        self.assertAllEqual(folder.images[:], archive.images[:])
        self.assertAllEqual(folder.labels, archive.labels)
        self.assertNotEqual(folder.description.checksum, archive.description.checksum)

    def test_squashing_averages_areas(self):
        stripes = np.tile(np.array([[0], [200]], np.uint8), (28, 84))
        # 56 rows become 28: a triangle over two rows on each side meets dark and light alike.
        squashed = hwdb.squash(stripes)
        self.assertEqual((squashed.shape, squashed.dtype), ((28, 28, 1), np.uint8))
        self.assertAllClose(squashed[1:-1].astype(int), np.full((26, 28, 1), 100), atol=1)

    def test_prepared_once_and_again_where_damaged(self):
        fill(self.places.data, zipped=False)
        images = load(WANTED, "train", self.places).images[:]
        with mock.patch.object(hwdb, "_prepare", side_effect=AssertionError("prepared twice")):
            load(WANTED, "test", self.places)
        (name,) = self.prepared()
        (self.places.cache / "data" / name / "labels_train.npy").write_bytes(b"")
        with self.assertLogs("repro.data.array_records", "WARNING"):
            self.assertAllEqual(load(WANTED, "train", self.places).images[:], images)
        self.assertEqual(self.prepared(), [name, f"{name}.damaged1"])

    def test_interrupted_preparation_leaves_nothing(self):
        fill(self.places.data, zipped=False)
        for fault, seen in ((KeyboardInterrupt, KeyboardInterrupt), (OSError("disk full"), Failure)):
            calls = [hwdb.squash(np.zeros((30, 30), np.uint8))] * 3
            with mock.patch.object(hwdb, "squash", side_effect=[*calls, fault]), self.assertRaises(seen):
                load(WANTED, "train", self.places)
            self.assertEqual(self.prepared(), [])
        self.assertLen(load(WANTED, "train", self.places), 4)

    def test_damage_is_placed(self):
        fill(self.places.data, zipped=False)
        file = self.places.data / "HWDB1.0tst_gnt" / "004-t.gnt"
        file.write_bytes(file.read_bytes()[:-1])
        pixels = character("004", "啊")[1].size
        message = f"{file}: byte 10: {pixels} pixels expected, the file ends after {pixels - 1}"
        with self.assertRaisesWithLiteralMatch(DamagedData, message):
            load(WANTED, "train", self.places)
        self.assertEqual(self.prepared(), [])

    def test_damaged_zip(self):
        fill(self.places.data, zipped=True)
        archive = self.places.data / "HWDB1.0trn_gnt.zip"
        content = bytearray(archive.read_bytes())
        content[80] ^= 255
        for damaged in (bytes(content), bytes(content[:60])):
            archive.write_bytes(damaged)
            with self.assertRaisesRegex(DamagedData, "HWDB1.0trn_gnt.zip"):
                load(WANTED, "train", self.places)

    def test_missing(self):
        end = (
            "HWDB1.0trn_gnt.zip and HWDB1.0tst_gnt.zip (or folders HWDB1.0trn_gnt and HWDB1.0tst_gnt of .gnt files) go "
            "in the folder given by --data-dir (or REPRO_DATA); --scale quick works without, and "
            "--scale small takes hwdb100"
        )
        with self.assertRaisesWithLiteralMatch(MissingData, f"hwdb1.0: {end}"):
            describe(WANTED, Places(None, self.places.cache))
        fill(self.places.data, zipped=True)
        (self.places.data / "HWDB1.0tst_gnt.zip").unlink()
        message = f"hwdb1.0: no HWDB1.0tst_gnt.zip in {self.places.data}; {end}"
        with self.assertRaisesWithLiteralMatch(MissingData, message):
            load(WANTED, "train", self.places)

    def test_no_character_of_level_one(self):
        with mock.patch.dict(WRITERS, {"HWDB1.0trn_gnt": {"001-t.gnt": "亍A"}}):
            fill(self.places.data, zipped=False)
        with self.assertRaisesRegex(DamagedData, "HWDB1.0trn_gnt: characters of GB2312 level 1 expected, found none"):
            load(WANTED, "train", self.places)

    def test_module_does_not_import_tensorflow(self):
        check = "import sys, repro.data.hwdb; sys.exit(any(name.startswith('tensorflow') for name in sys.modules))"
        subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[3])
