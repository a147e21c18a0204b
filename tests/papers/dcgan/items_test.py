"""The items from end to end, on networks and sets so small that they learn nothing."""

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from papers.dcgan import (
    concepts,
    fig2_one_epoch,
    fig3_five_epochs,
    fig4_walk,
    fig5_features,
    fig6_windows,
    fig7_arithmetic,
    fig8_turn,
    fig9_digits,
    fig10_fig11_sheets,
    images,
    objects,
    reader,
    sheets,
    table1_objects,
    table3_digits,
)
from repro.data import Set, faces, rooms
from tests.benches import presented, recorded

TINY = replace(images.ROOMS, data=Set("rooms16"), maps=2, batch_size=8, first_sheet=2, steps=4)
TINY_FACES = replace(TINY, data=Set("faces16"))


class ItemsTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for module in (rooms, faces):
            self.enterContext(mock.patch.dict(module.COUNTS, {"train": 80, "test": 40}))
        self.enterContext(mock.patch.object(reader, "LEAST_ACCURACY", 0))
        self.enterContext(mock.patch.object(reader, "LEAST_CORRELATION", -2))

    def test_figures_two_to_six(self):
        bench = presented(fig2_one_epoch.fig2, sheets.Sheet(TINY, at=2, pool=80), 1, self.folder)
        found = recorded(bench)
        self.assertIn(("DCGAN", "nn_ratio", "0", "2"), found)
        self.assertGreater(found["DCGAN", "nn_ratio", "0", "2"], 0)
        self.assertEqual(list(bench.pictures), ["fig2.png"])
        found = recorded(presented(fig3_five_epochs.fig3, sheets.Sheet(TINY, at=2, pool=80), 1, self.folder))
        textures = {step for row, metric, _, step in found if (row, metric) == ("DCGAN", "grid_texture_over_real")}
        self.assertEqual(textures, {"2", "4"})
        trained = [path for path in self.folder.iterdir() if "train_images" in path.name]
        bench = presented(fig4_walk.fig4, fig4_walk.Walk(TINY, rows=3, frames=4), 1, self.folder)
        self.assertAllClose(recorded(bench)["cross-fade of pixels", "path_ratio", "0", ""], 1)
        bench = presented(fig5_features.fig5, fig5_features.Features(TINY, images=40), 1, self.folder)
        self.assertEqual({row for row, *_ in recorded(bench)}, {"trained", "random"})
        with mock.patch.object(fig6_windows, "LEAST_BOXES", 10**6):
            settings = fig6_windows.Removal(TINY, other_layer=1, samples=30, by_hand=())
            bench = presented(fig6_windows.fig6, settings, 1, self.folder)
        self.assertEqual({metric for _, metric, *_ in recorded(bench)}, {"windows_marked"})
        self.assertEqual(trained, [path for path in self.folder.iterdir() if "train_images" in path.name])

    def test_windows_are_removed_where_there_are_some(self):
        drawn = rooms.draw(range(30), 4, 16)["images"]
        settings = fig6_windows.Removal(TINY, other_layer=1, samples=30, random_sets=2, by_hand=())
        with (
            mock.patch.object(fig6_windows, "LEAST_BOXES", 3),
            mock.patch.object(images, "decoded", return_value=drawn),
            mock.patch.object(reader, "load_reader", return_value=_Windows()),
        ):
            bench = presented(fig6_windows.fig6, settings, 1, self.folder)
        found = recorded(bench)
        rate = fig6_windows.RATE.name
        for name in fig6_windows.ROWS.values():
            self.assertBetween(found[name, rate, "0", ""], 0, 1)
            self.assertBetween(found[name, fig6_windows.ABSTENTION.name, "0", ""], 0, 1)
        self.assertEqual(found[fig6_windows.ROWS["none"], "rms_change", "0", ""], 0)
        self.assertEqual(found[fig6_windows.ROWS["none"], "wall_kept", "0", ""], 1)
        self.assertEqual(list(bench.pictures), ["fig6.png"])

    def test_windows_of_photographs_are_marked_by_hand(self):
        settings = fig6_windows.Removal(TINY_FACES, other_layer=1, samples=12, to_mark=20, by_hand=())
        bench = presented(fig6_windows.fig6, settings, 1, self.folder)
        self.assertEqual(list(bench.pictures), ["fig6_to_mark.png"])
        self.assertEqual(recorded(bench), {("DCGAN", "windows_marked", "", ""): 0})

        (self.folder / "window_boxes.csv").write_text("sample,x0,y0,x1,y1\n" + "3,2,2,10,9\n19,0,0,16,8\n")
        marked = replace(settings, by_hand=(Set("window_boxes"),))
        bench = presented(fig6_windows.fig6, marked, 1, self.folder, self.folder)
        self.assertEqual(list(bench.pictures), ["fig6_to_mark.png", "fig6.png"])
        found = recorded(bench)
        self.assertEqual(found["DCGAN", "windows_marked", "", ""], 2)
        self.assertGreater(found["DCGAN", "maps_dropped", "0", ""], 0)
        self.assertGreater(found["DCGAN, boxes by hand", "rms_change", "0", ""], 0)
        self.assertLen(list(self.folder.glob("*show_samples*")), 1)

    def test_arithmetic_and_turns(self):
        settings = fig7_arithmetic.Arithmetic(TINY_FACES, pool=64, draws=2)
        self.enterContext(mock.patch.object(concepts, "load_reader", return_value=_Attributes()))
        with mock.patch.object(fig7_arithmetic, "LEAST_POOL", 5):
            bench = presented(fig7_arithmetic.fig7, settings, 1, self.folder)
        found = recorded(bench)
        for row in fig7_arithmetic.METHODS.values():
            success, doubt, first = (
                found[row, name, "0", ""] for name in ("success_result", "abstention", "first_attribute")
            )
            self.assertBetween(success, 0, min(first, 1 - doubt))
        self.assertEqual(list(bench.pictures), ["fig7.png"])
        bench = presented(fig8_turn.fig8, fig8_turn.Turn(TINY_FACES, pool=20, starts=6), 1, self.folder)
        found = recorded(bench)
        self.assertBetween(found[fig8_turn.TURN, "pose_correlation", "0", ""], -1, 1)
        slopes = [found[row, "pose_slope", "0", ""] for row in (fig8_turn.STEEPEST, fig8_turn.RANDOM)]
        self.assertGreater(slopes[0], slopes[1])
        self.assertIn((f"{fig8_turn.TURN}, t to 1.5", "pose_slope", "0", ""), found)
        bench = presented(fig10_fig11_sheets.fig10, fig10_fig11_sheets.Large(TINY_FACES), 1, self.folder)
        self.assertEqual(list(bench.pictures), ["fig10.png"])
        self.assertGreater(recorded(bench)["real images", "pairwise_distance", "", ""], 0)

    def test_faces_of_which_nothing_can_be_read_are_turned_by_their_asymmetry(self):
        with mock.patch.dict(reader.KNOWN, clear=True):
            bench = presented(fig8_turn.fig8, fig8_turn.Turn(TINY_FACES, pool=20, starts=6), 1, self.folder)
            found = recorded(bench)
            self.assertIn((f"{fig8_turn.TURN}", "pose_slope", "0", ""), found)
            self.assertNotIn("attributes_kept", {metric for _, metric, *_ in found})
            bench = presented(fig7_arithmetic.fig7, fig7_arithmetic.Arithmetic(TINY_FACES), 1, self.folder)
        self.assertEqual(recorded(bench), {("DCGAN", "least_pool", "", ""): 0})
        self.assertEqual(list(bench.pictures), [])

    def test_digits(self):
        tiny = replace(table3_digits.DIGITS8, maps=2, dense=4, steps=4)
        settings = table3_digits.Neighbours(tiny, replace(tiny, network="dense"), counts=(1_000,))
        found = recorded(presented(table3_digits.table3, settings, 1, self.folder))
        self.assertBetween(found["real_1k", "test_error_real", "", ""], 1, 15)
        seen = found["real, those that the generators saw", "test_error_real", "", ""]
        self.assertEqual(seen, found["real_1400", "test_error_real", "", ""])
        self.assertBetween(found["DCGAN", "test_error_1K_digits8", "0", ""], 30, 100)
        # A chapter is a pass, or all where there are fewer steps: one before the first step, one at the end.
        self.assertLen(list(self.folder.glob("*train_digits*/snapshot-*.npz")), 2 * 2)
        bench = presented(fig9_digits.fig9, settings, 1, self.folder)
        self.assertEqual(list(bench.pictures), ["fig9.png"])
        found = recorded(bench)
        self.assertGreater(found["Groundtruth", "agreement_digits16", "", ""], 0.95)
        for row in ("GAN", "DCGAN"):
            self.assertBetween(found[row, "agreement_digits16", "0", ""], 0, 0.5)

    def test_digits_of_a_diverged_training_are_no_result(self):
        tiny = replace(table3_digits.DIGITS8, maps=2, dense=4, steps=4)
        settings = table3_digits.Neighbours(
            replace(tiny, learning_rate=3e38), replace(tiny, network="dense"), counts=(1_000,)
        )
        for item, metric in ((table3_digits.table3, "test_error_1K_digits8"), (fig9_digits.fig9, "pixel_std")):
            found = recorded(presented(item, settings, 1, self.folder))
            rows = {row: value for (row, named, *_), value in found.items() if named == metric and "real" not in row}
            lost = [row for row, value in rows.items() if np.isnan(value)]
            self.assertEqual(lost, ["DCGAN"])
            self.assertGreater(len(rows), 1)

    def test_classification(self):
        self.enterContext(mock.patch.object(objects, "LABELLED_ROOMS", 300))
        training = replace(objects.QUICK, maps=2, batch_size=8, first_sheet=2, steps=4)
        few = replace(table1_objects.ROOMS, training=training, validation=100, per_class=(10,), draws=(2,), centres=5)
        few = replace(few, grid=(1e-3, 1e-2))
        bench = presented(table1_objects.table1, table1_objects.Table1(few, few), 1, self.folder)
        found = recorded(bench)
        for row in table1_objects.NAMES.values():
            self.assertBetween(found[row, "accuracy_10_per_class", "0", ""], 10, 100)
        self.assertEqual(found["DCGAN + L2-SVM", "feature_dim", "0", ""], 448)
        self.assertFalse(list(self.folder.glob("*/*.features")))


class _Windows:
    """Reads pictures by their blue, whatever they show."""

    def __call__(self, pictures):
        from repro.metrics.attribute_reader import Reading

        blue = pictures[..., 2].astype(np.float64).mean(axis=(1, 2))
        two = np.stack([-blue, blue - 2 * np.median(blue)], axis=1)
        four = np.stack([two[:, 0], two[:, 1], two[:, 0] - 1, two[:, 1] - 1], axis=1)
        return Reading({"window": two + np.array([0, 1]), "lamp": two, "wall": four, "bed": four})


class _Attributes:
    """Reads faces at random, but the same pictures alike."""

    def __call__(self, pictures):
        from repro.metrics.attribute_reader import Reading

        flat = pictures.reshape(len(pictures), -1).astype(np.float64)
        project = np.random.default_rng(0).normal(size=(flat.shape[1], 4))
        values = flat @ project
        values = values - np.median(values, axis=0)
        heads = {
            name: np.stack([-values[:, i], values[:, i]], axis=1) for i, name in enumerate(("hair", "glasses", "smile"))
        }
        return Reading(heads | {"yaw": 1e-4 * values[:, 3:]}, ("yaw",))
