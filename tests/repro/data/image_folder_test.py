"""Tests of folders of images."""

import io
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf
from PIL import Image

from repro.data import Places, Set, array_records, describe, image_folder, load, squashing
from repro.data.squashing import Form, squash
from repro.errors import DamagedData, Failure, Misuse

WANTED = Set("scenes64")
# Each class is of one colour.
COLOURS = {"bedroom": (200, 40, 10), "kitchen": (20, 180, 60)}


def paint(file: Path, colour: tuple[int, ...], size: tuple[int, int] = (90, 70)) -> None:
    """Writes a picture of one colour, in the kind that the name ends with."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(file)


class ImageFolderTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.top = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.top / "data", self.top / "cache")
        self.folder = self.places.data / "scenes64"

    def fill(self, count: int = 30) -> None:
        """Two classes in three kinds of files."""
        for name, colour in COLOURS.items():
            for number in range(count):
                ending = ("png", "jpg", "webp")[number % 3]
                paint(self.folder / name / f"{number}.{ending}", colour)

    def assert_of_their_colours(self, data) -> None:
        for label, name in enumerate(data.class_names):
            pictures = data.images[data.of_class(label)].astype(int)
            # JPEG and WebP move a colour by a few levels.
            self.assertAllClose(pictures, np.broadcast_to(COLOURS[name], pictures.shape), atol=5)

    def test_a_tenth_is_held_out_for_good(self):
        self.fill()
        train, test = (load(WANTED, split, self.places) for split in ("train", "test"))
        self.assertEqual(describe(WANTED, self.places).counts, {"train": len(train), "test": len(test)})
        self.assertEqual(len(train) + len(test), 60)
        self.assertBetween(len(test), 2, 12)
        self.assertEqual((train.images.shape[1:], train.images.dtype), ((64, 64, 3), np.uint8))
        self.assertIsInstance(train.images, np.ndarray)
        self.assertEqual((train.class_names, train.labels.dtype), (("bedroom", "kitchen"), np.int32))
        for data in (train, test):
            self.assert_of_their_colours(data)
        # Mixed, not class after class.
        self.assertGreater(np.count_nonzero(np.diff(train.labels)), 10)
        held_out = {file for file, _, _ in self.listed("test")}
        paint(self.folder / "kitchen" / "another.png", COLOURS["kitchen"])
        self.assertEmpty(held_out - {file for file, _, _ in self.listed("test")})

    def listed(self, split: str):
        from repro.data.prepared import FORMS

        return image_folder._listing(self.folder, FORMS["scenes64"]).files[split]

    def test_given_splits(self):
        for split, count in (("train", 3), ("test", 2)):
            for name, colour in COLOURS.items():
                for number in range(count):
                    paint(self.folder / split / name / f"{number}.png", colour)
        train, test = (load(WANTED, split, self.places) for split in ("train", "test"))
        self.assertEqual((len(train), len(test)), (6, 4))
        self.assertAllEqual(np.bincount(train.labels), [3, 3])
        self.assert_of_their_colours(test)
        self.assertEqual(train.description.kind, "real")
        self.assertIn("squashed to 64x64", train.description.title)

    def test_classes(self):
        self.fill()
        paint(self.folder / "dining room" / "0.png", (0, 0, 250))
        self.assertEqual(load(WANTED, "train", self.places).class_names, ("bedroom", "kitchen", "dining_room"))
        whole, part = (describe(Set("scenes64", classes), self.places) for classes in (None, ("kitchen",)))
        self.assertNotEqual(whole.checksum, part.checksum)
        data = load(Set("scenes64", ("kitchen",)), "train", self.places)
        self.assertEqual((len(data), data.class_names), (part.counts["train"], ("kitchen",)))
        self.assert_of_their_colours(data)
        with self.assertRaisesWithLiteralMatch(Misuse, "scenes64 has 1 to 3 classes; 4 were asked for"):
            describe(Set("scenes64", 4), self.places)

    def test_the_whole_picture_is_squashed_and_areas_are_averaged(self):
        stripes = np.zeros((128, 256, 3), np.uint8)
        stripes[::2] = 200
        stripes[:, 128:] //= 2
        for name, picture in (("train/bedroom", stripes), ("test/bedroom", stripes)):
            (self.folder / name).mkdir(parents=True)
            Image.fromarray(picture).save(self.folder / name / "0.png")
        image = load(WANTED, "train", self.places).images[0].astype(int)
        self.assertAllClose(image[1:-1, :31], np.full((62, 31, 3), 100), atol=1)
        self.assertAllClose(image[1:-1, 33:], np.full((62, 31, 3), 50), atol=1)

    def test_a_centre_square_is_cut_before_it_is_squashed(self):
        picture = np.zeros((200, 300, 3), np.uint8)
        picture[46:154, 96:204] = 200  # the middle 108x108
        picture[100:154, 96:204] = 100
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "png")
        cut = squash(buffer.getvalue(), Form(64, 3, (), centre=108), "here").astype(int)
        self.assertAllEqual(cut[:31], np.full((31, 64, 3), 200))
        self.assertAllEqual(cut[33:], np.full((31, 64, 3), 100))
        # 200x200 pixels of it, columns 50 to 250.
        largest = squash(buffer.getvalue(), Form(50, 1, (), centre=1 << 16), "here")
        self.assertAllEqual(largest[13:24, 13:37, 0], np.full((11, 24), 200))
        self.assertAllEqual(largest[:, :10], np.zeros((50, 10, 1)))

    def test_grey_sets_take_coloured_pictures(self):
        for split in ("train", "test"):
            paint(self.places.data / "mnist" / split / "7" / "a.png", (255, 0, 0))
        data = load(Set("mnist"), "train", self.places)
        self.assertAllEqual(data.images, np.full((1, 28, 28, 1), 76, np.uint8))
        self.assertEqual(data.class_names, ("7",))

    def test_prepared_once_and_again_when_a_file_changes(self):
        self.fill(12)
        before = load(WANTED, "train", self.places)
        with mock.patch.object(squashing, "squash", side_effect=AssertionError("prepared twice")):
            self.assertAllEqual(load(WANTED, "train", self.places).images, before.images)
        for file in (self.folder / "kitchen").iterdir():
            paint(file, (0, 0, 0), (300, 300))
        after = load(WANTED, "train", self.places)
        self.assertNotEqual(after.description.checksum, before.description.checksum)
        self.assertAllLess(after.images[after.of_class(1)], 3)

    def test_a_large_set_stays_on_disk(self):
        self.fill(12)
        before = load(WANTED, "train", self.places)
        with mock.patch.object(image_folder, "IN_MEMORY", 10_000):
            data = load(WANTED, "train", self.places)
        self.assertIsInstance(data.images, array_records.Stored)
        self.assertAllEqual(data.images[[3, 0]], before.images[[3, 0]])

    def test_what_is_no_picture_is_named(self):
        kitchen = self.folder / "kitchen"
        png = kitchen / "0.png"
        cases = {
            kitchen / "notes.txt": (b"x", r"a picture expected \(.jpg, .jpeg, .png, .webp, .bmp\)"),
            self.folder / "notes.txt": (b"x", r"a folder named after a class expected \(bedroom, kitchen, dining_room"),
            kitchen / "x.jpg": (b"x", "a whole picture expected: of no known kind"),
            kitchen / "half.jpg": (None, "a whole picture expected: .*truncated"),
        }
        for file, (content, message) in cases.items():
            self.fill(12)
            (kitchen / ".DS_Store").write_bytes(b"ignored")
            if content is None:
                noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8)
                Image.fromarray(noise).save(file)
                content = file.read_bytes()[:900]
            file.write_bytes(content)
            with self.subTest(file.name), self.assertRaisesRegex(DamagedData, f"^{file}: {message}"):
                load(WANTED, "train", self.places)
            file.unlink()
        Image.fromarray(np.zeros((9, 9), np.uint16)).save(png)
        with self.assertRaisesRegex(DamagedData, f"^{png}: a picture of 8 bits a channel expected, found mode I;16"):
            load(WANTED, "train", self.places)
        self.assertEmpty([path for path in (self.places.cache / "data").iterdir() if path.suffix != ".lock"])

    def test_folders_that_do_not_fit(self):
        paint(self.folder / "train" / "kitchen" / "0.png", (1, 2, 3))
        with self.assertRaisesRegex(DamagedData, "folders train and test expected, or neither; found train alone"):
            describe(WANTED, self.places)
        (self.folder / "test").mkdir()
        with self.assertRaisesRegex(DamagedData, f"^{self.folder}: pictures for test expected, found none$"):
            describe(WANTED, self.places)

    def test_no_room(self):
        self.fill(12)
        with (
            mock.patch("shutil.disk_usage", return_value=mock.Mock(free=5)),
            self.assertRaisesRegex(Failure, "scenes64-.*: 294,912 bytes needed, 5 free"),
        ):
            load(WANTED, "train", self.places)

    def test_an_npz_goes_before_a_folder(self):
        self.fill(12)
        (self.places.data / "scenes64.npz").write_bytes(b"")
        with self.assertRaisesRegex(Misuse, "no scenes64.json in"):
            describe(WANTED, self.places)
