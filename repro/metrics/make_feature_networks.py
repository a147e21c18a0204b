"""Trains the feature networks once: `python -m repro.metrics.make_feature_networks [--data-dir DIR] [NETWORK ...]`.

Their weights are committed as `repro/metrics/networks/NETWORK.npz`, with accuracy and checksum in `networks.csv` beside
them. Training again on another machine gives a network as good, with other bits, and every score made with it changes:
a network that is made again gets another name.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from repro import files
from repro.data import Dataset, Description, Places
from repro.fitting import image_batches
from repro.metrics.feature_networks import COLUMNS, FOLDER, NETWORKS, TABLE, FeatureNetwork, feature_network, table
from repro.metrics.recogniser import Recogniser, predict, top1
from repro.results import number, table_text

BATCH, RATE, SEED = 128, 1e-3, 0


def trained(wanted: FeatureNetwork, places: Places) -> keras.Model:
    """The classifier after its epochs of Adam on cross entropy, weights rounded to float16."""
    images, labels = wanted.labelled("train", places)
    part = Dataset(wanted.name, "train", images, labels, (), Description("", "", "", {}, ""))
    model = Recogniser(wanted.classes, SEED, wanted.side, wanted.channels, wanted.width)
    model.compile(keras.optimizers.Adam(RATE, epsilon=1e-7))
    steps = len(images) // BATCH
    batches = tf.data.Dataset.range(wanted.epochs * steps).map(image_batches(part, BATCH, SEED, 0, 1, labels=True))
    model.fit(batches.prefetch(1), epochs=wanted.epochs, steps_per_epoch=steps, shuffle=False, verbose=2)
    model.classifier.set_weights([weight.astype(np.float16) for weight in model.classifier.get_weights()])
    return model.classifier


def make(wanted: FeatureNetwork, places: Places) -> None:
    """Trains and writes one network, and its line of the table."""
    classifier = trained(wanted, places)
    images, labels = wanted.labelled("test", places)
    accuracy = top1(predict(classifier, images)[0], labels)
    weights = {f"{place:04d}": weight.astype(np.float16) for place, weight in enumerate(classifier.get_weights())}
    files.write(wanted.file, files.npz(weights))
    size, digest = wanted.file.stat().st_size, files.sha256(wanted.file)
    line = [wanted.name, number(round(accuracy, 4)), number(classifier.count_params()), number(size), digest]
    others = [list(known.values()) for name, known in table().items() if name != wanted.name]
    files.write(TABLE, table_text(COLUMNS, sorted([*others, line])))
    print(f"{wanted.name}: {accuracy:.4f} of {len(labels):,} test images right; {size:,} bytes", flush=True)


def main() -> None:
    """Reads the command line and trains what it names, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), metavar="NETWORK")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(".runs"))
    given = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name in given.networks:
        make(feature_network(name), Places(given.data_dir, given.cache))


if __name__ == "__main__":
    main()
