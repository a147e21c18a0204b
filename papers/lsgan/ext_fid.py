"""The extended paper's table of Fréchet distances: both label schemes, the regular loss, WGAN-GP, on one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.lsgan.scenes import KINDS, NAMES, ROOMS, SCENES, fit_images, loss_called
from repro import claims
from repro.data import Set
from repro.items import Run, Scale, claim, item, nested, setting
from repro.metrics.scores import FID, INCEPTION, Protocol
from repro.pictures.curves import curves
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    import numpy as np

    from papers.lsgan.model import LSGAN
    from papers.wgan_gp.model import WGANGP
    from repro.bench import Bench
    from repro.data import Dataset
    from repro.runs import Finished, Folder

TABLE = "1712.06391, table of FIDs"
LOSSES = ("gan", "lsgan_011", "lsgan_m110")


@dataclass(frozen=True)
class Training:
    """Settings of one training; the extended paper states few of them."""

    data: Set = setting(Set("lsun64", ("bedroom",)), f"{TABLE}, from memory: LSUN bedrooms at 64x64")
    loss: str = setting("lsgan_011", TABLE)
    width: float = setting(1.0, "not stated; ours: figure 6's networks, batch norm in both")
    z_dim: int = setting(100, "authors' code of the extended paper's cats")
    learning_rate: float = setting(2e-4, "authors' code of the extended paper's cats")
    beta_1: float = setting(0.5, "authors' code of the extended paper's cats")
    batch_size: int = setting(64, "authors' code of the extended paper's cats")
    steps: int = setting(1_000_000, "authors' code of the extended paper's cats, most steps", length=True)
    snapshot_every: int = setting(4_000, f"{TABLE}, from memory: scored every 4,000 iterations")
    protocol: Protocol = nested(FID)

    @property
    def judged(self) -> int:
        """How many images are generated for a score."""
        return self.protocol.generated

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.loss}-{self.data.family}"


@dataclass(frozen=True)
class Penalty:
    """What WGAN-GP, the table's other method, does otherwise: its own paper's settings for LSUN."""

    critic_steps: int = setting(5, "WGAN-GP (1704.00028), Algorithm 1")
    weight: float = setting(10.0, "WGAN-GP, section 4")
    learning_rate: float = setting(1e-4, "WGAN-GP, appendix E")
    beta_1: float = setting(0.5, "WGAN-GP, appendix E")
    beta_2: float = setting(0.9, "WGAN-GP, appendix E")


@dataclass(frozen=True)
class Penalised:
    """Settings of one training with the gradient penalty; Adam's are those of the penalty."""

    training: Training = nested(Training())
    penalty: Penalty = nested(Penalty())

    @property
    def data(self) -> Set:
        """The set trained on."""
        return self.training.data

    @property
    def loss(self) -> str:
        """The name of the row."""
        return self.training.loss

    @property
    def protocol(self) -> Protocol:
        """How snapshots are scored."""
        return self.training.protocol

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return self.training.label


@dataclass(frozen=True)
class FrechetTable:
    """Settings of the table: one training, the losses, and for each set its width and feature network."""

    training: Training = nested(Training())
    losses: tuple[str, ...] = setting(LOSSES, TABLE)
    penalty: Penalty = nested(Penalty())
    penalised_seeds: int = setting(3, "ours: WGAN-GP takes several times as long, so it may have fewer seeds")
    data: tuple[Set, ...] = setting((Set("lsun64", ("bedroom",)), Set("cifar10")), f"{TABLE}; cats, ImageNet left out")
    widths: tuple[float, ...] = setting((1.0, 1.0), "not stated; ours: one per set")
    networks: tuple[str, ...] = setting((INCEPTION, INCEPTION), f"{TABLE}, from memory: FID from 50,000 samples")
    files: tuple[Set, ...] = setting((Set(INCEPTION),), "the network's file")


