"""Sets too big for memory: prepared once as array_record files (random access) in a folder of the cache.

A prepared folder holds the pictures as tensorflow-datasets writes and reads them, `labels_SPLIT.npy` in the same order,
and `summary.json` with the size of every file. It has its final name only when it is whole.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock

from repro import files
from repro.data.selection import SPLITS
from repro.errors import DamagedData, Failure

if TYPE_CHECKING:
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.data_sources.array_record import ArrayRecordDataSource

SUMMARY = "summary.json"
SHARD = 1 << 30  # bytes of pictures in one file, at most
AT_ONCE = 256  # pictures handed to the writer together: it notes each time how far it is

_log = logging.getLogger(__name__)


class Stored:
    """Pictures of one split, read from disk as they are asked for.

    `stored[places]` takes what indexes an array of n places (an integer array, a slice, one place) and gives uint8,
    shape (..., height, width, channels).
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, folder: Path, split: str, rows: np.ndarray, shape: tuple[int, int, int]) -> None:
        """Opens nothing yet.

        Args:
            folder: A prepared folder.
            split: `train` or `test`.
            rows: The rows of its files that count, in the order wanted: int64, shape (n,).
            shape: Of one picture.
        """
        self._folder, self._split, self._rows = folder, split, rows
        self.shape = (len(rows), *shape)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: np.ndarray | slice | int) -> np.ndarray:
        rows = np.asarray(self._rows[places])
        pictures = np.empty((rows.size, *self.shape[1:]), np.uint8)
        for start in range(0, rows.size, AT_ONCE):
            wanted = rows.ravel()[start : start + AT_ONCE].tolist()
            try:
                records = self._source.__getitems__(wanted)
            except (OSError, ValueError, RuntimeError, IndexError) as fault:
                raise DamagedData(f"{self._folder}: readable pictures of {self._split} expected: {fault}") from fault
            for row, record in enumerate(records, start):
                pictures[row] = record["image"]
        return pictures.reshape(*rows.shape, *self.shape[1:])

    def __getstate__(self) -> dict:
        # Another process opens the files for itself.
        return {name: value for name, value in vars(self).items() if name != "_source"}

    @cached_property
    def _source(self) -> ArrayRecordDataSource:
        return source(self._folder, self._split)


class Joined:
    """Several `Stored` as one, in one fixed order of all their pictures; indexed as they are."""

    dtype = np.dtype(np.uint8)

    def __init__(self, parts: Sequence[Stored], order: np.ndarray) -> None:
        """Joins parts of one picture size.

        Args:
            parts: At least one.
            order: Places in the parts laid end to end: int64, shape (n,).
        """
        self._parts, self._order = tuple(parts), order
        self._starts = np.cumsum([0, *map(len, parts)])
        self.shape = (len(order), *parts[0].shape[1:])

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, places: np.ndarray | slice | int) -> np.ndarray:
        ordered = np.asarray(self._order[places])
        flat = ordered.ravel()
        pictures = np.empty((flat.size, *self.shape[1:]), np.uint8)
        part = np.searchsorted(self._starts, flat, side="right") - 1
        for number in np.unique(part):
            own = part == number
            pictures[own] = self._parts[number][flat[own] - self._starts[number]]
        return pictures.reshape(*ordered.shape, *self.shape[1:])


