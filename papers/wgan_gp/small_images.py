"""Training the small networks on small images: what figure 3 and appendix D share (section 5.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.wgan_gp import methods, study
from repro.data import Set
from repro.items import Metric, nested, setting, version
from repro.metrics.scores import INCEPTION, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.bench import Bench
    from repro.claims import Values
    from repro.runs import Finished, Folder

RELEASED = "authors' gan_cifar.py"
LEAST = 0.02  # of the images make a class covered: a fifth of the fair share of ten
SHEET = 128  # images of a fixed z that a snapshot keeps
THOUSAND = Protocol(INCEPTION, 1_000, 1_000, weights=(Set(INCEPTION),))

COVERED = Metric(
    "classes_covered_of_10",
    "digits that the classifier finds in at least 2 % of 1,000 generated images; it names one for every image, noise "
    "too",
    "classes",
    "higher",
)


@dataclass(frozen=True)
class SmallImages:
    """Settings of one training; the defaults are those of the released script, which section 5.3 does not state."""

    data: Set = setting(Set("cifar10"), "section 5.3: CIFAR-10")
    side: int = setting(32, "section 5.3; smaller pictures are enlarged by repeating pixels")
    method: methods.Method = nested(methods.PLAIN_WGAN_GP)
    activation: str = setting("leaky_relu", f"{RELEASED}, of the critic; appendix D tries others")
    d: int = setting(128, f"{RELEASED}; base width")
    batch_size: int = setting(64, RELEASED)
    steps: int = setting(200_000, "Figure 3, axis: generator iterations", length=True)
    snapshot_every: int = setting(1_000, f"{RELEASED}: scored every 1,000 iterations")
    protocol: Protocol = nested(THOUSAND)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.method.name}-{self.activation}"


@version(2)
def train_small(settings: SmallImages, seed: int, folder: Folder) -> None:
    """Trains the small networks; leaves a sheet, the score and shares of classes at every snapshot, and the work."""
    from papers.wgan_gp import image_networks, work
    from papers.wgan_gp.study_networks import nonlinearity
    from repro import fitting
    from repro.metrics.inception_score import inception_score
    from repro.training import Normal

    method, protocol = settings.method, settings.protocol
    dataset = study.enlarged_to(folder.data(settings.data, "train"), settings.side)
    channels = dataset.images.shape[3]
    generator = image_networks.small_generator(settings.side, settings.d, channels=channels)
    critic = image_networks.small_critic(
        settings.side,
        settings.d,
        channels=channels,
        norm=method.critic_norm,
        activation=lambda: nonlinearity(settings.activation),
    )
    gan = methods.compiled(method, generator, critic, Normal(image_networks.Z_DIM), seed)
    folder.save("work", multiply_adds=np.int64(work.of_step(method, generator, critic, settings.batch_size)))

    def snapshot() -> dict[str, np.ndarray | float]:
        images = study.generated(generator, gan.latent, max(protocol.generated, SHEET), seed)
        judged = protocol.judge(images[: protocol.generated], folder.places)
        score, _ = inception_score(judged.probabilities)
        return {"sheet": images[:SHEET], "score": score, "shares": shares_of_classes(judged.probabilities)}

    batches = fitting.image_batches(dataset, settings.batch_size, seed, -1, 1)
    fitting.fit(
        gan,
        fitting.stacks(batches, method.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=snapshot,
    )
    fitting.save_network(generator, folder.path / "generator.keras")


def shares_of_classes(probabilities: np.ndarray) -> np.ndarray:
    """Share of the images whose most probable class is each: shape (classes,), from probabilities (n, classes)."""
    classes = probabilities.shape[1]
    return np.bincount(probabilities.argmax(axis=1), minlength=classes) / len(probabilities)


def covered(shares: np.ndarray) -> int:
    """How many classes have at least 2 % of the images."""
    return int((shares >= LEAST - 1e-12).sum())


def record(bench: Bench, run: Finished, row: str) -> None:
    """Records the scores of a training and, of digits, how many classes it covers.

    The classifier of small coloured pictures finds 7 of its 10 classes in smooth noise, and 4 in flat colours.
    """
    study.record(bench, run, row)
    if run.settings.protocol.network != study.DIGITS.network:
        return
    *_, (_, arrays) = run.snapshots()
    bench.record(row, COVERED, run.kept(covered(arrays["shares"])), seed=run.seed)


def record_known(bench: Bench, run: Finished) -> str:
    """Records the scores of real images and of noise; gives both in a sentence."""
    protocol, scores = run.settings.protocol, run.load("scores")
    for name in ("real", "noise"):
        bench.record(
            f"{name} images" if name == "real" else "uniform noise", protocol.metric(study.SCORE), float(scores[name])
        )
    return f"The first {protocol.generated:,} real images score {scores['real']:.2f}, noise {scores['noise']:.2f}."


def add_noise(courses: dict, known: Finished) -> None:
    """Adds a level line, the score of uniform noise, to curves by label and seed: pairs of places and scores."""
    places = [place for by_seed in courses.values() for along, _ in by_seed.values() for place in along]
    score = float(known.load("scores")["noise"])
    courses["uniform noise"] = {0: ((min(places), max(places)), (score, score))}


def score_of_real(values: Values, protocols: Sequence[Protocol]) -> float:
    """The score of real images under the one of the protocols that the scale has; NaN if there is none."""
    found = [values.without_seed("real images", protocol.metric(study.SCORE).name) for protocol in protocols]
    return next((scores[0] for scores in found if scores), math.nan)


def score_by_seed(values: Values, row: str, protocols: Sequence[Protocol]) -> dict[int, float]:
    """Seed to the last score of a row under the one of the protocols that the scale has."""
    return max((values.by_seed(row, protocol.metric(study.SCORE).name) for protocol in protocols), key=len)
