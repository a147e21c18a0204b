"""A folder of images as a set: `CLASS/*.jpg`, or `train/CLASS/*.jpg` and `test/CLASS/*.jpg`.

Without `train` and `test` a tenth of the files is held out as test, chosen by a hash of the file's name, so that a file
keeps its split when others come or go. The order is that of a hash too: any stretch of it is a mixture of the classes.
Pictures are squashed to the set's size, the whole of each or its centre; they are read once and prepared in the cache.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repro.data import Dataset, Description, Places, Set, array_records, squashing
from repro.data.selection import SPLITS, check_split, chosen_classes
from repro.data.squashing import Form
from repro.errors import DamagedData

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
HELD_OUT = 10  # one file in so many is a test picture
# A set of more bytes stays on disk.
IN_MEMORY = 2_000_000_000
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """The files of a folder.

    Attributes:
        folder: The folder of the set.
        class_names: The classes that are there, in the set's order.
        files: Of each split, in the set's order: file, place of its class in `class_names`, bytes.
    """

    folder: Path
    class_names: tuple[str, ...]
    files: dict[str, list[tuple[Path, int, int]]]


def find(name: str, places: Places) -> Path | None:
    """The folder of images called `name` in the folder given by `--data-dir`, or None."""
    folder = places.data and places.data / name
    return folder if folder is not None and folder.is_dir() else None


def describe(wanted: Set, folder: Path, form: Form) -> Description:
    """Says what a folder holds, by the names and sizes of its files.

    Raises:
        Misuse: If there is no such class.
        DamagedData: If something else than pictures in classes is in the folder.
    """
    return _description(wanted, _listing(folder, form), form)


def load(wanted: Set, split: str, folder: Path, form: Form, places: Places) -> Dataset:
    """Loads one split, preparing the set on the first call; raises what `describe` raises.

    Up to about 2 GB the pictures are in memory, else they are read from disk as they are asked for.

    Raises:
        DamagedData: If a file is no whole picture.
        Failure: If there is no room to prepare the set.
    """
    check_split(wanted, split)
    listing = _listing(folder, form)
    chosen = chosen_classes(wanted, listing.class_names)
    prepared = _prepared(wanted, listing, form, places)
    found = array_records.labels(prepared, split)
    rows = np.flatnonzero(np.isin(found, chosen))
    number = np.full(len(listing.class_names), -1, np.int32)
    number[chosen] = np.arange(len(chosen))
    images = array_records.Stored(prepared, split, rows, form.shape)
    if _bytes(listing, form) <= IN_MEMORY:
        images = images[:]
    names = tuple(listing.class_names[label] for label in chosen)
    return Dataset(wanted.name, split, images, number[found[rows]], names, _description(wanted, listing, form))


def _description(wanted: Set, listing: Listing, form: Form) -> Description:
    chosen = chosen_classes(wanted, listing.class_names)
    names = [listing.class_names[label] for label in chosen]
    every = chosen == list(range(len(listing.class_names)))
    return Description(
        title=f"Pictures from a folder {listing.folder.name} ({len(names)} classes), "
        f"{'' if form.centre is None else 'centre square, '}squashed to {form.side}x{form.side}",
        kind="real",
        checksum=_checksum(listing, form) + ("" if every else f"-{'+'.join(names)}"),
        counts={split: sum(label in chosen for _, label, _ in listing.files[split]) for split in SPLITS},
        licence="that of the pictures in the folder",
    )


# ---- What is in a folder


def _listing(folder: Path, form: Form) -> Listing:
    """Lists a folder, refusing what is no picture of a known class."""
    tops = [folder / split for split in SPLITS]
    divided = [top for top in tops if top.is_dir()]
    if len(divided) == 1:
        raise DamagedData(f"{folder}: folders train and test expected, or neither; found {divided[0].name} alone")
    found = {split: _classes(folder / split, form) for split in SPLITS} if divided else _held_out(folder, form)
    names = tuple(name for name in form.class_names if any(name in found[split] for split in SPLITS))
    files = {}
    for split in SPLITS:
        listed = ((file, label, size) for label, name in enumerate(names) for file, size in found[split].get(name, ()))
        files[split] = sorted(listed, key=lambda entry: _hash(f"{names[entry[1]]}/{entry[0].name}"))
        if not files[split]:
            how = "" if divided else f" (of the others one in {HELD_OUT} is held out, by a hash of its name)"
            raise DamagedData(f"{folder}: pictures for {split} expected, found none{how}")
    return Listing(folder, names, files)


def _held_out(folder: Path, form: Form) -> dict[str, dict[str, list[tuple[Path, int]]]]:
    """The classes of an undivided folder, divided."""
    found: dict[str, dict] = {split: {} for split in SPLITS}
    for name, files in _classes(folder, form).items():
        for file, size in files:
            split = "test" if int(_hash(file.name), 16) % HELD_OUT == 0 else "train"
            found[split].setdefault(name, []).append((file, size))
    return found


def _classes(folder: Path, form: Form) -> dict[str, list[tuple[Path, int]]]:
    """The pictures of each class with their bytes; underscores in a folder's name may stand for spaces."""
    known = {name.replace("_", " "): name for name in form.class_names}
    found = {}
    for path in _visible(folder):
        name = known.get(path.name.replace("_", " "))
        if name is None or not path.is_dir():
            raise DamagedData(f"{path}: a folder named after a class expected ({_some(form.class_names)})")
        found[name] = [(file, _size(file)) for file in _visible(path)]
    return found


def _visible(folder: Path) -> list[Path]:
    """What is in a folder, but for the hidden files that systems leave there."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _size(file: Path) -> int:
    if file.suffix.lower() not in ENDINGS or not file.is_file():
        raise DamagedData(f"{file}: a picture expected ({', '.join(ENDINGS)})")
    return file.stat().st_size


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:10])}, … {names[-1]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _checksum(listing: Listing, form: Form) -> str:
    """A checksum of the names and sizes of the files and of what they become."""
    listed = [f"{VERSION} {form.shape} {listing.class_names}" + (f" {form.centre}" if form.centre else "")]
    for split in SPLITS:
        listed += [f"{split} {label} {file.name} {size}" for file, label, size in listing.files[split]]
    return _hash("\n".join(listed))


# ---- The prepared folder


def _bytes(listing: Listing, form: Form) -> int:
    return sum(map(len, listing.files.values())) * int(np.prod(form.shape))


def _prepared(wanted: Set, listing: Listing, form: Form, places: Places) -> Path:
    """The prepared folder of the whole set, made first where it is not there or damaged."""
    folder = places.cache / "data" / f"{wanted.name}-{_checksum(listing, form)[:16]}"
    needed = _bytes(listing, form)

    def prepare(unfinished: Path) -> None:
        _log.info("preparing %s from %s: once", wanted.name, listing.folder)
        array_records.check_room(unfinished, needed)
        array_records.write(unfinished, form.shape, _pictures(listing, form))

    return array_records.prepared(folder, prepare, needed)


def _pictures(listing: Listing, form: Form) -> Iterator[tuple[str, np.ndarray, int]]:
    """Split, picture and label of every file."""
    listed = [(split, file, label) for split in SPLITS for file, label, _ in listing.files[split]]
    images = squashing.squashed(((file.read_bytes(), str(file)) for _, file, _ in listed), form)
    for (split, _, label), image in zip(listed, images, strict=True):
        yield split, image, label
