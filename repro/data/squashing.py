"""Picture files of any size and kind, decoded and squashed to a set's size: the whole of each, or its centre."""

from __future__ import annotations

import io
import itertools
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image

from repro.errors import DamagedData

AT_ONCE = 256  # pictures that are in memory together
# What Pillow raises for a damaged file.
UNDECODABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)
EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")


@dataclass(frozen=True)
class Form:
    """What the pictures of a set become.

    Attributes:
        side: Height and width in pixels.
        channels: 1 (grey) or 3 (colours).
        class_names: Of the whole family, in its order; a set may have only some of them.
        centre: Side in pixels of the centre square that is kept, at most the shorter side; None keeps the whole.
    """

    side: int
    channels: int
    class_names: tuple[str, ...]
    centre: int | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return self.side, self.side, self.channels


def squashed(encoded: Iterable[tuple[bytes, str]], form: Form) -> Iterator[np.ndarray]:
    """Squashes a stream of files, content and place of each, one after the other; see `squash`.

    All cores decode: there are millions of them, and what comes out does not depend on who did it.
    """
    encoded = iter(encoded)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while block := list(itertools.islice(encoded, AT_ONCE)):
            yield from pool.map(lambda one: squash(one[0], form, one[1]), block)


def squash(encoded: bytes, form: Form, place: str) -> np.ndarray:
    """Decodes a picture and squashes it, or its centre square, with Pillow's bilinear weights: areas are averaged.

    Args:
        encoded: A file's content.
        form: What it becomes.
        place: Where it is, for a message.

    Returns:
        uint8, shape (side, side, channels).

    Raises:
        DamagedData: If it is no whole picture of 8 bits a channel.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            if picture.mode not in EIGHT_BITS:
                raise DamagedData(f"{place}: a picture of 8 bits a channel expected, found mode {picture.mode}")
            coloured = picture.convert("RGB" if form.channels == 3 else "L")
            kept = coloured if form.centre is None else coloured.crop(_centre(coloured.size, form.centre))
            small = kept.resize((form.side, form.side), Image.Resampling.BILINEAR)
    except UNDECODABLE as fault:
        raise DamagedData(f"{place}: a whole picture expected: {_reason(fault)}") from fault
    return np.asarray(small).reshape(form.shape)


def _centre(size: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """The centre square of a picture of that width and height: left, top, right, bottom."""
    kept = min(side, *size)
    left, top = (size[0] - kept) // 2, (size[1] - kept) // 2
    return left, top, left + kept, top + kept


def _reason(fault: BaseException) -> str:
    # Pillow names the stream object where it cannot tell what a file is.
    return "of no known kind" if isinstance(fault, Image.UnidentifiedImageError) else str(fault)
