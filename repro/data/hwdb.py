"""The set `hwdb1.0`: the official CASIA-HWDB1.0 files, of which the characters of GB2312 level 1 are used.

A user brings `HWDB1.0trn_gnt` and `HWDB1.0tst_gnt`, as zip files or unpacked. They are too big for memory: they are
read once, as a stream, into array_record files (random access), by a builder for tensorflow-datasets. Which characters
the files contain is found in a first pass over the training part and kept as a table of codes beside the pictures, so
that a class has the same number ever after.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from repro import files
from repro.data import Dataset, Description, Places, Set, array_records, gnt
from repro.data.make_hanzi_atlas import level_one
from repro.data.selection import SPLITS, check_split, class_count
from repro.errors import DamagedData, MissingData

SIDE = 28
PREFIX = {"train": "HWDB1.0trn", "test": "HWDB1.0tst"}
# Raise it with any change that alters a picture or a label: it is part of the checksum.
VERSION = 1
CLASSES = "classes.txt"

_log = logging.getLogger(__name__)


def describe(wanted: Set, places: Places) -> Description:
    """Says what the official files are, by their names and sizes; see `repro.data.describe`.

    Before the first `load` it is not known how many characters of which class there are, and `counts` is empty.
    """
    checksum = _checksum(_official(places))
    summary = files.read_json(_folder(places, checksum) / array_records.SUMMARY)
    classes = class_count(wanted, len(summary["per_class"]["train"]) if summary else len(level_one()))
    counts = {split: sum(summary["per_class"][split][:classes]) for split in SPLITS} if summary else {}
    known = f", {classes} classes" if summary or wanted.classes else ""
    return Description(
        title=f"CASIA-HWDB1.0, handwritten characters of GB2312 level 1{known}, boxes squashed to 28x28",
        kind="real",
        checksum=checksum if wanted.classes is None else f"{checksum}-{classes}",
        counts=counts,
        licence="CASIA: academic research; use for measurement only, never ship them",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Opens one split, preparing the files on the first call (minutes); see `repro.data.load`."""
    check_split(wanted, split)
    folder = _prepared(places)
    names = tuple(line.split()[1] for line in (folder / CLASSES).read_text("utf-8").splitlines())
    classes = class_count(wanted, len(names))
    labels = array_records.labels(folder, split)
    rows = np.flatnonzero(labels < classes)
    images = array_records.Stored(folder, split, rows, (SIDE, SIDE, 1))
    return Dataset(wanted.name, split, images, labels[rows], names[:classes], describe(wanted, places))


# ---- The official files


def _official(places: Places) -> dict[str, Path]:
    """The folder or zip file of each split.

    Raises:
        MissingData: If one is not there.
    """
    zips = " and ".join(f"{PREFIX[split]}_gnt.zip" for split in SPLITS)
    help_ = (
        f"{zips} (or folders HWDB1.0trn_gnt and HWDB1.0tst_gnt of .gnt files) go in the folder given by --data-dir "
        "(or REPRO_DATA); --scale quick works without, and --scale small takes hwdb100"
    )
    if places.data is None:
        raise MissingData(f"hwdb1.0: {help_}")
    found = {split: _candidates(places.data, prefix) for split, prefix in PREFIX.items()}
    absent = [f"{PREFIX[split]}_gnt.zip" for split in SPLITS if not found[split]]
    if absent:
        raise MissingData(f"hwdb1.0: no {' and no '.join(absent)} in {places.data}; {help_}")
    return {split: candidates[0] for split, candidates in found.items()}


def _candidates(folder: Path, prefix: str) -> list[Path]:
    """Folders with .gnt files, then zip files, whose names start with `prefix`."""
    named = sorted(folder.glob(f"{prefix}*"))
    folders = [path for path in named if path.is_dir() and any(path.rglob("*.gnt"))]
    return folders + [path for path in named if path.is_file() and path.suffix.lower() == ".zip"]


def _checksum(official: dict[str, Path]) -> str:
    """A checksum of the names and sizes of the official files, not of their gigabytes."""
    listed = [str(VERSION)]
    for split, path in official.items():
        for file in sorted(path.rglob("*.gnt")) if path.is_dir() else [path]:
            listed.append(f"{split} {file.relative_to(path.parent)} {file.stat().st_size}")
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def _records(official: Path) -> Iterator[gnt.Record]:
    """Streams all records of a split, file after file in the order of their names, from a folder or a zip file."""
    try:
        if official.is_dir():
            for file in sorted(official.rglob("*.gnt"), key=lambda file: (file.name, str(file))):
                with file.open("rb") as stream:
                    yield from gnt.read(stream, str(file))
            return
        with zipfile.ZipFile(official) as archive:
            members = [name for name in archive.namelist() if name.endswith(".gnt")]
            for name in sorted(members, key=lambda name: (name.rsplit("/")[-1], name)):
                with archive.open(name) as stream:
                    yield from gnt.read(stream, f"{official}, {name}")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise DamagedData(f"{official}: a whole zip file expected: {fault}") from fault


