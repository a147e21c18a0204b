"""What is not ours fails: somebody's cluster, a disk without room, a folder that cannot be one."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.house import backups, compared, ends_well, start

ONE_THREAD = (
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip


def begin(house, name, *arguments, **keywords):
    """A network wide enough that its backups take a hundred kilobytes."""
    return start(house, name, "--steps", "150", *arguments, scale="small", **keywords)


@pytest.fixture(scope="module")
def whole(house):
    """The uninterrupted run."""
    ends_well(begin(house, "whole", "--jobs", "1"))
    return compared(house / "whole", "small")


# ---- a cluster that exists ----


@pytest.fixture
def cluster(house, tmp_path):
    """A scheduler on loopback, and a function that lets a worker join it; both end with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    opened = []

    def open_up(*words, threads="1"):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "distributed.cli." + words[0], *words[1:], "--no-dashboard"],
            env={**os.environ, **dict.fromkeys(ONE_THREAD, threads), "PYTHONPATH": str(house)},
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        opened.append(process)
        return process

    open_up("dask_scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])

    def join(**keywords):
        words = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path))
        return open_up("dask_worker", address, *words, **keywords)

    yield address, join, opened
    for process in opened:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def told_with_one_worker(house, name, address):
    """Starts until the worker has joined; what the program says then."""
    until = time.monotonic() + 60
    while True:
        status, told, errors = begin(house, name, "--scheduler", address).end()
        if "has no workers" not in errors or time.monotonic() > until:
            return status, told, errors


def test_somebodys_cluster_gives_the_same_bits_and_lives_on(house, whole, cluster):
    address, join, opened = cluster
    status, _, errors = begin(house, "elsewhere", "--scheduler", address).end()
    assert status == 1 and errors.count("\n") == 1 and "has no workers; start some in this folder: " in errors
    join()
    status, told, errors = told_with_one_worker(house, "elsewhere", address)
    assert (status, errors) == (0, ""), told
    assert compared(house / "elsewhere", "small") == whole
    assert [process.poll() for process in opened] == [None, None]


def test_a_worker_that_would_give_other_bits_is_refused(house, cluster):
    address, join, _ = cluster
    join(threads="2")
    status, _, errors = told_with_one_worker(house, "other-bits", address)
    assert status == 1 and errors.count("\n") == 1
    assert "would give other results (TF_NUM_INTRAOP_THREADS 2, " in errors and "OMP_NUM_THREADS=1 " in errors


@pytest.mark.parametrize(("address", "expected"), [
    ("tcp://127.0.0.1:9", (1, "no Dask scheduler answers at tcp://127.0.0.1:9: start one, or leave --scheduler out")),
    ("here", (2, "--scheduler takes an address such as tcp://127.0.0.1:8786. Received: here")),
])  # fmt: skip
def test_an_address_where_nobody_answers(house, address, expected):
    status, _, errors = begin(house, "nobody", "--scheduler", address).end()
    assert (status, errors) == (expected[0], f"run_all.sh: {expected[1]}\n")


# ---- no room, no permission ----


class Disk:
    """A file system of a few megabytes of its own, which only the program that is started `within` it sees."""

    def __init__(self, place):
        place.mkdir(parents=True)
        self.holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
             'mount -t tmpfs -o size=8m small "$0" && echo mounted && exec sleep 600', str(place)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if self.holder.stdout.readline() != b"mounted\n":
            pytest.skip("this machine lets nobody mount a file system of their own")
        self.within = ["nsenter", f"--target={self.holder.pid}", "--user", "--preserve-credentials", "--mount"]
        self.seen = Path(f"/proc/{self.holder.pid}/root{place}")

    def fill(self, left):
        """Fills it but for so many bytes."""
        found = os.statvfs(self.seen)
        (self.seen / "filler").write_bytes(bytes(found.f_bavail * found.f_bsize - left))

    def make_room(self):
        (self.seen / "filler").unlink()


@pytest.fixture
def disk():
    """Makes a `Disk` at a place; it is gone after the test."""
    made = []

    def make(place):
        made.append(Disk(place))
        return made[-1]

    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("this machine has no file systems of one's own")
    yield make
    for each in made:
        each.holder.kill()
        each.holder.communicate()


def reasons(started):
    """The lines on standard error of a start that failed as it should, each without the program's name."""
    status, told, errors = started.end()
    assert status == 1, told + errors
    assert "Traceback" not in told + errors
    assert all(line.startswith("run_all.sh: ") for line in errors.splitlines()), errors
    return told, [line.removeprefix("run_all.sh: ") for line in errors.splitlines()]


def assert_whole(folder):
    """No file is half-written."""
    assert not list(folder.glob("**/*.tmp*"))
    for path in backups(folder):
        assert hashlib.sha256(path.read_bytes()[32:]).digest() == path.read_bytes()[:32], path
    for path in folder.glob("runs/*/*.npz"):
        with np.load(path) as stored:
            assert [stored[name] for name in stored.files]


def test_a_full_disk_in_the_middle_of_a_run(house, whole, disk):
    small, name = disk(house / "full/runs"), "full"
    small.fill(left=250_000)
    told, [reason] = reasons(begin(house, name, "--jobs", "1", within=small.within))
    assert "│ failed, see" in told
    assert reason.startswith(f"tiny study: cannot write {house}/full/runs/tiny-train-")
    assert reason.endswith(" needed): No space left on device; make room, and the same command goes on from here")
    seen = small.seen.parent
    assert_whole(seen)
    assert backups(seen)
    small.make_room()
    ends_well(begin(house, name, "--jobs", "2", within=small.within))
    assert compared(seen, "small") == whole


@pytest.mark.parametrize("left", [0, 12_288])
def test_a_full_disk_where_results_go(house, whole, disk, left):
    name = f"full-results-{left}"
    shutil.copytree(house / "whole/runs", house / name / "runs")
    small = disk(house / name / "out")
    small.fill(left)
    _, [reason] = reasons(begin(house, name, within=small.within))
    assert reason.startswith(f"cannot write {house / name}/out/small/tiny/")
    assert reason.endswith(" needed): No space left on device; make room, and the same command goes on from here")
    assert_whole(small.seen.parent)
    assert not (small.seen / "small/tiny/provenance.json").exists()
    small.make_room()
    ends_well(begin(house, name, within=small.within))
    assert compared(small.seen.parent, "small") == whole


def test_files_that_may_not_grow_as_large_as_a_backup(house):
    told, [reason] = reasons(begin(house, "limited", "--jobs", "1", file_size=60_000))
    assert "│ failed, see" in told
    assert reason.startswith(f"tiny study: cannot write {house}/limited/runs/tiny-train-") and "/backup-0" in reason
    assert reason.endswith(" MB needed): File too large; make room, and the same command goes on from here")
    assert_whole(house / "limited")
    assert not backups(house / "limited") and not list(house.glob("limited/runs/*/done.json"))


@pytest.mark.parametrize(("option", "below"), [("--out", "/below"), ("--cache", "")])
def test_a_folder_that_is_a_file(house, tmp_path, option, below):
    (tmp_path / "file").write_text("kept")
    _, [reason] = reasons(begin(house, "no-folder", option, f"{tmp_path}/file{below}"))
    assert reason.startswith(f"cannot write {tmp_path}/file{below}")
    assert reason.endswith("; give permission, or name another folder, and the same command goes on from here")
    assert (tmp_path / "file").read_text() == "kept"
