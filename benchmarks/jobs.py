"""Two trainings side by side against one after the other: the whole command, figure 7's ring, two seeds of both losses.

    .venv/bin/python benchmarks/jobs.py

The machine should do nothing else. The ratio is of wall seconds, start-up and presentation included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from repro import results  # noqa: E402
from repro.machine import processor  # noqa: E402
from repro.present import commit  # noqa: E402


def seconds(jobs: int) -> float:
    """Wall seconds of the command with a cache of its own."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["lsgan", "--only", "fig7", "--seeds", "2", "--jobs", str(jobs)]
        words += ["--out", f"{folder}/out", "--cache", f"{folder}/runs"]
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "repro", *words], cwd=ROOT, check=True, capture_output=True)
        return time.perf_counter() - started


def main() -> None:
    """Prints and stores what was measured."""
    one, two = seconds(1), seconds(2)
    print(f"one job {one:.1f} s, two jobs {two:.1f} s: {one / two:.2f} times")
    header = ["one_job_s", "two_jobs_s", "ratio", "processor", "load", "commit"]
    row = [f"{one:.1f}", f"{two:.1f}", f"{one / two:.3f}", processor(), f"{os.getloadavg()[0]:.2f}", commit()[:12]]
    out = ROOT / "benchmarks" / "results" / "jobs.csv"
    out.write_text(results.table_text(header, [row]))


if __name__ == "__main__":
    main()
