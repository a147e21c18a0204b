"""A fifth paper through the command line of a copy of the package, killed in every way and left alone."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPARED = ("values.csv", "results.csv", "claims.csv")


@pytest.fixture(scope="module")
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
    (here / "results/published/tiny.csv").write_text(header + "\nstudy,both,distance,7,,,,,nowhere,read,\n")
    return here


@pytest.fixture(scope="module")
def reference(house):
    """The uninterrupted run, with one job."""
    ends_well(start(house, "reference", "--jobs", "1"))
    return house / "reference"


class Started:
    """A start of the program; what it says goes to files, so that nothing is left open."""

    def __init__(self, house, name, arguments, scale):
        folder, self.count = house / name, len(list(house.glob("said-*")))
        self.said = [house / f"said-{self.count}-{kind}" for kind in ("out", "err")]
        command = [sys.executable, "-P", "-m", "repro", "tiny", "--scale", scale, "--cache", f"{folder}/runs"]
        with open(self.said[0], "w") as out, open(self.said[1], "w") as err:
            self.process = subprocess.Popen(
                [*command, "--out", f"{folder}/out", *arguments],
                env={**os.environ, "PYTHONPATH": str(house)}, stdout=out, stderr=err, start_new_session=True,
                # Whoever runs the tests in the background has interrupts ignored, and that is handed down.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
        self.pid = self.process.pid

    def end(self, timeout=300):
        """Waits; (status, standard output, standard error)."""
        return self.process.wait(timeout), self.said[0].read_text(), self.said[1].read_text()

    def kill_all(self):
        """Kills the main process and all its workers at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def start(house, name, *arguments, scale="quick"):
    return Started(house, name, arguments, scale)


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


def test_the_fifth_paper_runs_with_no_other_change(reference):
    out = reference / "out/quick/tiny"
    rows = (out / "results.csv").read_text()
    assert "tiny,study,both,distance," in rows and ",7,,nowhere,verified," in rows
    assert "tiny,study,rate1e+30,diverged,1," in rows
    assert "One training diverges.,holds" in (out / "claims.csv").read_text()
    page = (out / "index.html").read_text()
    assert "study.png" in page and "&lt;b&gt;with a tag" in page and "<b>with a tag" not in page
    known = json.loads((out / "provenance.json").read_text())["items"]["study"]
    assert known["deviations"] == [] and len(known["runs"]) == 4


def test_done_is_done_and_force_does_it_again_alike(house, reference):
    before = compared(reference)
    assert "done before" in ends_well(start(house, "reference"))
    assert "done before" not in ends_well(start(house, "reference", "--force"))
    assert compared(reference) == before


def test_any_number_of_jobs_gives_the_same_bits_and_no_tensorflow_noise(house, reference):
    said = ends_well(start(house, "two", "--jobs", "2"))
    assert compared(house / "two") == compared(reference)
    assert "oneDNN" not in said and "Traceback" not in said


@pytest.mark.parametrize("victim", ["main", "worker", "group"])
def test_killed_at_a_random_moment_the_same_command_ends_bit_identical(house, reference, victim):
    chance = random.Random(victim)
    name = f"killed-{victim}"
    started = start(house, name, "--jobs", "2")
    wait_for(lambda: backups(house / name), started)
    time.sleep(chance.uniform(0, 0.3))
    if victim == "worker":
        os.kill(chance.choice(worker_pids(started)), signal.SIGKILL)
    elif victim == "main":
        os.kill(started.pid, signal.SIGKILL)
        started.process.wait()
        started = start(house, name, "--jobs", "1")
    else:
        started.kill_all()
        started = start(house, name, "--jobs", "1")
    ends_well(started)
    assert compared(house / name) == compared(reference)


def test_killed_while_a_backup_is_written_and_then_given_a_truncated_one(house):
    # A network wide enough that writing takes long enough to be hit.
    ends_well(start(house, "wide", "--steps", "150", scale="small"))
    started = start(house, "torn", "--steps", "150", scale="small")
    torn = house / "torn"
    wait_for(lambda: backups(torn) and list(torn.glob("runs/*/.backup-*.tmp")), started)
    started.kill_all()
    newest = max(backups(torn), key=lambda path: path.stat().st_mtime)
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    ends_well(start(house, "torn", "--steps", "150", scale="small"))
    assert compared(torn, "small") == compared(house / "wide", "small")
    assert list(torn.glob("runs/*/*.damaged"))


def test_interrupted_it_says_how_to_go_on(house):
    started = start(house, "interrupted")
    wait_for(lambda: backups(house / "interrupted"), started)
    os.kill(started.pid, signal.SIGINT)
    status, _, errors = started.end(30)
    assert (status, errors.strip()) == (130, "run_all.sh: interrupted; the same command goes on from here")


def test_a_second_start_says_who_holds_the_folder(house):
    started = start(house, "held")
    wait_for(lambda: (house / "held/out/quick/tiny/.holder.json").exists(), started)
    status, _, errors = start(house, "held").end()
    started.kill_all()
    assert status == 1 and errors.count("\n") == 1
    assert f"is in use by process {started.pid} on " in errors


def test_a_damaged_values_file_is_set_aside_and_named(house, reference):
    folder = house / "damaged"
    shutil.copytree(reference, folder)
    (folder / "out/quick/tiny/values.csv").write_text("nonsense\n1\n")
    (folder / "out/quick/tiny/study.png").unlink()
    status, told, errors = start(house, "damaged").end()
    assert status == 1 and "values.csv is damaged" in errors, told + errors
    ends_well(start(house, "damaged"))
    assert compared(folder)["values.csv"] == compared(reference)["values.csv"]
