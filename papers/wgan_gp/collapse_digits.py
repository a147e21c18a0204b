"""The lecture's own picture of collapse: which digits a regular GAN and WGAN-GP make."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from repro.data import Set
from repro.items import Metric, nested, setting
from repro.metrics.scores import Protocol
from repro.pictures.sheets import sheets

RELEASED = "authors' gan_cifar.py"
LEAST = 0.02  # of the samples make a class covered: a fifth of the fair share
SHOWN = 64
NAMES = {"gan": "regular GAN", "wgan_gp": "WGAN-GP"}
REAL = "digits, real"
PROTOCOL = Protocol("digits16")


@dataclass(frozen=True)
class Digits:
    """Settings of one training on digits, with figure 3's networks and methods."""

    data: Set = setting(Set("digits8"), "lecture: handwritten digits; ours: the set that a committed classifier knows")
    method: str = setting("wgan_gp", "lecture: gan or wgan_gp")
    d: int = setting(64, f"{RELEASED}, remark")
    batch_size: int = setting(64, RELEASED)
    critic_steps: int = setting(5, f"{RELEASED}; the GAN takes one")
    penalty_weight: float = setting(10.0, RELEASED)
    learning_rate: float = setting(1e-4, RELEASED)
    beta_1: float = setting(0.5, RELEASED)
    beta_2: float = setting(0.9, RELEASED)
    gan_learning_rate: float = setting(2e-4, RELEASED)
    gan_beta_2: float = setting(0.999, RELEASED)
    steps: int = setting(20_000, "not stated; ours", length=True)
    snapshots: int = setting(4, "not stated; ours")
    protocol: Protocol = nested(PROTOCOL)

    @property
    def label(self) -> str:
        """What tells two of these runs apart; the row too."""
        return f"{self.method}, digits"


def train_digits(settings: Digits, seed: int, folder) -> None:
    """Trains G and D on digits of 16x16; leaves shares of classes, scores and a sheet at every snapshot."""
    from papers.wgan_gp import beside_gan, image_networks
    from repro import fitting
    from repro.training import Normal

    dataset = folder.data(settings.data, "train")
    doubled = replace(dataset, images=dataset.images.repeat(2, axis=1).repeat(2, axis=2))
    side = doubled.images.shape[1]
    norm = image_networks.batch_norm if settings.method == "gan" else image_networks.nothing
    networks = (
        image_networks.small_generator(side, settings.d, channels=1),
        image_networks.small_critic(side, settings.d, channels=1, norm=norm),
    )
    gan, turns = beside_gan.compiled(settings, *networks, Normal(image_networks.Z_DIM), seed)
    judge = _Judge(settings.protocol, dataset, folder)
    folder.save("real", **judge(dataset.shown(np.arange(settings.protocol.generated))))
    history = fitting.fit(
        gan,
        fitting.stacks(fitting.image_batches(doubled, settings.batch_size, seed, -1, 1), turns),
        steps=settings.steps,
        folder=folder,
        snapshot_every=max(1, settings.steps // settings.snapshots),
        snapshot=lambda: judge(made(gan.generator, settings.protocol.generated, seed)),
    )
    folder.save("history", **history)


def made(generator, n: int, seed: int) -> np.ndarray:
    """Images of a fixed z with batch statistics, as the authors sample: uint8, shape (n, side, side, 1)."""
    import tensorflow as tf

    from papers.wgan_gp.image_networks import Z_DIM
    from repro.training import place_seed

    z = tf.random.stateless_normal([n, Z_DIM], [place_seed(seed, "judged digits"), 0], alg="philox")
    images = [generator(z[at : at + 100], training=True) for at in range(0, n, 100)]
    return tf.cast(tf.round((tf.concat(images, 0) + 1) * 127.5), tf.uint8).numpy()


class _Judge:
    """The share of each class, float64 (10,), the classifier score, and the first images."""

    def __init__(self, protocol: Protocol, dataset, folder):
        self.protocol, self.places = protocol, folder.places
        self.real = protocol.reference(dataset, folder.places)

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        judged = self.protocol.judge(images, self.places)
        classes = judged.probabilities.argmax(axis=1)
        return {
            "shares": np.bincount(classes, minlength=judged.probabilities.shape[1]) / len(classes),
            "score": np.float64(self.protocol.measure(judged, self.real, "classifier_score")["classifier_score"]),
            "sheet": images[:SHOWN],
        }


CLASSES = Metric(
    "classes_covered_of_10",
    "digits that the classifier digits16 sees in at least 2 % of 1,000 samples (a fair share is 10 %)",
    "classes",
    "higher",
)
LARGEST = Metric("largest_class_share", "share of the most frequent class of 1,000 samples; 0.1 if all are alike")
SCORE = PROTOCOL.metric("classifier_score")
METRICS = [CLASSES, LARGEST, SCORE]


def covered(shares: np.ndarray) -> int:
    """How many classes have at least 2 % of the samples."""
    return int((shares >= LEAST - 1e-12).sum())


def present_digits(bench, runs) -> None:
    """Records what each training covers, beside the real digits, and draws the last sheets."""
    panels = []
    for run in runs:
        for step, arrays in run.snapshots():
            if step > 0:
                _record(bench, run.settings.label, arrays, seed=run.seed, step=step)
        if run.diverged_at is not None:
            for metric in METRICS:
                bench.record(run.settings.label, metric, float("nan"), seed=run.seed, step=run.diverged_at)
        label = f"{NAMES[run.settings.method]}, seed {run.seed}: {covered(arrays['shares'])} of 10 classes"
        panels.append((f"{label}, step {step:,}", arrays["sheet"]))
    _record(bench, REAL, runs[0].load("real"))
    seeds = len({run.seed for run in runs})
    title = bench.title(f"{SHOWN} digits of each generator at the end, uncurated", runs[0].settings.data)
    drawn = sheets(panels, columns=16, across=min(max(seeds, 2), 3), inches=4.2, title=title)
    bench.draw("collapse_digits", drawn, "Which digit each sample is, a classifier of our own decides.")


def _record(bench, row: str, found, *, seed: int | None = None, step: int | None = None) -> None:
    numbers = (covered(found["shares"]), float(found["shares"].max()), float(found["score"]))
    for metric, value in zip(METRICS, numbers, strict=True):
        bench.record(row, metric, value, seed=seed, step=step)
