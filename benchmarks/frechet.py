"""The Fréchet distance against the form with the matrix square root, interleaved in one process, one thread.

    .venv/bin/python benchmarks/frechet.py [--values D]

Two sets of features of 2,048 values: 2,500 samples each, whose covariances have full rank, and 500, fewer than values.
The features are correlated normal draws whose variances fall as 1/k and k^-0.7, as Inception's do over some orders; the
time from the features to the distance is taken. The other form is the usual one: covariances, `scipy.linalg.sqrtm` of
their product, and 1e-6 on both diagonals where that is not finite. Another number of values is a trial, with samples to
match, which is not stored.
"""

from __future__ import annotations

import argparse
import os

from interleaved import peak, seconds, store

import numpy as np  # isort: skip
from scipy import linalg

from repro.metrics.frechet import frechet_distance

VALUES = 2_048
CASES = {"full rank": 2_500 / VALUES, "fewer samples than values": 500 / VALUES}  # samples a value
ROUNDS = 5


def with_square_root(a: np.ndarray, b: np.ndarray) -> float:
    """The same distance, as it is usually written."""
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(first @ second)
    if not np.isfinite(root).all():
        small = 1e-6 * np.eye(len(first))
        root = linalg.sqrtm((first + small) @ (second + small))
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(apart + np.trace(first) + np.trace(second) - 2 * np.trace(root).real)


def sets(samples: int, values: int) -> list[np.ndarray]:
    """Two sets of features: float64, shape (samples, values)."""
    random, made = np.random.default_rng(0), []
    for falling in (1.0, 0.7):
        mixing = linalg.qr(random.normal(size=(values, values)))[0]
        scales = np.arange(1, values + 1) ** (-falling / 2)
        made.append(random.normal(size=(samples, values)) * scales @ mixing + 0.1 * random.normal(size=values))
    return made


def compare(name: str, a: np.ndarray, b: np.ndarray) -> list:
    """Interleaved rounds; ratios of rounds, and their medians."""
    apart = abs(frechet_distance(a, b) / with_square_root(a, b) - 1)
    rounds = []
    for _ in range(ROUNDS):
        rounds.append([seconds(lambda: frechet_distance(a, b)), seconds(lambda: with_square_root(a, b))])
        print(f"{name}: {rounds[-1][0][1]:.2f} s of CPU against {rounds[-1][1][1]:.2f} s", flush=True)
    times = np.array(rounds)  # (rounds, ours or the other, wall or CPU)
    ratio = np.median(times[:, 1] / times[:, 0], axis=0)
    ours, theirs = np.median(times, axis=0)
    memory = peak(lambda: frechet_distance(a, b)), peak(lambda: with_square_root(a, b))
    print(
        f"{name}: ratio {ratio[0]:.1f} wall, {ratio[1]:.1f} CPU (medians of {ROUNDS} rounds); {memory[0]:.2f} GB "
        f"against {memory[1]:.2f} GB; {apart:.1e} of the distance apart"
    )
    return [name, *a.shape, ours[0], ours[1], theirs[0], theirs[1], *ratio, *memory, apart]


def main() -> None:
    """Prints and stores what was measured."""
    parser = argparse.ArgumentParser(description="The Fréchet distance against the form with the matrix square root.")
    parser.add_argument("--values", type=int, default=VALUES, metavar="D")
    values = parser.parse_args().values
    load = os.getloadavg()[0]
    rows = [compare(name, *sets(round(times * values), values)) for name, times in CASES.items()]
    if values != VALUES:
        return
    header = ["case", "samples", "values", "ours_wall_s", "ours_cpu_s", "square_root_wall_s", "square_root_cpu_s",
              "wall_ratio", "cpu_ratio", "ours_peak_gb", "square_root_peak_gb", "relative_difference"]  # fmt: skip
    store("frechet", header, rows, load)


if __name__ == "__main__":
    main()
