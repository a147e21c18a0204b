"""The set of architectures that the study draws from (table 1), and the drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache

import numpy as np

from repro.items import setting

TABLE = "Table 1"
NONLINEARITIES = ("relu", "leaky_relu", "smooth", "tanh")
DEPTHS = (4, 8, 12, 20)
# A reader's names of the options, in the order of the table.
NAMES = {
    "nonlinearity_g": "nonlinearity of G",
    "nonlinearity_d": "nonlinearity of D",
    "depth_g": "depth of G",
    "depth_d": "depth of D",
    "norm_g": "batch norm in G",
    "norm_d": "batch norm in D; layer norm with the penalty",
    "filters_g": "base filters of G",
    "filters_d": "base filters of D",
}


@dataclass(frozen=True)
class Architecture:
    """One choice of every option; the defaults are the DCGAN that the study starts from.

    Attributes:
        nonlinearity_g, nonlinearity_d: In `NONLINEARITIES`.
        depth_g, depth_d: Layers with weights, 4 or more.
        norm_g, norm_d: Whether the network is normalised.
        filters_g, filters_d: Of the layer next to the image.
    """

    nonlinearity_g: str = setting("relu", "section 5.1: starting from DCGAN")
    nonlinearity_d: str = setting("leaky_relu", "section 5.1: starting from DCGAN")
    depth_g: int = setting(4, "section 5.1: starting from DCGAN")
    depth_d: int = setting(4, "section 5.1: starting from DCGAN")
    norm_g: bool = setting(True, "section 5.1: starting from DCGAN")
    norm_d: bool = setting(True, "section 5.1: starting from DCGAN")
    filters_g: int = setting(64, "section 5.1: starting from DCGAN; table 1's middle")
    filters_d: int = setting(64, "section 5.1: starting from DCGAN; table 1's middle")

    @property
    def label(self) -> str:
        """A short name, such as `relu-4-norm-64_tanh-20-plain-128`: G, then D."""
        return f"{self._half('g')}_{self._half('d')}"

    def _half(self, of: str) -> str:
        chosen = [getattr(self, f"{name}_{of}") for name in ("nonlinearity", "depth", "norm", "filters")]
        return "{}-{}-{}-{}".format(*chosen[:2], "norm" if chosen[2] else "plain", chosen[3])


@dataclass(frozen=True)
class Grid:
    """The values of every option; one field for each of `Architecture`'s."""

    nonlinearity_g: tuple[str, ...] = setting(NONLINEARITIES, f"{TABLE}; smooth: softplus(2x + 2)/2 - 1")
    nonlinearity_d: tuple[str, ...] = setting(NONLINEARITIES, f"{TABLE}; smooth: softplus(2x + 2)/2 - 1")
    depth_g: tuple[int, ...] = setting(DEPTHS, TABLE)
    depth_d: tuple[int, ...] = setting(DEPTHS, TABLE)
    norm_g: tuple[bool, ...] = setting((True, False), TABLE)
    norm_d: tuple[bool, ...] = setting((True, False), TABLE)
    filters_g: tuple[int, ...] = setting((32, 64, 128), TABLE)
    filters_d: tuple[int, ...] = setting((32, 64, 128), TABLE)

    @property
    def options(self) -> dict[str, tuple]:
        """Name of each option to its values, in the order of the table."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def size(self) -> int:
        """How many architectures there are: 9,216 as published."""
        return math.prod(len(values) for values in self.options.values())

    def drawn(self, number: int) -> Architecture:
        """The architecture of that number in a fixed random order, in which none comes twice.

        Sets of the same shape have the same order: they differ in the values of an option only.

        Args:
            number: 0 to `size` - 1.

        Raises:
            ValueError: If there are not so many.
        """
        if not 0 <= number < self.size:
            raise ValueError(f"0 to {self.size - 1} expected, for there are so many. Received: {number}")
        values = self.options
        places = np.unravel_index(order(self.size)[number], [len(each) for each in values.values()])
        return Architecture(**{name: each[place] for (name, each), place in zip(values.items(), places, strict=True)})


@cache
def order(size: int) -> np.ndarray:
    """The order in which architectures are drawn: a permutation, int64, shape (size,)."""
    return np.random.default_rng(0).permutation(size)
