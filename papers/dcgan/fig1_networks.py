"""Figure 1: the networks for scenes, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.items import Run, Scale, claim, item, setting
from repro.layer_table import TOTAL, TRAINABLE, counts_are, describe_network, present_network

if TYPE_CHECKING:
    import keras

    from repro.bench import Bench
    from repro.claims import Values, Verdict
    from repro.runs import Finished

# (trainable, total), from the shapes of figure 1 and of the released faces script; the paper prints no counts.
RELEASED = {"generator": (18_885_760, 18_920_320), "discriminator": (17_232_768, 17_236_352)}
WEIGHTS = (
    "No layer has a bias; D's sigmoid is part of the loss. Gain and shift of batch norm are trained; the columns of "
    "moving statistics are the stored ones, which only the features of D use; images are made with their batch's."
)


@dataclass(frozen=True)
class Networks:
    """Settings of figure 1's networks."""

    side: int = setting(64, "Figure 1")
    maps: int = setting(128, "Figure 1: maps before the last layer of G; authors' faces script for D")
    z_dim: int = setting(100, "Figure 1")

    @property
    def label(self) -> str:
        """What tells descriptions of networks apart in a run's name."""
        return "dcgan"

    def build(self) -> tuple[keras.Model, keras.Model]:
        """Generator and discriminator."""
        from papers.dcgan import networks

        generator = networks.image_generator(self.side, maps=self.maps, z_dim=self.z_dim)
        return generator, networks.image_discriminator(self.side, maps=self.maps)


def plan(settings: Networks, seeds: Sequence[int]) -> list[Run]:
    """One run builds both networks; no seed changes their layers."""
    return [Run(describe_network, settings, 0)]


@item("fig1", "The networks for scenes", plan, quick=Scale(Networks()), metrics=[TRAINABLE, TOTAL], version=2)
def fig1(bench: Bench, runs: Sequence[Finished]) -> None:
    """The published networks at full size, whatever the scale: a dense layer that is reshaped to 4x4, four transposed
    convolutions of 5x5 at stride 2; D is its mirror image, which the paper does not draw and the released faces script
    has. Batch norm of G's first layer is over its 16,384 units, before the reshape. The drawing becomes a table that is
    read off the built models.
    """
    [run] = runs
    title = "Figure 1: the networks for scenes, as built, at the published size"
    present_network(bench, run, "fig1", title, WEIGHTS)


@claim(
    "fig1",
    "The networks as built have the counts that follow from figure 1's shapes and the released code.",
    source="figure 1; counts computed from the shapes, not printed in the paper",
    exact=True,
)
def networks_have_the_released_counts(values: Values) -> Verdict:
    return counts_are(values, RELEASED)
