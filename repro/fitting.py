"""The one way to train a model: chapters of steps, a backup at the end of each, batches that belong to a step."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from repro import backup, files, layers, runs
from repro.data import Dataset
from repro.training import SeededModel, place_seed


def fit(
    model: SeededModel,
    batch_of_step: Callable[[tf.Tensor], object],
    *,
    steps: int,
    folder: runs.Folder,
    snapshot_every: int,
    snapshot: Callable[[], dict[str, np.ndarray]] | None = None,
) -> dict[str, np.ndarray]:
    """Trains up to `steps` steps, going on from the newest whole backup in the folder.

    Backups, history and snapshots are made at the ends of chapters, the first backup and snapshot before all. A chapter
    is the largest number of steps that divides both `steps` and `snapshot_every`, so that none of the three depends on
    where a run was interrupted.

    Args:
        model: Compiled; at the step from which it is to go on, a whole number of chapters.
        batch_of_step: Maps an int64 scalar tensor, the step, to that step's batch; a pure function.
        steps: Number of steps, at least 1.
        folder: The run's `Folder`.
        snapshot_every: A snapshot is taken before the first step, after every so many, and after the last.
        snapshot: Returns named arrays; saved as `snapshot-STEP.npz`.

    Returns:
        The history, which the folder keeps as `history`: `step` and each loss, averaged over a chapter, one entry a
        chapter. If a weight or loss became NaN or infinite, `diverged_at` holds the step at the end of that chapter,
        and the model is as it was before it.
    """
    chapter = math.gcd(steps, snapshot_every)
    recorder = _Chapters(model, folder, chapter, steps, snapshot_every, snapshot)
    start = recorder.start()
    if start < steps and not recorder.diverged:
        # A fixed graph: steps_per_execution must divide the chapter, or Keras silently runs too many steps.
        model.steps_per_execution = math.gcd(chapter, 10)
        data = tf.data.Dataset.range(start, steps).map(batch_of_step, num_parallel_calls=1, deterministic=True)
        model.fit(
            data.prefetch(1).with_options(_untuned()),
            initial_epoch=start // chapter,
            epochs=steps // chapter,
            steps_per_epoch=chapter,
            shuffle=False,
            verbose=0,
            callbacks=[recorder],
        )
        if not recorder.diverged and int(model.step.value) != steps:
            raise RuntimeError(f"{int(model.step.value)} steps were trained instead of {steps}")
    history = {name: np.array(values) for name, values in recorder.history.items()}
    folder.save("history", **history)
    return history


def _untuned() -> tf.data.Options:
    """No tuning of parallelism, for there is none: its thread sleeps for as long as a run has lasted, and some runs
    would wait at their end until it wakes.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return options


class _Chapters(keras.callbacks.Callback):
    """Keeps history, snapshots and backups at the end of each chapter."""

    def __init__(
        self,
        trained: SeededModel,
        folder: runs.Folder,
        chapter: int,
        steps: int,
        snapshot_every: int,
        snapshot: Callable[[], dict[str, np.ndarray]] | None,
    ) -> None:
        super().__init__()
        self.trained, self.folder, self.chapter, self.steps = trained, folder, chapter, steps
        self.snapshot_every, self.snapshot = snapshot_every, snapshot
        self.history: dict[str, list[float]] = {"step": []}

    @property
    def diverged(self) -> bool:
        return "diverged_at" in self.history

    def start(self) -> int:
        """Restores the newest whole backup; returns the step to go on from."""
        found = backup.newest(self.folder.path)
        if found is not None:
            self.trained.restore(found.state)
            self.history = found.history
            return int(self.trained.step.value)
        begun = int(self.trained.step.value)
        if self.snapshot is not None:
            self.folder.save(runs.snapshot_name(begun), **self.snapshot())
        backup.write(self.folder.path, begun, self.trained.state(), self.history)
        return begun

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        step = (epoch + 1) * self.chapter
        if not self.trained.is_finite() or not all(math.isfinite(value) for value in logs.values()):
            self._diverge(step)
            return
        self.history["step"].append(step)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        if self.snapshot is not None and (step % self.snapshot_every == 0 or step == self.steps):
            self.folder.save(runs.snapshot_name(step), **self.snapshot())
        backup.write(self.folder.path, step, self.trained.state(), self.history)
        self.folder.progress(step, self.steps, {name: float(value) for name, value in logs.items()})

    def _diverge(self, step: int) -> None:
        self.trained.restore(backup.newest(self.folder.path).state)
        self.history["diverged_at"] = [step]
        backup.write(self.folder.path, step, self.trained.state(), self.history)
        self.model.stop_training = True


