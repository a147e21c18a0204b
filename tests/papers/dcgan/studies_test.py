"""Figures 5 to 8: their instruments on drawings whose content is known, and their claims on invented values."""

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from papers.dcgan import (
    concepts,
    fig5_features,
    fig6_windows,
    fig7_arithmetic,
    fig8_turn,
    networks,
    table2_house_numbers,
    windows,
)
from papers.dcgan.concepts import Shown
from repro.claims import Values
from repro.data import faces, rooms
from repro.metrics.attribute_reader import Reading
from repro.training import initialise


def values(of):
    """Invented values: (row, metric) to three seeds' values."""
    lines = [[*key, seed, None, value] for key, sample in of.items() for seed, value in enumerate(sample)]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class NothingMeasuredTest(tf.test.TestCase):
    def test_claims_say_which_data_is_missing_and_ask_for_no_seeds(self):
        for claim, reason in (
            (fig5_features.trained_units_look_at_beds, "marked the beds"),
            (fig6_windows.windows_are_forgotten, "none can be read"),
            (fig6_windows.the_room_stays, "nothing can be read"),
            (fig7_arithmetic.means_of_three_work, "nothing can be read"),
            (fig8_turn.pose_is_linear, "no pose is known"),
            (table2_house_numbers.features_err_less, "SVHN is not there"),
            (table2_house_numbers.labels_alone_err_more, "SVHN is not there"),
        ):
            verdict = claim.judge(values(of={}))
            self.assertEqual((verdict.verdict, verdict.n), ("undecided", 0))
            self.assertIn(reason, verdict.evidence)
            self.assertNotIn("seeds are needed", verdict.evidence)


class WindowsTest(tf.test.TestCase):
    def test_windows_are_found_by_colour(self):
        drawn = rooms.draw(range(120), 5, 32)
        boxes = [windows.window_box(image) for image in drawn["images"]]
        self.assertAllEqual([box is not None for box in boxes], drawn["window"])
        overlaps = []
        for box, mask in zip(boxes, drawn["window_mask"], strict=True):
            if box:
                inside = windows._inside(box, 32)
                overlaps.append((inside & mask).sum() / (inside | mask).sum())
        self.assertGreater(np.mean(overlaps), 0.7)

    def test_a_probe_finds_the_maps_of_the_boxes(self):
        random = np.random.default_rng(0)
        maps = random.random((30, 8, 8, 6))
        boxes = [(0.25, 0.0, 0.75, 0.5)] * 30
        maps[:, :4, 2:6, 1] += 2
        maps[:, :4, 2:6, 4] -= 0.5
        probe = windows.fit_probe(np.maximum(maps, 0), boxes, seed=0)
        self.assertTrue(probe.positive[1])
        self.assertFalse(probe.positive[4])
        # Maps are not negative: without those of positive weight the logit is at most the intercept.
        left = np.maximum(maps, 0) * ~probe.positive
        self.assertLessEqual((left @ probe.weights + probe.intercept).max(), probe.intercept + 1e-9)
        self.assertEqual(probe.lowest().sum(), probe.positive.sum())
        self.assertTrue(probe.lowest()[4])
        with self.assertRaisesRegex(ValueError, "no place"):
            windows.fit_probe(maps, [(0.9, 0.9, 0.91, 0.91)] * 30, seed=0)

    def test_halves_of_a_generator_make_its_images(self):
        generator = networks.image_generator(32, maps=2)
        initialise(generator, 0, "generator")
        z = tf.random.stateless_uniform((7, 100), [0, 0], -1, 1)
        for layer, shape in ((1, (16, 16, 2)), (2, (8, 8, 4)), (3, (4, 4, 8))):
            front, back = windows.halves(generator, layer)
            self.assertEqual(front.output_shape[1:], shape)
            self.assertAllClose(back(front(z)), generator(z), atol=1e-5)
            self.assertAllGreaterEqual(front(z), 0)

    def test_maps_of_a_generator_are_upright(self):
        # Where one unit is on, the image changes around its place and nowhere else.
        generator = networks.image_generator(32, maps=2)
        initialise(generator, 0, "generator")
        _, back = windows.halves(generator, 1)
        maps = np.zeros((2, 16, 16, 2), np.float32)
        maps[1, 3, 12] = 1
        changed = np.argwhere((np.diff(back(maps), axis=0)[0] != 0).any(axis=-1))
        self.assertAllEqual(changed.min(axis=0), [4, 22])
        self.assertAllEqual(changed.max(axis=0), [8, 26])

    def test_sets_of_maps_are_of_equal_size(self):
        probe = windows.Probe(np.array([1.0, -2, 3, -1, -5]), 0.0)
        sets = fig6_windows._sets(probe, 4, 0)
        self.assertAllEqual(sets["lowest"][0], [False, True, False, False, True])
        self.assertEqual([each.sum() for each in sets["random"]], [2] * 4)
        self.assertEqual(set(fig6_windows._sets(probe, 0, 0)), {"none", "windows"})

    def test_claims(self):
        rate, rows = "window_rate", fig6_windows.ROWS
        judge = fig6_windows.windows_are_forgotten.judge

        def of(after, random):
            return values(
                of={
                    (rows["none"], rate): [0.5, 0.4, 0.45],
                    (rows["windows"], rate): after,
                    (rows["random"], rate): random,
                }
            )

        self.assertEqual(judge(of([0.1, 0.05, 0.1], [0.4, 0.4, 0.4])).verdict, "holds")
        self.assertEqual(judge(of([0.1, 0.05, 0.1], [0.01, 0.0, 0.01])).verdict, "fails")
        self.assertEqual(judge(of([0.1], [0.4])).verdict, "undecided")


