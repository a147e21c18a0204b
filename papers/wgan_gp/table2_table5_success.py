"""Tables 2 and 5: how many random architectures either objective trains, at rising thresholds of the score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp import study
from papers.wgan_gp.architectures import NAMES, Grid
from papers.wgan_gp.study import DIGITS, DIVERGED, GAN, OBJECTS, PENALTY, SCORE, SCORED, Training
from papers.wgan_gp.table1_grid import QUICK, SMALL
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting
from repro.metrics.scores import INCEPTION
from repro.pictures.sheets import sheets
from repro.pictures.tables import drawn_tables

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

METHODS = (GAN, PENALTY)
OUTCOMES = ("only_gan", "only_wgan_gp", "both", "neither")
SCORES = tuple(half / 2 for half in range(2, 19))
SHOWN = 8  # architectures on the sheets
DRAWN = 200  # architectures of the paper


@dataclass(frozen=True)
class Study:
    """Settings of a table: the set of architectures, a training, and the thresholds. A seed draws an architecture."""

    grid: Grid = nested(Grid())
    training: Training = nested(Training())
    scores: tuple[float, ...] = setting(SCORES, "Table 5: least Inception scores")
    shares: tuple[float, ...] = setting((), "ours: thresholds 1 + share (score of real images - 1), for other scores")
    files: tuple[Set, ...] = setting((Set(INCEPTION),), "the file of the score's network")


def plan(settings: Study, seeds: Sequence[int]) -> list[Run]:
    """Both trainings of every architecture, that of the DCGAN itself, and the scores of real images and noise."""
    grid, base = settings.grid, settings.training
    trainings = [study.training(base, grid, method, number) for number in seeds for method in METHODS]
    return [study.known(base), dcgan(base, grid), *trainings]


def dcgan(base: Training, grid: Grid) -> Run:
    """The regular GAN's training of the architecture that the study starts from, with the middle of the set's filters.

    Args:
        base: Its other settings.
        grid: The set.
    """
    middle = replace(base.architecture, filters_g=grid.filters_g[1], filters_d=grid.filters_d[1])
    return Run(study.train, replace(base, method=GAN, architecture=middle), 0)


def thresholds(settings: Study, real: float) -> dict[str, float]:
    """Row of a threshold to the score that an architecture must exceed; `real` is the score of real images."""
    printed = {f"min_score_{least:.1f}": least for least in settings.scores}
    return printed | {f"share_{share:.1f}_of_real": 1 + share * (real - 1) for share in settings.shares}


def outcomes(scores: Mapping[str, Mapping[int, float]], threshold: float) -> dict[str, int]:
    """How many architectures exceed a threshold with the GAN only, WGAN-GP only, both, neither: name to count."""
    succeeded = [(scores["gan"][n] > threshold, scores["wgan_gp"][n] > threshold) for n in scores["gan"]]
    kinds = ((True, False), (False, True), (True, True), (False, False))
    return {name: succeeded.count(kind) for name, kind in zip(OUTCOMES, kinds, strict=True)}


COUNTS = {
    name: Metric(name, f"architectures whose last score is above the row's threshold: {meaning}", "architectures")
    for name, meaning in zip(
        OUTCOMES, ("with the GAN only", "with WGAN-GP only", "with both", "with neither"), strict=True
    )
}
STANDARD = Metric(
    "inception_score_of_unstated_protocol",
    "of the DCGAN that the study starts from; its images and splits are not told",
)
SCORE_METRICS = [protocol.metric(SCORE) for protocol in (DIGITS, OBJECTS, SCORED)]

QUICK_TRAINING = Training(
    Set("digits8"), side=16, batch_size=32, rate_factor=5.0, steps=50, snapshot_every=25,
    protocol=DIGITS,
)  # fmt: skip
SMALL_TRAINING = Training(Set("cifar10_jpeg75"), steps=2_000, snapshot_every=500, protocol=OBJECTS)
TENTHS = tuple(tenth / 10 for tenth in range(1, 10))


def _scales(scores: tuple[float, ...], shares: tuple[float, ...]) -> dict[str, Scale]:
    """Of a table with these thresholds; its trainings are the other's."""
    return {
        "quick": Scale(Study(QUICK, QUICK_TRAINING, (), shares, ()), seeds=6),
        "small": Scale(Study(SMALL, SMALL_TRAINING, (), shares, ()), seeds=20),
        "paper": Scale(Study(scores=scores), seeds=DRAWN),
    }


