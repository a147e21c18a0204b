"""Picture files of any size and kind, decoded and squashed to a set's size: the whole of each, nothing cropped."""

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
    """

    side: int
    channels: int
    class_names: tuple[str, ...]

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
    """Decodes a picture and squashes the whole of it, with Pillow's bilinear weights: areas are averaged.

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
            small = coloured.resize((form.side, form.side), Image.Resampling.BILINEAR)
    except UNDECODABLE as fault:
        raise DamagedData(f"{place}: a whole picture expected: {_reason(fault)}") from fault
    return np.asarray(small).reshape(form.shape)


def _reason(fault: BaseException) -> str:
    # Pillow names the stream object where it cannot tell what a file is.
    return "of no known kind" if isinstance(fault, Image.UnidentifiedImageError) else str(fault)
