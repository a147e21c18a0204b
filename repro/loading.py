"""Finding a finished run's generator and loading it."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.data import Places
from repro.errors import Misuse
from repro.items import SCALES
from repro.runs import Planner, is_done

if TYPE_CHECKING:
    import keras


def load_generator(
    paper: str, item: str, *, seed: int, scale: str, cache: str, data_dir: str | None, settings: dict[str, Any]
) -> keras.Model:
    """See `repro.load`."""
    try:
        declared = importlib.import_module(f"papers.{paper}").PAPER.item(item)
    except ModuleNotFoundError:
        raise Misuse(f"no paper is called {paper!r}") from None
    if scale not in SCALES:
        raise Misuse(f"no scale is called {scale!r}: there is {', '.join(SCALES)}")
    chosen = declared.scales[scale]
    planner = Planner(Places(Path(data_dir) if data_dir else None, Path(cache).resolve()))
    asked = declared.plan(chosen.settings, range(max(chosen.seeds, seed + 1)))
    trained = [run for run in asked if run.seed == seed and _matches(run.settings, settings)]
    command = f"./run_all.sh {paper} --scale {scale} --only {item}"
    for planned in map(planner.plan, trained):
        if is_done(planned) and (planned.path / "generator.keras").exists():
            from repro import fitting  # imports TensorFlow, for which a wrong name does not wait

            return fitting.load_network(planned.path / "generator.keras")
    raise Misuse(f"no finished training of {paper} {item} has seed {seed} and {settings or 'any settings'}: {command}")


def _matches(settings: Any, wanted: dict[str, Any]) -> bool:
    return all(getattr(settings, name, dataclasses.MISSING) == value for name, value in wanted.items())
