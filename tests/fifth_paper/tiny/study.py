"""The study: two trainings, one of which can diverge, and a comparison that needs both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from repro import claims
from repro.items import Metric, Run, Scale, claim, item, setting


@dataclass(frozen=True)
class Toy:
    """Settings of one training."""

    rate: float = setting(0.01, "nowhere")
    width: int = setting(4, "nowhere")
    steps: int = setting(600, "nowhere", length=True)
    snapshot_every: int = setting(50, "nowhere")

    @property
    def label(self) -> str:
        return f"rate{self.rate:g}"


def train(settings: Toy, seed: int, folder) -> None:
    """Trains a generator with batch norm against a discriminator with dropout."""
    import keras
    import tensorflow as tf
    from keras import layers

    from papers.gan2014.model import GAN
    from repro import fitting
    from repro.training import Normal, place_seed

    g = keras.Sequential(
        [keras.Input((3,)), layers.Dense(settings.width), layers.BatchNormalization(), layers.Dense(2)]
    )
    d = keras.Sequential(
        [keras.Input((2,)), layers.Dense(settings.width, "relu"), layers.Dropout(0.5), layers.Dense(1)]
    )
    gan = GAN(g, d, Normal(3), seed=seed)
    gan.compile(keras.optimizers.Adam(settings.rate), keras.optimizers.Adam(settings.rate))

    def real(step):
        key = tf.stack([place_seed(seed, "points"), tf.cast(step, tf.int32)])
        return tf.random.stateless_normal([8, 2], key, alg="philox") * settings.rate

    z = tf.random.stateless_normal([16, 3], [seed, 0], alg="philox")
    fitting.fit(
        gan,
        real,
        steps=settings.steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=lambda: {"points": g(z, training=False).numpy()},
    )
    weights = [weight.value.numpy().ravel() for network in (g, d) for weight in network.weights]
    folder.save("end", weights=np.concatenate(weights).astype(np.float64))


def compare(settings: Toy, seed: int, folder) -> None:
    """Needs two trainings; saves the distance between their weights."""
    first, second = (need.load("end")["weights"] for need in folder.needs)
    folder.save("distance", value=np.linalg.norm(first - second))


def plan(settings, seeds):
    """Two rates for each seed, their comparison, and one training that diverges."""
    listed = []
    for seed in seeds:
        pair = [Run(train, replace(settings, rate=rate), seed) for rate in (settings.rate, settings.rate / 2)]
        listed += [*pair, Run(compare, settings, seed, pair)]
    return [*listed, Run(train, replace(settings, rate=1e30), 0)]


SUM = Metric("sum_of_weights", "sum of all weights after the last step")
DISTANCE = Metric("distance", "L2 between the weights of both rates")
DIVERGED = Metric("diverged", "1 if the training diverged")


@item(
    "study", "A study", plan, quick=Scale(Toy(), seeds=1), small=Scale(Toy(width=600), seeds=1), paper=Scale(Toy()),
    metrics=[SUM, DISTANCE, DIVERGED], data=("points", "procedural"),
)  # fmt: skip
def study(bench, runs):
    """A study <b>with a tag</b> that must be escaped."""
    for run in runs:
        if run.run.function is compare:
            bench.record("both", DISTANCE, float(run.load("distance")["value"]), seed=run.seed)
            continue
        bench.record(run.settings.label, DIVERGED, int(run.diverged_at is not None), seed=run.seed)
        if run.diverged_at is None:
            bench.record(run.settings.label, SUM, float(run.load("end")["weights"].sum()), seed=run.seed)
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1])
    bench.draw("study", figure, "A line.")
    bench.table("study_table", ["a", "b"], [["x", 1.5]], "A table.")


@claim("study", "One training diverges.", source="nowhere", exact=True)
def one_diverges(values):
    return claims.exact(values.one("rate1e+30", DIVERGED.name) == 1, "see the row")
