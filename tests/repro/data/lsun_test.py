"""Tests of LSUN, on invented pictures in folders of the official layout."""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro.data import Places, Set, array_records, describe, load, squashing
from repro.errors import DamagedData, Failure, MissingData, Misuse
from tests.lsun_folders import encoded, fill, key, picture, put

BEDROOM = Set("lsun32", ("bedroom",))
BOTH = Set("lsun32", ("kitchen", "bedroom"))
HELP = (
    "the official folders CATEGORY_train_lmdb and CATEGORY_val_lmdb of bedroom, unpacked, or a folder lsun/CATEGORY/ "
    "of images, go in the folder given by --data-dir (or REPRO_DATA); --scale quick works without"
)


class LsunTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "data", self.folder / "cache")
        self.places.data.mkdir()

    def prepared(self) -> list[str]:
        """What is in the cache, locks aside."""
        found = (self.places.cache / "data").glob("*")
        return sorted(path.name for path in found if path.suffix != ".lock")

    def test_one_category_comes_back(self):
        fill(self.places.data, "bedroom")
        with mock.patch.object(squashing, "squash", side_effect=AssertionError("prepared")):
            description = describe(BEDROOM, self.places)
        self.assertEqual((description.counts, description.kind), ({"train": 50, "test": 5}, "real"))
        self.assertEqual(description.title, "LSUN bedroom, whole pictures squashed to 32x32")
        train, test = (load(BEDROOM, split, self.places) for split in ("train", "test"))
        self.assertEqual((train.images.shape, train.images.dtype), ((50, 32, 32, 3), np.uint8))
        self.assertIsNone(train.labels)
        self.assertIsInstance(train.images, array_records.Stored)
        order = sorted(range(50), key=key)
        self.assertAllEqual(train.images[:][:, 0, -1, 0], [5 * number for number in order])
        self.assertAllEqual(sorted(test.images[:][:, 0, -1, 0]), range(200, 225, 5))
        # Both halves of the wide picture are there: squashed, not cropped.
        self.assertAllEqual(train.images[:][:, :, :15], np.broadcast_to([250, 0, 0], (50, 32, 15, 3)))

    def test_two_categories_share_what_is_prepared(self):
        for category in ("bedroom", "kitchen"):
            fill(self.places.data, category)
        load(BEDROOM, "train", self.places)
        self.assertLen(self.prepared(), 1)
        both = load(BOTH, "train", self.places)
        self.assertLen(self.prepared(), 2)
        self.assertEqual((both.class_names, len(both), both.labels.dtype), (("kitchen", "bedroom"), 100, np.int32))
        self.assertAllEqual(both.images[:][:, 0, 0].argmax(axis=-1), 1 - both.labels)
        self.assertGreater(np.count_nonzero(np.diff(both.labels)), 20)
        for label in range(2):
            self.assertAllEqual(np.sort(both.images[both.of_class(label)][:, 0, -1, 0]), range(0, 250, 5))
        self.assertEqual(describe(BOTH, self.places).counts, {"train": 100, "test": 10})
        # Without names: what is there, in the order of the list.
        self.assertEqual(load(Set("lsun32"), "test", self.places).class_names, ("bedroom", "kitchen"))

    def test_checksum(self):
        for category in ("bedroom", "kitchen"):
            fill(self.places.data, category)
        wanted = (BEDROOM, BOTH, Set("lsun64", ("bedroom",)), Set("lsun32", ("kitchen",)))
        before = [describe(one, self.places).checksum for one in wanted]
        self.assertLen(set(before), 4)
        self.assertEqual(describe(BEDROOM, self.places).checksum, before[0])
        put(self.places.data / "bedroom_val_lmdb", {3: encoded(picture("bedroom", 3))})
        after = [describe(one, self.places).checksum for one in wanted]
        self.assertEqual([one == other for one, other in zip(before, after, strict=True)], [False, False, False, True])

    def test_reading_leaves_the_folder_alone(self):
        fill(self.places.data, "bedroom")
        official = self.places.data / "bedroom_train_lmdb"
        (official / "lock.mdb").unlink()
        before = (official / "data.mdb").read_bytes()
        load(BEDROOM, "train", self.places)
        self.assertEqual([path.name for path in official.iterdir()], ["data.mdb"])
        self.assertEqual((official / "data.mdb").read_bytes(), before)

    def test_damaged_record_is_named(self):
        fill(self.places.data, "bedroom")
        for value, said in ((b"no picture", "of no known kind"), (encoded(picture("bedroom", 3))[:-9], "")):
            place = self.places.data / "bedroom_train_lmdb"
            put(place, {3: value})
            message = f"^{place}: record {key(3).decode()}: a whole picture expected: {said}"
            with self.assertRaisesRegex(DamagedData, message):
                load(BEDROOM, "test", self.places)
            self.assertEqual(self.prepared(), [])

    def test_damaged_folder_is_named(self):
        fill(self.places.data, "bedroom")
        file = self.places.data / "bedroom_train_lmdb" / "data.mdb"
        whole = file.read_bytes()
        last = len(whole) // 4096 - 20
        cases = {
            whole[: 4096 * last]: "data.mdb: about [0-9,]+ bytes expected, the file ends after",
            b"x" * 9000: "bedroom_train_lmdb: a whole LMDB folder expected",
            b"": "bedroom_train_lmdb: a whole LMDB folder expected",
        }
        for content, message in cases.items():
            file.write_bytes(content)
            with self.subTest(message), self.assertRaisesRegex(DamagedData, message):
                load(BEDROOM, "train", self.places)
        fill(self.folder, "bedroom", train=0)
        places = Places(self.folder, self.places.cache)
        with self.assertRaisesRegex(DamagedData, "bedroom_train_lmdb: pictures expected, found none"):
            describe(BEDROOM, places)

    def test_missing(self):
        with self.assertRaisesWithLiteralMatch(MissingData, f"lsun32: {HELP}"):
            describe(BEDROOM, Places(None, self.places.cache))
        message = f"lsun32: no bedroom_train_lmdb and no lsun in {self.places.data}; {HELP}"
        with self.assertRaisesWithLiteralMatch(MissingData, message):
            load(BEDROOM, "train", self.places)
        fill(self.places.data, "bedroom")
        (self.places.data / "bedroom_val_lmdb" / "data.mdb").unlink()
        message = f"lsun32: no bedroom_val_lmdb/data.mdb in {self.places.data}; {HELP}"
        with self.assertRaisesWithLiteralMatch(MissingData, message):
            load(BEDROOM, "train", self.places)
        with self.assertRaisesRegex(MissingData, "no kitchen_train_lmdb/data.mdb and no kitchen_val_lmdb/data.mdb in"):
            describe(BOTH, self.places)

    def test_no_room(self):
        fill(self.places.data, "bedroom")
        with (
            mock.patch("shutil.disk_usage", return_value=mock.Mock(free=5)),
            self.assertRaisesRegex(Failure, "lsun32-bedroom-.*: 168,960 bytes needed, 5 free"),
        ):
            load(BEDROOM, "train", self.places)
        self.assertEqual(self.prepared(), [])

    def test_interrupted_preparation_starts_again(self):
        fill(self.places.data, "bedroom")
        calls = [np.zeros((32, 32, 3), np.uint8)] * 20
        with (
            mock.patch.object(squashing, "squash", side_effect=[*calls, KeyboardInterrupt]),
            self.assertRaises(KeyboardInterrupt),
        ):
            load(BEDROOM, "train", self.places)
        self.assertEqual(self.prepared(), [])
        self.assertLen(load(BEDROOM, "train", self.places).images[:], 50)

    def test_folder_of_images(self):
        for category in ("bedroom", "kitchen"):
            for split, number in (("train", 1), ("train", 2), ("test", 3)):
                folder = self.places.data / "lsun" / split / category
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{number}.webp").write_bytes(encoded(picture(category, number)))
        data = load(BEDROOM, "train", self.places)
        self.assertAllEqual(np.sort(data.images[:, 0, -1, 0]), [5, 10])
        self.assertIsNone(data.labels)
        both = load(Set("lsun32"), "train", self.places)
        self.assertAllEqual(np.bincount(both.labels), [2, 2])
        self.assertEqual(both.description.counts, {"train": 4, "test": 2})

    def test_misuse(self):
        with self.assertRaisesRegex(Misuse, "lsun32 has no class attic; it has bedroom, bridge, church_outdoor"):
            describe(Set("lsun32", ("attic",)), self.places)
        with self.assertRaisesRegex(Misuse, "'lsun9'; lsunSIDE takes a side from 16 to 256 pixels in steps of 8"):
            describe(Set("lsun9"), self.places)
        with self.assertRaisesRegex(Misuse, "lsun32 has no split 'val'"):
            load(BEDROOM, "val", self.places)
