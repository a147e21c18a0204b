"""Figure 1: the schedule, what a training leaves (interrupted or not), what is measured, drawn and claimed."""

import functools
import pathlib
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.gan2014 import fig1_toy as fig1
from papers.gan2014.fig1_toy import GRID, Phase
from repro import claims
from repro.bench import Bench

SHORT = fig1.Toy(
    width=4,
    batch_size=8,
    d_steps=2,
    schedule=(
        Phase("D", 10, rate_d=0.01, panel="a"),
        Phase("D", 20, rate_d=0.001, panel="b"),
        Phase("G", 10, rate_g=0.01, panel="c"),
        Phase("rounds", 30, rate_d=0.01, rate_g=0.02),
        Phase("D", 10, rate_d=0.001, panel="d"),
    ),
)


class Stop(Exception):
    """Ends a training as a kill does."""


class Spot:
    """Stands for a run's folder and, after it, for the finished run."""

    def __init__(self, settings=SHORT, seed=0, stop=None):
        self.path, self.settings, self.seed = pathlib.Path(tempfile.mkdtemp()), settings, seed
        self.arrays, self.stop, self.said = {}, stop, []

    def save(self, name, **arrays):
        self.arrays[name] = arrays

    def load(self, name):
        return self.arrays[name]

    def progress(self, step, steps, losses):
        self.said.append(step)
        if step == self.stop:
            raise Stop

    @property
    def diverged_at(self):
        return None


@functools.cache
def trained(seed=0):
    spot = Spot(seed=seed)
    fig1.train_toy(SHORT, seed, spot)
    return spot


def exact(mean, std, seed=0):
    """A run whose D is the best one in every panel but c, and whose G has N(mean, std²)."""
    spot, q = Spot(seed=seed), fig1.normal_log_density(GRID, mean, std)
    logits = {name: fig1.LOG_P - q + (name == "c") for name in fig1.PANELS}
    spot.arrays = {name: {"mean": mean, "std": std, "logits": logit} for name, logit in logits.items()}
    return spot


def presented(runs):
    bench = Bench(fig1.fig1, SHORT, *fig1.fig1.data[:1], "quick")
    fig1.fig1.present(bench, runs)
    return bench


def values(lines):
    table = pd.DataFrame(lines, columns=["item", "row", "metric", "seed", "step", "value"])
    numbers = {c: [float(text or "nan") for text in table[c]] for c in ("seed", "step", "value")}
    return claims.Values(table.assign(**numbers))


class ScheduleTest(tf.test.TestCase):
    def test_the_four_panels_come_in_order_and_lengths_are_the_same_at_every_scale(self):
        self.assertEqual([phase.panel for phase in fig1.SCHEDULE if phase.panel], list("abcd"))
        scales = fig1.fig1.scales
        self.assertEqual({(scale.settings, scale.seeds) for scale in scales.values()}, {(fig1.Toy(), 5)})

    def test_each_player_counts_its_own_updates(self):
        toy = fig1.Toy()
        expected = [(30, 3e-3), (2000, 3e-3), (1000, 3e-4), (1500, 3e-3), (1000, 1e-3), (1000, 3e-4), (1000, 3e-4)]
        self.assertEqual(toy.updates("D"), expected)
        self.assertEqual(toy.updates("G"), [(60, 0.01), (300, 6e-3), (200, 2e-3), (200, 6e-4)])

    def test_phases_of_one_kind_are_joined_up_to_a_panel(self):
        expected = [("D", 0, 30, "a"), ("D", 30, 3030, "b"), ("G", 3030, 3090, "c"), ("rounds", 3090, 3790, ""),
                    ("D", 3790, 4790, "d")]  # fmt: skip
        self.assertEqual(fig1.Toy().stretches(), expected)


class TrainingTest(tf.test.TestCase):
    def test_every_panel_is_left_and_the_one_at_rest_rests(self):
        found = trained().arrays
        self.assertEqual(set(found), {*"abcd", "history"})
        for name in "ab":
            self.assertAllClose([found[name]["mean"], found[name]["std"]], [1.5, 0.6], rtol=1e-6)
        self.assertNotAllClose(found["a"]["logits"], found["b"]["logits"])
        self.assertAllEqual(found["b"]["logits"], found["c"]["logits"])
        self.assertNotAllClose(found["c"]["mean"], found["b"]["mean"], atol=1e-3)
        self.assertEqual(found["d"]["logits"].shape, GRID.shape)

    def test_interrupted_in_any_phase_it_ends_bit_identical(self):
        for stop in (10, 20, 40, 50, 80):
            spot = Spot(stop=stop)
            with self.assertRaises(Stop):
                fig1.train_toy(SHORT, 0, spot)
            spot.stop = None
            fig1.train_toy(SHORT, 0, spot)
            self.assertEqual(set(spot.arrays), set(trained().arrays))
            for name, arrays in trained().arrays.items():
                for key, array in arrays.items():
                    self.assertAllEqual(spot.arrays[name][key], array, f"{stop} {name} {key}")

    def test_seeds_differ(self):
        self.assertNotAllClose(trained(0).arrays["a"]["logits"], trained(1).arrays["a"]["logits"], atol=1e-3)

    def test_one_run_a_seed(self):
        runs = fig1.plan(SHORT, range(3))
        self.assertEqual([(run.function, run.seed) for run in runs], [(fig1.train_toy, seed) for seed in range(3)])