def train(settings: Training, seed: int, folder: Folder) -> None:
    """Trains figure 6's networks with batch norm in both; leaves a sheet and the scores at every snapshot."""
    import keras

    from papers.lsgan import model, networks
    from repro.training import Uniform

    dataset = folder.data(settings.data, "train")
    side, width = dataset.images.shape[1], settings.width
    gan = model.LSGAN(
        networks.stability_generator(side, norm=True, width=width, z_dim=settings.z_dim),
        networks.stability_discriminator(side, norm=True, width=width),
        Uniform(settings.z_dim),
        loss_called(settings.loss),
        seed,
    )

    def adam() -> keras.optimizers.Adam:
        return keras.optimizers.Adam(settings.learning_rate, beta_1=settings.beta_1, epsilon=1e-8)

    gan.compile(d_optimizer=adam(), g_optimizer=adam())
    _fit(gan, dataset, settings, seed, folder)


def train_penalised(settings: Penalised, seed: int, folder: Folder) -> None:
    """Trains the same networks as WGAN-GP, without batch norm in D; leaves what `train` does."""
    import keras

    from papers.lsgan import networks
    from papers.wgan_gp.model import WGANGP, GradientPenalty
    from repro.training import Uniform

    training, penalty = settings.training, settings.penalty
    dataset = folder.data(training.data, "train")
    side, width = dataset.images.shape[1], training.width
    gan = WGANGP(
        networks.stability_generator(side, norm=True, width=width, z_dim=training.z_dim),
        networks.stability_discriminator(side, norm=False, width=width),
        Uniform(training.z_dim),
        GradientPenalty(penalty.weight),
        seed,
        critic_steps=penalty.critic_steps,
    )
    betas = {"beta_1": penalty.beta_1, "beta_2": penalty.beta_2}
    d_adam, g_adam = (keras.optimizers.Adam(penalty.learning_rate, **betas, epsilon=1e-8) for _ in "DG")
    gan.compile(d_optimizer=d_adam, g_optimizer=g_adam)
    _fit(gan, dataset, training, seed, folder, penalty.critic_steps)


def _fit(
    gan: LSGAN | WGANGP,
    dataset: Dataset,
    settings: Training,
    seed: int,
    folder: Folder,
    critic_steps: int | None = None,
) -> None:
    protocol = settings.protocol
    real = protocol.reference(dataset, folder.places)

    def scored(images: np.ndarray) -> dict[str, float]:
        return protocol.measure(protocol.judge(images, folder.places), real, *KINDS)

    fit_images(gan, dataset, settings, seed, folder, scored, critic_steps)


def plan(settings: FrechetTable, seeds: Sequence[int]) -> list[Run]:
    """A training per set, loss and seed, and WGAN-GP's of the first seeds."""
    runs = []
    for wanted, width, network in zip(settings.data, settings.widths, settings.networks, strict=True):
        protocol = replace(settings.training.protocol, network=network)
        training = replace(settings.training, data=wanted, width=width, protocol=protocol)
        runs += [Run(train, replace(training, loss=loss), seed) for seed in seeds for loss in settings.losses]
        penalised = Penalised(replace(training, loss="wgan_gp"), settings.penalty)
        runs += [Run(train_penalised, penalised, seed) for seed in seeds if seed < settings.penalised_seeds]
    return runs


# Every set of every scale, and how it is scored.
JUDGED = (
    (Set("rooms32"), ROOMS),
    (Set("scenes64"), SCENES),
    (Set("cifar10_jpeg75"), Protocol("cifar32")),
    (Set("lsun64", ("bedroom",)), FID),
    (Set("cifar10"), FID),
)
PROTOCOLS = tuple(dict.fromkeys(protocol for _, protocol in JUDGED))


