"""The family `lsun`: scenes of LSUN, the whole of each picture squashed to a square, as in `lsun112`.

A user brings the official folders `CATEGORY_train_lmdb` and `CATEGORY_val_lmdb`, or a folder of images
`lsun/CATEGORY/`. Millions of pictures are too big for memory: each category is read once, as a stream, into
array_record files. The official validation pictures are the test split.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repro.data import Dataset, Description, Places, Set, array_records, image_folder, squashing
from repro.data.selection import SPLITS, check_split, checked_side, chosen_classes
from repro.data.squashing import Form
from repro.errors import DamagedData, MissingData

CATEGORIES = (
    "bedroom",
    "bridge",
    "church_outdoor",
    "classroom",
    "conference_room",
    "dining_room",
    "kitchen",
    "living_room",
    "restaurant",
    "tower",
)
SIDES = range(16, 257, 8)
ENDING = {"train": "train_lmdb", "test": "val_lmdb"}
PAGES_SPARE = 16  # pages at the end of an LMDB file that may never have been written
# Raise it with any change that alters a picture: it is part of the checksum.
VERSION = 1

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Category:
    """The official folders of one category.

    Attributes:
        name: One of `CATEGORIES`.
        folders: The LMDB folder of each split.
        counts: The number of its records.
    """

    name: str
    folders: dict[str, Path]
    counts: dict[str, int]


def describe(wanted: Set, places: Places) -> Description:
    """Says what the official files are, by their names and sizes; see `repro.data.describe`."""
    form = Form(checked_side(wanted, SIDES), 3, CATEGORIES)
    names = _names(wanted, places)
    if names is None:
        return image_folder.describe(wanted, _folder_of_images(places), form)
    categories = [_category(name, wanted, places) for name in names]
    checksums = " ".join(_checksum(category, form) for category in categories)
    return Description(
        title=f"LSUN {', '.join(names)}, whole pictures squashed to {form.side}x{form.side}",
        kind="real",
        checksum=hashlib.sha256(checksums.encode()).hexdigest(),
        counts={split: sum(category.counts[split] for category in categories) for split in SPLITS},
        licence="none stated by its authors; use for measurement only, never ship them",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Opens one split, preparing each category on the first call (hours for the largest); see `repro.data.load`.

    One category has no labels and the official order, that of the keys. Several are mixed, once and for all.
    """
    check_split(wanted, split)
    form = Form(checked_side(wanted, SIDES), 3, CATEGORIES)
    names = _names(wanted, places)
    if names is None:
        data = image_folder.load(wanted, split, _folder_of_images(places), form, places)
        return data if len(data.class_names) > 1 else replace(data, labels=None, class_names=())
    description = describe(wanted, places)
    categories = [_category(name, wanted, places) for name in names]
    parts = [_stored(category, split, form, wanted, places) for category in categories]
    if len(parts) == 1:
        return Dataset(wanted.name, split, parts[0], None, (), description)
    order = np.random.default_rng(0).permutation(sum(map(len, parts)))
    labels = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    images = array_records.Joined(parts, order)
    return Dataset(wanted.name, split, images, labels[order], tuple(names), description)


# ---- The official files


def _official(name: str, split: str, places: Places) -> Path:
    return places.data / f"{name}_{ENDING[split]}"


def _folder_of_images(places: Places) -> Path | None:
    return image_folder.find("lsun", places)


def _names(wanted: Set, places: Places) -> list[str] | None:
    """The categories that a set means, or None where a folder of images holds them; all are those that are there.

    Raises:
        MissingData: If there is neither.
    """
    chosen = [CATEGORIES[place] for place in chosen_classes(wanted, CATEGORIES)]
    if places.data is None:
        raise MissingData(_help(wanted))
    there = [name for name in chosen if any(_official(name, split, places).is_dir() for split in SPLITS)]
    if there:
        return there if wanted.classes is None else chosen
    if _folder_of_images(places) is not None:
        return None
    name = chosen[0] if wanted.classes is not None else "CATEGORY"
    raise MissingData(_help(wanted, f"no {name}_train_lmdb and no lsun in {places.data}"))


