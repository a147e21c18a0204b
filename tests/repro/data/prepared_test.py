"""Tests of sets in our prepared form."""

import hashlib
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from repro.data import FAMILIES, Places, Set, prepared
from repro.errors import DamagedData, MissingData, Misuse

SHARED = Path(__file__).parents[4] / "shared" / "data"
WANTED = Set("hwdb100")


def write(folder: Path, name: str, contents: dict[str, np.ndarray], **changes) -> Path:
    """Writes a prepared set of three classes, as the json says or, with `changes`, not quite."""
    npz = folder / f"{name}.npz"
    np.savez_compressed(npz, **contents)
    perclass = {s: np.bincount(contents[f"y_{s}"], minlength=3).tolist() for s in prepared.SPLITS}
    form = {
        "title": "three things",
        "kind": "real",
        "licence": "none",
        "encoding": "array",
        "sha256": hashlib.sha256(npz.read_bytes()).hexdigest(),
        "image_shape": [8, 6, 1],
        "class_names": ["甲", "乙", "丙"],
        "count": {s: len(contents[f"y_{s}"]) for s in prepared.SPLITS},
        "count_per_class": perclass,
        "arrays": {key: [list(array.shape), str(array.dtype)] for key, array in contents.items()},
    }
    npz.with_suffix(".json").write_text(json.dumps(form | changes), "utf-8")
    return npz


def plain() -> dict[str, np.ndarray]:
    """Five training pictures and two test pictures; picture i is of grey 10 i."""
    arrays = {}
    for split, labels in (("train", [2, 0, 1, 0, 1]), ("test", [1, 0])):
        grey = 10 * np.arange(len(labels), dtype=np.uint8)
        arrays[f"images_{split}"] = np.broadcast_to(grey[:, None, None, None], (len(labels), 8, 6, 1))
        arrays[f"y_{split}"] = np.array(labels, np.uint8)
    return arrays


