"""Sets in our prepared form: `NAME.npz` with `NAME.json` beside it, in the folder given by `--data-dir`.

Where there is no `NAME.npz`, a folder of images `NAME/` does; see `repro.data.image_folder`.

The json names title, shape, classes, counts, arrays, licence and the sha256 of the npz. Pictures come in one of two
encodings: `array` (`images_SPLIT`, uint8, shape (n, height, width, channels)) or `jpeg` (`jpeg_SPLIT`, all files one
after the other, and `offset_SPLIT`, int64 of n + 1 places in it). Labels are `y_SPLIT`, places in the class names.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from repro import files
from repro.data import Dataset, Description, Places, Set, image_folder
from repro.data.make_hanzi_atlas import HWDB100
from repro.data.selection import SPLITS, check_split, chosen_classes
from repro.data.squashing import Form
from repro.errors import DamagedData, MissingData

OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LARGEST = 1 << 16  # the largest square in the middle of a picture
# What a folder of images of that name becomes.
FORMS = {
    "celeba64": Form(64, 3, ("face",), centre=108),
    "cifar10_jpeg75": Form(32, 3, OBJECTS),
    "faces64": Form(64, 1, ("not smiling", "smiling")),
    "hwdb100": Form(28, 1, tuple(HWDB100)),
    "imagenet32": Form(32, 3, ("picture",), centre=LARGEST),
    "mnist": Form(28, 1, tuple("0123456789")),
    "scenes64": Form(64, 3, ("bedroom", "kitchen", "dining_room")),
}
# What reading a damaged npz can raise.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
# What the json must hold, and as what.
FIELDS = {
    "title": str,
    "kind": str,
    "licence": str,
    "encoding": str,
    "sha256": str,
    "image_shape": list,
    "class_names": list,
    "count": dict,
    "count_per_class": dict,
    "arrays": dict,
}


def describe(wanted: Set, places: Places) -> Description:
    """Says what a prepared set is; see `repro.data.describe`. Checks the sha256 of the npz."""
    if folder := _folder_of_images(wanted, places):
        return image_folder.describe(wanted, folder, FORMS[wanted.name])
    _, form = _found(wanted, places)
    chosen, part = chosen_classes(wanted, form["class_names"]), ""
    if chosen != list(range(len(form["class_names"]))):
        part = f"-{len(chosen)}" if not isinstance(wanted.classes, tuple) else f"-{'+'.join(wanted.classes)}"
    return Description(
        title=form["title"],
        kind=form["kind"],
        checksum=form["sha256"] + part,
        counts={split: sum(form["count_per_class"][split][label] for label in chosen) for split in SPLITS},
        licence=form["licence"],
    )


def load(wanted: Set, split: str, places: Places) -> Dataset:
    """Loads one split of a prepared set, in the file's order; see `repro.data.load`."""
    check_split(wanted, split)
    if folder := _folder_of_images(wanted, places):
        return image_folder.load(wanted, split, folder, FORMS[wanted.name], places)
    description = describe(wanted, places)
    npz, form = _found(wanted, places)
    chosen = chosen_classes(wanted, form["class_names"])
    try:
        with npz.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            labels = stated_array(arrays, f"y_{split}", form, npz)
            kept = np.flatnonzero(np.isin(labels, chosen))
            images = (_plain if form["encoding"] == "array" else _decoded)(arrays, split, kept, form, npz)
    except UNREADABLE as fault:
        raise DamagedData(f"{npz}: a readable npz expected, found: {fault}") from fault
    number = np.full(len(form["class_names"]), -1, np.int32)
    number[chosen] = np.arange(len(chosen))
    kept_labels = number[labels[kept]]
    expected = [form["count_per_class"][split][label] for label in chosen]
    counted = np.bincount(kept_labels, minlength=len(chosen)).tolist()
    if counted != expected or len(labels) != form["count"][split]:
        raise DamagedData(f"{npz}: y_{split}: the counts of {npz.with_suffix('.json').name} expected, found others")
    names = tuple(form["class_names"][label] for label in chosen)
    return Dataset(wanted.name, split, images, kept_labels, names, description)


def _folder_of_images(wanted: Set, places: Places) -> Path | None:
    """The folder that takes the place of an npz that is not there, or None."""
    folder = image_folder.find(wanted.name, places)
    return None if folder is None or (places.data / f"{wanted.name}.npz").exists() else folder


def _found(wanted: Set, places: Places) -> tuple[Path, dict]:
    """The npz, its sha256 checked, and what the json says."""
    npz, form = pair(
        wanted.name,
        places,
        FIELDS,
        f"{wanted.name}.npz and {wanted.name}.json, or a folder {wanted.name}/CLASS/ of images, go in the folder given "
        "by --data-dir (or REPRO_DATA); --scale quick works without",
    )
    _check(form, npz.with_suffix(".json"))
    return npz, form