class MeasuredTest(tf.test.TestCase):
    def test_the_best_d_has_no_error_and_another_has(self):
        found = fig1.measured(exact(1, 1).load("b")).numbers
        self.assertAllClose(found[fig1.D_ERROR], 0, atol=1e-12)
        self.assertAllClose(found[fig1.JSD], 0.111421482188, atol=1e-9)
        # A logit that is 1 too large errs most where D* is 1 / (1 + e^0.5).
        off = fig1.measured(exact(1, 1).load("c")).numbers
        self.assertAllClose(off[fig1.D_ERROR], 2 / (1 + np.exp(-0.5)) - 1, atol=1e-5)

    def test_d_is_one_half_where_p_g_is_p_data(self):
        found = fig1.measured(exact(0, 1).load("d")).numbers
        self.assertAllClose([found[fig1.D_HALF], found[fig1.JSD]], [0, 0], atol=1e-12)
        constant = fig1.measured({"mean": 0.0, "std": 1.0, "logits": np.full(GRID.shape, np.log(3))}).numbers
        self.assertAllClose(constant[fig1.D_HALF], 0.25)

    def test_it_is_looked_at_where_there_is_density(self):
        seen = GRID[fig1.measured(exact(0, 1).load("d")).seen]
        edge = np.sqrt(2 * np.log(20))
        self.assertAllClose([seen.min(), seen.max()], [-edge, edge], atol=0.01)


class ItemTest(tf.test.TestCase):
    def test_every_seed_and_panel_is_recorded_and_one_picture_drawn(self):
        bench = presented([trained(0), trained(1)])
        self.assertLen(bench.values, 2 * 4 * 5)
        self.assertEqual(list(bench.pictures), ["fig1.png"])
        self.assertEqual({line[2] for line in bench.values}, set(fig1.fig1.metrics))

    def test_a_diverged_seed_is_recorded_as_such(self):
        class Lost(Spot):
            @property
            def diverged_at(self):
                return 20

        bench = presented([Lost(), trained(1)])
        self.assertEqual({line[5] for line in bench.values if line[3] == "0"}, {"nan"})
        self.assertIn("fig1.png", bench.pictures)
        self.assertEqual(presented([Lost()]).pictures, {})

    def test_a_reader_is_told_what_is_no_verdict(self):
        self.assertIn("a remark, not a verdict", fig1.fig1.meaning)


class ClaimsTest(tf.test.TestCase):
    def judged(self, each, found):
        """A claim's verdict on (row, metric): values by seed."""
        lines = [
            ["fig1", row, metric, str(seed), "", str(value)]
            for (row, metric), of in found.items()
            for seed, value in enumerate(of)
        ]
        return each.judge(values(lines)).verdict

    def test_d_is_near_the_ratio_in_b(self):
        for of, verdict in (
            ([0.03, 0.031, 0.032], "holds"), ([0.06, 0.061, 0.062], "fails"), ([0.04, 0.05, 0.06], "undecided"),
            ([0.03, 0.03], "undecided"), ([0.03, 0.031, float("nan")], "undecided"),
        ):  # fmt: skip
            self.assertEqual(self.judged(fig1.trained_d_is_the_ratio, {("b", "max_abs_D_minus_D*"): of}), verdict)

    def test_the_divergence_falls_from_a_to_c_to_d(self):
        def of(a, c, d):
            return self.judged(fig1.divergence_falls, {("a", "jsd"): a, ("c", "jsd"): c, ("d", "jsd"): d})

        start = [0.317] * 3
        self.assertEqual(of(start, [0.12, 0.13, 0.11], [0.001, 0.002, 0.003]), "holds")
        self.assertEqual(of(start, [0.42, 0.43, 0.41], [0.001, 0.002, 0.003]), "fails")
        self.assertEqual(of(start, [0.12, 0.13, 0.11], [0.2, 0.21, 0.22]), "fails")
        self.assertEqual(of(start, [0.12, 0.13, 0.11], [0.0, 0.13, 0.2]), "undecided")

    def test_d_ends_at_one_half(self):
        for of, verdict in (([0.03, 0.031, 0.032], "holds"), ([0.06, 0.061, 0.062], "fails")):
            self.assertEqual(self.judged(fig1.d_ends_at_one_half, {("d", "mean_abs_D_minus_half"): of}), verdict)
