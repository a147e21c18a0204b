"""The door, run_all.sh, in copies of the project with pretended Pythons: nothing is downloaded."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = [
    "awk", "bash", "cat", "cp", "cut", "df", "dirname", "flock", "grep", "mkdir", "mv", "nproc", "readlink", "rm",
    "rmdir", "sha256sum", "sleep", "tail",
]  # fmt: skip

# Answers what run_all.sh asks of a Python, writes down what is to be installed, and leaves the rest to a real one.
PRETENDED = f"""#!{shutil.which("bash")}
case "$*" in
  "-ESc import sys; print("*) echo VERSION ;;
  "-c import venv, ensurepip") exit ${{WITHOUT_VENV-0}} ;;
  "-m venv "*) echo "venv VERSION" >>"$CALLS"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip "*)
    echo "pip ${{6##*/}}" >>"$CALLS"
    printf '%b' "${{PIP_SAYS-fine}}"
    if [ -n "${{PIP_SLEEPS-}}" ]; then sleep "$PIP_SLEEPS"; fi
    case $6 in *"${{PIP_FAILS_AT-requirements}}"*) exit ${{PIP_ENDS-0}} ;; esac ;;
  "-m pytest "*) echo "pytest ${{*:3}}, at most $PYTEST_XDIST_AUTO_NUM_WORKERS, in $PWD" ;;
  *) exec {sys.executable!r} "$@" ;;
esac
"""
PROGRAM = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "mine": __file__}))
sys.exit(int(os.environ.get("ENDS", 0)))
"""