@item(
    "table2",
    "Architectures that either objective trains, at five thresholds",
    plan,
    **_scales(SCORES[::4], TENTHS[::2]),
    metrics=[*COUNTS.values()],
)
def table2(bench: Bench, runs: Sequence[Finished]) -> None:
    """Table 5 at five of its thresholds: 1, 3, 5, 7 and 9 as published, every second of ours. What counts as a success
    is said there.
    """
    known, _, *trainings = runs
    present_counts(bench, trainings, known, "table2")
    bench.missing("standard DCGAN on ImageNet 32x32", STANDARD, "ours is table 5's row dcgan, by another protocol")


@item(
    "table5",
    "Architectures that either objective trains: all thresholds and all scores",
    plan,
    **_scales(SCORES, TENTHS),
    metrics=[*COUNTS.values(), *SCORE_METRICS, DIVERGED],
)
def table5(bench: Bench, runs: Sequence[Finished]) -> None:
    """Random architectures, each trained with the regular GAN's objective and with WGAN-GP's from the same initial
    weights; a success is a score above a threshold at the end. The number of an architecture stands in the place of a
    seed. A training that diverged scores 1 and so fails everywhere. At quick and small the score is that of a small
    classifier of the set, and thresholds lie between 1 and the score of real images: not comparable with the published
    ones, which belong to ImageNet and to the Inception score; noise passes the lowest at quick, and so does an
    untrained generator whose score stands in the table of architectures. The paper scores the end or the best, it does
    not say which; the best is in the table of architectures and counts for nothing. An iteration of WGAN-GP has five
    steps of D, of the GAN one, so equal iterations are not equal work.
    """
    known, standard, *trainings = runs
    for name, value in known.load("scores").items():
        bench.record(name, bench.settings.training.protocol.metric(SCORE), float(value))
    study.record(bench, standard, "dcgan")
    for run in trainings:
        study.record(bench, run, run.settings.method.name)
    present_counts(bench, trainings, known, "table5")
    pairs = {number: [run for run in trainings if run.seed == number] for number in (run.seed for run in trainings)}
    _table_of_architectures(bench, pairs)
    _sheets(bench, pairs)


def present_counts(bench: Bench, trainings: Sequence[Finished], known: Finished, name: str) -> None:
    """Records the counts at every threshold, and lays them beside the published ones: a picture and a table.

    Args:
        bench: The item's.
        trainings: Finished, both of every architecture.
        known: The finished scores of real images and noise.
        name: `table2` or `table5`.
    """
    scores = {method.name: study.scores_of(trainings, method) for method in METHODS}
    real, noise = (float(known.load("scores")[kind]) for kind in ("real", "noise"))
    least, n = thresholds(bench.settings, real), len(scores["gan"])
    lines, rows = [list(HEADER)], []
    for row, threshold in least.items():
        counts = outcomes(scores, threshold)
        shown = row if n == DRAWN or not bench.settings.scores else f"{row}, {n} architectures"  # another count's share
        for outcome, count in counts.items():
            bench.record(shown, COUNTS[outcome], count)
        lines.append(_line(f"{threshold:.2f}", tuple(counts.values())))
        rows.append([row, threshold, *_numbers(tuple(counts.values()))])
    published = [list(HEADER), *(_line(f"{at:.2f}", counts) for at, counts in printed(name).items())]
    title = bench.title(f"Table {name[-1]}: architectures with a score above a threshold")
    network = bench.settings.training.protocol.network
    panels = [
        ("Published: 200 architectures, ImageNet 32x32, Inception score", published),
        (f"Ours: {n} architectures, classifier score by {network}", lines),
    ]
    caption = (
        "Shares with Wilson's 95 % interval; p: two-sided sign test on the architectures that one objective alone "
        "trains, of the published counts ours too. Scores of different classifiers do not compare. By ours, real "
        f"images score {real:.2f} and uniform noise {noise:.2f}."
    )
    bench.draw(name, drawn_tables(panels, title), caption)
    header = ["threshold", "score above", *OUTCOMES]
    header += [f"{method.name} {what}" for method in METHODS for what in ("share", "low", "high")] + ["sign test p"]
    rows += [[f"published min_score_{at:.1f}", at, *_numbers(counts)] for at, counts in printed(name).items()]
    bench.table(name, header, rows, "The same as numbers, the published ones below.")


