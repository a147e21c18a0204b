"""The set `cifar10`: the original CIFAR-10, as tensorflow-datasets prepares it under the folder given by `--data-dir`.

Nothing is downloaded by itself: `.venv/bin/python -m repro.data.cifar10 DIR` does it on request. tensorflow-datasets
shuffles; here the pictures come in the official order again, which their ids tell.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from repro.data import Dataset, Description, Places, Set
from repro.data.prepared import OBJECTS
from repro.data.selection import SPLITS, check_split, chosen_classes
from repro.errors import DamagedData, MissingData

SHAPE = (32, 32, 3)
# Raise it with any change that alters a picture or a label: it is part of the checksum.
VERSION = 1


def describe(wanted: Set, places: Places) -> Description:
    """Says what was prepared, by the names and sizes of its files; see `repro.data.describe`.

    Where only some classes are wanted, their numbers are not known before they are loaded, and `counts` is empty.
    """
    folder = _folder(places)
    files = _files(folder)
    chosen = chosen_classes(wanted, OBJECTS)
    every = chosen == list(range(len(OBJECTS)))
    listed = [str(VERSION), *(f"{file.name} {file.stat().st_size}" for split in SPLITS for file in files[split])]
    checksum = hashlib.sha256("\n".join(listed).encode()).hexdigest()
    return Description(
        title="CIFAR-10, the original pictures, 32x32",
        kind="real",
        checksum=checksum if every else f"{checksum}-{'+'.join(OBJECTS[label] for label in chosen)}",
        counts=_counts(folder) if every else {},
        licence="none stated by its authors; research use, cite Krizhevsky 2009",
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split in the official order (ten seconds); see `repro.data.load`."""
    check_split(wanted, split)
    chosen = chosen_classes(wanted, OBJECTS)
    description = describe(wanted, places)
    images, labels = _arrays(_folder(places), split)
    number = np.full(len(OBJECTS), -1, np.int32)
    number[chosen] = np.arange(len(chosen))
    if len(chosen) < len(OBJECTS):
        kept = np.isin(labels, chosen)
        images, labels = images[kept], labels[kept]
    return Dataset(wanted.name, split, images, number[labels], tuple(OBJECTS[label] for label in chosen), description)


def prepare(data: Path) -> None:
    """Has tensorflow-datasets download CIFAR-10 (170 MB) and prepare it under a folder, where it is not there yet."""
    import tensorflow_datasets as tfds

    class Official(tfds.image_classification.Cifar10, skip_registration=True):
        """The builder itself, told where its checksums are: it looks for them with a library that is not installed."""

        name = "cifar10"
        code_path = None
        url_infos = tfds.download.checksums.load_url_infos(tfds.core.tfds_path() / "url_checksums" / "cifar10.txt")

    Official(data_dir=data).download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))


# ---- What tensorflow-datasets left


def _folder(places: Places) -> Path:
    """The folder of the newest version that is there.

    Raises:
        MissingData: If there is none.
    """
    command = ".venv/bin/python -m repro.data.cifar10"
    works = "--scale quick works without, and --scale small takes cifar10_jpeg75"
    if places.data is None:
        raise MissingData(
            "cifar10: the folder cifar10 as tensorflow-datasets prepares it goes in the folder given by --data-dir (or "
            f"REPRO_DATA); {command} DIR downloads 170 MB and prepares it in DIR; {works}"
        )
    found = [path.parent for path in (places.data / "cifar10").glob("*/dataset_info.json")]
    if not found:
        raise MissingData(
            f"cifar10: no cifar10/VERSION/dataset_info.json in {places.data}; {command} {places.data} downloads 170 MB "
            f"and prepares it there; {works}"
        )
    return max(found, key=lambda folder: [int(part) for part in folder.name.split(".") if part.isdigit()])


def _info(folder: Path) -> dict[str, list[int]]:
    """The lengths of the files of each split, as tensorflow-datasets noted them."""
    file = folder / "dataset_info.json"
    try:
        splits = {split["name"]: split for split in json.loads(file.read_text("utf-8"))["splits"]}
        return {split: [int(length) for length in splits[split]["shardLengths"]] for split in SPLITS}
    except (ValueError, KeyError, TypeError) as fault:
        raise DamagedData(f"{file}: the lengths of train and test expected, found none: {fault!r}") from fault


def _counts(folder: Path) -> dict[str, int]:
    return {split: sum(lengths) for split, lengths in _info(folder).items()}


def _files(folder: Path) -> dict[str, list[Path]]:
    """The files of each split, none missing."""
    files = {}
    for split, lengths in _info(folder).items():
        files[split] = sorted(folder.glob(f"cifar10-{split}.*"))
        if len(files[split]) != len(lengths):
            raise DamagedData(f"{folder}: {len(lengths)} files cifar10-{split}.* expected, found {len(files[split])}")
    return files


def _arrays(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """All pictures and labels of a split in the order of their ids: uint8 (n, 32, 32, 3) and int32 (n,)."""
    import tensorflow as tf

    count = _counts(folder)[split]
    images, labels = np.zeros((count, *SHAPE), np.uint8), np.full(count, -1, np.int32)
    try:
        for record in _records(folder, split):
            place = int(record["id"].decode().removeprefix(f"{split}_"))
            if record["image"].shape != SHAPE or not 0 <= record["label"] < len(OBJECTS):
                raise ValueError(f"{record['id'].decode()} has shape {record['image'].shape}, label {record['label']}")
            images[place], labels[place] = record["image"], record["label"]
    except (tf.errors.OpError, OSError, ValueError, KeyError, IndexError, RuntimeError) as fault:
        reason = re.sub(r"\{\{.*?\}\} | \[Op:.*", "", str(fault).splitlines()[0])  # names of TensorFlow's own nodes
        raise DamagedData(f"{folder}: readable pictures of {split} expected: {reason}") from fault
    if absent := np.flatnonzero(labels < 0).tolist():
        raise DamagedData(
            f"{folder}: {count} pictures of {split} expected, the first missing is {split}_{absent[0]:05d}"
        )
    return images, labels


def _records(folder: Path, split: str) -> Iterator[dict]:
    """Id, image and label of every picture, in no order that means anything."""
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(folder)
    if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
        return iter(builder.as_data_source(split))
    return iter(tfds.as_numpy(builder.as_dataset(split=split)))


def main() -> None:
    """Reads the command line and prepares the set."""
    parser = argparse.ArgumentParser(description="Downloads CIFAR-10 and prepares it for --data-dir DIR.")
    parser.add_argument("data", type=Path, metavar="DIR")
    prepare(parser.parse_args().data)


if __name__ == "__main__":
    main()
