"""Features of real images, kept on disk: what a network says of a data set is computed once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repro import files
from repro.data import Dataset
from repro.errors import Failure
from repro.metrics.checked import checked

AT_ONCE = 1000  # images handed to the network together
# Raise it with any change of what is stored.
VERSION = 1


@dataclass(frozen=True)
class Measure:
    """What makes features of images, and everything that determines them but the images.

    Attributes:
        features: Maps images, uint8 of shape (n, height, width, channels), 0 (black) to 255, to features (n, d); an
            image's do not depend on the others.
        checksum: Of the network's weights.
        preprocessing: A number that changes whenever what is fed to the network or fetched from it does.
        environment: What else changes bits, such as TensorFlow's version, and CPU or GPU.
    """

    features: Callable[[np.ndarray], np.ndarray]
    checksum: str
    preprocessing: int
    environment: str


def features(data: Dataset, count: int, measure: Measure, cache: Path) -> np.ndarray:
    """The features of a split's first images: float32, shape (count, d). A damaged file is set aside and made again.

    Args:
        data: The split.
        count: How many of its images, from the first; at least one.
        measure: Called only where the result is not kept yet.
        cache: The result lies in its folder `statistics`, under a name that changes with all that determines it.

    Raises:
        ValueError: If there are fewer images, or a feature is not finite.
        Failure: If the cache cannot be written.
    """
    if not 1 <= count <= len(data):
        raise ValueError(f"1 to {len(data):,} images of {data.name} {data.split} expected. Received: {count:,}")
    determined = {
        "version": VERSION,
        "data": data.description.checksum,
        "split": data.split,
        "count": count,
        "network": measure.checksum,
        "preprocessing": measure.preprocessing,
        "environment": measure.environment,
    }
    key = hashlib.sha256(json.dumps(determined, sort_keys=True).encode()).hexdigest()
    path = cache / "statistics" / f"{data.name}-{data.split}-{key[:16]}.npz"
    with files.alone(path):
        if path.exists():
            try:
                stored = files.read_arrays(path)
                if stored["key"] == key and len(stored["features"]) == count:
                    return stored["features"]
            except (Failure, KeyError, TypeError):
                pass
            files.set_aside(path)
        made = np.concatenate([part.astype(np.float32) for part in _parts(data, count, measure)])
        files.write_arrays(path, key=np.array(key), features=made)
    return made


def _parts(data: Dataset, count: int, measure: Measure) -> Iterator[np.ndarray]:
    for start in range(0, count, AT_ONCE):
        images = data.shown(np.arange(start, min(start + AT_ONCE, count)))
        yield checked(measure.features(images), len(images))
