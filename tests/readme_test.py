"""What README says works as it says."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from repro import data
from repro.data import Places, Set, prepared
from repro.data import text as lines_of_text
from repro.metrics import feature_networks, scores

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def run(folder, code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_users_own_training(tmp_path):
    done = run(tmp_path, blocks("python")[0] + "\nassert int(gan.step.value) == 2\n")
    assert done.returncode == 0, done.stderr


def test_a_finished_generator_is_loaded_and_an_unfinished_one_is_named(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = (
        "from pathlib import Path\n"
        "from repro import runs\n"
        "from repro.data import Places\n"
        "from papers.lsgan import PAPER, networks\n"
        "from repro.fitting import save_network\n"
        "scale = PAPER.item('fig7').scales['quick']\n"
        "planner = runs.Planner(Places(None, Path('.runs').resolve()))\n"
        "planned = planner.plan(PAPER.item('fig7').plan(scale.settings, range(1))[0])\n"
        "planned.path.mkdir(parents=True)\n"
        "save_network(networks.ring_generator(), planned.path / 'generator.keras')\n"
        "runs.mark_done(planned, 1.0)\n"
    )
    code = blocks("python")[1]
    first = run(tmp_path, code)
    assert "no finished training of lsgan fig7 has seed 0" in first.stderr
    assert "./run_all.sh lsgan --scale quick --only fig7" in first.stderr
    assert subprocess.run([sys.executable, "-c", made], cwd=tmp_path, env=environment, check=False).returncode == 0
    done = run(tmp_path, code + "\nassert tuple(points.shape) == (512, 2)\n")
    assert done.returncode == 0, done.stderr


def test_its_commands_are_understood(tmp_path):
    lines = [
        line.split("#")[0].split() for block in blocks("") for line in block.splitlines() if line.startswith("./run")
    ]
    assert len(lines) >= 6
    for words in lines:
        if words[1] in ("test", "clean", "list", "doctor"):
            continue
        if words[1] == "compare":
            words = [word.replace("/tmp/mine", "results") for word in words]
            code = f"from repro.cli import main; raise SystemExit(main({[*words[1:], '--out', str(tmp_path)]!r}, ()))"
            done = run(ROOT, code)
            assert done.returncode in (0, 1) and (tmp_path / "compare.html").exists(), done.stderr
            continue
        arguments = [word.replace("~/data", str(ROOT)) for word in words[1:]]
        if "small" in arguments:
            continue  # needs the user's data
        done = run(
            ROOT, f"import sys; from repro.cli import main; sys.exit(main({[*arguments, '--dry-run']!r}, ('lsgan',)))"
        )
        assert done.returncode == 0, done.stderr


def test_every_item_is_named():
    from papers.lsgan import PAPER

    for key in PAPER.items:
        assert f"`{key}`" in README


def test_every_item_is_named_in_the_papers_order():
    from papers import ALL
    from repro.cli import find

    for name in ALL:
        [row] = [line for line in README.splitlines() if line.startswith(f"| `{name}` ")]
        assert [key for key in re.findall(r"`(\w+)`", row) if key in find(name).items] == list(find(name).items)


def _prepared(folder, name, arrays, **fields):
    """A prepared set whose json has what README asks for and nothing else."""
    file = folder / f"{name}.npz"
    np.savez(file, **arrays)
    form = {
        "title": "invented",
        "kind": "real",
        "licence": "none",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "count": {"train": 3, "test": 2},
        "arrays": {each: [list(array.shape), str(array.dtype)] for each, array in arrays.items()},
        **fields,
    }
    (folder / f"{name}.json").write_text(json.dumps(form))
    return form


def test_the_prepared_form_is_as_told(tmp_path):
    [told] = [part for part in README.split("\n\n") if part.startswith("The prepared form:")]
    asked, places = set(re.findall(r"`(\w+)`", told)), Places(tmp_path, tmp_path)
    images = {f"images_{split}": np.full((n, 8, 8, 1), 7, np.uint8) for split, n in (("train", 3), ("test", 2))}
    labels = {"y_train": np.array([0, 1, 1], np.uint8), "y_test": np.array([1, 0], np.uint8)}
    form = _prepared(
        tmp_path,
        "mnist",
        {**images, **labels},
        encoding="array",
        image_shape=[8, 8, 1],
        class_names=["a", "b"],
        count_per_class={"train": [1, 2], "test": [1, 1]},
    )
    assert set(form) == set(prepared.FIELDS) and set(form) | set(form["arrays"]) <= asked
    found = data.load(Set("mnist"), "train", places)
    assert found.images.shape == (3, 8, 8, 1) and list(found.labels) == [0, 1, 1]
    lines = {f"lines_{split}": np.frombuffer(b"one\n" * n, np.uint8) for split, n in (("train", 3), ("test", 2))}
    form = _prepared(tmp_path, "text", lines)
    assert set(form) == set(lines_of_text.FIELDS) and set(form) | set(form["arrays"]) <= asked
    assert data.load(Set("text"), "test", places).images.shape == (2, 32)


def test_the_table_of_verdicts_is_that_of_the_results():
    from papers import ALL
    from repro.results import verdicts_markdown

    assert verdicts_markdown(ROOT / "results", ALL) in README


def test_the_tables_of_scores_and_networks_are_the_declared_ones():
    assert scores.markdown() in README
    assert feature_networks.markdown() in README
