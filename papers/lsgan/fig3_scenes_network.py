"""Figure 3: the networks for scenes, layer by layer."""

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

WEIGHTS = (
    "Every layer has biases, also before batch norm; gamma and beta of batch norm are trained, its moving means and "
    "variances are not."
)
# (trainable, total), computed from the layer list of the authors' code; the paper prints no counts.
RELEASED = {"generator": (15_591_427, 15_594_371), "discriminator": (4_333_441, 4_335_233)}


@dataclass(frozen=True)
class SceneNetworks:
    """Settings of figure 3's networks."""

    side: int = setting(112, "Figure 3; authors' train_lsun.py")
    width: float = setting(1.0, "Figure 3: factor on every width")
    z_dim: int = setting(1024, "Figure 3; authors' train_lsun.py")

    @property
    def label(self) -> str:
        """What tells the two descriptions apart in a run's name."""
        return "scenes"

    def build(self) -> tuple[keras.Model, keras.Model]:
        """Generator and discriminator."""
        from papers.lsgan import networks

        generator = networks.scene_generator(self.side, width=self.width, z_dim=self.z_dim)
        return generator, networks.scene_discriminator(self.side, width=self.width)


def plan(settings: SceneNetworks, seeds: Sequence[int]) -> list[Run]:
    """One run builds both networks; no seed changes their layers."""
    return [Run(describe_network, settings, 0)]


@item("fig3", "The networks for scenes", plan, quick=Scale(SceneNetworks()), metrics=[TRAINABLE, TOTAL], version=2)
def fig3(bench: Bench, runs: Sequence[Finished]) -> None:
    """The published networks at full size, whatever the scale: a generator with two further deconvolutions of stride 1
    after the two topmost of stride 2, and DCGAN's discriminator with a linear output. The drawing becomes a table that
    is read off the built models. The paper prints no counts; those of the layers in the authors' code are the check.
    """
    [run] = runs
    title = "Figure 3: the networks for scenes, as built, at the published size"
    present_network(bench, run, "fig3", title, WEIGHTS)


@claim(
    "fig3",
    "The networks as built have the counts of the layers in the released code.",
    source="figure 3; counts computed from the layer list of the authors' code, not printed in the paper",
    exact=True,
)
def scene_networks_have_the_released_counts(values: Values) -> Verdict:
    return counts_are(values, RELEASED)
