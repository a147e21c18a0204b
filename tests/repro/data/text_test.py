"""Lines of text: embedded, prepared, and in the official folder of the One Billion Word benchmark."""

import hashlib
import json
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from repro import data
from repro.data import Places, Set, lm1b, text
from repro.errors import DamagedData, MissingData, Misuse

SHARED = Path(__file__).parents[4] / "shared" / "data"
NOWHERE = Places(None, Path("nowhere"))


def shown(lines):
    return [bytes(line).decode("latin-1").rstrip("`") for line in lines]


class CutTest(tf.test.TestCase):
    def test_by_hand(self):
        long = bytes(range(65, 65 + 26)) + b"0123456789"
        lines = text.cut(b"ab\n\n" + long + b"\nlast")
        self.assertEqual((lines.shape, lines.dtype), ((4, 32), np.uint8))
        self.assertAllEqual(lines[0], [97, 98] + [96] * 30)
        self.assertEqual(shown(lines), ["ab", "", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "last"])

    def test_a_text_without_lines(self):
        self.assertEqual(text.cut(b"").shape, (0, 32))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=6))
    def test_as_pythons_own(self, lines):
        expected = [line[:32].ljust(32, b"`") for line in lines]
        self.assertEqual([bytes(line) for line in text.cut(b"".join(line + b"\n" for line in lines))], expected)


class NovelsTest(tf.test.TestCase):
    def test_counts_and_characters(self):
        known = data.describe(Set("novels"), NOWHERE)
        self.assertEqual((known.counts, known.kind), ({"train": 4_000, "test": 1_000}, "embedded"))
        for split, count in known.counts.items():
            found = data.load(Set("novels"), split, NOWHERE)
            self.assertEqual((found.images.shape, found.images.dtype), ((count, 32), np.uint8))
            self.assertAllInRange(found.images, 32, 122)
        self.assertEqual(shown(found.images[:2]), ["What shall be said of these?", "I brought this with me."])

    def test_a_changed_file_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder, "novels.txt")
            other.write_bytes(text.EMBEDDED.read_bytes().replace(b"whale", b"Whale", 1))
            with (
                mock.patch.object(text, "EMBEDDED", other),
                self.assertRaisesRegex(DamagedData, "sha256 be2e2.* found"),
            ):
                data.load(Set("novels"), "train", NOWHERE)

    def test_misuse(self):
        with self.assertRaisesRegex(Misuse, "novels has no classes"):
            data.describe(Set("novels", 3), NOWHERE)
        with self.assertRaisesRegex(Misuse, "novels has no split 'valid'"):
            data.load(Set("novels"), "valid", NOWHERE)

    @pytest.mark.skipif(not (SHARED / "text.npz").exists(), reason="no shared data here")
    def test_it_is_the_front_of_the_whole(self):
        places = Places(SHARED, Path("nowhere"))
        self.assertEqual(data.describe(Set("text"), places).counts, {"train": 32_642, "test": 3_626})
        for split in ("train", "test"):
            ours, whole = (data.load(Set(name), split, places).images for name in ("novels", "text"))
            self.assertAllEqual(ours, whole[: len(ours)])


class PreparedTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder / "cache")

    def write(self, train=b"one\ntwo\nthree", **changes):
        arrays = {"lines_train": np.frombuffer(train, np.uint8), "lines_test": np.frombuffer(b"four\n", np.uint8)}
        npz = self.folder / "text.npz"
        np.savez_compressed(npz, **arrays)
        form = {
            "title": "numbers",
            "kind": "real",
            "licence": "none",
            "sha256": hashlib.sha256(npz.read_bytes()).hexdigest(),
            "count": {"train": 3, "test": 1},
            "arrays": {name: [list(array.shape), "uint8"] for name, array in arrays.items()},
        }
        npz.with_suffix(".json").write_text(json.dumps(form | changes))
        return npz

    def test_lines(self):
        npz = self.write()
        known = data.describe(Set("text"), self.places)
        self.assertEqual((known.title, known.counts), ("numbers", {"train": 3, "test": 1}))
        self.assertEqual(known.checksum, hashlib.sha256(npz.read_bytes()).hexdigest())
        self.assertEqual(shown(data.load(Set("text"), "train", self.places).images), ["one", "two", "three"])
        self.assertEqual(shown(data.load(Set("text"), "test", self.places).images), ["four"])

    def test_missing(self):
        for places, said in ((NOWHERE, "text: text.npz and"), (self.places, "text: no text.npz and no text.json in ")):
            with self.assertRaisesRegex(MissingData, f"{said}.*--scale quick works without"):
                data.describe(Set("text"), places)

    def test_a_damaged_npz(self):
        npz = self.write()
        raw = bytearray(npz.read_bytes())
        raw[60] ^= 1
        npz.write_bytes(raw)
        with self.assertRaisesRegex(DamagedData, "text.npz: sha256 .* expected, found"):
            data.describe(Set("text"), self.places)
        npz.write_bytes(b"PK no zip")
        form = json.loads(npz.with_suffix(".json").read_text())
        form["sha256"] = hashlib.sha256(b"PK no zip").hexdigest()
        npz.with_suffix(".json").write_text(json.dumps(form))
        with self.assertRaisesRegex(DamagedData, "text.npz: a readable npz expected"):
            data.load(Set("text"), "train", self.places)

    def test_what_does_not_fit_the_json(self):
        cases = (
            ({"count": {"train": 4, "test": 1}}, "lines_train: 4 lines expected, found 3"),
            ({"count": {"train": 3}}, "count of test: a number expected"),
            ({"licence": None}, "a field 'licence' of type str expected"),
            ({"arrays": {"lines_train": [[9], "uint8"]}}, r"lines_train: uint8 of shape \[9\] expected"),
            ({"arrays": {}}, "an array lines_train expected"),
        )
        for changes, message in cases:
            with self.subTest(message), self.assertRaisesRegex(DamagedData, message):
                self.write(**changes)
                data.load(Set("text"), "train", self.places)


class Lm1bTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder / "cache")

    def fill(self):
        for split, names in lm1b.SHARDS.items():
            for number, name in enumerate(names):
                file = self.folder / lm1b.FOLDER / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(f"{split} {number} , first .\n{split} {number} , second .\n".encode())

    def test_the_shards_in_order_from_the_first_numbered_one(self):
        self.fill()
        self.assertEndsWith(lm1b.SHARDS["train"][0], "/news.en-00001-of-00100")
        self.assertEndsWith(lm1b.SHARDS["train"][-1], "/news.en-00099-of-00100")
        train = data.load(Set("lm1b"), "train", self.places).images
        self.assertEqual(train.shape, (198, 32))
        self.assertEqual(shown(train[[0, 1, 197]]), ["train 0 , first .", "train 0 , second .", "train 98 , second ."])
        self.assertLen(data.load(Set("lm1b"), "test", self.places), 100)

    def test_the_first_lines_only(self):
        self.fill()
        with mock.patch.object(lm1b, "LINES", 5):
            found = data.load(Set("lm1b"), "train", self.places).images
        self.assertEqual(shown(found)[3:], ["train 1 , second .", "train 2 , first ."])

    def test_another_size_is_another_checksum(self):
        self.fill()
        before = data.describe(Set("lm1b"), self.places)
        self.assertEqual((before.counts, before.kind), ({}, "real"))
        with (self.folder / lm1b.FOLDER / lm1b.SHARDS["test"][7]).open("ab") as file:
            file.write(b"one more\n")
        self.assertNotEqual(data.describe(Set("lm1b"), self.places).checksum, before.checksum)

    def test_missing_and_damaged(self):
        for places, said in ((NOWHERE, "lm1b: the folder"), (self.places, f"lm1b: no {lm1b.FOLDER} in ")):
            with self.assertRaisesRegex(MissingData, f"{said}.*statmt.org/lm-benchmark.*--scale small takes text"):
                data.describe(Set("lm1b"), places)
        self.fill()
        file = self.folder / lm1b.FOLDER / lm1b.SHARDS["train"][41]
        for content, message in (
            (b"", "lines of text expected, found none"),
            (b"a\0b\n", "lines of text expected, found a zero byte"),
        ):
            file.write_bytes(content)
            with self.assertRaisesRegex(DamagedData, f"00042-of-00100: {message}"):
                data.load(Set("lm1b"), "train", self.places)
        file.unlink()
        with self.assertRaisesRegex(DamagedData, "1 files are missing, the first is .*00042-of-00100"):
            data.describe(Set("lm1b"), self.places)
