"""Boxes drawn by hand: what is read, and what is refused with its line."""

import tempfile
from pathlib import Path
from unittest import mock

import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from repro.data import Places, Set, describe, window_boxes
from repro.errors import DamagedData, MissingData

HEADER = "sample,x0,y0,x1,y1\n"


class WindowBoxesTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder, self.folder)

    def written(self, text: str) -> dict:
        (self.folder / "window_boxes.csv").write_text(text)
        return window_boxes.read(self.places, 10, 64)

    def test_boxes_become_shares_of_the_side_in_the_order_of_samples(self):
        found = self.written(HEADER + "7,16,0,32,64\n2,0.5,1,2,3\n")
        self.assertEqual(list(found), [2, 7])
        self.assertAllClose(found[7], [0.25, 0, 0.5, 1])
        self.assertAllClose(found[2], [0.5 / 64, 1 / 64, 2 / 64, 3 / 64])
        self.assertEqual(self.written(HEADER), {})

    def test_what_is_no_box_is_named_with_its_line(self):
        for line, told in (
            ("10,0,0,1,1", "line 2: a sample below 10"),
            ("1,5,0,5,1", "0 <= x0 < x1 <= 64"),
            ("1,0,0,1,65", "found 1,0,0,1,65"),
            ("1,0,0,1", "line 2: a sample and four numbers expected, found '1,0,0,1'"),
            ("1,0,0,1,nan", "line 2: a sample below 10"),
            ("one,0,0,1,1", "line 2: a sample and four numbers"),
            ("", "line 2: a sample and four numbers"),
            ("1,0,0,1,1\n1,0,0,2,2", "line 3: one box a sample expected, found a second of sample 1"),
        ):
            with self.assertRaisesRegex(DamagedData, told):
                self.written(f"{HEADER}{line}\n")
        for text in ("", "sample,x,y\n"):
            with self.assertRaisesRegex(DamagedData, "line 1: sample,x0,y0,x1,y1 expected, found"):
                self.written(text)

    def test_bytes_that_are_no_text(self):
        (self.folder / "window_boxes.csv").write_bytes(HEADER.encode() + b"\xff\xfe\n")
        with self.assertRaisesRegex(DamagedData, "lines of sample,x0,y0,x1,y1 expected"):
            window_boxes.read(self.places, 10, 64)

    def test_a_file_that_may_not_be_read(self):
        (self.folder / "window_boxes.csv").write_text(HEADER)
        with (
            mock.patch.object(Path, "open", side_effect=PermissionError(13, "Permission denied")),
            self.assertRaisesRegex(DamagedData, "expected: .*Permission denied"),
        ):
            window_boxes.read(self.places, 10, 64)

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text):
        try:
            found = self.written(HEADER + text)
        except (DamagedData, UnicodeEncodeError):
            return
        self.assertTrue(all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for x0, y0, x1, y1 in found.values()))

    def test_where_it_goes_and_its_checksum(self):
        with self.assertRaisesRegex(MissingData, "no window_boxes.csv in .*goes in the folder given by --data-dir"):
            describe(Set("window_boxes"), self.places)
        with self.assertRaisesRegex(MissingData, "window_boxes: window_boxes.csv, with lines of"):
            describe(Set("window_boxes"), Places(None, self.folder))
        self.written(HEADER)
        first = describe(Set("window_boxes"), self.places)
        self.written(HEADER + "1,0,0,1,1\n")
        self.assertNotEqual(first.checksum, describe(Set("window_boxes"), self.places).checksum)
        self.assertEqual(first.counts, {})
