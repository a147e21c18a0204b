"""The defaults of the settings are the published values that `results/published/gan2014.csv` lists."""

from pathlib import Path

import tensorflow as tf

from papers.gan2014 import fig2_samples, networks
from papers.gan2014.descent import Descent
from papers.gan2014.digits import Digits, latent
from papers.gan2014.faces import Faces
from papers.gan2014.objects import Convolutional, FullyConnected
from repro import results
from repro.data import contrast
from repro.metrics import parzen

PUBLISHED = Path(__file__).parents[3] / "results/published/gan2014.csv"


def schedule(descent: Descent):
    return {
        "momentum_first": descent.first_momentum,
        "momentum_last": descent.last_momentum,
        "momentum_saturates_epoch": descent.momentum_epochs,
        "learning_rate_divisor_per_update": descent.rate_divisor,
        "learning_rate_least": descent.lowest_rate,
        "keep_pixels": networks.KEEP_INPUT,
        "keep_hidden": networks.KEEP_HIDDEN,
    }


class PublishedTest(tf.test.TestCase):
    def rows(self, item, row):
        lines = results.read(PUBLISHED, results.PUBLISHED)
        chosen = lines[(lines["item"] == item) & (lines["row"] == row) & (lines["note"] == "setting")]
        return dict(zip(chosen["metric"], chosen["value"].astype(float), strict=True))

    def test_mnist(self):
        ours = Digits()
        expected = schedule(ours.descent) | {
            "learning_rate": ours.descent.learning_rate,
            "batch": ours.batch_size,
            "z_dim": ours.z_dim,
            "noise_reach": latent(ours).around,
            "training_images": ours.train_images,
            "g_hidden_layers": len(ours.hidden_g),
            "g_width": ours.hidden_g[0],
            "d_hidden_layers": len(ours.hidden_d),
            "d_width": ours.hidden_d[0],
            "d_pieces": 5,
            "g_initial_range": ours.ranges_g[0],
            "d_initial_range": ours.ranges_d[0],
        }
        self.assertEqual(self.rows("table1", "mnist"), expected)

    def test_faces(self):
        ours = Faces()
        found = self.rows("table1", "tfd")
        self.assertEqual({name: found[name] for name in schedule(ours.descent)}, schedule(ours.descent))
        names = ("learning_rate", "batch", "g_width", "d_width", "max_col_norm")
        expected = [ours.descent.learning_rate, ours.batch_size, ours.hidden_g[0], ours.hidden_d[0], ours.column_norm]
        self.assertEqual([found[name] for name in names], expected)
        stages = [self.rows("table1", f"tfd stage {number}")["epochs"] for number in (1, 2)]
        self.assertEqual(stages, [ours.first_epochs, ours.second_epochs])

    def test_cifar10(self):
        full, convolutional = FullyConnected(), Convolutional()
        both = {"training_images": full.train_images, "contrast_norm": contrast.LENGTH, "z_dim": 100, "noise_std": 1}
        for settings in (full, convolutional):
            self.assertEqual(self.rows("fig2", "cifar10"), schedule(settings.descent) | both)
        found = self.rows("fig2", "cifar10 fully connected")
        self.assertEqual(
            [found[name] for name in ("learning_rate", "batch", "g_width", "d_width")],
            [full.descent.learning_rate, full.batch_size, full.hidden_g[0], full.hidden_d[0]],
        )
        ranges = [found[name] for name in ("g_initial_range", "g_initial_range", "g_output_initial_range")]
        self.assertEqual(ranges, list(full.ranges_g))
        self.assertEqual([found["d_initial_range"]] * 3, list(full.ranges_d))
        found = self.rows("fig2", "cifar10 convolutional")
        self.assertEqual(
            [found[name] for name in ("learning_rate", "batch", "g_width", "d_dense_width")],
            [
                convolutional.descent.learning_rate,
                convolutional.batch_size,
                convolutional.hidden_g[0],
                convolutional.dense_d,
            ],
        )
        self.assertEqual([found["g_initial_range"]] * 3, list(convolutional.ranges_g))
        self.assertEqual([found["d_initial_range"]] * 5, list(convolutional.ranges_d))

    def test_protocols(self):
        found = self.rows("protocol", "parzen")
        expected = {
            "samples": Digits().samples,
            "sigma_grid_points": len(parzen.SIGMAS),
            "sigma_least": min(parzen.SIGMAS),
            "sigma_largest": max(parzen.SIGMAS),
            "validation_images_mnist": Digits().validation_images,
        }
        self.assertAllClose(found, expected)
        sheets = {"rows": fig2_samples.ROWS, "sample_columns": fig2_samples.COLUMNS, "neighbour_columns": 1}
        self.assertEqual(self.rows("fig2", "all sheets"), sheets)