class House:
    """A copy of the project in a path with a space, and a PATH on which only what a test wants is found."""

    def __init__(self, folder):
        self.root, self.bin, self.calls_file = folder / "the project", folder / "bin", folder / "calls"
        self.here = folder / "where the user stands"
        for made in (self.root / "repro", self.bin, self.here):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "run_all.sh", self.root)
        (self.root / "repro/__main__.py").write_text(PROGRAM)
        for name in ("requirements.txt", "requirements-gpu.txt", "requirements-test.txt"):
            (self.root / name).write_text("# nothing\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.venv, self.log = self.root / ".venv", self.root / ".install.log"
        self.door = self.root / "run_all.sh"

    def put(self, name, text):
        (self.bin / name).unlink(missing_ok=True)  # a tool's link is replaced, not followed
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def python(self, version, name=None):
        self.put(name or f"python{version}", PRETENDED.replace("VERSION", version))

    def popen(self, *arguments, **more):
        environment = {"PATH": str(self.bin), "CALLS": str(self.calls_file), "HOME": str(self.here), **more}
        return subprocess.Popen(
            [self.door, *arguments], cwd=self.here, env=environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # Whoever runs the tests in the background has interrupts ignored, and that is handed down.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip

    def start(self, *arguments, **more):
        """Starts and waits: (exit status, standard output, standard error)."""
        with self.popen(*arguments, **more) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def works(self, *arguments, **more):
        status, out, err = self.start(*arguments, **more)
        assert status == 0, err
        return out

    def calls(self):
        """What was made and installed since the last look."""
        calls = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return calls

    def wait_for_pip(self):
        until = time.monotonic() + 30
        while not (self.calls_file.exists() and "pip" in self.calls_file.read_text()):
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    made.python("3.12")
    return made


def first_line(house, sizes="0.5 GB and takes 2.3 GB"):
    return f"run_all.sh: first start: downloads {sizes} on disk, in {house.venv}; follow it in {house.log}\n"


MADE = ["venv 3.12", "pip requirements.txt"]


def test_arguments_folder_and_exit_status_are_passed_on(house):
    arguments = ["lsgan", "two words", "", "--out", "a'b\"c", "*", "$HOME", "--", "-x", "line\nbreak"]
    (house.here / "repro").mkdir()
    (house.here / "repro/__main__.py").write_text("raise SystemExit('not this one')")
    status, out, _ = house.start(*arguments, ENDS="7")
    assert status == 7
    said = json.loads(out)
    assert said["arguments"] == arguments
    assert said["folder"] == str(house.here) and said["mine"] == str(house.root / "repro/__main__.py")


def test_the_first_start_says_what_it_costs_and_the_second_installs_nothing(house):
    assert house.start()[2] == first_line(house)
    assert house.calls() == MADE
    assert house.start()[2] == ""
    assert house.calls() == []


def test_through_a_link_from_a_moved_folder_and_with_a_strict_umask(house, tmp_path):
    house.works()
    house.calls()
    moved = house.root.rename(tmp_path / "moved")
    house.door = house.here / "link"
    house.door.symlink_to("../link2")
    (tmp_path / "link2").symlink_to(moved / "run_all.sh")
    old = os.umask(0o077)
    try:
        assert json.loads(house.works())["mine"] == str(moved / "repro/__main__.py")
    finally:
        os.umask(old)
    assert house.calls() == []


def test_changed_locks_are_installed_into_what_is_there(house):
    house.works()
    house.calls()
    (house.root / "requirements-test.txt").write_text("# changed\n")
    house.works()
    assert house.calls() == []
    (house.root / "requirements.txt").write_text("# changed\n")
    assert house.start()[2] == ""
    assert house.calls() == MADE[1:]


def test_tests(house):
    house.works()
    house.calls()
    out = house.works("test", "-k", "some or other")
    most = min(4, len(os.sched_getaffinity(0)))
    assert out == f"pytest -n auto -k some or other, at most {most}, in {house.root}\n"
    assert house.calls() == ["pip requirements.txt", "pip requirements-test.txt"]
    house.works("test")
    house.works()
    assert house.calls() == []


NEEDED = "run_all.sh: needs Python 3.11, 3.12 or 3.13; found"
HOW = "Install one, or name it: PYTHON=/path/to/python3.12 ./run_all.sh\n"


def fails(house, **more):
    status, out, err = house.start(**more)
    assert status == 1 and out == "" and len(err.splitlines()) == 1, err
    return err


def test_no_python(house):
    (house.bin / "python3.12").unlink()
    assert fails(house) == f"{NEEDED}: none. {HOW}"
    assert not house.venv.exists()


def test_only_other_pythons(house):
    (house.bin / "python3.12").unlink()
    house.python("3.14", "python3")
    assert fails(house) == f"{NEEDED}: 3.14. {HOW}"
    house.python("3.10", "python")
    assert fails(house) == f"{NEEDED}: 3.14, 3.10. {HOW}"


def test_a_python_without_venv(house):
    missing = "3.12 without its venv module (Debian, Ubuntu: apt install python3.12-venv)"
    assert fails(house, WITHOUT_VENV="1") == f"{NEEDED}: {missing}. {HOW}"


def test_the_python_that_is_named(house):
    house.python("3.13", "mine")
    house.python("3.14", "newest")
    house.works(PYTHON="mine")
    assert house.calls() == ["venv 3.13", *MADE[1:]]
    house.works()  # which Python is found first does not matter any more
    assert house.calls() == []
    assert fails(house, PYTHON="newest") == f"{NEEDED} at PYTHON=newest: 3.14. {HOW}"
    assert fails(house, PYTHON="/no/where") == f"{NEEDED} at PYTHON=/no/where: none. {HOW}"
    house.works(PYTHON="python3.12")
    assert house.calls() == MADE


def test_a_full_disk(house):
    house.put(
        "df", f"#!{house.bin}/bash\nprintf '%s\\n' 'Filesystem 1024-blocks Used' '//a/my disk 9 9 1000000 99% /m'\n"
    )
    assert fails(house) == (
        f"run_all.sh: an install takes 3000 MB, and 1024 MB are free at {house.root}; make room, then start again\n"
    )
    assert house.calls() == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Collecting\nERROR: first\nERROR: No space left\nnotice: pip\n", "ERROR: No space left"),
        ("Collecting\nKilled\n", "Killed"),
        ("WARNING: Retrying after connection broken by X\nERROR: None found\n", "no connection to the package index"),
    ],
)
def test_a_failed_install_is_told_and_mended(house, said, told):
    status, out, err = house.start(PIP_SAYS=said, PIP_ENDS="2")
    assert (status, out) == (1, "")
    assert err == first_line(house) + (f"run_all.sh: the install failed: {told}; see {house.log}, then start again\n")
    assert house.log.read_text() == said
    house.calls()
    house.works()
    assert house.calls() == MADE


def test_the_program_needs_no_tests(house):
    house.works()
    (house.root / "requirements.txt").write_text("# changed\n")
    assert house.start("test", PIP_ENDS="1", PIP_FAILS_AT="test.txt")[0] == 1
    house.calls()
    house.works()
    assert house.calls() == []
    house.works("test")
    assert house.calls() == ["pip requirements.txt", "pip requirements-test.txt"]


@pytest.mark.parametrize("earlier", [False, True])
def test_a_killed_install_is_mended(house, earlier):
    if earlier:
        house.works()
        (house.root / "requirements.txt").write_text("# changed\n")
        house.calls()
    with house.popen(PIP_SLEEPS="60") as process:
        house.wait_for_pip()
        os.killpg(process.pid, signal.SIGKILL)
    house.calls()
    (house.venv / "half").write_text("")
    house.works()
    assert house.calls() == MADE and not (house.venv / "half").exists()


