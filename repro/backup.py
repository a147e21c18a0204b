"""Backups of a training: one file each, whole or recognised as damaged."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repro import files

KEPT = 2
_HASH_BYTES = 32


@dataclass(frozen=True)
class Backup:
    """A training's state after a number of steps."""

    step: int
    state: dict[str, np.ndarray]
    history: dict[str, list[float]]


def write(folder: Path, step: int, state: dict[str, np.ndarray], history: dict[str, list[float]]) -> None:
    """Writes a backup beside the older ones and drops all but the last two.

    The file is a SHA-256 followed by an npz: npz's own checks let some damaged files through.
    """
    text = np.frombuffer(json.dumps(history).encode(), np.uint8)
    content = files.npz({**state, "history": text})
    files.write(folder / f"backup-{step:09d}.bin", hashlib.sha256(content).digest() + content)
    for old in _backups(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def newest(folder: Path) -> Backup | None:
    """The newest backup whose hash holds; damaged ones are set aside (renamed, never deleted)."""
    for path in _backups(folder):
        raw = path.read_bytes()
        content = raw[_HASH_BYTES:]
        if hashlib.sha256(content).digest() != raw[:_HASH_BYTES]:
            print(f"{path} is damaged: set aside as {files.set_aside(path).name}, going on from the one before it")
            continue
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            state = {name: stored[name] for name in stored.files}
        history = json.loads(state.pop("history").tobytes())
        return Backup(int(state["step"]), state, history)
    return None


def _backups(folder: Path) -> list[Path]:
    return sorted((p for p in folder.glob("backup-*.bin") if re.fullmatch(r"backup-\d{9}\.bin", p.name)), reverse=True)
