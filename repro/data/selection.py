"""What a `Set` may ask of its family: which classes, which split, which side."""

from __future__ import annotations

from collections.abc import Sequence

from repro.data import Set
from repro.errors import Misuse

SPLITS = ("train", "test")


def class_count(wanted: Set, available: int) -> int:
    """How many classes a set means, out of those that its family has.

    Raises:
        Misuse: If that is less than one or more than there are.
    """
    if isinstance(wanted.classes, tuple):
        raise Misuse(f"{wanted.name} counts its classes from the first; some were named: {', '.join(wanted.classes)}")
    count = available if wanted.classes is None else wanted.classes
    if not 1 <= count <= available:
        raise Misuse(f"{wanted.name} has 1 to {available} classes; {count} were asked for")
    return count


def chosen_classes(wanted: Set, names: Sequence[str]) -> list[int]:
    """Places in `names` of the classes that a set means, in its order.

    Raises:
        Misuse: If one is not there.
    """
    if not isinstance(wanted.classes, tuple):
        return list(range(class_count(wanted, len(names))))
    absent = [name for name in wanted.classes if name not in names]
    if absent:
        raise Misuse(f"{wanted.name} has no class {', '.join(absent)}; it has {', '.join(names)}")
    return [list(names).index(name) for name in wanted.classes]


def check_split(wanted: Set, split: str) -> None:
    """Refuses a split that is not one of `SPLITS` with `Misuse`."""
    if split not in SPLITS:
        raise Misuse(f"{wanted.name} has no split {split!r}; there are {', '.join(SPLITS)}")


def checked_side(wanted: Set, sides: Sequence[int]) -> int:
    """The side in pixels that ends the name of a set of any size.

    Raises:
        Misuse: If it is not one of `sides`, an ascending range.
    """
    if wanted.side not in sides or wanted.name != f"{wanted.family}{wanted.side}":
        raise Misuse(
            f"no data set is called {wanted.name!r}; {wanted.family}SIDE takes a side from {sides[0]} to {sides[-1]} "
            f"pixels in steps of {sides[1] - sides[0]}"
        )
    return wanted.side
