"""Tests of the reader and writer of .gnt files."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from repro.data import gnt
from repro.errors import DamagedData

pictures = hnp.arrays(np.uint8, st.tuples(st.integers(1, 7), st.integers(1, 7)))
records = st.tuples(st.binary(min_size=2, max_size=2), pictures)


class Trickle(io.RawIOBase):
    """A stream that gives three bytes at a time."""

    def __init__(self, content: bytes):
        super().__init__()
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part = self._content.read(min(3, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


def written(written_records) -> bytes:
    stream = io.BytesIO()
    for code, picture in written_records:
        gnt.write(stream, code, picture)
    return stream.getvalue()


def starts(written_records) -> list[int]:
    """Where each record starts, and where the file ends."""
    return np.cumsum([0] + [10 + picture.size for _, picture in written_records]).tolist()


def read(content: bytes) -> list[gnt.Record]:
    return list(gnt.read(io.BytesIO(content), "a.gnt"))


class GntTest(tf.test.TestCase):
    def test_one_record_by_hand(self):
        # 啊 is B0 A1; 3 wide, 2 high; 10 + 6 bytes.
        content = bytes([16, 0, 0, 0, 0xB0, 0xA1, 3, 0, 2, 0, 255, 254, 253, 0, 1, 2])
        (record,) = read(content)
        self.assertAllEqual(record.picture, [[255, 254, 253], [0, 1, 2]])
        self.assertEqual((record.code, record.character, record.offset), (b"\xb0\xa1", "啊", 0))
        self.assertEqual(written([(record.code, record.picture)]), content)

    def test_characters_of_codes(self):
        picture = np.zeros((1, 1), np.uint8)
        content = written([(b"A\0", picture), (b"\xff\xff", picture)])
        self.assertEqual([record.character for record in read(content)], ["A", None])

    def test_empty_file_has_no_records(self):
        self.assertEqual(read(b""), [])

    def test_writer_refuses(self):
        for code, picture in (
            (b"a", np.zeros((1, 1), np.uint8)),
            (b"ab", np.zeros((1, 0), np.uint8)),
            (b"ab", np.zeros((1, 1), np.int32)),
            (b"ab", np.zeros((1, gnt.LARGEST + 1), np.uint8)),
            (b"ab", np.zeros(4, np.uint8)),
        ):
            with self.assertRaises(ValueError):
                gnt.write(io.BytesIO(), code, picture)

    def test_messages(self):
        good = written([(b"ab", np.zeros((2, 3), np.uint8))])
        cases = {
            struct.pack("<I2sHH", 10, b"ab", 0, 2): "byte 22: a width of 1 to 4096 expected, found 0",
            struct.pack("<I2sHH", 10, b"ab", 3, 5000): "byte 24: a height of 1 to 4096 expected, found 5000",
            struct.pack("<I2sHH", 17, b"ab", 3, 2): "byte 16: a size of 16 (10 + 3 * 2) expected, found 17",
            good[:7]: "byte 16: a header of 10 bytes expected, the file ends after 7",
            good[:12]: "byte 26: 6 pixels expected, the file ends after 2",
        }
        for end, message in cases.items():
            with self.assertRaisesWithLiteralMatch(DamagedData, f"a.gnt: {message}"):
                read(good + end)

    def test_foreign_file(self):
        with self.assertRaisesRegex(DamagedData, "a.gnt: byte "):
            read(b"PK\x03\x04 this is a zip file, not a gnt file")


@given(st.lists(records, max_size=4))
@settings(deadline=None, max_examples=60)
def test_round_trip(some):
    for stream in (io.BytesIO(written(some)), Trickle(written(some))):
        back = list(gnt.read(stream, "a.gnt"))
        assert [record.code for record in back] == [code for code, _ in some]
        assert [record.offset for record in back] == starts(some)[:-1]
        assert all(np.array_equal(a.picture, b) for a, (_, b) in zip(back, some, strict=True))


@given(st.lists(records, min_size=1, max_size=3), st.data())
@settings(deadline=None, max_examples=100)
def test_any_truncation_is_placed(some, data):
    content, whole = written(some), starts(some)
    length = data.draw(st.integers(0, len(content)))
    if length in whole:
        assert len(read(content[:length])) == whole.index(length)
        return
    start = max(place for place in whole if place < length)
    # A cut header is placed at its record, cut pixels at the first of them.
    place = start if length < start + 10 else start + 10
    with pytest.raises(DamagedData, match=rf"^a\.gnt: byte {place}: .* the file ends after {length - place}$"):
        read(content[:length])


@given(st.lists(records, min_size=1, max_size=3), st.data())
@settings(deadline=None, max_examples=150)
def test_a_flipped_bit_of_a_header_is_placed(some, data):
    content, whole = bytearray(written(some)), starts(some)
    which = data.draw(st.integers(0, len(some) - 1))
    place = data.draw(st.integers(0, 9))
    content[whole[which] + place] ^= 1 << data.draw(st.integers(0, 7))
    if place in (4, 5):
        back = read(bytes(content))
        assert back[which].code != some[which][0]
        assert np.array_equal(back[which].picture, some[which][1])
        return
    _, _, width, height = gnt.HEADER.unpack_from(content, whole[which])
    wrong = 6 if not 1 <= width <= gnt.LARGEST else 8 if not 1 <= height <= gnt.LARGEST else 0
    with pytest.raises(DamagedData, match=rf"^a\.gnt: byte {whole[which] + wrong}: "):
        read(bytes(content))


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_bytes_are_read_or_refused(content):
    try:
        back = read(content)
    except DamagedData as fault:
        refused = str(fault)
    else:
        refused = None
    if refused is None:
        assert sum(10 + record.picture.size for record in back) == len(content)
    else:
        assert refused.startswith("a.gnt: byte ")
