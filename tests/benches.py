"""Carries the runs of an item out in this process, and presents it."""

import contextlib
from pathlib import Path

from repro import runs
from repro.bench import Bench
from repro.data import Places, describe
from repro.errors import MissingData
from repro.items import sets


def presented(item, settings, seeds: int, folder: Path, data: Path | None = None) -> Bench:
    """What an item presents with these settings; runs and prepared data are kept in the folder."""
    planner = runs.Planner(Places(data, folder))
    planned = [planner.plan(run) for run in item.plan(settings, range(seeds))]
    for each in planned:
        runs.execute(each)
    bench = Bench(item, settings, "invented data", "quick")
    for wanted in sets(settings):
        with contextlib.suppress(MissingData):  # of one that may be missing
            bench.sets[wanted] = describe(wanted, planner.places)
    item.present(bench, [runs.Finished(each) for each in planned])
    return bench


def recorded(bench: Bench) -> dict[tuple[str, str, str, str], float]:
    """(row, metric, seed, step) to value, all as in values.csv."""
    return {tuple(line[1:5]): float(line[5]) for line in bench.values}