def encoded(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The same pictures as JPEG files, grey or in colours."""
    arrays = {}
    for split, images in ((s, plain()[f"images_{s}"]) for s in prepared.SPLITS):
        files = []
        for image in images:
            stream = io.BytesIO()
            Image.fromarray(np.broadcast_to(image, shape).squeeze()).save(stream, "JPEG", quality=95)
            files.append(stream.getvalue())
        arrays[f"jpeg_{split}"] = np.frombuffer(b"".join(files), np.uint8)
        arrays[f"offset_{split}"] = np.cumsum([0, *map(len, files)])
        arrays[f"y_{split}"] = plain()[f"y_{split}"]
    return arrays


class PreparedTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder / "cache")

    def test_array(self):
        npz = write(self.folder, "hwdb100", plain())
        data = prepared.load(WANTED, "train", self.places)
        self.assertEqual((data.images.shape, data.images.dtype), ((5, 8, 6, 1), np.uint8))
        self.assertAllEqual(data.images[:, 7, 5, 0], [0, 10, 20, 30, 40])
        self.assertAllEqual(data.labels, [2, 0, 1, 0, 1])
        self.assertEqual((data.labels.dtype, data.class_names), (np.int32, ("甲", "乙", "丙")))
        self.assertEqual(data.description.counts, {"train": 5, "test": 2})
        self.assertEqual(data.description.checksum, hashlib.sha256(npz.read_bytes()).hexdigest())

    def test_first_classes(self):
        write(self.folder, "hwdb100", plain())
        data = prepared.load(Set("hwdb100", 2), "train", self.places)
        self.assertAllEqual(data.images[:, 0, 0, 0], [10, 20, 30, 40])
        self.assertAllEqual(data.labels, [0, 1, 0, 1])
        self.assertEqual((data.class_names, data.description.counts), (("甲", "乙"), {"train": 4, "test": 2}))
        whole = prepared.describe(Set("hwdb100", 3), self.places).checksum
        self.assertEqual(whole, prepared.describe(WANTED, self.places).checksum)
        self.assertNotEqual(whole, data.description.checksum)

    def test_jpeg_in_grey_and_colours(self):
        for name, shape in (("faces64", (8, 6, 1)), ("scenes64", (8, 6, 3))):
            write(self.folder, name, encoded(shape), encoding="jpeg", image_shape=list(shape))
            data = prepared.load(Set(name, 2), "train", self.places)
            self.assertEqual((data.images.shape, data.images.dtype), ((4, *shape), np.uint8))
            expected = np.broadcast_to(np.reshape([10, 20, 30, 40], (4, 1, 1, 1)), (4, *shape))
            self.assertAllClose(data.images.astype(int), expected, atol=2)

    def test_missing_names_files_place_and_the_way_without(self):
        pair = (
            "hwdb100.npz and hwdb100.json, or a folder hwdb100/CLASS/ of images, go in the folder given by --data-dir "
            "(or REPRO_DATA)"
        )
        end = "--scale quick works without"
        with self.assertRaisesWithLiteralMatch(MissingData, f"hwdb100: {pair}; {end}"):
            prepared.describe(WANTED, Places(None, self.folder))
        absent = f"hwdb100: no hwdb100.npz and no hwdb100.json in {self.folder}; {pair}; {end}"
        with self.assertRaisesWithLiteralMatch(MissingData, absent):
            prepared.describe(WANTED, self.places)
        write(self.folder, "hwdb100", plain()).unlink()
        with self.assertRaisesRegex(MissingData, "no hwdb100.npz in "):
            prepared.load(WANTED, "train", self.places)

    def test_damaged_npz(self):
        npz = write(self.folder, "hwdb100", plain())
        expected = prepared.describe(WANTED, self.places).checksum
        damaged = bytearray(npz.read_bytes())
        damaged[70] ^= 4
        npz.write_bytes(damaged)
        found = hashlib.sha256(damaged).hexdigest()
        with self.assertRaisesWithLiteralMatch(DamagedData, f"{npz}: sha256 {expected} expected, found {found}"):
            prepared.describe(WANTED, self.places)

    def test_npz_that_is_none(self):
        npz = write(self.folder, "hwdb100", plain())
        form = json.loads(npz.with_suffix(".json").read_text("utf-8"))
        npz.write_bytes(b"PK not a zip")
        form["sha256"] = hashlib.sha256(npz.read_bytes()).hexdigest()
        npz.with_suffix(".json").write_text(json.dumps(form), "utf-8")
        with self.assertRaisesRegex(DamagedData, "hwdb100.npz: a readable npz expected"):
            prepared.load(WANTED, "train", self.places)

    def test_json_that_does_not_fit(self):
        cases = {
            "arrays": ({"y_train": [[6], "uint8"]}, r"y_train: uint8 of shape \[6\] expected, found uint8 of \[5\]"),
            "image_shape": ([6, 8, 1], r"images_train: uint8 of shape \(5, 6, 8, 1\) expected"),
            "count": ({"train": 6, "test": 2}, "count of train: 5 expected, found 6"),
            "count_per_class": (
                {"train": [1, 2, 2], "test": [1, 1, 0]},
                "y_train: the counts of hwdb100.json expected",
            ),
            "class_names": (["甲"], "count_per_class of train: one number per class name expected"),
            "encoding": ("gif", "encoding 'array' or 'jpeg' expected, found 'gif'"),
            "title": (None, "a field 'title' of type str expected"),
        }
        for field, (value, message) in cases.items():
            with self.subTest(field), self.assertRaisesRegex(DamagedData, message):
                write(self.folder, "hwdb100", plain(), **{field: value})
                prepared.load(WANTED, "train", self.places)
        (self.folder / "hwdb100.json").write_text("{", "utf-8")
        with self.assertRaisesRegex(DamagedData, "hwdb100.json: JSON expected"):
            prepared.describe(WANTED, self.places)

    def test_damaged_jpeg_is_placed(self):
        arrays = encoded((8, 6, 1))
        start = arrays["offset_train"][1]
        arrays["jpeg_train"] = arrays["jpeg_train"].copy()
        arrays["jpeg_train"][start] = 0
        write(self.folder, "faces64", arrays, encoding="jpeg")
        with self.assertRaisesRegex(DamagedData, f"jpeg_train: a JPEG file expected at byte {start}"):
            prepared.load(Set("faces64"), "train", self.places)

    def test_misuse(self):
        write(self.folder, "hwdb100", plain())
        with self.assertRaisesWithLiteralMatch(Misuse, "hwdb100 has 1 to 3 classes; 4 were asked for"):
            prepared.describe(Set("hwdb100", 4), self.places)

    @pytest.mark.skipif(not (SHARED / "hwdb100.npz").exists(), reason="no shared data here")
    def test_the_real_one(self):
        places = Places(SHARED, self.folder)
        self.assertEqual(prepared.describe(WANTED, places).counts, {"train": 45888, "test": 11363})
        self.assertLen(prepared.load(Set("hwdb100", 1), "test", places), 144)

    def test_every_prepared_set_has_a_form_of_folder(self):
        names = {name for name, module in FAMILIES.items() if module == "repro.data.prepared"}
        self.assertEqual(names, set(prepared.FORMS))

    @pytest.mark.skipif(not SHARED.exists(), reason="no shared data here")
    def test_forms_of_folders_are_those_of_the_real_ones(self):
        there = {name: form for name, form in prepared.FORMS.items() if (SHARED / f"{name}.json").exists()}
        self.assertContainsSubset({"mnist", "faces64", "scenes64"}, there)
        for name, form in there.items():
            stated = json.loads((SHARED / f"{name}.json").read_text("utf-8"))
            self.assertEqual([*form.shape], stated["image_shape"])
            self.assertEqual([*form.class_names], stated["class_names"])
