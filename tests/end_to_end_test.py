"""A fifth paper through the command line of a copy of the package, killed in every way and left alone."""

import json
import os
import random
import shutil
import signal
import time

import pytest

from tests.house import backups, compared, ends_well, start, wait_for, worker_pids


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
    before, out = compared(reference), reference / "out/quick/tiny"
    assert "done before" in ends_well(start(house, "reference"))
    known = json.loads((out / "provenance.json").read_text())
    for name in ("no_longer_drawn.png", "../another_papers.png"):
        known["items"]["study"]["pictures"].append({"file": name, "caption": ""})
        (out / name).touch()
    (out / "provenance.json").write_text(json.dumps(known))
    assert "done before" not in ends_well(start(house, "reference", "--force"))
    assert compared(reference) == before
    assert not (out / "no_longer_drawn.png").exists() and (out / "../another_papers.png").exists()


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


def test_without_provenance_everything_is_presented_again(house, reference):
    folder = house / "unknown"
    shutil.copytree(reference, folder)
    (folder / "out/quick/tiny/provenance.json").unlink()
    ends_well(start(house, "unknown"))
    assert compared(folder)["results.csv"] == compared(reference)["results.csv"]
