"""Figure 6: training without batch norm, both losses under Adam and RMSProp (section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.lsgan.scenes import (
    ALIKE,
    DIVERGED,
    DUPLICATES,
    FRECHET,
    NAMES,
    ROOMS,
    SCENES,
    SCORES,
    SPREAD,
    UNTRAINED,
    Scoring,
    fit_images,
    record_scores,
    scorings,
)
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.metrics.frechet import frechet_distance
from repro.metrics.variety import near_duplicate_share, spread_ratio
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    import numpy as np

    from repro.bench import Bench
    from repro.runs import Finished, Folder

# The label scheme of a cell's least-squares runs is that of the panel that was released for its optimizer; the cell
# without any batch norm under RMSProp (panels c and d) is also run with the scheme that the paper says it trains with.
CELLS = {
    ("BN_G", "adam"): ("lsgan_011", "gan"),
    ("BN_G", "rmsprop"): ("lsgan_m110", "gan"),
    ("BN_GD", "adam"): ("lsgan_011", "gan"),
    ("BN_GD", "rmsprop"): ("lsgan_m110", "gan", "lsgan_011"),
}
PANELS = {
    "a": ("BN_G", "adam", "lsgan_011"),
    "b": ("BN_G", "adam", "gan"),
    "c": ("BN_GD", "rmsprop", "lsgan_m110"),
    "d": ("BN_GD", "rmsprop", "gan"),
}
WITHOUT = {"BN_G": "no batch norm in G", "BN_GD": "no batch norm"}


@dataclass(frozen=True)
class Stability:
    """Settings of one training without batch norm; the defaults are the published ones."""

    data: Set = setting(Set("lsun64", ("bedroom",)), "Figure 6: LSUN bedrooms at 64x64")
    without: str = setting("BN_G", "Figure 6: BN_G, no batch norm in G, or BN_GD, in neither")
    optimizer: str = setting("adam", "Figure 6: adam (a, b) or rmsprop (c, d)")
    loss: str = setting("lsgan_011", "authors' stability_comparison: (0,1,1) in (a), (-1,1,0) in (c)")
    width: float = setting(1.0, "authors' stability_comparison")
    z_dim: int = setting(1024, "authors' stability_comparison")
    learning_rate: float = setting(2e-4, "authors' stability_comparison")
    beta_1: float = setting(0.5, "authors' stability_comparison")
    batch_size: int = setting(64, "authors' stability_comparison")
    steps: int = setting(5_000_000, "authors' stability_comparison, most steps", length=True)
    snapshot_every: int = setting(50_000, "not stated; ours")
    judged: int = setting(1_000, "not stated; ours: generated and real images that are compared")

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return f"{self.loss}-{self.without}-{self.optimizer}"


def train_stability(settings: Stability, seed: int, folder: Folder) -> None:
    """Trains one cell's networks; leaves sheets and features before, during and after training."""
    import keras

    from papers.lsgan import model, networks
    from papers.lsgan.scenes import loss_called
    from repro.optimizers import TF1RMSprop
    from repro.training import Uniform

    train = folder.data(settings.data, "train")
    side, width = train.images.shape[1], settings.width
    loss, rate = loss_called(settings.loss), settings.learning_rate
    if settings.optimizer == "rmsprop" and settings.loss != "gan":
        # Slots start at one, so the loss's scale matters for hundreds of steps: sum / 2, as released.
        loss = replace(loss, summed=True)
    gan = model.LSGAN(
        networks.stability_generator(side, norm=False, width=width, z_dim=settings.z_dim),
        networks.stability_discriminator(side, norm=settings.without == "BN_G", width=width),
        Uniform(settings.z_dim),
        loss,
        seed,
    )
    make = {
        "adam": lambda: keras.optimizers.Adam(rate, beta_1=settings.beta_1, epsilon=1e-8),
        "rmsprop": lambda: TF1RMSprop(rate),
    }[settings.optimizer]
    gan.compile(d_optimizer=make(), g_optimizer=make())
    fit_images(gan, train, settings, seed, folder)