class ArithmeticTest(tf.test.TestCase):
    def test_first_minus_second_plus_third(self):
        terms = np.arange(12.0).reshape(2, 3, 2)
        self.assertAllClose(fig7_arithmetic.combined(terms), [[2, 3], [8, 9]])

    def test_pools_are_the_terms_of_the_equation(self):
        shown = Shown(
            {
                "smile": np.array([1, 0, 0, 1, 0, 1], bool),
                "hair": np.array([1, 1, 0, 0, 1, 1], bool),
            },
            {"smile": np.array([1, 1, 1, 1, 0, 1], bool), "hair": np.ones(6, bool)},
            np.array([0.0, 0, 0, 0, 0, 30]),
        )
        pools = fig7_arithmetic.pools_of(shown, ("smile", "hair", True), with_pose=True)
        self.assertEqual([pool.tolist() for pool in pools], [[0], [1], [2]])
        pools = fig7_arithmetic.pools_of(shown, ("smile", "hair", True), with_pose=False)
        self.assertEqual(pools[0].tolist(), [0, 5])

    def test_three_exemplars_have_the_priors_variance_and_one_has_three_times_it(self):
        random = np.random.default_rng(0)
        # Variance, and the share beyond the prior's range, by the distribution of sums of uniform numbers.
        for k, variance, beyond in ((1, 1.0, 0.3333), (2, 1 / 2, 0.1611), (3, 1 / 3, 0.0833), (8, 1 / 8, 0.0042)):
            z = fig7_arithmetic.combined(random.uniform(-1, 1, (2_000, 3, k, 20)).mean(axis=2))
            self.assertNear(z.var(), variance, 0.02 * variance + 0.005)
            self.assertNear((np.abs(z) > 1).mean(), beyond, 0.02 * beyond + 0.002)

    def test_claim_compares_with_single_latents_and_pixels_judge_nothing(self):
        judge, names = fig7_arithmetic.means_of_three_work.judge, fig7_arithmetic.METHODS
        metric = fig7_arithmetic.SUCCESS.name

        def of(one, pixels):
            return values(
                of={
                    (names["k3"], metric): [0.8, 0.7, 0.75],
                    (names["k1"], metric): one,
                    (names["pixels"], metric): pixels,
                }
            )

        self.assertEqual(judge(of([0.2, 0.2, 0.2], [0.3, 0.3, 0.35])).verdict, "holds")
        self.assertEqual(judge(of([0.2, 0.2, 0.2], [0.99, 0.99, 0.99])).verdict, "holds")
        self.assertEqual(judge(of([0.9, 0.85, 0.9], [0.3, 0.3, 0.35])).verdict, "fails")

    def test_border_and_asymmetry_by_hand(self):
        images = np.full((2, 12, 12, 1), 100, np.uint8)
        images[0, 4:-4, 4:-4] = 0
        images[1, :, :6] = 200
        self.assertAllClose(concepts.border(images), [100, 150])
        self.assertAllClose(concepts.asymmetry(images), [0, 2])


