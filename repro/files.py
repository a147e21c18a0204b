"""Files that are either whole or not there: a temporary name, a sync, a rename."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from repro.errors import Failure


def write(path: Path, content: bytes | str) -> None:
    """Writes a file so that a reader, or a kill at any moment, sees the old content or the new, never a part.

    Args:
        path: Final name; its folder is made where it is missing.
        content: Text (UTF-8) or bytes.

    Raises:
        Failure: If there is no room or no permission; the message names the path and the size needed.
    """
    raw = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise Failure(f"cannot write {path} ({len(raw) / 1e6:.1f} MB needed): {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Writes named arrays as one npz; see `write`."""
    write(path, npz(arrays))


def npz(arrays: dict[str, np.ndarray]) -> bytes:
    """The bytes of an npz with these arrays; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads an npz; never unpickles.

    Raises:
        Failure: If the file is damaged; the message names it.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds for a damaged archive
        raise Failure(f"{path} is damaged ({error}); remove its folder and run the same command again") from error


def read_json(path: Path) -> dict | None:
    """A JSON file's content, or None where there is none or it is damaged."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def set_aside(path: Path) -> Path:
    """Renames a damaged file so that nothing reads it and a person can still look at it."""
    aside = path.with_name(path.name + ".damaged")
    os.replace(path, aside)
    return aside


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(paths: Iterable[Path]) -> int:
    """Bytes of all files at or below `paths`; files that vanish meanwhile count nothing."""
    total = 0
    for top in paths:
        for path in [top, *top.rglob("*")]:
            try:
                total += path.stat().st_size if path.is_file() else 0
            except OSError:
                continue
    return total
