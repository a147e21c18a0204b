"""Figure 4: the networks for handwritten characters, with the label map, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from papers.lsgan.fig3_scenes_network import WEIGHTS
from repro.items import Run, Scale, claim, item, setting
from repro.layer_table import TOTAL, TRAINABLE, counts_are, describe_network, present_network

if TYPE_CHECKING:
    import keras

    from repro.bench import Bench
    from repro.claims import Values, Verdict
    from repro.runs import Finished

# (trainable, total), computed from the layer list of the authors' code; the paper prints no counts.
RELEASED = {"generator": (9_417_857, 9_430_657), "discriminator": (21_392_155, 21_394_843)}


@dataclass(frozen=True)
class CharacterNetworks:
    """Settings of figure 4's networks."""

    classes: int = setting(3_740, "section 4; authors' train_chn.py")
    width: float = setting(1.0, "Figure 4: factor on every width")
    z_dim: int = setting(1024, "Figure 4; authors' train_chn.py")

    @property
    def label(self) -> str:
        """What tells the two descriptions apart in a run's name."""
        return "characters"

    def build(self) -> tuple[keras.Model, keras.Model]:
        """Generator and discriminator."""
        from papers.lsgan import networks

        generator = networks.character_generator(self.classes, width=self.width, z_dim=self.z_dim)
        return generator, networks.character_discriminator(self.classes, width=self.width)


def plan(settings: CharacterNetworks, seeds: Sequence[int]) -> list[Run]:
    """One run builds both networks; no seed changes their layers."""
    return [Run(describe_network, settings, 0)]


@item(
    "fig4", "The networks for characters", plan, quick=Scale(CharacterNetworks()), metrics=[TRAINABLE, TOTAL], version=2
)
def fig4(bench: Bench, runs: Sequence[Finished]) -> None:
    """The published networks at full size, 3,740 classes, whatever the scale. A label becomes 256 numbers by a linear
    map Φ, one of G's own and one of D's; they join the noise in G and the output of every hidden layer in D, not its
    image. G normalises the flat features of its first layer, before the reshape. The paper prints no counts; those of
    the layers in the authors' code are the check.
    """
    [run] = runs
    title = "Figure 4: the networks for characters, as built, at the published size"
    present_network(bench, run, "fig4", title, WEIGHTS)


@claim(
    "fig4",
    "The networks as built have the counts of the layers in the released code.",
    source="figure 4; counts computed from the layer list of the authors' code, not printed in the paper",
    exact=True,
)
def character_networks_have_the_released_counts(values: Values) -> Verdict:
    return counts_are(values, RELEASED)