def test_an_interrupted_install_says_so(house):
    with house.popen(PIP_SLEEPS="60") as process:
        house.wait_for_pip()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == first_line(house) + "run_all.sh: stopped; the next start installs anew\n"
    house.calls()
    house.works()
    assert house.calls() == MADE


def test_two_first_starts_at_once_install_once(house):
    with house.popen("one", PIP_SLEEPS="1") as one:
        house.wait_for_pip()
        with house.popen("two") as two:
            said = [process.communicate(timeout=30) for process in (one, two)]
    assert [json.loads(out)["arguments"] for out, _ in said] == [["one"], ["two"]]
    assert said[1][1] == "run_all.sh: another start is installing; waiting for it\n"
    assert house.calls() == MADE


def test_the_lock_ends_with_the_install(house):
    (house.root / "repro/__main__.py").write_text("import time; print('here', flush=True); time.sleep(60)")
    with house.popen() as running:
        running.stdout.readline()
        try:
            assert house.works("test").startswith("pytest ")
        finally:
            os.killpg(running.pid, signal.SIGKILL)


def test_a_broken_environment_is_made_anew(house):
    house.works()
    house.calls()
    (house.venv / "bin/python").unlink()
    (house.venv / "bin/python").symlink_to("/no/python")
    house.works()
    assert house.calls() == MADE
    house.python("3.13", "python3.13")
    shutil.copy(house.bin / "python3.13", house.venv / "bin/python")  # the system's Python was replaced
    house.works()
    assert house.calls() == MADE


def test_anothers_environment_is_left_alone(house):
    house.venv.mkdir()
    house.works()  # an empty one is nobody's
    house.calls()
    (house.venv / "installed").unlink()
    assert fails(house) == (f"run_all.sh: {house.venv} was not made by this script; move it away, then start again\n")
    assert house.calls() == [] and (house.venv / "bin/python").exists()


def test_a_gpu_takes_the_other_lock(house):
    house.works()
    house.calls()
    house.put("nvidia-smi", f"#!{house.bin}/bash\necho ${{GPU-No devices found}}\n")
    for hidden in ({}, {"GPU": "GPU 0: H", "CUDA_VISIBLE_DEVICES": ""}, {"GPU": "GPU 0", "CUDA_VISIBLE_DEVICES": "-1"}):
        house.works(**hidden)
        assert house.calls() == []
    assert house.start(GPU="GPU 0: H")[2] == first_line(house, "3.6 GB and takes 8 GB")
    assert house.calls() == ["venv 3.12", "pip requirements-gpu.txt"]
    house.works()  # hidden now; this environment serves all the same
    assert house.calls() == []


@pytest.mark.skipif(not (3, 11) <= sys.version_info[:2] <= (3, 13), reason="needs a Python that is supported")
def test_a_real_environment(house):
    for name in ("pip", "venv", "ensurepip"):  # of the user's, where they stand
        (house.here / name).mkdir()
        for file in ("__init__.py", "__main__.py"):
            (house.here / name / file).write_text("raise SystemExit('not this one')")
    assert json.loads(house.works("a b", PYTHON=sys.executable, PATH=os.environ["PATH"]))["arguments"] == ["a b"]
    (house.root / "requirements.txt").write_text("./nothing.whl\n")
    (house.root / "nothing.whl").write_text("")
    err = fails(house, PATH=os.environ["PATH"])
    assert "run_all.sh: the install failed: ERROR: " in err


def pins(name):
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[\S+\])?(==.*?) \\$", (ROOT / name).read_text(), re.M))


def needs(name):
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return {
        line for line in lines if line and not line.startswith(("-c", "tensorflow==", "tensorflow-cpu", "tensorflow["))
    }


def test_the_locks_agree_and_each_brings_tensorflow():
    locks = [pins(f"requirements{kind}.txt") for kind in ("", "-gpu", "-test")]
    assert "tensorflow-cpu" in locks[0]
    assert "tensorflow" in locks[1] and "nvidia-cudnn-cu12" in locks[1]
    for one in locks:
        for other in locks:
            for name in (one.keys() & other.keys()) - {"tensorflow"}:
                assert one[name].split(";")[0] == other[name].split(";")[0], name
    assert needs("requirements.in") == needs("requirements-gpu.in")


def test_scripts_can_be_started():
    for name in ("run_all.sh", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
