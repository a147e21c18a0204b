"""Files that are either whole or not there: a temporary name, a sync, a rename."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from filelock import FileLock

from repro.errors import Failure

ROOT = Path(__file__).resolve().parent.parent  # the checkout
PRIVATE = "private/"  # in a results folder: pictures of images that may not be passed on; git ignores it
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(path: Path, content: bytes | str) -> None:
    """Writes a file so that a reader, or a kill at any moment, sees the old content or the new, never a part.

    Args:
        path: Final name; its folder is made where it is missing.
        content: Text (UTF-8) or bytes.

    Raises:
        Failure: If there is no room or no permission; the message names the path, the size needed, what to do.
    """
    raw = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with told(path, f" ({_size(len(raw))} needed)"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it where they are missing; failing as `write` does."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Lets one process at a time make a file, whose folder is made where it is missing; fails as `write` does."""
    lock = FileLock(f"{path}.lock")
    make_folder(path.parent)
    with told(path):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def told(path: Path, needed: str = "") -> Iterator[None]:
    """Turns the system's refusal to write into a `Failure` that names the path and says what to do."""
    try:
        yield
    except OSError as error:
        todo = "make room" if error.errno in _FULL else "give permission, or name another folder"
        raise Failure(
            f"cannot write {path}{needed}: {error.strerror or error}; {todo}, and the same command goes on from here"
        ) from error


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(1, round(count / 1e3))} kB"


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


def sha256_once(path: Path) -> str:
    """Hex digest of a file, read anew only when its size or its time of change is another than before."""
    state = path.stat()
    return _sha256_as_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=32)
def _sha256_as_of(path: Path, size: int, changed: int) -> str:
    return sha256(path)


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
