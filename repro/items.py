"""How a paper declares what it shows: settings with sources, scales, runs, items, claims."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from repro.data import Set
from repro.errors import Misuse

SCALES = ("quick", "small", "paper")


def setting(default: Any, source: str, *, length: bool = False, optional: bool = False) -> Any:
    """A field of a settings dataclass: the published value and where it is published.

    Args:
        default: The published value, or ours where the paper is silent.
        source: Place in the paper or its code; "not stated; ours" where there is none.
        length: Whether `--steps` caps it.
        optional: Whether data sets in it, a tuple, may be missing; those that are not there are left out, and the
            difference shows as a deviation.
    """
    return dataclasses.field(default=default, metadata={"source": source, "length": length, "optional": optional})


def nested(settings: Any, *, optional: bool = False) -> Any:
    """A field of a settings dataclass that holds other settings.

    Args:
        settings: The published ones.
        optional: Whether the data sets that they name may be missing; the field is then None.
    """
    return dataclasses.field(default=settings, metadata={"nested": True, "optional": optional})


def walk(settings: Any, path: str = "") -> Iterator[tuple[str, dataclasses.Field, Any]]:
    """All fields of settings, nested ones too, as (dotted name, field, value)."""
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata.get("nested"):
            if value is not None:
                yield from walk(value, f"{path}{field.name}.")
        else:
            yield f"{path}{field.name}", field, value


@dataclass(frozen=True)
class Deviation:
    """One setting that is not the published one; a part that is left out or added has no source."""

    name: str
    value: Any
    published: Any
    source: str

    def __str__(self) -> str:
        if not self.source:
            return f"{self.name}: {'left out' if self.value is None else 'added'}"
        return f"{self.name}: {_plain(self.value)} instead of {_plain(self.published)} ({self.source})"


def deviations(settings: Any, published: Any, path: str = "") -> list[Deviation]:
    """Every setting whose value differs from the paper scale's, in the order of declaration there.

    A source is that of the published value. Where one class has a setting that the other has not, the other's attribute
    of that name is its value.
    """
    fields = {field.name: field for field in dataclasses.fields(published)}
    fields |= {field.name: field for field in dataclasses.fields(settings) if field.name not in fields}
    found = []
    for name, field in fields.items():
        ours, theirs = getattr(settings, name, None), getattr(published, name, None)
        if not field.metadata.get("nested"):
            found += [Deviation(path + name, ours, theirs, field.metadata["source"])] if ours != theirs else []
        elif ours is not None and theirs is not None:
            found += deviations(ours, theirs, f"{path}{name}.")
        elif ours is not theirs:
            found.append(Deviation(path + name, ours, theirs, ""))
    return found


def capped(settings: Any, steps: int) -> Any:
    """The same settings with every length at most `steps`."""
    changes = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata.get("nested"):
            changes[field.name] = None if value is None else capped(value, steps)
        elif field.metadata.get("length"):
            changes[field.name] = min(value, steps)
    return dataclasses.replace(settings, **changes)


def with_sets_found(settings: Any, is_there: Callable[[Set], bool]) -> Any:
    """The same settings without the optional data sets, and the optional settings of sets, that are not there."""
    changes = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata.get("nested"):
            kept = None if value is None else with_sets_found(value, is_there)
            lacks = field.metadata["optional"] and kept is not None and not all(map(is_there, sets(kept)))
            changes[field.name] = None if lacks else kept
        elif field.metadata.get("optional"):
            changes[field.name] = tuple(wanted for wanted in value if is_there(wanted))
    return dataclasses.replace(settings, **changes)


def sets(settings: Any) -> list[Set]:
    """The data sets that settings name, each once, in the order of declaration."""
    values = [value if isinstance(value, tuple) else (value,) for _, _, value in walk(settings)]
    return list(dict.fromkeys(each for value in values for each in value if isinstance(each, Set)))


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(_plain(each) for each in value) or "none"
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def version(number: int) -> Callable[[Callable], Callable]:
    """Marks a run's function; a higher number makes finished runs stale when the function computes something else."""

    def mark(function: Callable) -> Callable:
        function.version = number
        return function

    return mark


@dataclass(frozen=True)
class Run:
    """One training or measurement: a pure function of settings, seed and the runs it needs.

    Attributes:
        function: Called in a worker as `function(settings, seed, folder)`; found there by its name.
        settings: A frozen dataclass.
        seed: The seed of all randomness.
        needs: Runs whose results it reads, as `folder.needs` in the same order.
    """

    function: Callable
    settings: Any
    seed: int
    needs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", tuple(self.needs))


@dataclass(frozen=True)
class Scale:
    """What an item uses at one scale: settings and the number of seeds (0, 1, ...)."""

    settings: Any
    seeds: int = 1


@dataclass(frozen=True)
class Metric:
    """A named number: what it is and how it is made.

    Attributes:
        name: Carries the protocol where more than one exists.
        meaning: One sentence, the protocol included.
        unit: Such as `nats`, `modes`, `%`, `count`; empty for a plain ratio.
        better: `higher`, `lower`, or empty where neither is.
        error: The metric that holds the spread of a row with a single value; its meaning, up to the first comma, is
            that spread's kind.
        protocol: Of a score taken in a space of features, all that decides it besides the images; numbers whose
            protocols or whose items' sets differ are never compared, whatever their names.
    """

    name: str
    meaning: str
    unit: str = ""
    better: str = ""
    error: Metric | None = None
    protocol: str = ""


