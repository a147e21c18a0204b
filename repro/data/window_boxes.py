"""The file `window_boxes.csv`: boxes that somebody drew by hand around windows of generated images.

One line a box, `sample,x0,y0,x1,y1`: which sample, counted from 0, and the box's corners in its pixels, x to the right
and y down. It is looked for like a set, so that a run's key holds its checksum, and has no pictures.
"""

from __future__ import annotations

import csv
from pathlib import Path

from repro import files
from repro.data import Description, Places, Set
from repro.errors import DamagedData, MissingData

NAME = "window_boxes.csv"
HEADER = ["sample", "x0", "y0", "x1", "y1"]


def describe(wanted: Set, places: Places) -> Description:
    """Says what the file is, as of a set without pictures; see `repro.data.describe`."""
    file = _found(places)
    return Description("windows boxed by hand", "real", files.sha256_once(file), {}, "yours")


def read(places: Places, samples: int, side: int) -> dict[int, tuple[float, float, float, float]]:
    """Sample to its box, x0, y0, x1, y1 in shares of the side; ascending.

    Args:
        places: Where the file may be.
        samples: How many samples there are.
        side: Of a sample, in pixels.

    Raises:
        MissingData: If the file is not there.
        DamagedData: If a line is no box of a sample, or a sample has two.
    """
    file, boxes = _found(places), {}
    try:
        with file.open(newline="", encoding="utf-8") as opened:
            lines = list(csv.reader(opened))
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DamagedData(f"{file}: lines of {','.join(HEADER)} expected: {error}") from error
    if not lines or lines[0] != HEADER:
        raise DamagedData(f"{file}: line 1: {','.join(HEADER)} expected, found {','.join(lines[0]) if lines else ''!r}")
    for number, line in enumerate(lines[1:], 2):
        sample, box = _box(f"{file}: line {number}", line, samples, side)
        if sample in boxes:
            raise DamagedData(f"{file}: line {number}: one box a sample expected, found a second of sample {sample}")
        boxes[sample] = box
    return dict(sorted(boxes.items()))


def _box(where: str, line: list[str], samples: int, side: int) -> tuple[int, tuple[float, float, float, float]]:
    try:
        sample, (x0, y0, x1, y1) = int(line[0]), map(float, line[1:])
    except (ValueError, IndexError) as error:
        raise DamagedData(f"{where}: a sample and four numbers expected, found {','.join(line)!r}") from error
    if not (0 <= sample < samples and 0 <= x0 < x1 <= side and 0 <= y0 < y1 <= side):
        raise DamagedData(
            f"{where}: a sample below {samples} and 0 <= x0 < x1 <= {side}, 0 <= y0 < y1 <= {side} expected, "
            f"found {','.join(line)}"
        )
    return sample, (x0 / side, y0 / side, x1 / side, y1 / side)


def _found(places: Places) -> Path:
    help_ = f"{NAME}, with lines of {','.join(HEADER)}, goes in the folder given by --data-dir (or REPRO_DATA)"
    if places.data is None:
        raise MissingData(f"window_boxes: {help_}")
    if not (places.data / NAME).is_file():
        raise MissingData(f"window_boxes: no {NAME} in {places.data}; {help_}")
    return places.data / NAME
