"""Lines of text: `text`, sentences of five novels in the folder given by `--data-dir`, and `novels`, a part of it.

`novels` comes with the project, as `novels.txt`: the first 4,000 training and the first 1,000 test lines of `text`, cut
at 32 characters, one after the other. The novels are in the public domain: Pride and Prejudice (J. Austen, 1813), Moby
Dick (H. Melville, 1851), A Tale of Two Cities (C. Dickens, 1859), The Adventures of Sherlock Holmes (A. C. Doyle, 1892)
and The Great Gatsby (F. S. Fitzgerald, 1925), split into sentences, in ASCII, repeats removed, in a random order.

`text` is `text.npz` with `text.json` beside it: `lines_train` and `lines_test`, uint8, bytes of text, one line after
the other. A line is cut at 32 bytes; a shorter one is filled up with back-quotes (authors' language_helpers.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from repro.data import Dataset, Description, Places, Set
from repro.data.prepared import UNREADABLE, pair, stated_array
from repro.data.selection import SPLITS, check_split
from repro.errors import DamagedData, Misuse

LENGTH = 32
PAD = ord("`")
NEWLINE = ord("\n")
EMBEDDED = Path(__file__).with_name("novels.txt")
CHECKSUM = "be2e2ac5236b61c15684a55af4d99b090c2e83f3385694df89b9726eb27eb66e"  # sha256 of the file
ROWS = {"train": slice(0, 4_000), "test": slice(4_000, 5_000)}
FIELDS = {"title": str, "kind": str, "licence": str, "sha256": str, "count": dict, "arrays": dict}


def describe(wanted: Set, places: Places) -> Description:
    """Says what the set is; see `repro.data.describe`. Checks the sha256 of `text.npz`."""
    check_no_classes(wanted)
    if wanted.name == "text":
        _, form = _found(places)
        counts = {split: form["count"][split] for split in SPLITS}
        return Description(form["title"], form["kind"], form["sha256"], counts, form["licence"])
    return Description(
        title="sentences of five English novels, the first 32 characters",
        kind="embedded",
        checksum=CHECKSUM,
        counts={split: rows.stop - rows.start for split, rows in ROWS.items()},
        licence="public domain",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split in the file's order: lines uint8, shape (n, 32); see `repro.data.load`."""
    check_split(wanted, split)
    lines = _prepared(split, places) if wanted.name == "text" else _embedded()[ROWS[split]]
    return Dataset(wanted.name, split, lines, None, (), describe(wanted, places))


def check_no_classes(wanted: Set) -> None:
    """Refuses classes of a text with `Misuse`."""
    if wanted.classes is not None:
        raise Misuse(f"{wanted.name} has no classes; some were asked for: {wanted.classes}")


def cut(text: bytes) -> np.ndarray:
    """The lines of a text, cut at 32 bytes and filled up with back-quotes: uint8, shape (n, 32).

    A last line without its end counts; an empty line is one of back-quotes.
    """
    if text and text[-1] != NEWLINE:
        text += b"\n"
    found = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(found == NEWLINE)
    starts = np.concatenate([[0], ends + 1])[: len(ends)]
    places = starts[:, None] + np.arange(LENGTH)
    inside = places < ends[:, None]
    return np.where(inside, found[np.minimum(places, len(found) - 1)], np.uint8(PAD))


def _embedded() -> np.ndarray:
    raw = EMBEDDED.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != CHECKSUM:
        raise DamagedData(f"{EMBEDDED}: sha256 {CHECKSUM} expected, found {found}; check the project out again")
    return cut(raw)


def _found(places: Places) -> tuple[Path, dict]:
    npz, form = pair(
        "text",
        places,
        FIELDS,
        "text.npz and text.json go in the folder given by --data-dir (or REPRO_DATA); --scale quick works without",
    )
    for split in SPLITS:
        if not isinstance(form["count"].get(split), int):
            raise DamagedData(f"{npz.with_suffix('.json')}: count of {split}: a number expected")
    return npz, form


def _prepared(split: str, places: Places) -> np.ndarray:
    npz, form = _found(places)
    try:
        with npz.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            raw = stated_array(arrays, f"lines_{split}", form, npz)
    except UNREADABLE as fault:
        raise DamagedData(f"{npz}: a readable npz expected, found: {fault}") from fault
    if raw.ndim != 1 or raw.dtype != np.uint8:
        raise DamagedData(f"{npz}: lines_{split}: bytes expected, found {raw.dtype} of shape {raw.shape}")
    lines = cut(raw.tobytes())
    if len(lines) != form["count"][split]:
        raise DamagedData(f"{npz}: lines_{split}: {form['count'][split]} lines expected, found {len(lines)}")
    return lines
