"""Invented pictures of LSUN's categories in folders of the official layout."""

import io
from pathlib import Path

import lmdb
import numpy as np
from PIL import Image

COLOURS = {
    "bedroom": (250, 0, 0), "kitchen": (0, 250, 0), "church_outdoor": (0, 0, 250), "dining_room": (250, 250, 0),
    "conference_room": (0, 250, 250),
}  # fmt: skip


def picture(category: str, number: int) -> np.ndarray:
    """A wide picture whose left half tells the category, and its right half the number."""
    image = np.zeros((40, 72, 3), np.uint8)
    image[:, :36] = COLOURS[category]
    image[:, 36:] = 5 * number % 256
    return image


def encoded(image: np.ndarray) -> bytes:
    """A file as the official folders hold them."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "WEBP", lossless=True)
    return stream.getvalue()


def fill(data: Path, category: str, train: int = 50, val: int = 5) -> None:
    """Writes the official folders of a category; the keys are in another order than the numbers."""
    for part, numbers in (("train", range(train)), ("val", range(40, 40 + val))):
        put(data / f"{category}_{part}_lmdb", {number: encoded(picture(category, number)) for number in numbers})


def put(folder: Path, values: dict[int, bytes]) -> None:
    """Writes records into a folder, which is made where it is missing."""
    with lmdb.open(str(folder), map_size=1 << 22) as environment, environment.begin(write=True) as transaction:
        for number, value in values.items():
            transaction.put(key(number), value)


def key(number: int) -> bytes:
    """The key of a picture, one of its own for every number below 101."""
    return f"{7 * number % 101:040x}".encode()