def pair(name: str, places: Places, fields: dict[str, type], help_: str) -> tuple[Path, dict]:
    """`NAME.npz` of a prepared set, its sha256 checked, and what `NAME.json` says.

    Args:
        name: Of the set.
        places: Where it may be.
        fields: What the json must hold, and as what; `sha256` is one of them.
        help_: What goes where, for who has not got it.

    Raises:
        MissingData: If one of the two is not there.
        DamagedData: If the json lacks a field, or the npz is not the one that it names.
    """
    if places.data is None:
        raise MissingData(f"{name}: {help_}")
    npz, described = places.data / f"{name}.npz", places.data / f"{name}.json"
    absent = [file.name for file in (npz, described) if not file.is_file()]
    if absent:
        raise MissingData(f"{name}: no {' and no '.join(absent)} in {places.data}; {help_}")
    try:
        form = json.loads(described.read_text("utf-8"))
    except ValueError as fault:
        raise DamagedData(f"{described}: JSON expected, found: {fault}") from fault
    for field, kind in fields.items():
        if not isinstance(form, dict) or not isinstance(form.get(field), kind):
            raise DamagedData(f"{described}: a field {field!r} of type {kind.__name__} expected")
    found = files.sha256_once(npz)
    if found != form["sha256"]:
        raise DamagedData(f"{npz}: sha256 {form['sha256']} expected, found {found}")
    return npz, form


def _check(form: dict, described: Path) -> None:
    """Refuses a json that does not fit together."""
    if form["encoding"] not in ("array", "jpeg"):
        raise DamagedData(f"{described}: encoding 'array' or 'jpeg' expected, found {form['encoding']!r}")
    for split in SPLITS:
        counts = form["count_per_class"].get(split)
        if not isinstance(counts, list) or len(counts) != len(form["class_names"]):
            raise DamagedData(f"{described}: count_per_class of {split}: one number per class name expected")
        if form["count"].get(split) != sum(counts):
            raise DamagedData(
                f"{described}: count of {split}: {sum(counts)} expected, found {form['count'].get(split)}"
            )


def stated_array(arrays: np.lib.npyio.NpzFile, name: str, form: dict, npz: Path) -> np.ndarray:
    """One array, of the shape and type that the json states."""
    if name not in arrays or name not in form["arrays"]:
        raise DamagedData(f"{npz}: an array {name} expected, in the file and in its json")
    array = arrays[name]
    shape, kind = form["arrays"][name]
    if list(array.shape) != shape or array.dtype != kind:
        raise DamagedData(
            f"{npz}: {name}: {kind} of shape {shape} expected, found {array.dtype} of {list(array.shape)}"
        )
    return array


def _plain(arrays: np.lib.npyio.NpzFile, split: str, kept: np.ndarray, form: dict, npz: Path) -> np.ndarray:
    """The kept pictures of an `array` file: uint8, shape (len(kept), height, width, channels)."""
    name = f"images_{split}"
    images = stated_array(arrays, name, form, npz)
    expected = (form["count"][split], *form["image_shape"])
    if images.shape != expected or images.dtype != np.uint8:
        raise DamagedData(f"{npz}: {name}: uint8 of shape {expected} expected, found {images.dtype} of {images.shape}")
    return images if len(kept) == len(images) else images[kept]


def _decoded(arrays: np.lib.npyio.NpzFile, split: str, kept: np.ndarray, form: dict, npz: Path) -> np.ndarray:
    """The kept pictures of a `jpeg` file, decoded: uint8, shape (len(kept), height, width, channels)."""
    encoded, offsets = (stated_array(arrays, f"{name}_{split}", form, npz) for name in ("jpeg", "offset"))
    if len(offsets) != form["count"][split] + 1 or np.any(np.diff(offsets) <= 0) or offsets[-1] != len(encoded):
        raise DamagedData(f"{npz}: offset_{split}: {form['count'][split] + 1} rising places, the last {len(encoded)}")
    shape = tuple(form["image_shape"])
    images = np.empty((len(kept), *shape), np.uint8)
    for row, place in enumerate(kept):
        start, end = offsets[place], offsets[place + 1]
        try:
            picture = np.asarray(Image.open(io.BytesIO(encoded[start:end].tobytes())))
        except (OSError, SyntaxError) as fault:
            raise DamagedData(f"{npz}: jpeg_{split}: a JPEG file expected at byte {start}: {fault}") from fault
        if picture.size != images[row].size or picture.shape[:2] != shape[:2]:
            raise DamagedData(f"{npz}: jpeg_{split}: byte {start}: {shape} expected, found {picture.shape}")
        images[row] = picture.reshape(shape)
    return images
