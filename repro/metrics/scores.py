"""Scores of generated images, each declared with its protocol: the one place where an item asks for one.

A score is a number only together with how it was made, so its name carries the feature network and the counts, and its
metric the whole protocol. Two scores with different protocols have different names or, where a network's weights were
made again under the same name, different protocols; `compare` pairs neither. Nor does it pair scores of one name whose
items read other sets: all rooms or one kind of them are not the same real images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from repro.data import Dataset, Places, Set
from repro.errors import check_known
from repro.items import Metric, setting
from repro.metrics import inception

OURS = "not stated; ours"
INCEPTION = "inception2015"  # the network of published scores


@dataclass(frozen=True)
class Judged:
    """What a network makes of some images.

    Attributes:
        features: Shape (n, d).
        probabilities: Shape (n, classes).
    """

    features: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Kind:
    """A kind of score.

    Attributes:
        name: The first part of a metric's name.
        meaning: One sentence; all constants are in it.
        better: `higher`, `lower`, or empty.
        source: Where it was proposed.
        measure: From generated images, `Judged`, and features of real ones to the number.
        against_real: Whether it looks at the real ones.
    """

    name: str
    meaning: str
    better: str
    source: str
    measure: Callable[[Judged, np.ndarray], float]
    against_real: bool = True


# What only declares a score does not wait for SciPy: the measures import when called.
def _frechet(generated: Judged, real: np.ndarray) -> float:
    from repro.metrics.frechet import frechet_distance

    return frechet_distance(generated.features, real)


def _kernel_distance(generated: Judged, real: np.ndarray) -> float:
    from repro.metrics.kernel_distance import kernel_distance

    return kernel_distance(generated.features, real)[0]


def _precision_and_recall(generated: Judged, real: np.ndarray) -> tuple[float, float]:
    from repro.metrics.coverage import precision_and_recall

    return precision_and_recall(generated.features, real)


def _density_and_coverage(generated: Judged, real: np.ndarray) -> tuple[float, float]:
    from repro.metrics.coverage import density_and_coverage

    return density_and_coverage(generated.features, real)


def _two_sample_accuracy(generated: Judged, real: np.ndarray) -> float:
    from repro.metrics.two_sample import two_sample_accuracy

    return two_sample_accuracy(generated.features, real)


def _classifier_score(generated: Judged, real: np.ndarray) -> float:
    from repro.metrics.inception_score import inception_score

    return inception_score(generated.probabilities)[0]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "frechet",
            "Squared Fréchet distance of the Gaussians with the means and covariances (N - 1) of both sets' features, "
            "in float64; 0 where these are equal. It falls with the number of images: only equal counts compare.",
            "lower",
            "Heusel et al. 2017 (1706.08500)",
            _frechet,
        ),
        Kind(
            "kid",
            "Kernel distance: unbiased squared maximum mean discrepancy, kernel (x.y/d + 1)^3, mean over 100 subsets "
            "of min(1,000, n), or once where all of them would be the whole sets; 0 on average where the distributions "
            "are equal, so it can be below 0.",
            "lower",
            "Binkowski et al. 2018 (1801.01401)",
            _kernel_distance,
        ),
        Kind(
            "precision",
            "Share of generated images within a real one's distance to its 3rd nearest other real one.",
            "higher",
            "Kynkäänniemi et al. 2019 (1904.06991)",
            lambda generated, real: _precision_and_recall(generated, real)[0],
        ),
        Kind(
            "recall",
            "Share of real images within a generated one's distance to its 3rd nearest other generated one.",
            "higher",
            "Kynkäänniemi et al. 2019 (1904.06991)",
            lambda generated, real: _precision_and_recall(generated, real)[1],
        ),
        Kind(
            "density",
            "Real neighbourhoods (distance to the 5th nearest other real image) that hold a generated image, mean over "
            "generated images, divided by 5; can be above 1.",
            "higher",
            "Naeem et al. 2020 (2002.09797)",
            lambda generated, real: _density_and_coverage(generated, real)[0],
        ),
        Kind(
            "coverage",
            "Share of real images whose neighbourhood (distance to the 5th nearest other real image) holds a generated "
            "one.",
            "higher",
            "Naeem et al. 2020 (2002.09797)",
            lambda generated, real: _density_and_coverage(generated, real)[1],
        ),
        Kind(
            "two_sample_accuracy",
            "Leave-one-out accuracy of telling generated from real by the nearest neighbour, equal counts; 0.5 where "
            "they cannot be told apart, 1 where all can.",
            "",
            "Xu et al. 2018 (1806.07755)",
            _two_sample_accuracy,
        ),
        Kind(
            "classifier_score",
            "The formula of the Inception score on the named network's classes, 10 splits, probabilities at least "
            "1e-16; between 1 and the number of classes.",
            "higher",
            "Salimans et al. 2016 (1606.03498)",
            _classifier_score,
            against_real=False,
        ),
    )
}


@dataclass(frozen=True)
class Protocol:
    """How images become features: settings that an item holds; see `KINDS` for what is computed from these."""

    network: str = setting("rooms32", f"{OURS}: the feature network")
    generated: int = setting(1_000, f"{OURS}: generated images")
    real: int = setting(1_000, f"{OURS}: the first so many real images")
    split: str = setting("train", f"{OURS}: the part of the real images")
    weights: tuple[Set, ...] = setting((), f"{OURS}: the file of a network that does not come with us", optional=True)

    @property
    def is_there(self) -> bool:
        """Whether the network can be had: an item plans no score without."""
        return self.network != INCEPTION or bool(self.weights)

    @property
    def label(self) -> str:
        """The last part of a metric's name, such as `scenes64_1000`; both counts where they differ."""
        counts = f"{self.generated}" if self.generated == self.real else f"{self.generated}_{self.real}"
        return f"{self.network}_{counts}" + ("" if self.split == "train" else f"_{self.split}")

    def metric(self, kind: str) -> Metric:
        """The declaration of one kind of score under this protocol; the same object every time."""
        check_known("score", kind, list(KINDS))
        return _metric(self, kind)

    def metrics(self, *kinds: str) -> list[Metric]:
        """The declarations of several kinds, or of all."""
        return [self.metric(kind) for kind in kinds or KINDS]

    def judge(self, images: np.ndarray, places: Places | None = None) -> Judged:
        """What the network makes of uint8 images (n, height, width, channels); `places` may have Inception's file."""
        if self.network == INCEPTION:
            if places is None:
                raise ValueError("places, where Inception's file is, expected. Received: None")
            return Judged(*inception.load(places).features_and_probabilities(images))
        from repro.metrics.feature_networks import feature_network

        probabilities, features = feature_network(self.network).judge(images)
        return Judged(features, probabilities)

    def reference(self, dataset: Dataset, places: Places) -> np.ndarray:
        """Features (n, d) of the real side of a score, from the part of a set that the protocol names.

        Args:
            dataset: That part.
            places: The features are kept in its cache; its data folder may have Inception's file.

        Raises:
            ValueError: If it is another part, or has too few images.
        """
        if dataset.split != self.split or len(dataset) < self.real:
            raise ValueError(
                f"{self.real} images of {self.split} expected. Received: {len(dataset)} of {dataset.split}"
            )
        import tensorflow as tf

        from repro.metrics import statistics
        from repro.runs import environment

        checksum, preprocessing = inception.CHECKSUM, inception.PREPROCESSING
        if self.network != INCEPTION:
            from repro.metrics.feature_networks import feature_network

            checksum, preprocessing = feature_network(self.network).facts["sha256"], 1
        device = "gpu" if tf.config.list_physical_devices("GPU") else "cpu"
        measure = statistics.Measure(
            lambda images: self.judge(images, places).features, checksum, preprocessing, str(environment(device))
        )
        return statistics.features(dataset, self.real, measure, places.cache)

    def measure(self, generated: Judged, real: np.ndarray, *kinds: str) -> dict[str, float]:
        """Scores of generated images, by kind.

        Args:
            generated: Of images that were rounded to bytes.
            real: As `reference` gives it.
            kinds: Names in `KINDS`; all if none is given.

        Raises:
            ValueError: If the counts are not the protocol's, or too low for a score.
        """
        counts = len(generated.features), len(real)
        if counts != (self.generated, self.real):
            raise ValueError(f"{self.generated} generated and {self.real} real images expected. Received: {counts}")
        return {kind: float(KINDS[kind].measure(generated, real)) for kind in kinds or KINDS}