HEADER = ("score above", "only GAN", "only WGAN-GP", "both", "neither", "GAN, share", "WGAN-GP, share", "p")


def printed(name: str) -> dict[float, tuple[int, ...]]:
    """Threshold to the published counts of table 2 or 5, in the order of `OUTCOMES`."""
    from repro import results  # imports pandas, for which a list of items does not wait

    lines = results.published(study.PUBLISHED)
    found: dict[float, dict[str, int]] = {}
    for row, metric, value in lines[lines["item"] == name][["row", "metric", "value"]].to_numpy():
        if metric in OUTCOMES:
            found.setdefault(float(row.removeprefix("min_score_")), {})[metric] = int(value)
    return {at: tuple(counts[outcome] for outcome in OUTCOMES) for at, counts in sorted(found.items())}


def _numbers(counts: tuple[int, ...]) -> list[float]:
    """Counts in the order of `OUTCOMES`, then share, low and high of either method, then p."""
    only_gan, only_penalty, both, _ = counts
    n, numbers = sum(counts), list(counts)
    for successes in (only_gan + both, only_penalty + both):
        numbers += [successes / n, *claims.wilson(successes, n)]
    return [*numbers, claims.sign_test_p(only_penalty, only_gan)]


def _line(threshold: str, counts: tuple[int, ...]) -> list[str]:
    *_, a, a_low, a_high, b, b_low, b_high, p = _numbers(counts)
    shares = [f"{at:.2f} ({low:.2f}-{high:.2f})" for at, low, high in ((a, a_low, a_high), (b, b_low, b_high))]
    return [threshold, *map(str, counts), *shares, f"{p:.2g}"]


def _table_of_architectures(bench: Bench, pairs: Mapping[int, Sequence[Finished]]) -> None:
    rows = []
    for number, pair in pairs.items():
        architecture, row = pair[0].settings.architecture, []
        for run in pair:
            (_, untrained), *course = study.course(run)
            best = max(score for step, score in course or [(0, study.LOWEST)])
            row += [untrained, study.last_score(run), best, "" if run.diverged_at is None else run.diverged_at]
        rows.append([number, *(str(getattr(architecture, name)) for name in NAMES), *row])
    header = ["number", *NAMES.values()]
    columns = ("untrained score", "last score", "best score", "diverged at step")
    header += [f"{method.name}: {what}" for method in METHODS for what in columns]
    caption = f"All {len(rows)} of the {bench.settings.grid.size:,} architectures that were drawn; the paper draws 200."
    bench.table("table5_architectures", header, rows, caption)


def _sheets(bench: Bench, pairs: Mapping[int, Sequence[Finished]]) -> None:
    panels = []
    for number, pair in list(pairs.items())[:SHOWN]:
        for run in pair:
            *_, (step, arrays) = run.snapshots()
            ended = (
                f"score {float(arrays['score']):.2f}" if run.diverged_at is None else f"diverged, here step {step:,}"
            )
            panels.append((f"{number}: {study.NAMES[run.settings.method.name]}, {ended}", arrays["sheet"][:16]))
    title = bench.title(f"Table 5: images of fixed latents, uncurated, the first {len(panels) // 2} architectures")
    drawn = sheets(panels, columns=8, across=4, inches=3.0, title=title)
    bench.draw("table5_sheets", drawn, "By number, as in the table of architectures.")


@claim(
    "table5",
    "WGAN-GP trains more of the architectures than the GAN: sign test over those that one objective alone brings above "
    "the middle threshold, p < 0.05.",
    source="section 5.1, tables 2 and 5; the threshold, 5.0 or halfway to the score of real images, is ours",
)
def penalty_trains_more_architectures(values: claims.Values) -> claims.Verdict:
    middle = re.compile(r"min_score_5\.0(, \d+ architectures)?|share_0\.5_of_real")
    for row in filter(middle.fullmatch, values.table["row"].unique()):
        counts = [values.without_seed(row, COUNTS[name].name) for name in ("only_wgan_gp", "only_gan")]
        if all(counts):
            return claims.sign_test(*(int(count[-1]) for count in counts), of=f"trained by one alone, {row}")
    return claims.sign_test(0, 0, of="trained by one alone")