@item(
    "ext_fid",
    "Fréchet distances of both label schemes, the regular GAN and WGAN-GP (extended paper)",
    plan,
    quick=Scale(
        FrechetTable(
            Training(Set("rooms32"), width=0.25, batch_size=32, steps=120, snapshot_every=60, protocol=ROOMS),
            data=(Set("rooms32"),), widths=(0.25,), networks=("rooms32",), files=(),
            penalised_seeds=1,
        ),
        seeds=3,
    ),
    small=Scale(
        FrechetTable(
            Training(Set("scenes64"), width=0.25, steps=2_000, snapshot_every=500, protocol=SCENES),
            data=(Set("scenes64"), Set("cifar10_jpeg75")),
            widths=(0.25, 0.5), networks=("scenes64", "cifar32"), files=(),
            penalised_seeds=1,
        ),
        seeds=3,
    ),
    paper=Scale(FrechetTable(), seeds=3),
    metrics=[metric for protocol in PROTOCOLS for metric in protocol.metrics(*KINDS)],
)  # fmt: skip
def ext_fid(bench: Bench, runs: Sequence[Finished]) -> None:
    """One network for all losses, batch norm in G and D, Adam, the same images in the same order; WGAN-GP's D has no
    batch norm, five steps, each on a batch, for each of G, and the Adam of its own paper. Steps are steps of G. At
    quick and small, scores are taken in the features of a small classifier of each set, so their values have nothing to
    do with published FIDs; only the order of the rows can be laid beside the paper's. results.csv takes the last
    snapshot; the table shows the best one too, which a paper that reports its best checkpoint would print. At quick the
    generators have learned nothing yet: the distances are about those of untrained ones, and say nothing of any loss.
    """
    rows, courses = [], {}
    for run in runs:
        settings, course = run.settings, []
        for step, scores in run.snapshots():
            _record(bench, run, step, {kind: float(scores[kind]) for kind in KINDS})
            course.append((step, float(scores["frechet"])))
        if run.diverged_at is not None:  # the last good state is no result
            _record(bench, run, run.diverged_at, dict.fromkeys(KINDS, float("nan")))
        of_loss = courses.setdefault(settings.data, {}).setdefault(NAMES[settings.loss], {})
        of_loss[run.seed] = tuple(zip(*course, strict=True))
        best = min(course, key=lambda each: each[1])
        rows.append([str(settings.data), settings.loss, run.seed, run.kept(course[-1][1]), best[1], best[0]])
    header = ["data", "loss", "seed", "Fréchet distance, last", "best", "at step"]
    bench.table("ext_fid", header, rows, "Last and best snapshot of every training; the last is judged.")
    panels = [(f"Fréchet distance, features of {_network(runs, data)}", lines) for data, lines in courses.items()]
    seeds = {loss: len({run.seed for run in runs if run.settings.loss == loss}) for loss in NAMES}
    told = "Seeds: " + ", ".join(f"{NAMES[loss]} {count}" for loss, count in seeds.items() if count) + "."
    title = bench.title("Extended paper's table: Fréchet distance over the steps, one line a seed")
    bench.draw("ext_fid", curves(panels, title, "step"), told)
    _sheets(bench, runs)


def row_of(loss: str, data: Set) -> str:
    """The row of a loss and a set, such as `lsgan_011, scenes64`."""
    return f"{loss}, {data.name}"


def _record(bench: Bench, run: Finished, step: int, scores: dict[str, float]) -> None:
    row = row_of(run.settings.loss, run.settings.data)
    for kind, value in scores.items():
        bench.record(row, run.settings.protocol.metric(kind), value, seed=run.seed, step=step)


def _network(runs: Sequence[Finished], data: Set) -> str:
    return next(run.settings.protocol.network for run in runs if run.settings.data == data)


def _sheets(bench: Bench, runs: Sequence[Finished]) -> None:
    panels = []
    for run in (run for run in runs if run.seed == 0):
        *_, (step, arrays) = run.snapshots()
        panels.append((f"{NAMES[run.settings.loss]}, {run.settings.data}, step {step:,}", arrays["sheet"][:32]))
    title = bench.title("Extended paper's table: 32 images of fixed latents, uncurated, seed 0")
    bench.draw("ext_fid_sheets", sheets(panels, columns=8, across=2, inches=5.2, title=title), "The last snapshots.")


@claim(
    "ext_fid",
    "The labels (-1,1,0) give a lower Fréchet distance than (0,1,1): on two sets or more, the interval over seeds of "
    "the difference lies above 0.",
    source="1712.06391, abstract: the objective derived from chi-square is better; the rule is ours; paired by seed",
)
def chi_square_labels_score_better(values: claims.Values) -> claims.Verdict:
    verdicts = []
    for data, protocol in JUDGED:
        name = protocol.metric("frechet").name
        pairs = claims.paired(*(values.by_seed(row_of(loss, data), name) for loss in LOSSES[1:]))
        if pairs:
            verdicts.append(claims.above(pairs, 0, of=f"{name}, {data.name}, (0,1,1) - (-1,1,0)"))
    return claims.at_least(2, verdicts)