class TurnTest(tf.test.TestCase):
    def test_correlation_of_rows(self):
        t = np.linspace(-1, 1, 5)
        pose = np.stack([3 * t + 1, -t, np.zeros(5), t**2])
        self.assertAllClose(fig8_turn.correlations(pose, t), [1, -1, 0, 0], atol=1e-9)

    def test_asymmetry_follows_the_yaw_of_drawn_faces(self):
        drawn = faces.draw(range(200), 3, 32)
        r = np.corrcoef(concepts.asymmetry(drawn["images"]), drawn["yaw"])[0, 1]
        self.assertGreater(abs(r), 0.2)

    def test_a_line_by_hand_and_the_way_of_vectors_without_an_end(self):
        t = np.linspace(-1, 1, 5)
        line = {"pose": np.stack([-3 * t, -t]), "t": t, "is_smile": np.array([[1] * 5, [1, 1, 0, 0, 0]], bool)}
        slope, correlation = fig8_turn.SLOPE, fig8_turn.MEDIAN
        signed, either = fig8_turn.measured(line), fig8_turn.measured(line, either_way=True)
        self.assertAllClose([signed[slope], signed[correlation], signed[fig8_turn.MONOTONE]], [-2, -1, 0])
        self.assertAllClose([either[slope], either[correlation], either[fig8_turn.MONOTONE]], [2, 1, 1])
        self.assertAllClose(either[fig8_turn.KEPT], 3 / 4)

    def test_claim(self):
        judge = fig8_turn.pose_is_linear.judge

        def of(correlation, slope, steepest):
            return values(of={
                (fig8_turn.TURN, fig8_turn.MEDIAN.name): correlation,
                (fig8_turn.TURN, fig8_turn.SLOPE.name): slope,
                (fig8_turn.STEEPEST, fig8_turn.SLOPE.name): steepest,
            })  # fmt: skip

        self.assertEqual(judge(of([0.95, 0.9, 0.93], [30, 31, 33], [10, 11, 12])).verdict, "holds")
        self.assertEqual(judge(of([0.2, 0.1, 0.15], [30, 31, 33], [10, 11, 12])).verdict, "fails")
        self.assertEqual(judge(of([0.95, 0.9, 0.93], [9, 8, 10], [20, 19, 21])).verdict, "fails")
        self.assertEqual(judge(of([], [], [])).verdict, "undecided")


class FeaturesTest(tf.test.TestCase):
    def test_claim(self):
        judge, metric = fig5_features.trained_units_look_at_beds.judge, fig5_features.LIFT["bed"].name
        higher = values(of={("trained", metric): [1.6, 1.5, 1.7], ("random", metric): [1.0, 1.1, 1.0]})
        self.assertEqual(judge(higher).verdict, "holds")

    def test_purity_by_hand(self):
        windows_there = np.array([True, False, False, False, True, False, False, False])  # a quarter
        order = np.array([[0, 1], [4, 2], [1, 0], [2, 4]])  # two channels' four strongest
        # Both have two with a window of four: half, twice the quarter; without one, 0.5 / 0.75 is less.
        self.assertAllClose(fig5_features.purity(windows_there, order), [2, 2])
        self.assertAllClose(fig5_features.purity(windows_there, order[:1]), [4, 4 / 3])

    def test_strongest_images_come_first(self):
        network = networks.image_discriminator(16, maps=4, channels=3)
        initialise(network, 0, "discriminator")
        images = np.random.default_rng(0).uniform(-1, 1, (24, 16, 16, 3)).astype(np.float32)
        order = fig5_features.strongest(network, images)
        maps = keras.Model(network.input, fig5_features._last_convolution(network).output)
        response = maps(images, training=False).numpy().max(axis=(1, 2))
        ranked = np.take_along_axis(response, order, axis=0)
        self.assertAllEqual(np.sort(order, axis=0)[:, 0], np.arange(24))
        self.assertTrue(np.all(np.diff(ranked, axis=0) <= 1e-6))


class ReadingTest(tf.test.TestCase):
    def test_values_confidence_and_doubt_by_hand(self):
        sure, unsure = np.log(np.array([[0.95, 0.05], [0.4, 0.6]])), np.log(np.array([[0.1, 0.9], [0.2, 0.8]]))
        reading = Reading({"a": sure, "b": unsure, "yaw": np.array([[0.5], [-1]])}, ("yaw",))
        self.assertAllEqual(reading.value("a"), [0, 1])
        self.assertAllClose(reading.confidence("a"), [0.95, 0.6])
        self.assertAllEqual(reading.sure(0.89), [True, False])
        self.assertAllEqual(reading.sure(0.55, ("a",)), [True, True])
        self.assertAllClose(reading.abstention(0.85), 0.5)
        self.assertAllClose(reading.number["yaw"], [0.5, -1])
