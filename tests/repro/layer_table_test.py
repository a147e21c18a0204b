"""Figures 3 and 4: rows that are read off the built networks, against the layer list of the authors' code."""

import functools

import pandas as pd
import tensorflow as tf

from papers.lsgan import fig3_scenes_network as fig3
from papers.lsgan import fig4_characters_network as fig4
from repro import claims
from repro.bench import Bench
from repro.layer_table import HEADER, NETWORKS, describe_network

# parameters + of batch norm (+ moving), layer by layer
SCENES = {
    "generator": [
        (12_857_600, 512, 512), (590_080, 512, 512), (590_080, 512, 512), (590_080, 512, 512), (590_080, 512, 512),
        (295_040, 256, 256), (73_792, 128, 128), (1_731, 0, 0),
    ],
    "discriminator": [
        (4_864, 0, 0), (204_928, 256, 256), (819_456, 512, 512), (3_277_312, 1_024, 1_024), (25_089, 0, 0),
    ],
}  # fmt: skip
CHARACTERS = {
    "generator": [(957_696, 0, 0), (0, 0, 0), (8_034_432, 12_544, 12_544), (409_728, 256, 256), (3_201, 0, 0)],
    "discriminator": [
        (6_682, 0, 0), (957_696, 0, 0), (4_104_320, 640, 640), (0, 0, 0), (16_319_488, 2_048, 2_048), (0, 0, 0),
        (1_281, 0, 0),
    ],
}  # fmt: skip


class Saved:
    """A run's folder and, after it, the finished run: keeps arrays in memory."""

    def __init__(self):
        self.arrays = {}

    def save(self, name, **arrays):
        self.arrays[name] = arrays

    def load(self, name):
        return self.arrays[name]


@functools.cache
def described(settings):
    saved = Saved()
    describe_network(settings, 0, saved)
    return saved


@functools.cache
def presented(module, settings):
    shown = getattr(module, "fig3" if module is fig3 else "fig4")
    bench = Bench(shown, settings, "", "quick")
    shown.present(bench, [described(settings)])
    return bench


def values(bench):
    table = pd.DataFrame(bench.values, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


class RowsTest(tf.test.TestCase):
    def test_parameters_layer_by_layer(self):
        for settings, expected in ((fig3.SceneNetworks(), SCENES), (fig4.CharacterNetworks(), CHARACTERS)):
            for network in NETWORKS:
                self.assertAllEqual(described(settings).load(network)["counts"], expected[network])

    def test_rows_add_up_to_the_networks_own_counts(self):
        for settings in (fig3.SceneNetworks(), fig4.CharacterNetworks()):
            for network in NETWORKS:
                found = described(settings).load(network)
                parameters, norm, moving = found["counts"].sum(axis=0)
                self.assertEqual(parameters + norm, found["trainable"])
                self.assertEqual(parameters + norm + moving, found["total"])

    def test_scenes_in_words(self):
        found = described(fig3.SceneNetworks())
        first, second, third, *_, last = found.load("generator")["cells"].tolist()
        self.assertEqual(first, ["fc 1,024 → 12,544", "-", "over 256 channels", "ReLU", "12,544 → 7x7x256"])
        self.assertEqual(second, ["deconv 256 → 256", "3x3 / 2", "over 256 channels", "ReLU", "14x14x256"])
        self.assertEqual(third[1], "3x3 / 1")
        self.assertEqual(last, ["deconv 64 → 3", "3x3 / 1", "-", "tanh", "112x112x3"])
        first, *_, fourth, last = found.load("discriminator")["cells"].tolist()
        self.assertEqual(first, ["conv 3 → 64", "5x5 / 2", "-", "LeakyReLU 0.2", "56x56x64"])
        self.assertEqual(fourth[-1], "7x7x512 → 25,088")
        self.assertEqual(last, ["fc 25,088 → 1", "-", "-", "linear", "1"])

    def test_characters_in_words(self):
        found = described(fig4.CharacterNetworks())
        phi, joined, first, _, last = found.load("generator")["cells"].tolist()
        self.assertEqual((phi[0], phi[3]), ("Φ, linear label map 3,740 → 256", "linear"))
        self.assertEqual((joined[0], joined[-1]), ("concat 1,024, 256", "1,280"))
        self.assertEqual(first, ["fc 1,280 → 6,272", "-", "over 6,272 features", "ReLU", "6,272 → 7x7x128"])
        self.assertEqual(last, ["deconv 128 → 1", "5x5 / 2", "-", "sigmoid", "28x28x1"])
        outputs = [row[-1] for row in found.load("discriminator")["cells"].tolist()]
        self.assertEqual(outputs, ["14x14x257", "256", "7x7x320 → 15,680", "15,936", "1,024", "1,280", "1"])
        self.assertIn("513 → 320", found.load("discriminator")["cells"][2][0])

    def test_it_is_the_model_that_is_read(self):
        rows = described(fig3.SceneNetworks(side=32, width=0.25, z_dim=8)).load("generator")["cells"].tolist()
        self.assertEqual(rows[0][0], "fc 8 → 256")
        self.assertEqual(rows[-1][-1], "32x32x3")


class ItemsTest(tf.test.TestCase):
    def test_counts_are_recorded_tabled_and_drawn(self):
        for module, settings, name in ((fig3, fig3.SceneNetworks(), "fig3"), (fig4, fig4.CharacterNetworks(), "fig4")):
            bench = presented(module, settings)
            for network, (trainable, total) in module.RELEASED.items():
                self.assertEqual(values(bench).one(network, "params_trainable"), trainable)
                self.assertEqual(values(bench).one(network, "params_total"), total)
                header, rows, _ = bench.tables[f"{name}_{network}.csv"]
                self.assertEqual((header, rows[-1][0]), (HEADER, "all layers"))
                self.assertEqual(int(rows[-1][5]) + int(rows[-1][6]), trainable)
            self.assertEqual(list(bench.pictures), [f"{name}.png"])

    def test_counts_of_the_released_layers(self):
        self.assertEqual(
            fig3.RELEASED, {"generator": (15_591_427, 15_594_371), "discriminator": (4_333_441, 4_335_233)}
        )
        self.assertEqual(
            fig4.RELEASED, {"generator": (9_417_857, 9_430_657), "discriminator": (21_392_155, 21_394_843)}
        )

    def test_claims_hold_as_built_and_fail_for_another_width(self):
        scenes, characters = (
            fig3.scene_networks_have_the_released_counts,
            fig4.character_networks_have_the_released_counts,
        )
        self.assertEqual(scenes.judge(values(presented(fig3, fig3.SceneNetworks()))).verdict, "holds")
        self.assertEqual(characters.judge(values(presented(fig4, fig4.CharacterNetworks()))).verdict, "holds")
        verdict = scenes.judge(values(presented(fig3, fig3.SceneNetworks(side=32, width=0.25))))
        self.assertEqual(verdict.verdict, "fails")
        self.assertIn("instead of 15,591,427 and 15,594,371", verdict.evidence)

    def test_the_plan_is_one_run_whatever_the_seeds(self):
        for module, settings in ((fig3, fig3.SceneNetworks()), (fig4, fig4.CharacterNetworks())):
            [run] = module.plan(settings, range(3))
            self.assertEqual((run.function, run.settings), (describe_network, settings))
