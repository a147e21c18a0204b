"""What a person is told in one line; the class decides the exit status."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


class Misuse(Exception):
    """The request cannot be carried out as it was given (exit status 2)."""


class Failure(Exception):
    """Something that should have worked did not (exit status 1)."""


class MissingData(Misuse):
    """A data set is not there; the message names files, place, and the command that works without it."""


class DamagedData(Failure):
    """A data file is not what it should be; the message names file, place in it, and what was expected."""


def check_known(kind: str, word: str, words: Sequence[str], valid: Sequence[str] | None = None) -> None:
    """Refuses a word that is not among the valid ones, in one line that names them and the nearest.

    Args:
        kind: What the word should be, such as `item`.
        word: As it was given.
        words: What the line names.
        valid: Where not all of those are valid here.

    Raises:
        Misuse: If the word is not valid.
    """
    if word not in (words if valid is None else valid):
        near = difflib.get_close_matches(word, words, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise Misuse(f"no {kind} is called {word!r}: there is {', '.join(words)}{hint}")
