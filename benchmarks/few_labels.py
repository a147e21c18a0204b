"""A linear SVM on few labels: fitted in the span of its rows, against the same fit in all of the features' space.

    .venv/bin/python benchmarks/few_labels.py [--quick]

Features of the ImageNet D with initial weights on drawn rooms: 60 rows of 3,584 values, as table 2 at quick has them,
and 1,000 rows of 28,672, the published ones. Interleaved in one process, one thread; C is 1e-3, the middle of the
released script's values. --quick leaves the large case out, and is not stored.
"""

from __future__ import annotations

import argparse
import os

from interleaved import peak, seconds, store

import numpy as np  # isort: skip
from features import BATCH, pictures

from repro.metrics import linear_svm

CASES = {"60 rows": (60, 16), "1,000 rows": (1_000, 128)}  # rows, maps of D's first convolution
ROUNDS = 5


def features(rows: int, maps: int) -> tuple[np.ndarray, np.ndarray]:
    """Features, float32, and classes of drawn rooms."""
    from papers.dcgan import networks
    from papers.dcgan.features import feature_network, untrained, with_statistics_of
    from papers.dcgan.images import scaled

    images, labels = pictures(None, rows)
    network = untrained(networks.object_discriminator(maps=maps), 0)
    network = feature_network(with_statistics_of(network, images, min(BATCH, rows)))
    return network.predict(scaled(images), batch_size=BATCH, verbose=0), labels


def fitted(share: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of a fit in the rows' span where there are at most `share` rows to a feature."""
    linear_svm.FEW = share
    return linear_svm.fit(x, y, int(y.max()) + 1, 1e-3).weights


def compare(name: str, x: np.ndarray, y: np.ndarray) -> list:
    """Interleaved rounds; ratios of rounds, and their medians."""
    span, whole = (lambda share=share: fitted(share, x, y) for share in (0.1, 0.0))
    apart = float(np.abs(span() - (all_of := whole())).max() / np.abs(all_of).max())
    times = np.array([[seconds(span), seconds(whole)] for _ in range(ROUNDS)])  # (rounds, form, wall or CPU)
    ratio, (ours, theirs) = np.median(times[:, 1] / times[:, 0], axis=0), np.median(times, axis=0)
    memory = peak(span), peak(whole)
    print(f"{name} of {x.shape[1]:,}: {ours[0]:.3f} s against {theirs[0]:.3f} s, ratio {ratio[0]:.1f} wall, "
          f"{ratio[1]:.1f} CPU (medians of {ROUNDS} rounds); {memory[0]:.2f} GB against {memory[1]:.2f} GB; "
          f"weights {apart:.1e} of the largest apart", flush=True)  # fmt: skip
    return [*x.shape, ours[0], theirs[0], *ratio, *memory, apart]


def main() -> None:
    """Prints and stores what was measured."""
    parser = argparse.ArgumentParser(description="An SVM on few labels, in its rows' span and in the whole space.")
    parser.add_argument("--quick", action="store_true", help="the small case alone; a trial, which is not stored")
    quick, load = parser.parse_args().quick, os.getloadavg()[0]
    rows = [compare(name, *features(*case)) for name, case in list(CASES.items())[: 1 if quick else None]]
    header = ["rows", "features", "span_wall_s", "whole_wall_s", "wall_ratio", "cpu_ratio", "span_peak_gb",
              "whole_peak_gb", "weights_apart"]  # fmt: skip
    if not quick:
        store("few_labels", header, rows, load)


if __name__ == "__main__":
    main()
