"""Table 3 and figure 6: CIFAR-10 by a ResNet, without labels and with them (section 5.4, appendices F and G)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp import small_images, study
from papers.wgan_gp.cifar_resnet import Residual, train_residual
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.metrics.scores import INCEPTION
from repro.pictures.curves import curves
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

PROTOCOLS = (study.DIGITS, study.OBJECTS, study.SCORED)
ROWS = {"unsupervised": "unsupervised: WGAN-GP ResNet", "supervised": "supervised: WGAN-GP ResNet"}

INCEPTION_SCORE = Metric(
    "inception_score_2015",
    "the Inception score of the graph of 2015-12-05, ours of 50,000 generated images in 10 splits; for most published "
    "rows neither number is stated",
    "",
    "higher",
)
SPLITS = Metric("score_split_std", "population standard deviation of the last score over its 10 splits")
AGREEMENT = Metric(
    "drawn_as_asked",
    "share of 1,000 images of uniform labels to which the classifier of the data gives that label; 0.1 by chance",
    "",
    "higher",
)


@dataclass(frozen=True)
class Table3:
    """Settings of table 3 and figure 6: one training, made without labels and with them."""

    training: Residual = nested(Residual())
    files: tuple[Set, ...] = setting((Set(INCEPTION),), "the network's file")


def plan(settings: Table3, seeds: Sequence[int]) -> list[Run]:
    """A training without and one with labels per seed, and the scores of real images and noise."""
    both = [replace(settings.training, labels=labels) for labels in (False, True)]
    return [*(Run(train_residual, each, seed) for each in both for seed in seeds), study.known(settings.training)]


SCALES = {
    "quick": Scale(
        Table3(
            Residual(
                Set("digits8"), side=16, filters=16, batch_size=32, steps=90, decay_steps=90, snapshot_every=30,
                protocol=study.DIGITS,
            ),
            files=(),
        ),
    ),
    "small": Scale(
        Table3(
            Residual(
                Set("cifar10_jpeg75"), filters=32, steps=5_000, decay_steps=5_000, snapshot_every=250,
                protocol=study.OBJECTS,
            ),
            files=(),
        ),
    ),
    "paper": Scale(Table3(), seeds=3),
}  # fmt: skip


@item(
    "table3",
    "A ResNet without and with labels: scores",
    plan,
    **SCALES,
    metrics=[*(protocol.metric(study.SCORE) for protocol in PROTOCOLS), study.DIVERGED, INCEPTION_SCORE, SPLITS],
)
def table3(bench: Bench, runs: Sequence[Finished]) -> None:
    """One ResNet without labels, and with them: class-conditional batch norm in G, a class head in the critic. The
    paper's are Inception scores, in the released code of 50,000 images; at quick and small ours have the same formula
    on a small classifier of the data with 1,000 images, so they stand in the table under another name and compare with
    nothing in it. An untrained ResNet has more than noise: its score stands beside. The rate falls to 0 over the
    training's own length, which at quick and small is a small part of the paper's.
    """
    *trained, known = runs
    courses, ours = {}, []
    for run in trained:
        row, settings = ROWS[run.settings.label], run.settings
        study.record(bench, run, row)
        course = study.course(run)
        best = max(course, key=lambda each: each[1])
        name = settings.protocol.metric(study.SCORE).name
        if settings.protocol.network == INCEPTION:
            bench.record(row, INCEPTION_SCORE, study.last_score(run), seed=run.seed)
            name = INCEPTION_SCORE.name
        elif run.seed == 0:
            bench.missing(row, INCEPTION_SCORE, f"scored by {settings.protocol.network} here: {name}")
        told = f"ours, seed {run.seed}; untrained {course[0][1]:.2f}, best {best[1]:.2f} at step {best[0]:,}"
        spread = split_std(run)
        bench.record(row, SPLITS, spread, seed=run.seed)
        ours.append([row, name, study.last_score(run), spread, told])
        courses.setdefault(settings.label, {})[run.seed] = tuple(zip(*course, strict=True))
    told = small_images.record_known(bench, known)
    small_images.add_noise(courses, known)
    header = ["row", "score", "value", "spread", "source"]
    caption = (
        "The rows of the paper, later measurements of others by their sources, and ours, the last value; spread is "
        f"over the 10 splits of its images. {told}"
    )
    bench.table("table3", header, [*published_rows(), *ours], caption)
    label = f"classifier score ({known.settings.protocol.network})"
    title = bench.title("Table 3: score over training, one line a seed")
    bench.draw(
        "table3", curves([(label, courses)], title, "generator iteration"), f"{told} Figure 6 shows what scores so."
    )


def split_std(run: Finished) -> float:
    """Spread of the last score over its splits; that of images which are all alike, 0, if the training diverged."""
    *_, (_, arrays) = run.snapshots()
    return 0.0 if run.diverged_at is not None else float(arrays["score_std"])


def published_rows() -> list[list[str]]:
    """Row, metric, value, spread and source of every score that belongs to table 3, as they are published."""
    from repro import results  # imports pandas, for which a list of items does not wait

    lines = results.published(study.PUBLISHED)
    chosen = lines[(lines["item"] == "table3") & (lines["metric"] == INCEPTION_SCORE.name)]
    return chosen[["row", "metric", "value", "spread", "source"]].to_numpy().tolist()


@item(
    "fig6",
    "A ResNet without and with labels: sheets",
    plan,
    **SCALES,
    metrics=[AGREEMENT],
)
def fig6(bench: Bench, runs: Sequence[Finished]) -> None:
    """Table 3's generators. Left, without labels; right, with them, a column a class, the latents those of the left.
    Whether a column holds its class is judged by the small classifier of the data, at quick and small. At quick it
    cannot: classes begin alike, and with a rate that falls from 0.0002 to 0, Adam's few steps move a scale or an offset
    by less than 0.01.
    """
    panels, names = [], {"unsupervised": "without labels", "supervised": "with labels, a column a class"}
    for run in runs[:-1]:
        *_, (step, arrays) = run.snapshots()
        if "agreement" in arrays:
            lost = run.diverged_at is not None  # the last good state is no result
            agreed = float("nan") if lost else float(arrays["agreement"])
            bench.record("supervised", AGREEMENT, agreed, seed=run.seed)
        if run.seed == 0:
            panels.append((f"{names[run.settings.label]}, step {step:,}", arrays["sheet"]))
    title = bench.title("Figure 6: 100 images of fixed latents, uncurated, seed 0")
    bench.draw(
        "fig6", sheets(panels, columns=10, across=2, inches=5.0, title=title), "Left, without labels; right, with them."
    )


@claim(
    "table3",
    "With labels the score is higher than without.",
    source="section 5.4, table 3: 8.42 against 7.86; by a classifier of the data at quick and small; paired by seed",
)
def labels_raise_the_score(values: claims.Values) -> claims.Verdict:
    found = [small_images.score_by_seed(values, ROWS[kind], PROTOCOLS) for kind in ("supervised", "unsupervised")]
    return claims.above(claims.paired(*found), 0, of="score, with labels - without")


@claim(
    "fig6",
    "The generator with labels draws the class that it is asked for in more than half of its images.",
    source="figure 6: one class per column, by eye; the measure and the margin are ours",
)
def columns_hold_their_class(values: claims.Values) -> claims.Verdict:
    return claims.above(values.by_seed("supervised", AGREEMENT.name), 0.5, of="share drawn as asked")
