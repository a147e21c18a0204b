"""Tests of the embedded set `hanzi`."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from repro.data import Places, Set, describe, hanzi, load, make_hanzi_atlas
from repro.errors import DamagedData, Failure, Misuse

FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
SHARED = Path(__file__).parents[4] / "shared" / "data" / "hwdb100.json"
# GB2312 level 1 starts with 啊 (0xB0A1) and ends with 座 (0xD7F9).
FIRST_SHARED = "宪宠宙实宣宁室宏守宋它宗宛宅宫宽宦害宿宴容宰寄寇寂寡富寓寞宇"


class HanziTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.places = Places(None, Path(self.enterContext(tempfile.TemporaryDirectory())))
        small = {"train": 5, "test": 3}
        self.enterContext(mock.patch.dict(hanzi.PER_CLASS, small))

    def files(self, ending: str) -> list[Path]:
        return sorted((self.places.cache / "data").glob(f"*{ending}"))

    def test_atlas_is_level_one_and_the_rest_of_hwdb100(self):
        level = make_hanzi_atlas.level_one()
        self.assertEqual((len(level), level[0], level[-1]), (3755, "啊", "座"))
        names = load(Set("hanzi", 3), "test", self.places).class_names
        self.assertEqual(names, ("宪", "宠", "宙"))
        everything = make_hanzi_atlas.characters()
        self.assertEqual((len(everything), len(set(everything))), (3787, 3787))
        self.assertEqual(set(everything[:3755]), set(level))
        self.assertEqual(everything[:30], FIRST_SHARED)
        self.assertEqual(everything[3755:3760] + everything[-1], "宬宕宸宄寮" + "庹")

    def test_every_class_has_a_glyph_with_ink(self):
        self.assertLen(make_hanzi_atlas.HWDB100, 100)
        self.assertTrue(all(map(hanzi.has_glyph, make_hanzi_atlas.HWDB100)))
        self.assertFalse(hanzi.has_glyph("a"))
        glyphs = np.stack([hanzi.glyph(character) for character in make_hanzi_atlas.characters()])
        self.assertEqual((glyphs.shape, glyphs.dtype), ((3787, 48, 48), np.uint8))
        self.assertTrue(np.all(glyphs.max(axis=(1, 2)) == 255))
        self.assertTrue(np.all(glyphs.min(axis=(1, 2)) <= 51))
        self.assertEqual(len(np.unique(glyphs.reshape(3787, -1), axis=0)), 3787)

    def test_glyph_of_one_is_a_bar_in_the_middle(self):
        ink = hanzi.glyph("一") < 128
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        self.assertLess(np.ptp(rows), 8)
        self.assertGreater(np.ptp(columns), 36)
        self.assertNear((rows[0] + rows[-1]) / 2, 23.5, 1.0)

    def test_describe_counts_at_full_size(self):
        with mock.patch.dict(hanzi.PER_CLASS, {"train": 300, "test": 60}):
            some, whole = (describe(Set("hanzi", classes), self.places) for classes in (30, None))
        self.assertEqual((some.counts, some.kind), ({"train": 9000, "test": 1800}, "embedded"))
        self.assertIn("not handwriting", some.title)
        self.assertEqual(whole.counts["train"], 3787 * 300)
        self.assertNotEqual(some.checksum, whole.checksum)
        self.assertEqual(whole.checksum, describe(Set("hanzi", 3787), self.places).checksum)

    def test_load_gives_cropped_pictures_on_paper(self):
        data = load(Set("hanzi", 4), "train", self.places)
        self.assertEqual((data.images.shape, data.images.dtype), ((20, 28, 28, 1), np.uint8))
        self.assertEqual(data.labels.dtype, np.int32)
        self.assertAllEqual(data.labels, [0, 1, 2, 3] * 5)
        for edge in (data.images[:, 0], data.images[:, -1], data.images[:, :, 0], data.images[:, :, -1]):
            self.assertAllLess(edge.min(axis=1), 255)
        self.assertAllGreater(data.images.max(axis=(1, 2)), 250)
        self.assertAllLess(data.images.min(axis=(1, 2)), 160)

    def test_first_classes_do_not_depend_on_how_many(self):
        few, more = (load(Set("hanzi", classes), "train", self.places) for classes in (2, 5))
        for label in range(2):
            self.assertAllEqual(few.images[few.of_class(label)], more.images[more.of_class(label)])

    def test_same_again_and_splits_differ(self):
        train, test = (hanzi.render("宠", split) for split in ("train", "test"))
        self.assertAllEqual(train, hanzi.render("宠", "train"))
        self.assertEqual(len(np.unique(np.concatenate([train, test]).reshape(8, -1), axis=0)), 8)

    def test_hands_are_more_alike_than_strangers(self):
        with mock.patch.dict(hanzi.PER_CLASS, {"train": 120}):
            blackness = (255 - hanzi.render("宠", "train").astype(float)).mean(axis=(1, 2))
        first, second = blackness[:60], blackness[60:]
        self.assertGreater(np.corrcoef(first, second)[0, 1], 0.6)

    def test_cache_is_read_and_a_damaged_one_is_set_aside(self):
        wanted = Set("hanzi", 2)
        images = load(wanted, "test", self.places).images
        (file,) = self.files(".npz")
        self.assertIn(describe(wanted, self.places).checksum[:16], file.name)
        with mock.patch.object(hanzi, "render", side_effect=AssertionError("rendered twice")):
            self.assertAllEqual(load(wanted, "test", self.places).images, images)
        damaged = bytearray(file.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        for content in (bytes(damaged), bytes(damaged[:100]), b""):
            file.write_bytes(content)
            with self.assertLogs("repro.data.hanzi", "WARNING") as said:
                self.assertAllEqual(load(wanted, "test", self.places).images, images)
            self.assertIn(file.name, said.output[0])
            self.assertEqual(self.files(".damaged")[0].read_bytes(), content)

    def test_interrupted_write_leaves_nothing(self):
        with (
            mock.patch.object(os, "fsync", side_effect=OSError("no space")),
            self.assertRaisesRegex(Failure, "no space"),
        ):
            load(Set("hanzi", 1), "test", self.places)
        self.assertEmpty(self.files(".npz") + self.files(".tmp"))

    def test_misuse(self):
        for classes in (0, 3788):
            with self.assertRaisesWithLiteralMatch(Misuse, f"hanzi has 1 to 3787 classes; {classes} were asked for"):
                describe(Set("hanzi", classes), self.places)
        with self.assertRaisesWithLiteralMatch(Misuse, "hanzi has no split 'dev'; there are train, test"):
            load(Set("hanzi"), "dev", self.places)

    def test_damaged_atlas_is_named(self):
        broken = self.places.cache / "atlas.npz"
        broken.write_bytes(b"not a zip")
        hanzi._atlas.cache_clear()
        self.addCleanup(hanzi._atlas.cache_clear)
        with mock.patch.object(hanzi, "ATLAS", broken), self.assertRaisesRegex(DamagedData, "atlas.npz: the atlas"):
            hanzi.has_glyph("一")


class AtlasFileTest(tf.test.TestCase):
    def test_size_and_origin(self):
        self.assertLess(hanzi.ATLAS.stat().st_size, 2_500_000)
        with np.load(hanzi.ATLAS, allow_pickle=False) as file:
            self.assertEqual("".join(file["characters"]), make_hanzi_atlas.characters())
            self.assertIn("Apache-2.0", str(file["licence"]))
            self.assertIn("WenQuanYi", str(file["font"]))
            self.assertLen(str(file["font_sha256"]), 64)

    @pytest.mark.skipif(not FONT.exists(), reason="the font is not installed")
    def test_the_script_draws_what_is_committed(self):
        with np.load(hanzi.ATLAS, allow_pickle=False) as file:
            if str(file["font_sha256"]) != hashlib.sha256(FONT.read_bytes()).hexdigest():
                self.skipTest("another version of the font is installed")
            drawn = make_hanzi_atlas.atlas(FONT)
            self.assertAllEqual(drawn["characters"], file["characters"])
            difference = [np.abs((a >> 4).astype(int) - (b >> 4)) for a, b in [(drawn["packed"], file["packed"])]]
        # Another FreeType may round a grey level otherwise.
        self.assertLessEqual(np.max(difference), 1)

    @pytest.mark.skipif(not SHARED.exists(), reason="no shared data here")
    def test_the_hundred_are_those_of_hwdb100(self):
        self.assertEqual("".join(json.loads(SHARED.read_text("utf-8"))["class_names"]), make_hanzi_atlas.HWDB100)
