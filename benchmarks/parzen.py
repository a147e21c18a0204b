"""Parzen window log-likelihoods against the straightforward form, interleaved in one process, one thread.

    .venv/bin/python benchmarks/parzen.py [--data-dir DIR] [--samples N] [--points N]

10,000 samples, 10,000 test images, 784 values, the protocol's ten widths. With `--data-dir` both are MNIST's own (the
first training images as samples), otherwise procedural digits with noise. Straightforward means: the tensor of all
differences for a batch of ten test images, as in the authors' script, and again for every width; float64 too. It is
timed on 50 test images and scaled to all of them. Other numbers than 10,000 are a trial, which is not stored.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from interleaved import ROOT, peak, seconds, store

import numpy as np  # isort: skip

from repro import data
from repro.metrics.parzen import SIGMAS, log_likelihoods

FULL = 10_000
ROUNDS = 5
TIMED = 50  # test images that the straightforward form is timed on
BATCH = 10  # test images at once


def straightforward(samples: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Log-densities float64, shape (10, len(points)), from the differences of every width anew."""
    d = samples.shape[1]
    found = np.empty((len(SIGMAS), len(points)))
    for place, sigma in enumerate(SIGMAS):
        for start in range(0, len(points), BATCH):
            scaled = (points[start : start + BATCH, None] - samples[None]) / sigma
            exponents = -0.5 * (scaled**2).sum(axis=2)
            largest = exponents.max(axis=1, keepdims=True)
            means = np.log(np.exp(exponents - largest).mean(axis=1)) + largest[:, 0]
            found[place, start : start + BATCH] = means - d * np.log(sigma * np.sqrt(2 * np.pi))
    return found


def sets(folder: Path | None, samples: int, points: int) -> tuple[str, np.ndarray, np.ndarray]:
    """What they are, samples and points: float64, shapes (n, 784), 0..1."""
    places = data.Places(folder, ROOT / ".runs")
    if folder is not None:
        train, test = (data.load(data.Set("mnist"), split, places) for split in ("train", "test"))
        return "mnist", *(part.scaled(np.arange(n)).reshape(n, -1) for part, n in ((train, samples), (test, points)))
    digits = data.load(data.Set("digits_shift_rotate"), "train", places)
    random, made = np.random.default_rng(0), []
    for n in (samples, points):
        chosen = digits.scaled(random.integers(0, len(digits), n)).reshape(n, -1)
        made.append(np.clip(chosen + random.normal(0, 0.1, chosen.shape), 0, 1))
    return "digits_shift_rotate with noise 0.1", *made


def compare(name: str, samples: np.ndarray, points: np.ndarray) -> list:
    """Interleaved rounds; ratios of medians of whole jobs."""
    few = points[:TIMED]
    apart = np.abs(log_likelihoods(samples, few) - straightforward(samples, few)).max()
    rounds = []
    for _ in range(ROUNDS):
        ours = seconds(lambda: log_likelihoods(samples, points))
        theirs = seconds(lambda: straightforward(samples, few))
        rounds.append((ours, [each * len(points) / len(few) for each in theirs]))
        print(f"{rounds[-1][0][1]:.1f} s of CPU against {rounds[-1][1][1]:.0f} s", flush=True)
    times = np.array(rounds)  # (rounds, ours or straightforward, wall or CPU)
    ratio = np.median(times[:, 1] / times[:, 0], axis=0)
    ours, theirs = np.median(times, axis=0)
    memory = peak(lambda: log_likelihoods(samples, points)), peak(lambda: straightforward(samples, few[:BATCH]))
    print(
        f"{name}: {ours[1]:.1f} s of CPU against {theirs[1]:.0f} s; ratio {ratio[0]:.0f} wall, {ratio[1]:.0f} CPU "
        f"(medians of {ROUNDS} rounds); {memory[0]:.2f} GB against {memory[1]:.2f} GB; at most {apart:.1e} nats apart"
    )
    return [name, ours[0], ours[1], theirs[0], theirs[1], *ratio, *memory, apart]


def main() -> None:
    """Prints and stores what was measured."""
    parser = argparse.ArgumentParser(description="Parzen window log-likelihoods against the straightforward form.")
    parser.add_argument("--data-dir", type=Path, metavar="DIR")
    parser.add_argument("--samples", type=int, default=FULL, metavar="N")
    parser.add_argument("--points", type=int, default=FULL, metavar="N")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    row = compare(*sets(given.data_dir, given.samples, given.points))
    if (given.samples, given.points) != (FULL, FULL):
        return
    header = ["data", "ours_wall_s", "ours_cpu_s", "straightforward_wall_s", "straightforward_cpu_s", "wall_ratio",
              "cpu_ratio", "ours_peak_gb", "straightforward_peak_gb", "largest_difference_nats"]  # fmt: skip
    store("parzen", header, [row], load)


if __name__ == "__main__":
    main()
