"""Figure 4: bedrooms at 128x128 from a deep ResNet under WGAN-GP (section 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp.methods import WGAN_GP, Method
from papers.wgan_gp.scenes import BEDROOMS, MEASURED, fit_scene, last_sheet, record_counts, record_judged
from repro import claims
from repro.data import Set
from repro.items import Run, Scale, claim, item, nested, setting
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

RESEARCH = "authors' research code, wgan_imagenet128.py"
ROW = "resnet, wgan_gp"


@dataclass(frozen=True)
class Bedrooms:
    """Settings of figure 4's training; the paper states none, the defaults are those of the research code."""

    data: Set = setting(Set("lsun128", ("bedroom",)), "Figure 4: LSUN bedrooms at 128x128")
    method: Method = nested(replace(WGAN_GP, beta_1=0.0))
    rate_factor: float = setting(1.0, "ours: on the learning rate")
    width: float = setting(1.0, RESEARCH)
    batch_size: int = setting(64, RESEARCH)
    steps: int = setting(200_000, f"{RESEARCH}; the learning rate falls to 0 over them", length=True)
    snapshot_every: int = setting(5_000, "not stated; ours")
    judged: int = setting(1_000, "not stated; ours: generated and real images that are compared")

    @property
    def critic_steps(self) -> int:
        """Updates of the critic for one of the generator."""
        return self.method.critic_steps


def train_bedrooms(settings: Bedrooms, seed: int, folder: Folder) -> None:
    """Trains figure 4's networks; leaves what `fit_scene` leaves."""
    from papers.wgan_gp import methods, scene_networks
    from papers.wgan_gp.image_networks import Z_DIM
    from repro.training import Normal

    train = folder.data(settings.data, "train")
    side = train.images.shape[1]
    generator = scene_networks.bedroom_generator(side, settings.width)
    critic = scene_networks.bedroom_critic(side, settings.width)
    pace = {"rate_factor": settings.rate_factor, "decay_steps": settings.steps}
    gan = methods.compiled(settings.method, generator, critic, Normal(Z_DIM), seed, **pace)
    fit_scene(gan, train, settings, seed, folder, prepare=lambda batches: mirrored(batches, seed))


def mirrored(batch_of_step: Callable, seed: int) -> Callable:
    """The same batches, each mirrored left to right as a whole with probability 1/2, as in the research code."""
    import tensorflow as tf

    from repro.training import place_seed

    def batch(step: tf.Tensor) -> tf.Tensor:
        images = batch_of_step(step)
        place = tf.stack([tf.constant(place_seed(seed, "mirrored batches"), tf.int64), tf.cast(step, tf.int64)])
        turned = tf.random.stateless_uniform([], place, alg="philox") < 0.5
        return tf.where(turned, images[:, :, ::-1], images)

    return batch


def plan(settings: Bedrooms, seeds: Sequence[int]) -> list[Run]:
    """A training per seed."""
    return [Run(train_bedrooms, settings, seed) for seed in seeds]


@item(
    "fig4",
    "Bedrooms from a deep ResNet",
    plan,
    quick=Scale(
        Bedrooms(Set("rooms32"), rate_factor=5.0, width=1 / 16, batch_size=32, steps=20, snapshot_every=10), seeds=1
    ),
    small=Scale(Bedrooms(BEDROOMS, width=1 / 8, batch_size=32, steps=3_000, snapshot_every=500), seeds=1),
    paper=Scale(Bedrooms(), seeds=1),
    metrics=MEASURED,
)
def fig4(bench: Bench, runs: Sequence[Finished]) -> None:
    """The paper says no more of this network than that it is a deep ResNet; layers and settings are those of the file
    that an author named for it, and which of several versions trained the figure is not known. Smaller pictures leave
    out G's last and D's first blocks. The sheet is uncurated. The authors' batch norm sees eight images at a time, one
    graphics card's share of a batch; ours sees the batch. Quick's 20 steps show that it runs: its blotches do not fail
    only because they differ from the initial ones.
    """
    panels = []
    for run in runs:
        record_judged(bench, ROW, run)
        step, images = last_sheet(run)
        lost = "" if run.diverged_at is None else ", diverged"
        panels.append((f"step {step:,}, seed {run.seed}{lost}", images))
    record_counts(bench, ROW, runs[0])
    title = bench.title("Figure 4: the first 64 images of fixed latents, uncurated")
    bench.draw(
        "fig4",
        sheets(panels, columns=8, across=len(panels), inches=7.0, title=title),
        "64 of one fixed z; none was picked.",
    )


@claim(
    "fig4",
    "Bedrooms at 128x128 are at least as good as the best that had been published: never decided here, for there is "
    "nothing to measure it by but eyes.",
    source="section 5.2, figure 4",
)
def as_good_as_the_best(values: claims.Values) -> claims.Verdict:
    return claims.Verdict(claims.UNDECIDED, "a sheet; the paper gives no measure and no rival to compare with")