def _help(wanted: Set, absent: str = "") -> str:
    of = f" of {', '.join(wanted.classes)}" if isinstance(wanted.classes, tuple) else ""
    return (
        f"{wanted.name}: {absent}{'; ' if absent else ''}the official folders CATEGORY_train_lmdb and CATEGORY_val_lmdb"
        f"{of}, unpacked, or a folder lsun/CATEGORY/ of images, go in the folder given by --data-dir (or REPRO_DATA); "
        "--scale quick works without"
    )


def _category(name: str, wanted: Set, places: Places) -> Category:
    """Finds and counts the records of one category.

    Raises:
        MissingData: If a folder is not there.
        DamagedData: If it is no whole LMDB folder.
    """
    folders = {split: _official(name, split, places) for split in SPLITS}
    absent = [folder.name for folder in folders.values() if not (folder / "data.mdb").is_file()]
    if absent:
        raise MissingData(_help(wanted, f"no {'/data.mdb and no '.join(absent)}/data.mdb in {places.data}"))
    counts = {}
    for split, folder in folders.items():
        with _opened(folder) as transaction:
            counts[split] = transaction.stat()["entries"]
        if not counts[split]:
            raise DamagedData(f"{folder}: pictures expected, found none")
    return Category(name, folders, counts)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator:
    """Opens an LMDB folder for reading, without a lock: it may be on a disk that is only for reading."""
    import lmdb

    file = folder / "data.mdb"
    try:
        with (
            lmdb.open(str(folder), readonly=True, lock=False, create=False, readahead=False) as environment,
            environment.begin(buffers=True) as transaction,
        ):
            # Reading beyond the end of a file that is mapped would end the process.
            page, last = transaction.stat()["psize"], environment.info()["last_pgno"]
            size = file.stat().st_size
            if size < page * (last + 1 - PAGES_SPARE):
                raise DamagedData(f"{file}: about {page * (last + 1):,} bytes expected, the file ends after {size:,}")
            yield transaction
    except lmdb.Error as fault:
        raise DamagedData(f"{folder}: a whole LMDB folder expected: {fault}") from fault


def _checksum(category: Category, form: Form) -> str:
    """A checksum of the names and sizes of the official files, not of their gigabytes."""
    listed = [f"{VERSION} {form.side}"]
    for split, folder in category.folders.items():
        listed.append(f"{folder.name} {(folder / 'data.mdb').stat().st_size} {category.counts[split]}")
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


# ---- The prepared folders


def _stored(category: Category, split: str, form: Form, wanted: Set, places: Places) -> array_records.Stored:
    """The pictures of one category and split, prepared first where they are not there or damaged."""
    folder = places.cache / "data" / f"{wanted.name}-{category.name}-{_checksum(category, form)[:16]}"
    total = sum(category.counts.values())
    needed = total * int(np.prod(form.shape))

    def prepare(unfinished: Path) -> None:
        _log.info(
            "preparing %s of %s, %s pictures: once, about an hour a million",
            category.name,
            wanted.name,
            total,
        )
        array_records.check_room(unfinished, needed)
        array_records.write(unfinished, form.shape, _pictures(category, form))

    array_records.prepared(folder, prepare, needed)
    return array_records.Stored(folder, split, np.arange(category.counts[split]), form.shape)


def _pictures(category: Category, form: Form) -> Iterator[tuple[str, np.ndarray, int]]:
    """Streams split, picture and label of every record, in the order of the keys."""
    for split, folder in category.folders.items():
        for image in squashing.squashed(_records(folder), form):
            yield split, image, 0


def _records(folder: Path) -> Iterator[tuple[bytes, str]]:
    """Streams content and place of every record."""
    with _opened(folder) as transaction:
        for key, value in transaction.cursor():
            yield bytes(value), f"{folder}: record {bytes(key).decode('ascii', 'backslashreplace')}"
