"""Arrays of numbers in a MATLAB file of version 5 to 7 (what `save` wrote before `-v7.3`), each by its name.

A reader of our own, because scipy's ends the whole process on some damaged files; this one tells where the damage is.
It makes nothing but arrays of real numbers; text, cells, structures, sparse and complex arrays are passed over.

Reference:
    "MAT-File Format", MathWorks: level 5.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from repro.errors import DamagedData

HEADER = 128  # bytes; the last four are version and order of bytes
MATRIX, COMPRESSED = 14, 15
INT8, INT32, UINT32, UTF8 = 1, 5, 6, 16
# How numbers may be stored; a smaller type than the array's own where its values allow it.
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
NUMBERS = range(6, 16)  # classes of arrays: double, single, and the whole numbers
COMPLEX = 0x800
HEAD = 4_096  # bytes in which an array's class, shape and name are found
BEYOND = "more bytes than there are"


class _Fault(Exception):
    """What is wrong with an array, in words."""


@dataclass(frozen=True)
class _Variable:
    """An array of numbers: its name and shape, where its element is, and where in its content the numbers are."""

    name: str
    shape: tuple[int, ...]
    place: int
    kind: int
    size: int
    numbers: int


def shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of numbers, in the file's order; the numbers themselves are not read.

    Raises:
        DamagedData: If the file is not what it should be; the message names the byte where the array begins.
    """
    with open(file, "rb") as stream:
        return {found.name: found.shape for found in _variables(file, stream, _order(file, stream))}


def array(file: Path, name: str) -> np.ndarray:
    """One array, read-only, of the type in which its numbers are stored; only it is read.

    Raises:
        DamagedData: If the file is not what it should be, or has no array of numbers of that name.
    """
    with open(file, "rb") as stream:
        order = _order(file, stream)
        for found in _variables(file, stream, order):
            if found.name == name:
                try:
                    return _numbers(_content(stream, found.place, found.kind, found.size, order), found, order)
                except (_Fault, zlib.error) as fault:
                    raise _damaged(file, found.place, fault) from fault
    raise DamagedData(f"{file}: an array of numbers {name} expected, found none")


def _damaged(file: Path, place: int, fault: Exception) -> DamagedData:
    return DamagedData(f"{file}: a readable array expected at byte {place}: {fault}")


def _order(file: Path, stream: BinaryIO) -> str:
    """`<` or `>`, for the order of bytes in the file."""
    header = stream.read(HEADER)
    for mark, order in ((b"\x00\x01IM", "<"), (b"\x01\x00MI", ">")):
        if header[-4:] == mark and len(header) == HEADER:
            return order
    raise DamagedData(f"{file}: a MATLAB file of version 5 to 7 expected, found another beginning")


def _variables(file: Path, stream: BinaryIO, order: str) -> Iterator[_Variable]:
    """All arrays of numbers, one element of the file after the other."""
    end, place = file.stat().st_size, HEADER
    while place < end:
        try:
            stream.seek(place)
            kind, size = _unpacked(order + "II", stream.read(8), 0)
            if kind not in (MATRIX, COMPRESSED):
                raise _Fault(f"its kind is {kind}")
            if place + 8 + size > end:
                raise _Fault(BEYOND)
            found = _variable(_content(stream, place, kind, size, order, HEAD), place, kind, size, order)
        except (_Fault, zlib.error) as fault:
            raise _damaged(file, place, fault) from fault
        if found is not None:
            yield found
        place += 8 + size


def _content(stream: BinaryIO, place: int, kind: int, size: int, order: str, most: int | None = None) -> bytes:
    """What is in an element, or its first `most` bytes, unpacked where it is compressed."""
    stream.seek(place + 8)
    raw = stream.read(size if most is None else min(size, most))
    if kind == MATRIX:
        return raw
    unpacking = zlib.decompressobj()
    inner, length = _unpacked(order + "II", unpacking.decompress(raw, 8), 0)
    if inner != MATRIX:
        raise _Fault(f"its kind is {inner}")
    content = unpacking.decompress(unpacking.unconsumed_tail, length if most is None else min(length, most))
    # Reading to the very end has the checksum compared.
    if most is None and (unpacking.decompress(unpacking.unconsumed_tail, 1) or not unpacking.eof):
        raise _Fault(f"{length} unpacked bytes expected, found others")
    return content


def _variable(content: bytes, place: int, kind: int, size: int, order: str) -> _Variable | None:
    """What the head of an element says; None where it is no array of real numbers."""
    if not content:
        return None
    flags, after = _part(content, 0, order, (UINT32,), "I")
    if len(flags) != 2:
        raise _Fault("no class")
    if flags[0] & 0xFF not in NUMBERS or flags[0] & COMPLEX:
        return None
    shape, after = _part(content, after, order, (INT32, UINT32), "i")  # other programs than MATLAB write the second
    name, after = _part(content, after, order, (INT8, UTF8), "c")
    if len(shape) < 2 or min(shape) < 0:
        raise _Fault(f"its shape is {shape}")
    return _Variable(b"".join(name).decode("utf-8", "replace"), shape, place, kind, size, after)


def _tag(content: bytes, at: int, order: str) -> tuple[int, int, int, int]:
    """Kind, beginning and length of a part, and where the next one begins."""
    kind, size = _unpacked(order + "II", content, at)
    if kind >> 16:  # a part of up to four bytes stands within its tag, its length in the upper half
        return kind & 0xFFFF, at + 4, min(kind >> 16, 4), at + 8
    return kind, at + 8, size, at + 8 + -(-size // 8) * 8


def _part(content: bytes, at: int, order: str, kinds: tuple[int, ...], letter: str) -> tuple[tuple, int]:
    """The values of a part that must be of one of these kinds, and where the next one begins."""
    found, start, size, after = _tag(content, at, order)
    if found not in kinds:
        raise _Fault(f"a part of kind {kinds[0]} expected, found {found}")
    return _unpacked(f"{order}{size // struct.calcsize(letter)}{letter}", content, start), after


def _unpacked(form: str, content: bytes, at: int) -> tuple:
    if at + struct.calcsize(form) > len(content):
        raise _Fault(BEYOND)
    return struct.unpack_from(form, content, at)


def _numbers(content: bytes, found: _Variable, order: str) -> np.ndarray:
    kind, start, size, _ = _tag(content, found.numbers, order)
    if kind not in STORED:
        raise _Fault(f"numbers of kind {kind}")
    stored = np.dtype(order + STORED[kind])
    if start + size > len(content) or size != math.prod(found.shape) * stored.itemsize:
        raise _Fault(f"{found.shape} numbers of {stored.itemsize} bytes expected, found {size} bytes")
    return np.frombuffer(content, stored, math.prod(found.shape), start).reshape(found.shape, order="F")