@dataclass(frozen=True)
class Figure6:
    """Settings of figure 6: one training, and the scores."""

    training: Stability = nested(Stability())
    scoring: Scoring = nested(Scoring())


def plan(settings: Figure6, seeds: Sequence[int]) -> list[Run]:
    """A training per cell, loss and seed; then the scores of each."""
    trainings = [
        Run(train_stability, replace(settings.training, without=without, optimizer=optimizer, loss=loss), seed)
        for seed in seeds
        for (without, optimizer), losses in CELLS.items()
        for loss in losses
    ]
    return trainings + scorings(settings.scoring, trainings)


SUCCESS = Metric(
    "success",
    "1 if at the last step all is finite, spread_ratio_pool8 is at least 0.5, near_duplicate_share_pool8 at most 0.2 "
    "and frechet_pool8 at most 0.25 of the untrained generator's, else 0",
    "",
    "higher",
)

BEDROOMS = Set("scenes64", ("bedroom",))
QUICK = Stability(Set("rooms32"), width=0.125, batch_size=32, steps=300, snapshot_every=150)
SMALL = Stability(BEDROOMS, width=0.25, batch_size=32, steps=2_000, snapshot_every=500)


@item(
    "fig6",
    "Training without batch norm: success of both losses",
    plan,
    quick=Scale(Figure6(QUICK, Scoring(ROOMS)), seeds=1),
    small=Scale(Figure6(SMALL, Scoring(SCENES)), seeds=3),
    paper=Scale(Figure6(), seeds=10),
    metrics=[SUCCESS, FRECHET, UNTRAINED, DUPLICATES, SPREAD, DIVERGED, *SCORES],
)
def fig6(bench: Bench, runs: Sequence[Finished]) -> None:
    """Four cells, batch norm missing in G or in both networks, Adam or RMSProp, each with both losses from the same
    initial weights; without any batch norm, under RMSProp, least squares has both label schemes, hence nine sheets. In
    a row's name, BN_G says that batch norm is missing in G, BN_GD that it is missing in both. The paper counts by eye
    how many of ten tries learned; here a run succeeds by numbers that were fixed beforehand, judged once, at its last
    step. At quick this is an illustration: one seed decides nothing. At small, trainings and seeds end where hours on
    two cores end, long before anything may be expected to succeed.
    """
    successes: dict[str, list[int]] = {}
    trained, scored = [run for run in runs if not run.needs], [run for run in runs if run.needs]
    for run in trained:
        successes.setdefault(_row(run), []).append(_record(bench, run))
    for run in scored:
        record_scores(bench, _row(run.needs[0]), run)
    _draw(bench, trained)
    _table(bench, successes)


def row_of(without: str, optimizer: str, loss: str) -> str:
    """The row of a cell and loss, such as `lsgan_011, BN_G, adam`."""
    return f"{loss}, {without}, {optimizer}"


def _row(run: Finished) -> str:
    return row_of(run.settings.without, run.settings.optimizer, run.settings.loss)


def judged(features: np.ndarray, untrained: np.ndarray, real: np.ndarray, finite: bool) -> dict[Metric, float]:
    """The numbers of one run and whether it succeeded, from features (n, d) after and before training.

    Args:
        features, untrained, real: pool8 features of generated, untrained and real images.
        finite: Whether all weights stayed finite.
    """
    frechet = frechet_distance(features, real)
    share = frechet / frechet_distance(untrained, real)
    spread, duplicates = spread_ratio(features, real), near_duplicate_share(features, real)
    success = finite and spread >= 0.5 and duplicates <= 0.2 and share <= 0.25
    numbers = {FRECHET: frechet, UNTRAINED: share, DUPLICATES: duplicates, SPREAD: spread}
    if not finite:  # the last good state is no result
        numbers = dict.fromkeys(numbers, float("nan"))
    return {SUCCESS: int(success), DIVERGED: int(not finite), **numbers}


