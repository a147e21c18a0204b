"""D's convolutions as features: rectified maps of all layers, max-pooled to 4x4, in one vector (section 5.1)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

    from papers.dcgan.objects import Labelled
    from repro.runs import Folder

GRID = 4
AT_ONCE = 500


def feature_network(discriminator: keras.Model) -> keras.Model:
    """D up to the features: images in -1..1 to float32 (n, features); 28,672 of them for the published ImageNet D.

    Places of all layers but the last run backwards, as D's maps are turned there; no SVM sees their order.
    """
    import keras

    maps = [layer.output for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    pooled = [keras.layers.MaxPooling2D(each.shape[1] // GRID)(each) for each in maps]
    return keras.Model(discriminator.input, keras.layers.Concatenate()([keras.layers.Flatten()(p) for p in pooled]))


def extracted(discriminator: keras.Model, images: np.ndarray, path: Path) -> np.ndarray:
    """Features of uint8 images in a file: a float16 memory map of shape (n, features), written once.

    Batch norm takes stored statistics. Half precision halves the file; its rounding is 2^-11 of a feature.

    Args:
        discriminator: With stored statistics of the images that are classified.
        images: Shape (n, 32, 32, 3).
        path: Of the file.
    """
    import tensorflow as tf

    network = feature_network(discriminator)

    @tf.function(reduce_retracing=True)
    def part(batch: tf.Tensor) -> tf.Tensor:
        return tf.cast(network(tf.cast(batch, tf.float32) / 127.5 - 1, training=False), tf.float16)

    out = np.lib.format.open_memmap(path, "w+", np.float16, (len(images), network.output_shape[1]))
    for at in range(0, len(images), AT_ONCE):
        out[at : at + AT_ONCE] = part(tf.constant(images[at : at + AT_ONCE])).numpy()
    return out


def with_statistics_of(discriminator: keras.Model, images: np.ndarray, batch_size: int) -> keras.Model:
    """Stores the statistics of images, uint8, in mini-batches of that size, in a D, and gives it back."""
    from papers.dcgan.images import scaled
    from repro.layers.batch_norm import store_statistics

    starts = range(0, len(images), batch_size)
    store_statistics(discriminator, (scaled(images[at : at + batch_size]) for at in starts))
    return discriminator


def untrained(discriminator: keras.Model, seed: int) -> keras.Model:
    """Gives a D the initial weights of a seed, and gives it back."""
    from repro.training import initialise

    initialise(discriminator, seed, "an untrained discriminator")
    return discriminator


@contextlib.contextmanager
def features_in_files(
    discriminator: keras.Model, data: Labelled, seen: np.ndarray, batch_size: int, folder: Folder
) -> Iterator[list[np.ndarray]]:
    """Features of the training and of the test part, in files that are gone afterwards; see `extracted`.

    Args:
        discriminator: Its stored statistics become those of `seen`.
        data: A `Labelled`.
        seen: uint8 images whose statistics batch norm takes.
        batch_size: Of the mini-batches that these are taken over.
        folder: The run's.
    """
    network = with_statistics_of(discriminator, seen, batch_size)
    files = [folder.path / f"{part}.features" for part in ("train", "test")]
    parts = zip((data.images, data.test_images), files, strict=True)
    try:
        yield [extracted(network, images, file) for images, file in parts]
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def pixels(images: np.ndarray) -> np.ndarray:
    """The values of uint8 images in -1..1 as features: float32, shape (n, side * side * channels)."""
    from papers.dcgan.images import scaled

    return scaled(images).reshape(len(images), -1)
