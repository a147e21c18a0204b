"""Two forms of one calculation, taken in turn in one process; what benchmarks without TensorFlow share.

Whoever imports this first has one thread: the variables are set before NumPy is loaded.
"""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

from repro import results  # noqa: E402
from repro.machine import processor  # noqa: E402
from repro.present import commit  # noqa: E402


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def peak(work: Callable[[], object]) -> float:
    """Most GB that NumPy held at once, its arguments not counted; not timed, because the counting costs."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e9


def store(name: str, header: list[str], rows: list[list], load: float) -> None:
    """Writes benchmarks/results/NAME.csv; `load` is that of the machine before the work."""
    made = [processor(), round(load, 2), commit()[:12]]
    lines = [[str(cell) for cell in [*row, *made]] for row in rows]
    out = ROOT / "benchmarks" / "results" / f"{name}.csv"
    out.parent.mkdir(exist_ok=True)
    out.write_text(results.table_text([*header, "processor", "load", "commit"], lines))