def _record(bench: Bench, run: Finished) -> int:
    snapshots = dict(run.snapshots())
    first, last = snapshots[min(snapshots)], snapshots[max(snapshots)]
    real = run.load("real")["features"]
    numbers = judged(last["features"], first["features"], real, run.diverged_at is None)
    for metric, value in numbers.items():
        bench.record(_row(run), metric, value, seed=run.seed)
    return numbers[SUCCESS]


def _draw(bench: Bench, runs: Sequence[Finished]) -> None:
    panels, names = [], {cell: f"({name}) " for name, cell in PANELS.items()}
    for run in [run for run in runs if run.seed == runs[0].seed]:
        chosen = run.settings
        *_, (step, arrays) = run.snapshots()
        optimizer = {"adam": "Adam", "rmsprop": "RMSProp"}[chosen.optimizer]
        place = names.get((chosen.without, chosen.optimizer, chosen.loss), "")
        label = f"{place}{NAMES[chosen.loss]}\n{WITHOUT[chosen.without]}, {optimizer}, step {step:,}"
        panels.append((label, arrays["sheet"][:32]))
    title = bench.title(f"Figure 6: 32 images of fixed latents, uncurated, seed {runs[0].seed}")
    caption = "(a) to (d) are the paper's panels; the others complete the table of cells."
    bench.draw("fig6", sheets(panels, columns=8, across=2, inches=5.4, title=title), caption)


def _table(bench: Bench, successes: dict[str, list[int]]) -> None:
    from scipy import stats

    rows = []
    for row, found in successes.items():
        low, high = stats.binomtest(sum(found), len(found)).proportion_ci(0.95, method="exact")
        rows.append([row, sum(found), len(found), float(low), float(high)])
    header = ["loss, batch norm missing in, optimizer", "successes", "runs", "95 % from", "to"]
    bench.table("fig6_success", header, rows, "Successes with the exact binomial (Clopper-Pearson) interval.")


@claim(
    "fig6",
    "Without batch norm in G, under Adam, the least-squares loss learns more often than the regular one (Fisher's "
    "exact test, five runs each or more).",
    source="section 4.2, figure 6 (a, b): 5 of 10 tries against none, from memory",
)
def lsgan_learns_more_often(values: claims.Values) -> claims.Verdict:
    counts = [_successes(values, row_of("BN_G", "adam", loss)) for loss in ("lsgan_011", "gan")]
    return claims.fisher(*counts[0], *counts[1], least=5)


@claim(
    "fig6",
    "Without any batch norm, under RMSProp, the regular GAN is less varied: spread_ratio_pool8 of the seeds in which "
    "both succeed is higher for least squares.",
    source="section 4.2, figure 6 (c, d); paired by seed",
)
def lsgan_is_more_varied(values: claims.Values) -> claims.Verdict:
    rows = [row_of("BN_GD", "rmsprop", loss) for loss in ("lsgan_m110", "gan")]
    spreads = []
    for row in rows:
        succeeded = values.by_seed(row, SUCCESS.name)
        spreads.append({seed: v for seed, v in values.by_seed(row, SPREAD.name).items() if succeeded[seed] == 1})
    return claims.above(claims.paired(*spreads), 0, of="spread_ratio_pool8, LSGAN - regular GAN, both succeeded")


@claim(
    "fig6",
    f"The two other cells behave alike for both losses: frechet_pool8 surely within a factor of {ALIKE:g}, five seeds "
    "or more.",
    source="section 4.2, from memory; rule and margin are ours, from after the first results; paired by seed",
)
def other_cells_do_alike(values: claims.Values) -> claims.Verdict:
    verdicts = []
    for without, optimizer, loss in (("BN_G", "rmsprop", "lsgan_m110"), ("BN_GD", "adam", "lsgan_011")):
        a, b = (values.by_seed(row_of(without, optimizer, name), FRECHET.name) for name in (loss, "gan"))
        verdicts.append(claims.alike(a, b, ALIKE, of=f"frechet_pool8, {without}, {optimizer}", least=5))
    return claims.both(*verdicts)


def _successes(values: claims.Values, row: str) -> tuple[int, int]:
    found = values.by_seed(row, SUCCESS.name)
    return int(sum(found.values())), len(found)
