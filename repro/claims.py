"""Verdicts: whether an inequality between measured values holds, fails, or cannot be decided."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

HOLDS, FAILS, UNDECIDED = "holds", "fails", "undecided"
LEAST_SEEDS = 3


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        verdict: `holds`, `fails` or `undecided`.
        evidence: The numbers it rests on, in one line.
        n: How many seeds or trials; 0 for closed forms.
    """

    verdict: str
    evidence: str
    n: int = 0


def tally(verdicts: Iterable[str]) -> str:
    """How many claims have each verdict: `2 hold, 1 fails, 3 undecided`."""
    found = Counter(verdicts)
    counted = [
        f"{found[word]} {word if word == UNDECIDED or found[word] == 1 else word[:-1]}"
        for word in (HOLDS, FAILS, UNDECIDED)
        if found[word]
    ]
    return ", ".join(counted)


class Values:
    """The measured values of one item.

    Args:
        table: Columns row, metric, seed, step, value; seed and step are NaN where there is none.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    def by_seed(self, row: str, metric: str, step: int | None = None) -> dict[int, float]:
        """Seed to value; of several steps the last one unless `step` names another."""
        chosen = self._chosen(row, metric)
        if step is not None:
            chosen = chosen[chosen["step"] == step]
        ordered = chosen.dropna(subset=["seed"]).sort_values("step", na_position="last")
        return {int(seed): float(value) for seed, value in zip(ordered["seed"], ordered["value"], strict=True)}

    def late_by_seed(self, row: str, metric: str) -> dict[int, float]:
        """Seed to the mean over the steps from half of the last one of all on.

        NaN for a seed that has a NaN, or ended before that half: it is not left out, for then the others would decide.
        """
        chosen = self._chosen(row, metric).dropna(subset=["seed", "step"])
        half, found = chosen["step"].max() / 2, {}
        for seed, course in chosen.groupby("seed"):
            late = course.loc[course["step"] >= half, "value"]
            found[int(seed)] = float(late.mean()) if len(late) and course["value"].notna().all() else math.nan
        return found

    def without_seed(self, row: str, metric: str) -> list[float]:
        """The values that belong to no seed, by step."""
        chosen = self._chosen(row, metric)
        return [float(value) for value in chosen[chosen["seed"].isna()].sort_values("step")["value"]]

    def one(self, row: str, metric: str, step: int | None = None) -> float:
        """The single value of an exact item.

        Raises:
            KeyError: If there is none or more than one.
        """
        chosen = self._chosen(row, metric)
        chosen = chosen if step is None else chosen[chosen["step"] == step]
        if len(chosen) != 1:
            raise KeyError(f"{len(chosen)} values of {row}, {metric}, step {step}; expected one")
        return float(chosen["value"].iloc[0])

    def _chosen(self, row: str, metric: str) -> pd.DataFrame:
        return self.table[(self.table["row"] == row) & (self.table["metric"] == metric)]


def exact(holds: bool, evidence: str) -> Verdict:
    """Of an identity or a closed form."""
    return Verdict(HOLDS if holds else FAILS, evidence)


def interval(sample: Mapping[int, float]) -> tuple[float, float]:
    """The 95 % t interval of a mean over at least three seeds."""
    from scipy import stats  # takes longer to import than all the rest, and declaring a claim needs none of it

    values = np.array(list(sample.values()), float)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def above(sample: Mapping[int, float], margin: float, *, fails_below: float | None = None, of: str = "mean") -> Verdict:
    """Holds if the interval of the mean lies above `margin`; fails if it lies below `fails_below` (or `margin`).

    Args:
        sample: Seed to value; a value that is not finite belongs to a diverged run and leaves the claim undecided.
        margin: Fixed before anything is run.
        fails_below: Where the claim names a margin of its own for failing.
        of: What the values are, for the evidence.
    """
    lowest = margin if fails_below is None else fails_below
    shown = f"{of} by seed: " + (", ".join(f"{value:.4g}" for value in sample.values()) or "none")
    lost = [seed for seed, value in sample.items() if not math.isfinite(value)]
    if lost:
        return Verdict(UNDECIDED, f"{shown}; diverged: seed {', '.join(map(str, lost))}", len(sample))
    if len(sample) < LEAST_SEEDS:
        return Verdict(UNDECIDED, f"{shown}; {LEAST_SEEDS} seeds are needed", len(sample))
    low, high = interval(sample)
    verdict = HOLDS if low > margin else FAILS if high < lowest else UNDECIDED
    return Verdict(verdict, f"{shown}; 95 % interval {low:.4g} to {high:.4g}, margin {margin:g}", len(sample))


def below(sample: Mapping[int, float], margin: float, *, fails_above: float | None = None, of: str = "mean") -> Verdict:
    """Holds if the interval of the mean lies below `margin`; see `above`."""
    highest = margin if fails_above is None else fails_above
    turned = above({s: -v for s, v in sample.items()}, -margin, fails_below=-highest)
    shown = above(sample, margin, of=of)
    return Verdict(turned.verdict, shown.evidence, turned.n)


def paired(a: Mapping[int, float], b: Mapping[int, float]) -> dict[int, float]:
    """Differences a - b of the seeds that both have."""
    return {seed: a[seed] - b[seed] for seed in a if seed in b}


def alike(
    a: Mapping[int, float], b: Mapping[int, float], factor: float, *, of: str, least: int = LEAST_SEEDS
) -> Verdict:
    """Holds if a is surely within a factor of b, by the interval of the mean log ratio over seeds; fails if surely not.

    Noise alone never makes two things alike: it leaves them undecided.

    Args:
        a, b: Seed to value, above 0.
        factor: Above 1, fixed before anything is run.
        of: What the values are, for the evidence.
        least: Fewer seeds than this decide nothing.
    """
    both_have = [(a[seed], b[seed]) for seed in a if seed in b]
    shown = f"{of}: " + (", ".join(f"{x:.4g} against {y:.4g}" for x, y in both_have) or "none")
    if len(both_have) < least or not all(0 < value < math.inf for pair in both_have for value in pair):
        return Verdict(UNDECIDED, f"{shown}; {least} finite seeds each are needed", len(both_have))
    low, high = (math.exp(end) for end in interval(dict(enumerate(math.log(x / y) for x, y in both_have))))
    inside, outside = 1 / factor < low and high < factor, low > factor or high < 1 / factor
    verdict = HOLDS if inside else FAILS if outside else UNDECIDED
    shown += f"; 95 % interval of the ratio {low:.4g} to {high:.4g}, allowed {1 / factor:.4g} to {factor:.4g}"
    return Verdict(verdict, shown, len(both_have))


def both(*verdicts: Verdict) -> Verdict:
    """A claim of several parts: holds if all hold, fails if one fails."""
    words = [verdict.verdict for verdict in verdicts]
    word = FAILS if FAILS in words else HOLDS if set(words) == {HOLDS} else UNDECIDED
    return Verdict(word, "; and ".join(verdict.evidence for verdict in verdicts), min(v.n for v in verdicts))


def at_least(count: int, verdicts: Sequence[Verdict]) -> Verdict:
    """A claim of several cases: holds if at least `count` of them hold, fails if so many no longer can."""
    words = [verdict.verdict for verdict in verdicts]
    word = HOLDS if words.count(HOLDS) >= count else UNDECIDED
    if len(words) >= count and len(words) - words.count(FAILS) < count:
        word = FAILS
    shown = "; ".join(f"{verdict.evidence}: {verdict.verdict}" for verdict in verdicts)
    return Verdict(word, f"{shown}; {count} cases are needed", min((v.n for v in verdicts), default=0))


def fisher(successes_a: int, n_a: int, successes_b: int, n_b: int, least: int = 1) -> Verdict:
    """Holds if a succeeds more often than b by Fisher's exact test at 5 %; fails if b more often than a.

    Fewer than `least` runs of either decide nothing.
    """
    if min(n_a, n_b) < least:
        shown = f"{successes_a} of {n_a} against {successes_b} of {n_b}"
        return Verdict(UNDECIDED, f"{shown}; {least} runs each are needed", n_a + n_b)
    from scipy import stats

    table = [[successes_a, n_a - successes_a], [successes_b, n_b - successes_b]]
    p = float(stats.fisher_exact(table).pvalue)
    more = successes_a / n_a > successes_b / n_b
    verdict = UNDECIDED if p >= 0.05 else HOLDS if more else FAILS
    return Verdict(verdict, f"{successes_a} of {n_a} against {successes_b} of {n_b}, p = {p:.3g}", n_a + n_b)


def sign_test(wins: int, losses: int, of: str = "pairs") -> Verdict:
    """Holds if a wins more pairs than b by the two-sided sign test at 5 %; fails if b more than a.

    Args:
        wins, losses: Pairs that a and b win; a tie is neither.
        of: What the pairs are, for the evidence.
    """
    p = sign_test_p(wins, losses)
    verdict = UNDECIDED if p >= 0.05 else HOLDS if wins > losses else FAILS
    return Verdict(verdict, f"{of}: {wins} against {losses}, p = {p:.3g}", wins + losses)


def sign_test_p(wins: int, losses: int) -> float:
    """The chance of so uneven a split of pairs, or a more uneven one, if either side wins with probability 1/2.

    1 where there is no pair.
    """
    from scipy import stats

    return float(stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, from counts; it stays in 0..1 and has a width at 0 and n successes, too."""
    from scipy import stats

    found = stats.binomtest(successes, n).proportion_ci(method="wilson")
    return float(found.low), float(found.high)
