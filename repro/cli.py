"""The command line: arguments, messages, exit status; no work of its own."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from repro.data import Places
from repro.errors import Failure, Misuse, check_known
from repro.files import ROOT
from repro.items import SCALES, Paper

COMMANDS = ("list", "doctor", "compare", "clean")
INTERRUPTED = 130
EPILOG = """\
commands in place of papers:
  list     every item: title, scales, last measured minutes, state
  doctor   what is there and what is missing
  compare  two results folders, or a folder and the word published: what agrees
  clean    removes the runs that no item asks for any more
  test     runs the tests (all that follows goes to pytest)

examples:
  ./run_all.sh lsgan
  ./run_all.sh lsgan --only fig7 --seeds 5
  ./run_all.sh lsgan --scale small --only fig8 --data-dir ~/data
  ./run_all.sh compare results/quick/lsgan /tmp/try/quick/lsgan
"""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **keywords: Any) -> None:
        self.options: list[str] = []
        super().__init__(**keywords)  # which adds -h, --help

    def add_argument(self, *names: str, **keywords: Any) -> argparse.Action:
        self.options += [name for name in names if name.startswith("-")]
        return super().add_argument(*names, **keywords)

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{message} (see ./run_all.sh --help)")


def parser() -> _Parser:
    """The arguments of every command."""
    made = _Parser(
        prog="./run_all.sh",
        description="Regenerates the figures and tables of papers on generative adversarial networks.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("papers", nargs="*", metavar="PAPER", help="papers to run (all of them if none is named), or a command")
    add("--scale", default="quick", help="quick (minutes, embedded data), small (hours, real data) or paper (GPU)")
    add("--only", nargs="+", default=[], metavar="ITEM", help="figures, tables or studies, such as fig7")
    add("--seeds", type=_positive, metavar="N", help="number of seeds instead of the scale's")
    add("--steps", type=_positive, metavar="N", help="at most so many steps a training; needs --out")
    add("--jobs", type=_positive, metavar="N", help="runs side by side (default: one a core)")
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler that shares this folder, instead of local workers")
    add("--out", type=Path, default=None, metavar="DIR", help="where results go (default: results)")
    add("--data-dir", type=Path, default=None, metavar="DIR", help="where data sets are (default: $REPRO_DATA)")
    add("--cache", type=Path, default=None, metavar="DIR", help="where runs are kept (default: .runs)")
    add("--force", action="store_true", help="compute again what is done")
    add("--dry-run", action="store_true", help="say what would run, with its settings, and stop")
    return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on. Received: {text!r}")
    return int(text)


def main(arguments: Sequence[str], names: Sequence[str]) -> int:
    """Runs a command; returns the exit status.

    Args:
        arguments: What follows `./run_all.sh`.
        names: The papers that exist.
    """
    try:
        return _main(arguments, names)
    except Misuse as error:
        print(f"run_all.sh: {error}", file=sys.stderr)
        return 2
    except Failure as error:
        print(f"run_all.sh: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nrun_all.sh: interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _main(arguments: Sequence[str], names: Sequence[str]) -> int:
    from repro import commands

    signal.signal(signal.SIGTERM, _terminated)
    known = parser()
    given, extra = known.parse_known_intermixed_args(arguments)
    for word in extra:
        if word.lstrip("-") in COMMANDS:
            raise Misuse(f"{word} is a command, without dashes: ./run_all.sh {word.lstrip('-')}")
        check_known("option", word.split("=")[0], sorted(known.options))
    given.papers = [_as_named(word, names) for word in given.papers]
    _check_words(given, names)
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise Misuse(f"KERAS_BACKEND is {backend!r}; this project trains with TensorFlow: unset it")
    command = given.papers[0] if given.papers and given.papers[0] in COMMANDS else "run"
    papers = [find(name) for name in (given.papers if command == "run" and given.papers else names)]
    data = given.data_dir or (Path(os.environ["REPRO_DATA"]) if os.environ.get("REPRO_DATA") else None)
    if data is not None and not data.is_dir():
        raise Misuse(f"the data folder {data} is not there")
    places = Places(data.resolve() if data else None, (given.cache or ROOT / ".runs").resolve())
    given.out = (given.out or ROOT / "results").resolve()
    carry_out = {
        "run": commands.run, "list": commands.list_items, "doctor": commands.doctor,
        "compare": commands.compare_results, "clean": commands.clean,
    }  # fmt: skip
    return carry_out[command](given, papers, places)


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def find(name: str) -> Paper:
    """The paper of that name; its package says `PAPER`."""
    return importlib.import_module(f"papers.{name}").PAPER


def _as_named(word: str, names: Sequence[str]) -> str:
    """The name of the paper that a word such as LSGAN or wgan-gp means; any other word as it is."""
    plain = word.lower().replace("-", "_")
    return plain if plain in names else word


def _check_words(given: argparse.Namespace, names: Sequence[str]) -> None:
    if given.papers and given.papers[0] == "compare":
        if len(given.papers) != 3 or given.papers.count("published") > 1:
            received = " ".join(given.papers[1:]) or "nothing"
            raise Misuse(f"compare takes two results folders, or one and the word published. Received: {received}")
    elif given.papers and given.papers[0] in COMMANDS:
        if len(given.papers) > 1:
            raise Misuse(f"{given.papers[0]} takes no further word. Received: {' '.join(given.papers[1:])}")
    else:
        for before, word in zip(["", *given.papers], given.papers, strict=False):
            if before in names and word in find(before).items:
                raise Misuse(f"{word} is an item of {before}: ./run_all.sh {before} --only {word}")
            check_known("paper or command", word, [*names, *COMMANDS, "test"], valid=list(names))
    check_known("scale", given.scale, SCALES)
    if given.steps is not None and given.out is None:
        raise Misuse("--steps shortens trainings, so its results need a folder of their own: add --out DIR")
