"""Figure 5b: critic losses on training and validation images when the critic can learn the training set by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.wgan_gp import methods
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.pictures.curves import curves

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.data import Dataset
    from repro.runs import Finished, Folder

RELEASED = "authors' gan_mnist.py"
NAMES = {"penalty": "gradient penalty", "clipping": "weight clipping"}


@dataclass(frozen=True)
class Overfit:
    """Settings of one training on few digits; the defaults are the published ones or those of the released script."""

    data: Set = setting(Set("mnist"), "Figure 5b")
    method: str = setting("penalty", "Figure 5b: penalty or clipping")
    images: int = setting(1_000, "section 5.6: random digits to train on")
    validation: int = setting(10_000, "not stated; ours: first images of the test split")
    doubled: bool = setting(False, "ours: whether every pixel becomes 2x2, for digits of 8x8")
    d: int = setting(64, RELEASED)
    batch_size: int = setting(50, RELEASED)
    critic_steps: int = setting(5, RELEASED)
    penalty_weight: float = setting(10.0, RELEASED)
    clip: float = setting(0.01, RELEASED)
    learning_rate: float = setting(1e-4, f"{RELEASED}, penalty: Adam")
    clip_learning_rate: float = setting(5e-5, f"{RELEASED}, clipping: RMSProp")
    beta_1: float = setting(0.5, RELEASED)
    beta_2: float = setting(0.9, RELEASED)
    steps: int = setting(20_000, "Figure 5b, axis", length=True)
    snapshot_every: int = setting(100, RELEASED)

    @property
    def label(self) -> str:
        """What tells two of these runs apart."""
        return f"{self.method}-d{self.d}"


@dataclass(frozen=True)
class Figure5b:
    """Settings of figure 5b: one training, the steps of those that are clipped, and the base widths of further ones."""

    training: Overfit = nested(Overfit())
    clipped_steps: int = setting(20_000, "Figure 5b, axis: with clipping", length=True)
    further: tuple[int, ...] = setting((128,), "ours: more base widths; section 5.6 has a critic that is large enough")


def train_overfit(settings: Overfit, seed: int, folder: Folder) -> None:
    """Trains G and D; leaves the critic's loss and gap on both sets at every snapshot, and the generator."""
    from papers.wgan_gp import image_networks
    from papers.wgan_gp.judging import critic_judge
    from repro import fitting
    from repro.training import Normal

    train, validation = chosen(settings, folder)
    side, clipped = train.images.shape[1], settings.method == "clipping"
    generator = image_networks.digit_generator(side, settings.d, norm=clipped)
    critic = image_networks.digit_critic(side, settings.d, norm=clipped)
    gan = methods.compiled(methods.of(settings), generator, critic, Normal(image_networks.Z_DIM), seed)
    judge = critic_judge(gan, settings.batch_size, seed)
    judged = {"train": train.scaled().astype(np.float32), "validation": validation.scaled().astype(np.float32)}
    fitting.fit(
        gan,
        fitting.stacks(fitting.image_batches(train, settings.batch_size, seed, 0, 1), settings.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=lambda: {name: judge(images) for name, images in judged.items()},
    )
    fitting.save_network(generator, folder.path / "generator.keras")


def chosen(settings: Overfit, folder: Folder) -> tuple[Dataset, Dataset]:
    """The digits trained on, chosen at random by a fixed seed, and those held out."""
    train, held_out = (folder.data(settings.data, split) for split in ("train", "test"))
    places = np.random.default_rng(0).permutation(len(train))[: settings.images]
    return _only(train, places, settings), _only(held_out, np.arange(len(held_out))[: settings.validation], settings)


def _only(dataset: Dataset, places: np.ndarray, settings: Overfit) -> Dataset:
    images = dataset.images[places]
    if settings.doubled:
        images = images.repeat(2, axis=1).repeat(2, axis=2)
    return replace(dataset, images=images, labels=dataset.labels[places])


def plan(settings: Figure5b, seeds: Sequence[int]) -> list[Run]:
    """A training per width, method and seed."""
    widths, steps = (settings.training.d, *settings.further), settings.training.steps
    lengths = {"penalty": steps, "clipping": settings.clipped_steps}
    kinds = [replace(settings.training, d=d, method=name, steps=lengths[name]) for d in widths for name in NAMES]
    return [Run(train_overfit, kind, seed) for kind in kinds for seed in seeds]


LOSS_TRAIN = Metric("negative_critic_loss_train", "minus the critic's loss, penalty included, on the training digits")
LOSS_VALIDATION = Metric("negative_critic_loss_validation", "the same on held-out digits")
GAP_TRAIN = Metric("gap_train", "E D(real) - E D(fake) on the training digits")
GAP_VALIDATION = Metric("gap_validation", "the same on held-out digits")
SLOPE_TRAIN = Metric(
    "late_slope_train", "least-squares slope of negative_critic_loss_train over the last half, per 1,000 steps"
)
SLOPE_VALIDATION = Metric("late_slope_validation", "the same of negative_critic_loss_validation")


@item(
    "fig5b",
    "Few digits: the critic's loss on training and validation images",
    plan,
    quick=Scale(
        Figure5b(
            Overfit(Set("digits8"), images=200, validation=397, doubled=True, d=16, steps=250, snapshot_every=50),
            clipped_steps=250,
            further=(),
        ),
        seeds=1,
    ),
    small=Scale(Figure5b(Overfit(validation=2_000, d=32, steps=8_000), clipped_steps=4_000, further=()), seeds=1),
    paper=Scale(Figure5b(), seeds=3),
    metrics=[LOSS_TRAIN, LOSS_VALIDATION, GAP_TRAIN, GAP_VALIDATION, SLOPE_TRAIN, SLOPE_VALIDATION],
)
def fig5b(bench: Bench, runs: Sequence[Finished]) -> None:
    """A critic that is large beside its data learns them by heart: its negative loss goes on rising where that on
    held-out digits does not, so the two part, and the pair shows when; quick's few hundred steps end before. The paper
    sees it with both methods; with the penalty the negative loss on held-out digits falls while the other rises. Fakes,
    noise and, for clipping, batch statistics are fresh for every judged batch. The released clipping networks use batch
    norm, those with the penalty none.
    """
    drawn: dict[str, dict] = {}
    for run in runs:
        row, told = run.settings.method, NAMES[run.settings.method]
        if run.settings.d != bench.settings.training.d:
            row, told = f"{row}, d {run.settings.d}", f"{told}, d {run.settings.d}"
        steps, found = [], []
        for step, arrays in run.snapshots():
            numbers = np.concatenate([arrays["train"], arrays["validation"]])
            steps.append(step)
            found.append(numbers)
            for metric, value in zip((LOSS_TRAIN, GAP_TRAIN, LOSS_VALIDATION, GAP_VALIDATION), numbers, strict=True):
                bench.record(row, metric, float(value), seed=run.seed, step=step)
        lines = np.array(found).T
        for metric, line in ((SLOPE_TRAIN, lines[0]), (SLOPE_VALIDATION, lines[2])):
            slope = late_slope(steps, line) if run.diverged_at is None else math.nan
            bench.record(row, metric, slope, seed=run.seed)
        for name, line in (("training", lines[0]), ("validation", lines[2])):
            drawn.setdefault(told, {}).setdefault(name, {})[run.seed] = (steps[1:], line[1:])
    panels = [(f"negative critic loss, {told}", panel) for told, panel in drawn.items()]
    title = bench.title(
        f"Figure 5b: negative critic loss, trained on {runs[0].settings.images:,} of the digits, one line a seed"
    )
    bench.draw(
        "fig5b", curves(panels, title, "generator step"), "The loss of the penalty's critic includes the penalty."
    )


def late_slope(steps: Sequence[int], values: Sequence[float]) -> float:
    """Least-squares slope over the snapshots of the last half, per 1,000 steps; NaN if there are fewer than two."""
    steps, values = np.asarray(steps, float), np.asarray(values, float)
    late = steps >= steps[-1] / 2
    return float(np.polyfit(steps[late], values[late], 1)[0] * 1_000) if late.sum() > 1 else math.nan


@claim(
    "fig5b",
    "With the penalty the negative loss rises on training digits and falls on held-out ones over the last half.",
    source="section 5.6, figure 5b",
)
def losses_part(values: claims.Values) -> claims.Verdict:
    return claims.both(
        claims.above(values.by_seed("penalty", SLOPE_TRAIN.name), 0, of="late slope on training digits"),
        claims.below(values.by_seed("penalty", SLOPE_VALIDATION.name), 0, of="late slope on held-out digits"),
    )


@claim(
    "fig5b",
    "With both methods the two losses diverge: over the last half the training one rises faster.",
    source="section 5.6, figure 5b; paired by seed",
)
def both_methods_overfit(values: claims.Values) -> claims.Verdict:
    return claims.both(
        *(
            claims.above(
                claims.paired(*(values.by_seed(method, metric.name) for metric in (SLOPE_TRAIN, SLOPE_VALIDATION))),
                0,
                of=f"late slope, training - held out, {method}",
            )
            for method in NAMES
        )
    )
