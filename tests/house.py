"""A copy of the package with a fifth paper, and starting it as a person would."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPARED = ("values.csv", "results.csv", "claims.csv")


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """A copy of the package with a fifth paper; nothing but its three places is touched."""
    here = tmp_path_factory.mktemp("a house")
    for part in ("repro", "papers", "results/published"):
        shutil.copytree(ROOT / part, here / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "requirements-gpu.txt"):
        shutil.copy(ROOT / name, here / name)
    shutil.copytree(ROOT / "tests/fifth_paper/tiny", here / "papers/tiny")
    (here / "papers/__init__.py").write_text('ALL = ("lsgan", "tiny")\n')
    header = (ROOT / "results/published/lsgan.csv").read_text().splitlines()[0]
    (here / "results/published/tiny.csv").write_text(header + "\nstudy,both,distance,7,,,,,nowhere,paper,\n")
    return here


@pytest.fixture(scope="session")
def reference(house):
    """The uninterrupted run, with one job."""
    ends_well(start(house, "reference", "--jobs", "1"))
    return house / "reference"


class Started:
    """A start of the program; what it says goes to files, so that nothing is left open."""

    def __init__(self, house, name, arguments, scale, within, file_size):
        def prepare():
            # Whoever runs the tests in the background has interrupts ignored, and that is handed down.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

        folder, self.count = house / name, len(list(house.glob("said-*")))
        self.said = [house / f"said-{self.count}-{kind}" for kind in ("out", "err")]
        command = [*within, sys.executable, "-P", "-m", "repro", "tiny", "--scale", scale, "--cache", f"{folder}/runs"]
        with open(self.said[0], "w") as out, open(self.said[1], "w") as err:
            self.process = subprocess.Popen(
                [*command, "--out", f"{folder}/out", *arguments],
                env={**os.environ, "PYTHONPATH": str(house)}, stdout=out, stderr=err, start_new_session=True,
                preexec_fn=prepare,
            )  # fmt: skip
        self.pid = self.process.pid

    def end(self, timeout=300):
        """Waits; (status, standard output, standard error)."""
        return self.process.wait(timeout), self.said[0].read_text(), self.said[1].read_text()

    def kill_all(self):
        """Kills the main process and all its workers at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def start(house, name, *arguments, scale="quick", within=(), file_size=None):
    """Starts the tiny paper; `within` is a command that runs it, `file_size` the most bytes a file may have."""
    return Started(house, name, arguments, scale, within, file_size)


def ends_well(started):
    status, told, errors = started.end()
    assert status == 0, told + errors
    return told + errors


def compared(folder, scale="quick"):
    files = {name: (folder / "out" / scale / "tiny" / name).read_bytes() for name in COMPARED}
    for path in folder.glob("runs/*/end.npz"):
        files[path.parent.name] = path.read_bytes()
    return files


def backups(folder):
    return list(folder.glob("runs/tiny-train-*/backup-*.bin"))


def wait_for(condition, started, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert started.process.poll() is None or condition(), started.said[1].read_text()
        assert time.monotonic() < until
        time.sleep(0.002)


def worker_pids(started):
    found = subprocess.run(["ps", "-eww", "-o", "pid,pgid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines()[1:]]
    return [int(pid) for pid, group, args in rows if group == str(started.pid) and "spawn_main" in args]