def prepared(folder: Path, prepare: Callable[[Path], None], needed: int) -> Path:
    """A prepared folder, made first where it is not there or damaged; only one process makes it.

    Args:
        folder: Its final name.
        prepare: Fills a folder that is not there yet, ending with `finish`.
        needed: Bytes it takes, for a message.

    Raises:
        Failure: If there is no room or no permission.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if folder.exists() and not _whole(folder):
                _set_aside(folder)
            if not folder.exists():
                # Under the lock nobody else works here: what is left of an earlier try is nobody's.
                unfinished = folder.with_name(f"{folder.name}.unfinished")
                shutil.rmtree(unfinished, ignore_errors=True)
                try:
                    prepare(unfinished)
                    unfinished.rename(folder)
                    files.sync_folder(folder.parent)
                finally:
                    shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as fault:
        raise Failure(f"cannot prepare {folder} (about {needed:,} bytes needed): {fault}") from fault
    return folder


def check_room(folder: Path, needed: int) -> None:
    """Refuses with `Failure` to begin what the disk of a folder to be made cannot hold."""
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise Failure(f"cannot prepare {folder}: {needed:,} bytes needed, {free:,} free")


def write(folder: Path, shape: tuple[int, int, int], examples: Iterable[tuple[str, np.ndarray, int]]) -> None:
    """Writes pictures into a new folder in the order given, one after the other, and finishes it.

    Args:
        folder: Not there yet.
        shape: Of one picture.
        examples: Split, picture (uint8) and label of each.

    Raises:
        OSError: If the disk is full.
    """
    labels = {split: [] for split in SPLITS}
    writer = _writer(folder / "pictures" / "1.0.0", shape)
    examples = iter(examples)
    while block := list(itertools.islice(examples, AT_ONCE)):
        together = {split: [] for split in SPLITS}
        for split, image, label in block:
            together[split].append({"image": image})
            labels[split].append(label)
        with full_disk_as_os_error():
            writer.add_examples(together)
    with full_disk_as_os_error():
        writer.close_all()
    finish(folder, {split: np.array(found, np.int32) for split, found in labels.items()})


def finish(folder: Path, labels: dict[str, np.ndarray], **notes: object) -> None:
    """Adds labels and summary to the pictures in a folder, and has the disk keep all of it.

    Args:
        folder: Where the pictures are.
        labels: Of each split, in the order of its pictures: int32, shape (n,).
        notes: What else the summary shall say.
    """
    for split, found in labels.items():
        np.save(folder / f"labels_{split}.npy", found)
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    files.write(folder / SUMMARY, json.dumps({**notes, "sizes": _sizes(folder)}))


def labels(folder: Path, split: str) -> np.ndarray:
    """The labels of a split in the order of its pictures: int32, shape (n,)."""
    return np.load(folder / f"labels_{split}.npy", allow_pickle=False)


def source(folder: Path, split: str) -> ArrayRecordDataSource:
    """The random-access source of a split of a prepared folder, as tensorflow-datasets gives it."""
    import tensorflow_datasets as tfds

    (records,) = folder.glob("*/1.0.0")
    return tfds.builder_from_directory(records).as_data_source(split)


def _writer(folder: Path, shape: tuple[int, int, int]) -> tfds.core.SequentialWriter:
    """Has tensorflow-datasets write files of pictures as they come, without the copy that its shuffling makes."""
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.dataset_info import DatasetIdentity

    folder.mkdir(parents=True)
    # As bytes: by default each value becomes a number of its own, ten times slower to write and to read.
    image = tfds.features.Tensor(shape=shape, dtype=np.uint8, encoding=tfds.features.Encoding.BYTES)
    name = DatasetIdentity("pictures", tfds.core.Version("1.0.0"), data_dir=str(folder), module_name=__name__)
    info = tfds.core.DatasetInfo(builder=name, features=tfds.features.FeaturesDict({"image": image}))
    count = max(1, SHARD // int(np.prod(shape)))
    writer = tfds.core.SequentialWriter(info, max_examples_per_shard=count, file_format="array_record")
    writer.initialize_splits(list(SPLITS))
    return writer


@contextlib.contextmanager
def full_disk_as_os_error() -> Iterator[None]:
    """Turns what the writer says of a full disk into what Python says."""
    import tensorflow as tf

    try:
        yield
    except (tf.errors.ResourceExhaustedError, RuntimeError) as fault:
        raise OSError(str(fault)) from fault


def _set_aside(folder: Path) -> None:
    """Renames a damaged folder, to a name that is free."""
    names = (folder.with_name(f"{folder.name}.damaged{number}") for number in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    folder.rename(aside)
    _log.warning("%s was damaged: set aside as %s, prepared again", folder, aside.name)


def _whole(folder: Path) -> bool:
    """Whether every file has the size that the summary states."""
    summary = files.read_json(folder / SUMMARY)
    return summary is not None and summary.get("sizes") == _sizes(folder)


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file but the summary."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != SUMMARY)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}