def places_of_step(n: int, batch_size: int, seed: int, step: tf.Tensor) -> tf.Tensor:
    """Which examples make the batch of a step: int64, shape (batch_size,).

    Every epoch is a permutation of its own; the remainder of an epoch that fills no batch is dropped. A set smaller
    than a batch fills it with several permutations.

    Args:
        n: Number of examples, at least 1.
        batch_size: Number of places.
        seed: The run's seed.
        step: int64 scalar.
    """
    if n < batch_size:
        times = -(-batch_size // n)
        return tf.concat([places_of_step(n, n, seed, step * times + part) for part in range(times)], 0)[:batch_size]
    per_epoch = n // batch_size
    epoch, within = step // per_epoch, step % per_epoch
    # index_shuffle's permutations for seeds that count up resemble each other: hash the seed by one integer draw.
    counted = tf.stack([tf.constant(place_seed(seed, "order of examples"), tf.int64), epoch])
    hashed = tf.random.stateless_uniform([2], counted, minval=None, maxval=None, dtype=tf.int32, alg="philox")
    wanted = tf.range(within * batch_size, (within + 1) * batch_size)
    shuffle = tf.random.experimental.index_shuffle
    return tf.cast(shuffle(wanted, hashed, tf.constant(n - 1, tf.int64)), tf.int64)


def image_batches(
    dataset: Dataset, batch_size: int, seed: int, low: float, high: float, labels: bool = False
) -> Callable[[tf.Tensor], object]:
    """The batch of a step from a data set: float32 images, black at low, white at high; int32 labels if asked for."""

    def gather(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        taken = np.asarray(places)
        return dataset.images[taken], (dataset.labels[taken] if labels else np.zeros(0, np.int32))

    in_memory = isinstance(dataset.images, np.ndarray)
    images = tf.constant(dataset.images) if in_memory else None
    classes = tf.constant(dataset.labels) if in_memory and labels else None

    def batch_of_step(step: tf.Tensor) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        places = places_of_step(len(dataset), batch_size, seed, step)
        if in_memory:
            taken, chosen = tf.gather(images, places), tf.gather(classes, places) if labels else None
        else:
            taken, chosen = tf.numpy_function(gather, [places], (tf.uint8, tf.int32))
            taken = tf.ensure_shape(taken, [batch_size, *dataset.images.shape[1:]])
            chosen = tf.ensure_shape(chosen, [batch_size]) if labels else None
        scaled = tf.cast(taken, tf.float32) * ((high - low) / dataset.white) + low
        return (scaled, chosen) if labels else scaled

    return batch_of_step


def stacks(batch_of_step: Callable[[tf.Tensor], object], k: int) -> Callable[[tf.Tensor], object]:
    """The stack of k fresh batches of a step, shape (k, n, ...), for k steps of D per step of G; of pairs, a pair."""

    def stack_of_step(step: tf.Tensor) -> object:
        batches = [batch_of_step(step * k + turn) for turn in range(k)]
        return tf.nest.map_structure(lambda *turns: tf.stack(turns), *batches)

    return stack_of_step


def save_network(network: keras.Model, path: Path) -> None:
    """Exports a network as a `.keras` file, whole or not at all."""
    temporary = path.with_name(f".{path.stem}.tmp.keras")
    with files.told(path):
        try:
            network.save(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        files.sync_folder(path.parent)


def load_network(path: Path) -> keras.Model:
    """The network of a `.keras` file, not compiled; executes no code that the file holds.

    Raises:
        ValueError: If it holds code, or something that is no network.
    """
    for module in pkgutil.iter_modules(layers.__path__):  # registers what a network may hold
        importlib.import_module(f"{layers.__name__}.{module.name}")
    return keras.models.load_model(path, compile=False, safe_mode=True)