# What papers report: the official network, 50,000 images on either side.
FID = Protocol(INCEPTION, 50_000, 50_000, weights=(Set(INCEPTION),))


@cache
def _metric(protocol: Protocol, kind: str) -> Metric:
    named = KINDS[kind]
    if named.against_real:
        told = (
            f"Features: {_network(protocol.network, 'pool_3', 'last hidden layer')}; {protocol.generated:,} generated "
            f"images rounded to bytes, against the first {protocol.real:,} real images of {protocol.split} of the set "
            "that the generator was trained on."
        )
    else:
        network = _network(protocol.network, "softmax", "softmax")
        told = f"Class probabilities: {network}; {protocol.generated:,} images as bytes, and no real ones beside them."
    return Metric(f"{kind}_{protocol.label}", named.meaning, "", named.better, protocol=told)


def _network(name: str, of_inception: str, of_ours: str) -> str:
    """A network for a reader: what it is, which layer is taken, its checksum, how images get its size."""
    if name == INCEPTION:
        graph = f"the official graph Inception-2015-12-05 (sha256 {inception.CHECKSUM[:16]})"
        return f"{of_inception} of {graph}, which resizes to 299 pixels"
    from repro.metrics.feature_networks import feature_network

    network = feature_network(name)
    size = f"at {network.side} pixels, smaller images enlarged by repeating pixels"
    return f"{name}, {network.told}, {of_ours} (weights sha256 {network.facts['sha256'][:16]}), {size}"


def markdown() -> str:
    """The README's table of scores."""
    lines = ["| score | what it is | better | from |", "| --- | --- | --- | --- |"]
    lines += [f"| `{kind.name}` | {kind.meaning} | {kind.better} | {kind.source} |" for kind in KINDS.values()]
    return "\n".join(lines)
