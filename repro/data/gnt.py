"""Reads and writes `.gnt`, the form in which CASIA publishes isolated handwritten characters.

A file is records and nothing else. A record, little-endian: its size in bytes (uint32), a two-byte code of the
character (GBK; a single-byte code is followed by a zero), width and height (uint16), and width * height bytes of grey,
row by row, paper 255.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from repro.errors import DamagedData

HEADER = struct.Struct("<I2sHH")
# Far beyond any scanned character; it bounds what a damaged header can make us read.
LARGEST = 4096


@dataclass(frozen=True)
class Record:
    """One character.

    Attributes:
        offset: Where its record starts in the file.
        code: Its two bytes.
        picture: uint8, shape (height, width), paper 255.
    """

    offset: int
    code: bytes
    picture: np.ndarray

    @property
    def character(self) -> str | None:
        """The character that the code stands for; None where GBK does not say."""
        try:
            return self.code.rstrip(b"\0").decode("gbk")
        except UnicodeDecodeError:
            return None


def read(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yields the records of a file one after the other.

    Args:
        stream: The file from its start, opened for bytes; it need not be able to seek.
        name: What a message calls the file.

    Raises:
        DamagedData: At the first record that is cut off or contradicts itself.
    """
    offset = 0
    while header := _at_most(stream, HEADER.size):
        if len(header) < HEADER.size:
            raise _damaged(name, offset, f"a header of {HEADER.size} bytes expected, the file ends after {len(header)}")
        size, code, width, height = HEADER.unpack(header)
        for place, side, length in ((6, "width", width), (8, "height", height)):
            if not 1 <= length <= LARGEST:
                raise _damaged(name, offset + place, f"a {side} of 1 to {LARGEST} expected, found {length}")
        expected = HEADER.size + width * height
        if size != expected:
            raise _damaged(name, offset, f"a size of {expected} (10 + {width} * {height}) expected, found {size}")
        pixels = _at_most(stream, width * height)
        if len(pixels) < width * height:
            where = offset + HEADER.size
            raise _damaged(name, where, f"{width * height} pixels expected, the file ends after {len(pixels)}")
        yield Record(offset, code, np.frombuffer(pixels, np.uint8).reshape(height, width))
        offset += size


def write(stream: BinaryIO, code: bytes, picture: np.ndarray) -> None:
    """Appends one record.

    Args:
        stream: Opened for bytes.
        code: Two bytes.
        picture: uint8, shape (height, width), each side from 1 to `LARGEST`.

    Raises:
        ValueError: If code or picture is something else.
    """
    if len(code) != 2:
        raise ValueError(f"a code of two bytes expected, found {code!r}")
    if picture.ndim != 2 or picture.dtype != np.uint8 or not all(1 <= side <= LARGEST for side in picture.shape):
        raise ValueError(f"uint8 of shape (height, width) expected, found {picture.dtype} of {picture.shape}")
    height, width = picture.shape
    stream.write(HEADER.pack(HEADER.size + picture.size, code, width, height))
    stream.write(picture.tobytes())


def _at_most(stream: BinaryIO, count: int) -> bytes:
    """Reads until there are `count` bytes or the file ends: a stream may give less at a time."""
    parts = []
    while count and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _damaged(name: str, offset: int, what: str) -> DamagedData:
    return DamagedData(f"{name}: byte {offset}: {what}")
