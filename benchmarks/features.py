"""D's 28,672 features of many images and an SVM on them, against the straightforward form: seconds and memory.

    .venv/bin/python benchmarks/features.py [--images N] [--data-dir DIR]

The published ImageNet D with initial weights on CIFAR-10 (`cifar10_jpeg75` in `--data-dir`), or on drawn rooms of six
classes; then a linear SVM of one C on five sixths of them, tested on the rest. Ours keeps features on disk in half
precision and fits over blocks of rows; the straightforward form is `Model.predict` and scikit-learn's `LinearSVC`, all
in memory, and is left out where it would need more than is free. Each form is a process of its own, one thread, whose
memory is looked at ten times a second: its own pages, and not those of files, which the system may drop. Another number
of images than 60,000 is a trial, which is not stored.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from interleaved import ROOT, store

import numpy as np  # isort: skip

FULL, FEATURES, BATCH = 60_000, 28_672, 128
C = 1e-4
FORMS = ("ours", "straightforward")


def pictures(folder: Path | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """n images, uint8 (n, 32, 32, 3), and their classes, int64 (n,)."""
    from papers.dcgan.objects import room_class
    from repro import data
    from repro.data import rooms

    if folder is not None:
        parts = [data.load(data.Set("cifar10_jpeg75"), part, data.Places(folder, ROOT)) for part in ("train", "test")]
        images, labels = (np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "labels"))
        return images[:n], labels[:n].astype(np.int64)
    images, labels = np.empty((n, 32, 32, 3), np.uint8), np.empty(n, np.int64)
    for at in range(0, n, 1_000):
        drawn = rooms.draw(range(at, min(at + 1_000, n)), 2, 32)
        images[at : at + 1_000] = drawn["images"]
        labels[at : at + 1_000] = room_class(drawn["window"], drawn["lamp"], drawn["lamp_right"])
    return images, labels


class Memory(threading.Thread):
    """Most GB of its own that this process held while the thread ran."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.ended = 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.1):
            status = Path("/proc/self/status").read_text()
            [anonymous] = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")]
            self.most = max(self.most, int(anonymous) / 1e6)


def watched(work: Callable[[], object]) -> tuple[object, float, float]:
    """What work returns, its wall seconds, and the peak of memory in GB."""
    memory, started = Memory(), time.perf_counter()
    memory.start()
    found = work()
    seconds = time.perf_counter() - started
    memory.ended.set()
    memory.join()
    return found, seconds, memory.most


def measure(form: str, folder: Path | None, n: int) -> None:
    """Prints seconds and GB of the features, seconds and GB of the fit, and the test accuracy."""
    from papers.dcgan import networks
    from papers.dcgan.features import extracted, feature_network, untrained, with_statistics_of
    from papers.dcgan.images import scaled
    from repro.metrics import linear_svm

    images, labels = pictures(folder, n)
    rows = np.arange(n * 5 // 6)
    discriminator = with_statistics_of(untrained(networks.object_discriminator(), 0), images[:2_000], BATCH)
    classes = int(labels.max()) + 1
    with tempfile.TemporaryDirectory(dir=ROOT) as place:
        if form == "ours":
            features, *first = watched(lambda: extracted(discriminator, images, Path(place) / "features"))
            svm, *second = watched(lambda: linear_svm.fit(features, labels, classes, C, rows))
            accuracy = svm.accuracy(features, labels, np.arange(len(rows), n))
        else:
            from sklearn.svm import LinearSVC

            network = feature_network(discriminator)
            features, *first = watched(lambda: network.predict(scaled(images), batch_size=BATCH, verbose=0))
            svm, *second = watched(lambda: LinearSVC(C=C).fit(features[rows], labels[rows]))
            accuracy = svm.score(features[len(rows) :], labels[len(rows) :])
    print(",".join(map(str, [*first, *second, accuracy])))


def needed(n: int) -> float:
    """GB that the straightforward form holds: features in single precision, their rows again, and in double."""
    return n * FEATURES * (4 + 4 + 8) / 1e9


def free() -> float:
    """GB that the system could give."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kilobytes) / 1e6


def main() -> None:
    """Runs each form in a process of its own; prints and stores."""
    parser = argparse.ArgumentParser(description="D's features and an SVM on them: seconds and memory.")
    parser.add_argument("--images", type=int, default=FULL, metavar="N")
    parser.add_argument("--data-dir", type=Path, metavar="DIR")
    parser.add_argument("--form", choices=FORMS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.form is not None:
        measure(given.form, given.data_dir, given.images)
        return
    load, rows = os.getloadavg()[0], []
    threads = {name: "1" for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")}
    for form in FORMS:
        if form == "straightforward" and needed(given.images) > free():
            print(f"straightforward: left out, {needed(given.images):.0f} GB needed, {free():.0f} GB free")
            continue
        words = [sys.executable, __file__, *sys.argv[1:], "--form", form]
        done = subprocess.run(words, env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True)
        cells = [float(cell) for cell in done.stdout.strip().splitlines()[-1].split(",")]
        print(f"{form}, {given.images:,} images: features {cells[0]:.1f} s, {cells[1]:.2f} GB; fit {cells[2]:.1f} s, "
              f"{cells[3]:.2f} GB; accuracy {cells[4]:.3f}", flush=True)  # fmt: skip
        rows.append([form, given.images, "cifar10_jpeg75" if given.data_dir else "rooms32", *cells])
    header = ["form", "images", "data", "features_s", "features_gb", "fit_s", "fit_gb", "accuracy"]
    if given.images == FULL:
        store("features", header, rows, load)


if __name__ == "__main__":
    main()
