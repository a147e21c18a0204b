"""Runs: their keys and folders, what is done, and carrying one out in a worker."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import numpy as np

from repro import data, denormals, files, machine
from repro.data import Dataset, Places, Set
from repro.errors import Failure
from repro.items import Run, sets

if TYPE_CHECKING:
    from repro.data import faces, rooms

DONE = "done.json"
LOG = "log.txt"
LOCK_PATIENCE_S = 20.0  # a killed start's workers hold their locks for a second or two more


@dataclass(frozen=True)
class Planned:
    """A run with its key and folder: everything a worker needs.

    Attributes:
        run: What to compute.
        key: Hex digest of everything that determines the result.
        path: The run's folder.
        needs: The runs it needs, likewise.
        places: Where its data may be.
    """

    run: Run
    key: str
    path: Path
    needs: tuple[Planned, ...]
    places: Places

    @property
    def name(self) -> str:
        """What a person reads: function, settings that tell runs apart, seed."""
        return self.path.name.rsplit("-", 1)[0]


class Planner:
    """Gives runs their keys and folders; equal runs get the same one.

    Args:
        places: Where data and runs are.
        device: `cpu` or `gpu`, this machine's unless given; results of one are not those of the other.
    """

    def __init__(self, places: Places, device: str | None = None) -> None:
        self.places, self.device = places, device or machine.device()
        self._checksums: dict[Set, str] = {}
        self._planned: dict[Run, Planned] = {}

    def plan(self, run: Run) -> Planned:
        """The run with its key and folder.

        Raises:
            MissingData: If a data set that it names is not there.
        """
        if run not in self._planned:
            needs = tuple(self.plan(need) for need in run.needs)
            key = self._key(run, needs)
            path = self.places.cache / f"{_label(run)}-{key[:16]}"
            self._planned[run] = Planned(run, key, path, needs, self.places)
        return self._planned[run]

    def checksum(self, wanted: Set) -> str:
        """A data set's checksum, asked for once."""
        if wanted not in self._checksums:
            self._checksums[wanted] = data.describe(wanted, self.places).checksum
        return self._checksums[wanted]

    def _key(self, run: Run, needs: tuple[Planned, ...]) -> str:
        content = {
            "function": f"{run.function.__module__}:{run.function.__qualname__}",
            "version": getattr(run.function, "version", 1),
            "settings": as_json(run.settings),
            "seed": run.seed,
            "data": {str(wanted): self.checksum(wanted) for wanted in sets(run.settings)},
            "needs": [need.key for need in needs],
            "environment": environment(self.device),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def environment(device: str) -> dict[str, Any]:
    """What decides a result's bits besides the run itself: versions, threads, oneDNN, kind of device."""
    return {
        "tensorflow": _version("tensorflow-cpu", "tensorflow"),
        "keras": _version("keras"),
        "threads": 1,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "device": device,
    }


def _version(*names: str) -> str:
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "absent"


def as_json(settings: Any) -> dict[str, Any]:
    """A settings dataclass as plain values, its class's name included."""
    return {"class": type(settings).__qualname__, **dataclasses.asdict(settings)}


def _label(run: Run) -> str:
    paper = run.function.__module__.split(".")[-2]
    kind = getattr(run.settings, "label", "")
    return "-".join(part for part in (paper, run.function.__name__, str(kind), f"seed{run.seed}") if part)


# ---- what is done ----


def is_done(planned: Planned) -> bool:
    """Whether the run has finished and all its files are still what it wrote.

    A finished run with a damaged file counts as not done: its mark is set aside, and it is computed again.
    """
    mark = files.read_json(planned.path / DONE)
    if mark is None or mark.get("key") != planned.key:
        return False
    for name, digest in mark["files"].items():
        path = planned.path / name
        if not path.is_file() or files.sha256(path) != digest:
            print(f"{path} is missing or damaged: this run is computed again", file=sys.stderr)
            files.set_aside(planned.path / DONE)
            return False
    return True


def is_begun(planned: Planned) -> bool:
    """Whether an unfinished run has something to go on from."""
    return any(planned.path.glob("backup-*.bin"))


def snapshot_name(step: int) -> str:
    """File name of the snapshot after `step` steps, without its ending."""
    return f"snapshot-{step:08d}"


def snapshots(path: Path) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """(step, arrays) of every snapshot in a run's folder, in order."""
    for file in sorted(path.glob("snapshot-*.npz")):
        yield int(file.stem.removeprefix("snapshot-")), files.read_arrays(file)


class Finished:
    """A finished run, as an item or a run that needs it sees it; `needs` holds those that it needed itself."""

    def __init__(self, planned: Planned) -> None:
        self.run, self.path = planned.run, planned.path
        self.needs = [Finished(need) for need in planned.needs]
        self.settings, self.seed = planned.run.settings, planned.run.seed

    def load(self, name: str) -> dict[str, np.ndarray]:
        """The named arrays that the run saved under a name."""
        return files.read_arrays(self.path / f"{name}.npz")

    def snapshots(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """(step, arrays) of every snapshot, in order."""
        return snapshots(self.path)

    @property
    def diverged_at(self) -> int | None:
        """The step at which the training was found not finite, or None."""
        history = self.load("history") if (self.path / "history.npz").exists() else {}
        return int(history["diverged_at"][0]) if "diverged_at" in history else None

    @property
    def lost(self) -> bool:
        """Whether its training, or one that it needs, diverged: what is left is the last good state, and no result."""
        return self.diverged_at is not None or any(need.lost for need in self.needs)

    def kept(self, value: float) -> float:
        """A value measured on its training, or NaN if that is lost."""
        return math.nan if self.lost else value


class Folder:
    """What a run's function is given: a place for its arrays, where data may be, and the runs it needs."""

    def __init__(self, planned: Planned, report: Callable[[dict], None] = lambda event: None) -> None:
        self.path, self.places, self._report = planned.path, planned.places, report
        self.needs = [Finished(need) for need in planned.needs]
        self._name, self._started = planned.name, time.monotonic()
        self._before = (files.read_json(self.path / "clock.json") or {}).get("seconds", 0.0)

    @property
    def seconds(self) -> float:
        """Seconds spent on this run, earlier starts included as far as they left a backup."""
        return self._before + time.monotonic() - self._started

    def save(self, name: str, **arrays: np.ndarray) -> None:
        """Saves named arrays under a name, whole or not at all."""
        files.write_arrays(self.path / f"{name}.npz", **arrays)

    def data(self, wanted: Set, split: str) -> Dataset:
        """Loads one split of a data set."""
        return data.load(wanted, split, self.places)

    def attributes(self, wanted: Set, split: str) -> faces.Attributes | rooms.Attributes:
        """What the pictures of one split of a procedural set show."""
        return data.attributes(wanted, split, self.places)

    def progress(self, step: int, steps: int, losses: dict[str, float]) -> None:
        """Tells how far a training is, after each chapter."""
        files.write(self.path / "clock.json", json.dumps({"seconds": self.seconds}))
        self._report({"run": self._name, "step": step, "steps": steps, "losses": losses})


# ---- carrying one out ----


def execute(planned: Planned, report: Callable[[dict], None] = lambda event: None) -> None:
    """Carries a run out, going on from where it stopped; does nothing if it is done.

    Raises:
        Failure: If another process holds the run; the message says which.
    """
    files.make_folder(planned.path)
    with _held(planned.path):
        if is_done(planned):
            return
        with output_to(planned.path / LOG), denormals.flushed():
            folder = Folder(planned, report)
            _fresh_tensorflow()
            planned.run.function(planned.run.settings, planned.run.seed, folder)
            mark_done(planned, folder.seconds)


def mark_done(planned: Planned, seconds: float) -> None:
    """Marks a run as finished, with the checksums of its files; its backups are no longer needed."""
    kept = [
        path for path in sorted(planned.path.iterdir()) if path.suffix in (".npz", ".keras") and path.name[0] != "."
    ]
    mark = {
        "key": planned.key,
        "function": f"{planned.run.function.__module__}:{planned.run.function.__qualname__}",
        "settings": as_json(planned.run.settings),
        "seed": planned.run.seed,
        "seconds": seconds,
        "files": {path.name: files.sha256(path) for path in kept},
    }
    files.write(planned.path / DONE, json.dumps(mark, indent=1))
    for backup in planned.path.glob("backup-*.bin"):
        backup.unlink()


def _fresh_tensorflow() -> None:
    """Nothing of the run before is left: TensorFlow keeps each custom gradient of a graph by name, and by it the graph.

    Keras' optimizers have one each, so that every training would leave some 10 MB.
    """
    import keras
    import tensorflow as tf
    from tensorflow.python.framework import ops  # there is no public way

    tf.config.experimental.enable_op_determinism()
    keras.utils.clear_session()
    kept = ops.gradient_registry._registry
    for name in [name for name in kept if name.startswith("CustomGradient-")]:
        del kept[name]


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    lock, note = filelock.FileLock(path / ".lock"), path / "holder.json"
    with files.told(path):
        try:
            lock.acquire(timeout=LOCK_PATIENCE_S)
        except filelock.Timeout:  # an OSError too
            raise Failure(f"{path} is held by {holder(note)}; wait for it, or end it") from None
    try:
        files.write(note, json.dumps(myself()))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def myself() -> dict[str, Any]:
    """What a lock's note says of this process."""
    return {"process": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}


def holder(note: Path) -> str:
    """Who holds a lock, from the note beside it."""
    known = files.read_json(note)
    if known is None:
        return "another process"
    return f"process {known['process']} on {known['host']} since {known['since']}"


@contextlib.contextmanager
def output_to(log: Path) -> Iterator[None]:
    """Sends everything this process prints, TensorFlow's C++ included, to a log."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with files.told(log):
        file = open(log, "ab", buffering=0)  # noqa: SIM115 (closed below)
    with file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError):  # on a full disk; what went wrong is told otherwise
                    stream.flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            os.close(kept[0])
            os.close(kept[1])
