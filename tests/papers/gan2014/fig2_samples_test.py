import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.figure import Figure

from papers.gan2014 import fig2_samples
from papers.gan2014.descent import Descent
from papers.gan2014.faces import NO_FACES, Faces
from papers.gan2014.fig2_samples import QUICK_C, QUICK_D, Sheets
from repro import files
from repro.bench import Bench
from repro.claims import Values
from tests.benches import presented, recorded
from tests.papers.gan2014 import faces_test
from tests.papers.gan2014.digits_test import TINY


def measured(made, train, held, test):
    settings, labels = Sheets(judged=len(made), pool=len(test)), np.arange(len(train)) % 10
    return fig2_samples._Neighbours(settings, train, held, test, labels).of(made)


class NeighboursTest(tf.test.TestCase):
    def images(self, n, seed):
        return np.random.default_rng(seed).random((n, 4, 4, 1))

    def test_copies_new_images_and_slightly_changed_copies(self):
        train, held, test = self.images(300, 0), self.images(100, 1), self.images(300, 2)
        fresh = measured(self.images(200, 3), train, held, test)
        copies = measured(train[:200], train, held, test)
        near = measured(train[:200] + 0.05 * self.images(200, 4), train, held, test)
        self.assertAllClose(fresh["train_over_test"], 1, atol=0.05)
        self.assertLess(copies["train_over_test"], 1e-6)
        self.assertBetween(near["train_over_test"], 0.05, 0.5)
        self.assertEqual(copies["distinct"], 200)
        self.assertAllClose(copies["classes"], [0.1] * 10)
        self.assertEqual(copies["train_nearer"], 1)

    def test_the_framed_image_is_nearest_to_the_last_of_its_row(self):
        train, made = self.images(50, 0), self.images(30, 1)
        kept = measured(made, train, self.images(10, 2), self.images(50, 3))
        for row in range(4):
            sample = kept["sheet"][row * 5 + 4]
            apart = ((train - sample) ** 2).sum(axis=(1, 2, 3))
            self.assertAllEqual(kept["framed"][row], train[apart.argmin()])

    def test_centred_images_are_shown_with_grey_as_zero(self):
        arrays = {"sheet": np.array([[-2.0, 0, 1]]), "framed": np.array([[4.0, -1]])}
        samples, framed = fig2_samples._shown(arrays, centred=True)
        self.assertAllEqual(samples, [[0, 128, 191]])
        self.assertAllEqual(framed, [[255, 64]])


class ClaimTest(tf.test.TestCase):
    def judged(self, **found):
        lines = [
            ["adversarial nets", metric, seed, None, value]
            for metric, values in found.items()
            for seed, value in enumerate(values)
        ]
        table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
        return fig2_samples.samples_are_no_copies.judge(Values(table)).verdict

    def test_copies_fail_and_bad_samples_decide_nothing(self):
        good = {"nn_ratio_to_test": [1.3] * 3, "distinct_neighbours": [500] * 3}
        self.assertEqual(self.judged(train_over_test=[1.02, 1.03, 1.02], **good), "holds")
        self.assertEqual(self.judged(train_over_test=[0.2, 0.21, 0.2], **good), "fails")
        noise = {"nn_ratio_to_test": [2.6] * 3, "distinct_neighbours": [300] * 3}
        self.assertEqual(self.judged(train_over_test=[1.14, 1.14, 1.15], **noise), "undecided")
        one_image = {"nn_ratio_to_test": [1.3] * 3, "distinct_neighbours": [1] * 3}
        self.assertEqual(self.judged(train_over_test=[1.07, 1.08, 1.07], **one_image), "undecided")


class Figure2Test(tf.test.TestCase):
    def test_a_tiny_run_of_all_sheets(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        short = {"steps": 2, "snapshot_every": 1, "batch_size": 4, "train_images": 200}
        faces_test.write(folder / "data")
        settings = Sheets(
            TINY,
            Faces(hidden_g=(6, 120), hidden_d=(4, 4), batch_size=5, first_epochs=1, second_epochs=1),
            replace(QUICK_C, hidden_g=(8, 8), hidden_d=(4, 4), **short),
            replace(QUICK_D, hidden_g=(8, 100), channels_d=(2, 2, 2), dense_d=4, **short),
            judged=40,
            pool=50,
        )
        bench = presented(fig2_samples.fig2, settings, 1, folder, folder / "data")
        values = recorded(bench)
        rows = {row for row, _, _, _ in values}
        references = {"uniform noise", "mean image"}
        self.assertEqual(rows, {"adversarial nets", "faces", "fully connected", "convolutional"} | references)
        self.assertEqual(values["mean image", "distinct_neighbours", "0", ""], 1)
        self.assertAllClose(values["convolutional", "d_loss_end", "0", ""], np.log(2), atol=0.3)
        for name in ("faces", "fully connected", "convolutional"):
            trained = values[name, "left_log_2", "0", ""]
            self.assertEqual(trained, float(abs(values[name, "d_loss_end", "0", ""] - np.log(2)) > 0.002))
        [arrays] = [files.read_arrays(p / "neighbours.npz") for p in folder.iterdir() if "compare_digits" in p.name]
        self.assertEqual(arrays["sheet"].shape, (20, 8, 8, 1))
        self.assertIn("fig2.png", bench.pictures)
        self.assertEqual(bench.absent, [])

    def test_a_diverged_training_has_no_numbers_and_says_so(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        short = {"steps": 4, "snapshot_every": 2, "batch_size": 4, "train_images": 200}
        settings = Sheets(
            TINY,
            NO_FACES,
            replace(QUICK_C, hidden_g=(8, 8), hidden_d=(4, 4), **short, descent=Descent(1e30)),
            replace(QUICK_D, hidden_g=(8, 100), channels_d=(2, 2, 2), dense_d=4, **short),
            judged=40,
            pool=50,
        )
        with mock.patch.object(fig2_samples, "framed_sheets", return_value=Figure()) as drawn:
            values = recorded(presented(fig2_samples.fig2, settings, 1, folder, folder / "data"))
        self.assertTrue(np.isnan(values["fully connected", "d_loss_end", "0", "2"]))
        self.assertTrue(np.isnan(values["fully connected", "distinct_neighbours", "0", ""]))
        self.assertFalse(np.isnan(values["convolutional", "sample_norm", "0", ""]))
        titles = [title for title, *_ in drawn.call_args.args[0]]
        self.assertIn("c) fully connected, rooms32, diverged by update 2", titles)

    def test_without_the_faces_their_row_says_where_they_belong(self):
        bench = Bench(fig2_samples.fig2, Sheets(faces=NO_FACES), "invented data", "quick")
        self.assertNotIn(fig2_samples.compare_faces, [run.function for run in fig2_samples.plan(bench.settings, [0])])
        with mock.patch.object(fig2_samples, "framed_sheets", return_value=Figure()):
            fig2_samples.fig2.present(bench, [])
        [(row, metric, why)] = bench.absent
        self.assertEqual((row, metric), ("faces", "nn_ratio_to_test"))
        self.assertIn("tfd/TFD_48x48.mat", why)
