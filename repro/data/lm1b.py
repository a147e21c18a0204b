"""The set `lm1b`: lines of Google's One Billion Word benchmark, read from its official folder.

The archive `1-billion-word-language-modeling-benchmark-r13output.tar.gz` (statmt.org, 1.8 GB) holds a folder of that
name with two folders of text, tokenised and shuffled. As the authors' language_helpers.py does, `train` is the first
10,000,000 lines of the training shards 1 to 99 in their order; `test` is the lines of all held-out shards, which that
code does not read. Lines are cut and filled up as in `repro.data.text`.

Reference:
    C. Chelba et al., "One Billion Word Benchmark for Measuring Progress in Statistical Language Modeling", 1312.3005.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from repro.data import Dataset, Description, Places, Set
from repro.data.selection import check_split
from repro.data.text import LENGTH, check_no_classes, cut
from repro.errors import DamagedData, MissingData

FOLDER = "1-billion-word-language-modeling-benchmark-r13output"
SHARDS = {
    "train": [f"training-monolingual.tokenized.shuffled/news.en-{number:05d}-of-00100" for number in range(1, 100)],
    "test": [f"heldout-monolingual.tokenized.shuffled/news.en.heldout-{number:05d}-of-00050" for number in range(50)],
}
LINES = 10_000_000  # of train at most
# Raise it with any change that alters a line: it is part of the checksum.
VERSION = 1


def describe(wanted: Set, places: Places) -> Description:
    """Says what is there, by the names and sizes of its files; see `repro.data.describe`.

    How many lines there are is not known before they are read, and `counts` is empty.
    """
    check_no_classes(wanted)
    listed = [f"{file.name} {file.stat().st_size}" for files in _files(places).values() for file in files]
    return Description(
        title="One Billion Word benchmark, tokenised news, the first 32 characters",
        kind="real",
        checksum=hashlib.sha256("\n".join([str(VERSION), *listed]).encode()).hexdigest(),
        counts={},
        licence="none stated by its authors; research use, cite Chelba et al. 2013",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split: lines uint8, shape (n, 32); a minute and 1 GB for `train`; see `repro.data.load`."""
    check_split(wanted, split)
    description = describe(wanted, places)
    return Dataset(wanted.name, split, _lines(_files(places)[split]), None, (), description)


def _files(places: Places) -> dict[str, list[Path]]:
    """The shards of each split, none missing."""
    help_ = (
        f"the folder {FOLDER}, as {FOLDER}.tar.gz of the official site (statmt.org/lm-benchmark) unpacks, goes in the "
        "folder given by --data-dir (or REPRO_DATA); --scale quick works without, and --scale "
        "small takes text"
    )
    if places.data is None:
        raise MissingData(f"lm1b: {help_}")
    if not (places.data / FOLDER).is_dir():
        raise MissingData(f"lm1b: no {FOLDER} in {places.data}; {help_}")
    files = {split: [places.data / FOLDER / name for name in names] for split, names in SHARDS.items()}
    absent = [file for split in files.values() for file in split if not file.is_file()]
    if absent:
        raise DamagedData(f"{places.data / FOLDER}: {len(absent)} files are missing, the first is {absent[0]}")
    return files


def _lines(files: Sequence[Path]) -> np.ndarray:
    """The first lines of files, of each at least one."""
    parts, count = [np.zeros((0, LENGTH), np.uint8)], 0
    for file in files:
        part = cut(file.read_bytes())[: LINES - count]
        if not len(part) or not part.all():
            raise DamagedData(f"{file}: lines of text expected, found {'a zero byte' if len(part) else 'none'}")
        parts.append(part)
        count += len(part)
        if count == LINES:
            break
    return np.concatenate(parts)
