"""Inception-2015-12-05, the network whose features the Fréchet Inception distance compares.

It is the frozen graph with which Heusel et al. (arXiv 1706.08500) and Salimans et al. (arXiv 1606.03498) measured, and
no port of it: `classify_image_graph_def.pb` in the official `inception-2015-12-05.tgz`, known by its sha256, read from
the folder given by `--data-dir`. It resizes the images itself, to 299x299. Nothing is downloaded by itself:
`.venv/bin/python -m repro.metrics.inception DIR` does it on request. Settings name it as the set `inception2015`, so
that it is looked for before anything is trained.

The real graph was never run by this project: where it was developed, nothing could be downloaded. The tests run a small
graph with the same node names, kinds of operations and version.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import http.client
import posixpath
import tarfile
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from repro import files
from repro.data import Description, Places, Set
from repro.errors import DamagedData, Failure, MissingData

if TYPE_CHECKING:
    from tensorflow.core.framework.graph_pb2 import GraphDef

NAME = "classify_image_graph_def.pb"
SIZE = 95_673_916  # bytes
CHECKSUM = "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6"  # sha256 of that file, not of the archive
ARCHIVE = "inception-2015-12-05.tgz"
URL = f"https://download.tensorflow.org/models/image/imagenet/{ARCHIVE}"
TIMEOUT_S = 30  # without a byte from the host
# Raise it with any change of what is fed or fetched: features made before are other ones.
PREPROCESSING = 1
FEATURES = 2048
CLASSES = 1008

# All that the graph may hold: whatever else a file asks TensorFlow to do is refused.
OPERATIONS = frozenset(
    (
        "Const", "CheckNumerics", "Identity", "BatchNormWithGlobalNormalization", "Conv2D", "Relu", "Concat", "AvgPool",
        "MaxPool", "Sub", "Mul", "Softmax", "ResizeBilinear", "Reshape", "MatMul", "ExpandDims", "DecodeJpeg", "Cast",
        "BiasAdd",
    )
)  # fmt: skip
# The nodes used here, and of what kind they are.
IMAGES, POOL, LOGITS = "ExpandDims", "pool_3", "softmax/logits/MatMul"
KINDS = {IMAGES: "ExpandDims", POOL: "AvgPool", LOGITS: "MatMul"}


class Inception:
    """The network, ready to run; a context manager, or `close` it.

    Its batch norm, `BatchNormWithGlobalNormalization`, was removed from graphs of version 9 and later, and every
    tf.function is one of today's version. So it runs in a graph and a session of its own, of the file's version.
    """

    def __init__(self, graph: GraphDef, batch: int = 50) -> None:
        """Builds graph and session.

        Args:
            graph: A GraphDef as `parsed` returns it.
            batch: Images computed at once (5.5 MB each at the widest layer). Every batch is filled up to it, so that an
                image's features do not depend on how many there are, and on this number by rounding at most.

        Raises:
            DamagedData: If features or classes are of another number than the network's.
        """
        import tensorflow as tf

        self._batch = batch
        with tf.Graph().as_default() as own:
            self._images = tf.compat.v1.placeholder(tf.float32, [None, None, None, 3], "images")
            self._pool, logits = tf.graph_util.import_graph_def(
                graph, input_map={f"{IMAGES}:0": self._images}, return_elements=[f"{POOL}:0", LOGITS], name=""
            )
        options = tf.compat.v1.GPUOptions(allow_growth=True)
        config = tf.compat.v1.ConfigProto(allow_soft_placement=True, gpu_options=options)
        self._session = tf.compat.v1.Session(graph=own, config=config)
        self._weights = self._session.run(logits.inputs[1]).astype(np.float64)
        made = self._pool.shape, self._weights.shape
        if not made[0].is_compatible_with([None, 1, 1, FEATURES]) or made[1] != (FEATURES, CLASSES):
            self.close()
            raise DamagedData(
                f"{NAME}: {POOL} of shape (n, 1, 1, {FEATURES}) and weights of shape {(FEATURES, CLASSES)} expected, "
                f"found {made[0]} and {made[1]}"
            )

    def __enter__(self) -> Inception:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the session's memory back; nothing can be computed afterwards."""
        self._session.close()

    def features(self, images: np.ndarray) -> np.ndarray:
        """What `pool_3` says of each image.

        Args:
            images: uint8, 0 (black) to 255, shape (n, height, width, 1 or 3), in memory or a set's stored pictures.
                Grey ones are repeated to three channels.

        Returns:
            float32, shape (n, 2048), at least 0.

        Raises:
            ValueError: If they are no such images.
        """
        features = np.empty((len(images), FEATURES), np.float32)
        for places, part in self._parts(images):
            features[places] = part
        return features

    def features_and_probabilities(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `features`, and the class probabilities that the Inception score takes: float32, shape (n, 1008).

        The logits are the features times the weights of the last layer without its bias, as in the code of Salimans et
        al.; the graph's own output adds the bias, and takes one image at a time.
        """
        from scipy.special import softmax

        features = np.empty((len(images), FEATURES), np.float32)
        probabilities = np.empty((len(images), CLASSES), np.float32)
        for places, part in self._parts(images):
            features[places] = part
            probabilities[places] = softmax(part.astype(np.float64) @ self._weights, axis=1)
        return features, probabilities

    def _parts(self, images: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Places of a batch's images and their features, batch after batch."""
        shape, kind = tuple(images.shape), images.dtype
        if len(shape) != 4 or shape[3] not in (1, 3) or kind != np.uint8:
            raise ValueError(
                f"images must be uint8 of shape (n, height, width, 1 or 3). Received: {kind} of shape {shape}"
            )
        fed = np.zeros((self._batch, *shape[1:3], 3), np.float32)
        for start in range(0, len(images), self._batch):
            places = np.arange(start, min(start + self._batch, len(images)))
            fed[: len(places)] = images[places]  # one channel becomes three
            found = self._session.run(self._pool, {self._images: fed})
            yield places, found[: len(places), 0, 0]


def load(places: Places, batch: int = 50) -> Inception:
    """The network, from the file that `find` finds; `batch` as in `Inception`.

    A process reads and builds it once (a set is read in blocks, a training scored at every snapshot), keeps it to its
    end, and gets the same one every time: do not close it.
    """
    return _built(find(places), batch)


@functools.lru_cache(maxsize=1)
def _built(file: Path, batch: int) -> Inception:
    return Inception(parsed(file.read_bytes(), str(file)), batch)


def parsed(content: bytes, where: str) -> GraphDef:
    """A GraphDef from the bytes of a frozen graph that holds nothing but the network's kinds of operations.

    Args:
        content: Of the file.
        where: What an error calls it.

    Raises:
        DamagedData: If it is no frozen graph, holds another operation, or lacks a node that is used here.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework.graph_pb2 import GraphDef

    try:
        graph = GraphDef.FromString(content)
    except DecodeError as fault:
        raise DamagedData(f"{where}: a frozen graph of TensorFlow expected: {fault}") from fault
    foreign = {node.op for node in graph.node} - OPERATIONS
    foreign |= {f"function {function.signature.name}" for function in graph.library.function}
    if foreign:
        raise DamagedData(f"{where}: the operations of Inception expected, found also {', '.join(sorted(foreign))}")
    kinds = {node.name: node.op for node in graph.node}
    for name, kind in KINDS.items():
        if kinds.get(name) != kind:
            raise DamagedData(f"{where}: a node {name} of kind {kind} expected, found {kinds.get(name, 'none')}")
    return graph


# ---- The file


def describe(wanted: Set, places: Places) -> Description:
    """Says what the network is, as of a set without pictures; see `repro.data.describe`."""
    find(places)
    return Description("the network Inception-2015-12-05", "real", CHECKSUM, {}, "Apache-2.0")


def find(places: Places) -> Path:
    """The whole, checked file: that in the data folder, or that in the cache, made from the archive in the former.

    TensorFlow is not needed: it can be asked for before anything is trained.

    Raises:
        MissingData: If it is not there.
        DamagedData: If a file in the data folder is not what it should be.
        Failure: If the cache cannot be written.
    """
    if places.data is not None and (given := places.data / NAME).is_file():
        _check(str(given), given.stat().st_size, files.sha256_once(given))
        return given
    kept = places.cache / "inception" / NAME
    if not kept.is_file():
        _archive(places.data)  # who only asks leaves no folder
    with files.alone(kept):
        if kept.is_file():
            if (kept.stat().st_size, files.sha256_once(kept)) == (SIZE, CHECKSUM):
                return kept
            files.set_aside(kept)
        files.write(kept, _unpacked(_archive(places.data)))
    return kept


def _archive(data: Path | None) -> Path:
    """The archive in the data folder."""
    if data is None or not (archive := data / ARCHIVE).is_file():
        absent = f"no {ARCHIVE} and no {NAME} in {data}; " if data is not None else ""
        raise MissingData(
            f"inception2015: {absent}{ARCHIVE} of {URL}, or {NAME} out of it, goes in the folder given by --data-dir "
            f"(or REPRO_DATA); .venv/bin/python -m repro.metrics.inception {data or 'DIR'} downloads it there (89 MB); "
            "--scale quick works without"
        )
    return archive


def _unpacked(archive: Path) -> bytes:
    """The file's content, out of the archive."""
    try:
        with archive.open("rb") as stream:
            return _member(stream, str(archive))
    except OSError as fault:
        raise DamagedData(f"{archive}: a readable file expected: {fault}") from fault


def fetch(data: Path) -> None:
    """Downloads the archive and keeps the file, checked, in a folder.

    Raises:
        Failure: If it cannot be downloaded, is not the official one, or cannot be written.
    """
    try:
        with urllib.request.urlopen(URL, timeout=TIMEOUT_S) as stream:
            content = _member(stream, URL)
    except (OSError, http.client.HTTPException) as fault:
        raise Failure(f"{URL} could not be downloaded: {fault}") from fault
    files.write(data / NAME, content)


def _member(stream: BinaryIO, where: str) -> bytes:
    """The file's content out of a gzipped tar archive, which is read as a stream: nothing else in it is looked at."""
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                if posixpath.normpath(member.name) == NAME and member.isreg():
                    content = archive.extractfile(member).read(SIZE + 1)
                    _check(f"{where}: {NAME}", member.size, hashlib.sha256(content).hexdigest())
                    return content
    except (tarfile.TarError, zlib.error, EOFError) as fault:
        raise DamagedData(f"{where}: a whole gzipped tar archive expected: {fault}") from fault
    raise DamagedData(f"{where}: a file {NAME} in it expected, found none")


def _check(where: str, size: int, checksum: str) -> None:
    if (size, checksum) != (SIZE, CHECKSUM):
        raise DamagedData(f"{where}: {SIZE:,} bytes of sha256 {CHECKSUM} expected, found {size:,} of {checksum}")


def main() -> None:
    """Reads the command line and downloads the network."""
    parser = argparse.ArgumentParser(description="Downloads Inception-2015-12-05 for --data-dir DIR.")
    parser.add_argument("data", type=Path, metavar="DIR")
    try:
        fetch(parser.parse_args().data)
    except Failure as told:
        raise SystemExit(f"repro.metrics.inception: {told}") from told


if __name__ == "__main__":
    main()