def _table(official: Path) -> dict[bytes, int]:
    """The codes of level 1 that occur in the training files, in ascending order, and their numbers."""
    level = {character.encode("gb2312") for character in level_one()}
    found = {record.code for record in _records(official)} & level
    if not found:
        raise DamagedData(f"{official}: characters of GB2312 level 1 expected, found none")
    return {code: label for label, code in enumerate(sorted(found))}


def squash(picture: np.ndarray) -> np.ndarray:
    """Squashes a character's whole box, as the paper's code does.

    Args:
        picture: uint8, shape (height, width).

    Returns:
        uint8, shape (SIDE, SIDE, 1).
    """
    small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small)[:, :, None]


# ---- The prepared folder


def _folder(places: Places, checksum: str) -> Path:
    return places.cache / "data" / f"hwdb1.0-{checksum[:16]}"


def _prepared(places: Places) -> Path:
    """The prepared folder, made first where it is not there or damaged."""
    official = _official(places)
    folder = _folder(places, _checksum(official))
    return array_records.prepared(folder, lambda unfinished: _prepare(official, unfinished), needed=2_500_000_000)


def _prepare(official: dict[str, Path], folder: Path) -> None:
    """Reads the official files into a new folder: pictures, labels, the table of codes, and a summary."""
    _log.info("preparing hwdb1.0 from %s and %s: once, some minutes", *official.values())
    table = _table(official["train"])
    folder.mkdir(parents=True)
    lines = (f"{code.hex().upper()} {code.decode('gb2312')}\n" for code in table)
    files.write(folder / CLASSES, "".join(lines))
    skipped = _build(official, table, folder)
    labels = {split: _labels(folder, split) for split in SPLITS}
    per_class = {split: np.bincount(found, minlength=len(table)).tolist() for split, found in labels.items()}
    array_records.finish(folder, labels, per_class=per_class, skipped=skipped)


def _build(official: dict[str, Path], table: dict[bytes, int], folder: Path) -> dict[str, int]:
    """Has tensorflow-datasets write the pictures; returns how many records of each split are of no class."""
    import tensorflow_datasets as tfds

    skipped = dict.fromkeys(SPLITS, 0)

    # Not registered: the name is ours alone, and the class is made anew at each call.
    class Builder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        """Characters of known classes as `image` and `label`."""

        name = "hwdb"
        VERSION = tfds.core.Version("1.0.0")
        # Beside the code, checksums of downloads are looked for, with a library that need not be installed.
        code_path = None

        def _info(self) -> tfds.core.DatasetInfo:
            image = tfds.features.Tensor(shape=(SIDE, SIDE, 1), dtype=np.uint8)
            features = tfds.features.FeaturesDict({"image": image, "label": tfds.features.Scalar(np.int32)})
            return tfds.core.DatasetInfo(builder=self, description="CASIA-HWDB1.0, level 1", features=features)

        def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
            return {split: self._generate_examples(split) for split in SPLITS}

        def _generate_examples(self, split: str) -> Iterator[tuple[str, dict]]:
            for number, record in enumerate(_records(official[split])):
                if record.code in table:
                    yield str(number), {"image": squash(record.picture), "label": table[record.code]}
                else:
                    skipped[split] += 1

    with _frugal(), array_records.full_disk_as_os_error(), contextlib.redirect_stdout(io.StringIO()):
        builder = Builder(data_dir=folder, file_format="array_record")
        builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))
    shutil.rmtree(folder / "downloads", ignore_errors=True)
    return skipped


@contextlib.contextmanager
def _frugal() -> Iterator[None]:
    """Lets tensorflow-datasets shuffle on disk early and in few files.

    By itself it holds up to 1 GB in memory, which is the whole set, and then opens 1,000 files at once, which is
    what many systems allow a process to have. The order of the result is the same.
    """
    from tensorflow_datasets.core import shuffle

    usual = shuffle.MAX_MEM_BUFFER_SIZE, shuffle.BUCKETS_NUMBER
    shuffle.MAX_MEM_BUFFER_SIZE, shuffle.BUCKETS_NUMBER = 64 << 20, 64
    try:
        yield
    finally:
        shuffle.MAX_MEM_BUFFER_SIZE, shuffle.BUCKETS_NUMBER = usual


def _labels(folder: Path, split: str, at_once: int = 4096) -> np.ndarray:
    """All labels of a split in the order of its files: int32, shape (n,)."""
    source = array_records.source(folder, split)
    starts = range(0, len(source), at_once)
    batches = (source.__getitems__(list(range(start, min(start + at_once, len(source))))) for start in starts)
    return np.array([record["label"] for batch in batches for record in batch], np.int32)
