"""Section 6: what happens if G is trained much more than D, the "Helvetica scenario"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from repro import claims
from repro.data import ring
from repro.items import Metric, Run, Scale, claim, item, setting
from repro.metrics import modes
from repro.pictures.clouds import clouds
from repro.pictures.curves import curves

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

CENTRES = 2 * ring.modes()  # radius 2
WITHIN = 0.25
G_STEPS = (1, 3, 10)


@dataclass(frozen=True)
class Helvetica:
    """Settings of one training on a ring of eight equal Gaussians; nothing of it is published."""

    g_steps: int = setting(1, "ours: steps of G per step of D")
    std: float = setting(0.05, "ours: of each Gaussian; the ring's radius is 2")
    z_dim: int = setting(2, "ours: normal")
    width: int = setting(128, "ours: of two hidden layers of rectifiers in each network")
    learning_rate: float = setting(1e-3, "ours: Adam")
    beta_1: float = setting(0.5, "ours")
    batch_size: int = setting(256, "ours")
    rounds: int = setting(600, "ours: one step of D and `g_steps` of G each", length=True)
    snapshot_every: int = setting(50, "ours")
    judged: int = setting(5_120, "ours: samples per snapshot")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"r{self.g_steps}"


def train_ring(settings: Helvetica, seed: int, folder: Folder) -> None:
    """Trains by Algorithm 1 with fresh noise in every step; leaves samples at every snapshot."""
    import keras
    import tensorflow as tf
    from keras import layers

    from papers.gan2014 import model
    from repro import fitting
    from repro.training import Normal, place_seed

    def network(inputs: int, outputs: int, name: str) -> keras.Model:
        hidden = [layers.Dense(settings.width, "relu") for _ in range(2)]
        return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs)], name=name)

    latent = Normal(settings.z_dim)
    gan = model.PrintedGAN(
        network(settings.z_dim, 2, "generator"), network(2, 1, "discriminator"), latent,
        seed=seed, g_steps=settings.g_steps,
    )  # fmt: skip

    def adam() -> keras.optimizers.Adam:
        return keras.optimizers.Adam(settings.learning_rate, beta_1=settings.beta_1)

    gan.compile(d_optimizer=adam(), g_optimizer=adam())
    first = place_seed(seed, "data")

    def batch_of_step(step: tf.Tensor) -> tf.Tensor:
        key = tf.stack([first, tf.cast(step, tf.int32)])
        return ring.draw_around(CENTRES, settings.std, settings.batch_size, key)

    def snapshot() -> dict[str, np.ndarray]:
        z = latent.draw(settings.judged, tf.constant([place_seed(seed, "judged samples"), 0]))
        return {"samples": gan.generator(z, training=False).numpy()}

    fitting.fit(
        gan,
        fitting.stacks(batch_of_step, 1),
        steps=settings.rounds,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=snapshot,
    )


def plan(settings: Helvetica, seeds: Sequence[int]) -> list[Run]:
    """A training per number of generator steps and seed."""
    return [Run(train_ring, replace(settings, g_steps=g_steps), seed) for g_steps in G_STEPS for seed in seeds]


MODES = Metric(
    "modes_with_1_percent_within_0.25", "modes with at least 1 % of 5,120 samples within 0.25, of 8", "modes", "higher"
)
LATE = Metric("modes_rounds_500_to_600", "mean of it over the snapshots of rounds 500 to 600", "modes", "higher")
LARGEST = Metric("largest_share", "largest share of the samples nearest to one mode; the ring has 0.125")
SPREAD = Metric("sample_std", "standard deviation of the samples, mean over both coordinates; the ring has 1.41")


@item(
    "helvetica",
    "Too many generator steps per discriminator step",
    plan,
    quick=Scale(Helvetica(), seeds=3),
    small=Scale(Helvetica(), seeds=5),
    paper=Scale(Helvetica(), seeds=10),
    metrics=[MODES, LATE, LARGEST, SPREAD],
    data=("ring of eight Gaussians, radius 2, fresh samples", "procedural"),
)
def helvetica(bench: Bench, runs: Sequence[Finished]) -> None:
    """The paper warns that G must not be trained too much without updating D, or it maps too many latents to one value.
    It shows no experiment; this one counts modes of a ring with 1, 3 and 10 steps of G per step of D and as many
    steps of D. With 10 steps G follows D to wherever D is highest at the moment, and jumps on when D has learned.
    """
    lines: dict[str, dict] = {_row(g_steps): {} for g_steps in G_STEPS}
    panels = []
    for run in runs:
        row, course = _row(run.settings.g_steps), []
        for step, arrays in run.snapshots():
            samples = arrays["samples"]
            covered = modes.modes_within(samples, CENTRES, WITHIN)
            for metric, value in (
                (MODES, covered),
                (LARGEST, modes.largest_share(samples, CENTRES)),
                (SPREAD, float(samples.std(axis=0).mean())),
            ):
                bench.record(row, metric, value, seed=run.seed, step=step)
            course.append((step, covered))
        late = [covered for step, covered in course if step >= run.settings.rounds - 100]
        bench.record(row, LATE, float(np.mean(late)) if run.diverged_at is None else float("nan"), seed=run.seed)
        lines[row][run.seed] = tuple(zip(*course, strict=True))
        panels.append((f"{row}, seed {run.seed}", samples))
    title = bench.title("Modes with at least 1 % of the samples, of 8, one line a seed")
    apart = [(f"modes, {row}", {row: course}) for row, course in lines.items()]
    bench.draw("helvetica_modes", curves(apart, title, "round", same_y=True), "One round is one step of D.")
    title = bench.title(f"Samples after {runs[0].settings.rounds} rounds, every seed")
    figure = clouds(panels, CENTRES, across=len(panels) // len(G_STEPS), limit=3.5, title=title)
    bench.draw(
        "helvetica", figure, "2,000 samples each, those inside the frame; circles of radius 0.25 around the modes."
    )


def _row(g_steps: int) -> str:
    return f"{g_steps} G step{'s' * (g_steps > 1)} per D step"


@claim(
    "helvetica",
    "Ten steps of G per step of D lose modes that one step keeps: mean modes over rounds 500 to 600 at least 4 fewer.",
    source="section 6; the experiment and the margin are ours; paired by seed",
)
def many_generator_steps_collapse(values: claims.Values) -> claims.Verdict:
    one, ten = (values.by_seed(_row(g_steps), LATE.name) for g_steps in (1, 10))
    return claims.above(claims.paired(one, ten), 4, of="modes with 1 step - modes with 10")