@dataclass(frozen=True)
class Item:
    """One figure, table or study of a paper; made by `item`."""

    key: str
    title: str
    plan: Callable[[Any, Sequence[int]], list[Run]]
    present: Callable
    scales: dict[str, Scale]
    metrics: dict[str, Metric]
    data: tuple[str, str]
    version: int
    module: str

    @property
    def meaning(self) -> str:
        """First paragraph of the item's docstring."""
        return " ".join((self.present.__doc__ or "").split("\n\n")[0].split())

    @property
    def is_same_at_every_scale(self) -> bool:
        """Whether no scale changes anything, as with what is exact."""
        scales = list(self.scales.values())
        return scales.count(scales[0]) == len(scales)


@dataclass(frozen=True)
class Claim:
    """One sentence of a paper as an inequality between values; made by `claim`."""

    item: str
    name: str
    statement: str
    source: str
    judge: Callable
    exact: bool

    @property
    def of_paper(self) -> bool:
        """Whether the paper makes it; else it is ours, or that of lecture notes, as the source begins by saying."""
        return not self.source.startswith(("ours", "lecture notes"))


def no_runs(settings: Any, seeds: Sequence[int]) -> list[Run]:
    """The plan of an item that is computed in closed form."""
    return []


def item(
    key: str,
    title: str,
    plan: Callable = no_runs,
    *,
    quick: Scale,
    small: Scale | None = None,
    paper: Scale | None = None,
    metrics: Sequence[Metric] = (),
    data: tuple[str, str] = ("", ""),
    version: int = 1,
) -> Callable[[Callable], Item]:
    """Declares the decorated `present(bench, runs)` as an item.

    Args:
        key: Its name after `--only`, such as `"fig7"`.
        title: What a person reads beside it.
        plan: Pure: `plan(settings, seeds)` lists the runs it needs.
        quick, small, paper: Settings and seeds; of an exact item, one left out is the one before.
        metrics: Everything it records.
        data: What it is computed from and of which kind, besides the data sets that its settings name.
        version: A higher number makes finished results stale when the presentation changes.

    A whole figure is one module that its paper's `modules` name:

        @dataclass(frozen=True)
        class Walk:
            steps: int = setting(40_000, "section 4", length=True)

        def train(settings, seed, folder):  # in a worker; see `repro.fitting.fit`
            folder.save("samples", points=...)

        def plan(settings, seeds):
            return [Run(train, settings, seed) for seed in seeds]

        MODES = Metric("modes_of_8", "modes with at least 1 % of 5,120 samples", "modes", "higher")

        @item("fig9", "A walk", plan, quick=Scale(Walk(2_000), 3), paper=Scale(Walk(), 10), metrics=[MODES])
        def fig9(bench, runs):
            '''What it shows, for the page.'''
            for run in runs:
                bench.record("lsgan", MODES, modes(run.load("samples")["points"]), seed=run.seed)

        @claim("fig9", "All eight modes are found.", source="figure 9")
        def finds_all(values):
            return claims.above(values.by_seed("lsgan", MODES.name), 7.5)
    """
    scales = {"quick": quick, "small": small or quick, "paper": paper or small or quick}

    def declare(present: Callable) -> Item:
        named = {metric.name: metric for metric in metrics}
        return Item(key, title, plan, present, scales, named, data, version, present.__module__)

    return declare


def claim(item: str, statement: str, *, source: str, exact: bool = False) -> Callable[[Callable], Claim]:
    """Declares the decorated `judge(values)` as a claim of an item.

    Args:
        item: The item's key.
        statement: The claim in our own words, margins included.
        source: Its place in the paper, and whose the margin is; begins with `ours` or `lecture notes` where the paper
            does not make it.
        exact: True for identities and closed forms, which need no seeds.
    """
    return lambda judge: Claim(item, judge.__name__, statement, source, judge, exact)


@dataclass(frozen=True)
class Paper:
    """A paper: what it is, and the modules that hold its items, in the paper's order.

    Attributes:
        name: Folder under `papers/`, and the word on the command line.
        title: Of the paper.
        reference: Authors, venue, arXiv number.
        modules: One per item, named after it.
        departures: Sentences on what differs from the paper and is no setting.
    """

    name: str
    title: str
    reference: str
    modules: tuple[str, ...]
    departures: tuple[str, ...] = ()

    @cached_property
    def _declared(self) -> list[Any]:
        loaded = [importlib.import_module(f"papers.{self.name}.{module}") for module in self.modules]
        return [thing for module in loaded for thing in vars(module).values() if isinstance(thing, (Item, Claim))]

    @cached_property
    def items(self) -> dict[str, Item]:
        """Key to item, in the paper's order; two items of one key are an error that names both places."""
        found: dict[str, Item] = {}
        for thing in self._declared:
            if isinstance(thing, Item):
                if thing.key in found and found[thing.key] is not thing:
                    raise ValueError(f"{thing.key!r} is declared in {found[thing.key].module} and in {thing.module}")
                found[thing.key] = thing
        return found

    @property
    def claims(self) -> list[Claim]:
        """All claims, in the order of declaration."""
        return [thing for thing in self._declared if isinstance(thing, Claim)]

    def item(self, key: str) -> Item:
        """The item of that key.

        Raises:
            Misuse: If there is none; the message lists those that exist.
        """
        if key not in self.items:
            raise Misuse(f"{self.name} has no item {key!r}; it has {', '.join(self.items)}")
        return self.items[key]
