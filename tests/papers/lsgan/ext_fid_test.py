"""The extended paper's table: its plan, and the rule for its claim."""

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.lsgan import ext_fid
from papers.lsgan.scenes import KINDS
from repro import loading, runs
from repro.claims import Values
from repro.data import Dataset, Description, Places, Set
from repro.items import Run
from repro.metrics.scores import Protocol

NAMES = {"scenes64": "scenes64", "cifar10_jpeg75": "cifar32", "rooms32": "rooms32"}


def values(**sets):
    """Invented Fréchet distances of three seeds: set to (of (0,1,1), of (-1,1,0))."""
    lines = [
        [f"{loss}, {data}", f"frechet_{NAMES[data]}_1000", seed, 200, value]
        for data, samples in sets.items()
        for loss, sample in zip(("lsgan_011", "lsgan_m110"), samples, strict=True)
        for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


LOWER, SAME = ([5.0, 6.0, 7.0], [3.0, 4.1, 4.9]), ([5.0, 6.0, 7.0], [5.5, 5.5, 7.1])
HIGHER = (LOWER[1], LOWER[0])


class ExtFidTest(tf.test.TestCase):
    def test_every_set_has_its_width_and_its_network(self):
        planned = ext_fid.plan(ext_fid.ext_fid.scales["small"].settings, range(3))
        self.assertLen(set(planned), 2 * (3 * 3 + 1))
        trainings = [getattr(run.settings, "training", run.settings) for run in planned]
        found = {(each.data.name, each.width, each.protocol.network) for each in trainings}
        self.assertEqual(found, {("scenes64", 0.25, "scenes64"), ("cifar10_jpeg75", 0.5, "cifar32")})

    def test_wgan_gp_has_the_same_training_and_its_own_optimizer(self):
        for scale, seeds in (("quick", [0]), ("paper", [0, 1, 2])):
            planned = ext_fid.plan(ext_fid.ext_fid.scales[scale].settings, range(3))
            penalised = [run for run in planned if run.function is ext_fid.train_penalised]
            self.assertEqual(sorted({run.seed for run in penalised}), seeds)
            [other] = [run for run in planned if run.settings == replace(penalised[0].settings.training, loss="gan")][
                :1
            ]
            self.assertEqual(other.settings.steps, penalised[0].settings.training.steps)
            self.assertEqual(penalised[0].settings.penalty, ext_fid.Penalty(5, 10.0, 1e-4, 0.5, 0.9))
            self.assertEqual(ext_fid.row_of(penalised[0].settings.loss, Set("rooms32")), "wgan_gp, rooms32")

    def test_a_training_is_found_by_its_loss_and_only_by_it(self):
        plain, penalised = ext_fid.Training(loss="gan"), ext_fid.Penalised(ext_fid.Training(loss="wgan_gp"))
        found = [[loading._matches(of, {"loss": loss}) for loss in ("gan", "wgan_gp")] for of in (plain, penalised)]
        self.assertEqual(found, [[True, False], [False, True]])
        self.assertFalse(loading._matches(plain, {"no_such_setting": None}))

    def test_wgan_gp_is_trained_and_scored(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        training = ext_fid.Training(
            Set("rooms32"), "wgan_gp", 1 / 32, z_dim=4, batch_size=4, steps=2, snapshot_every=1,
            protocol=Protocol("rooms32", 8, 8),
        )  # fmt: skip
        settings = ext_fid.Penalised(training, ext_fid.Penalty(critic_steps=2))
        images = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3)).astype(np.uint8)
        noise = Dataset("noise", "train", images, None, (), Description("", "", "c", {}, ""))
        planned = runs.Planner(Places(None, folder)).plan(Run(ext_fid.train_penalised, settings, 0))
        with mock.patch.object(runs.Folder, "data", return_value=noise):
            runs.execute(planned)
        found = dict(runs.Finished(planned).snapshots())
        self.assertEqual(list(found), [0, 1, 2])
        for kind in KINDS:
            self.assertTrue(np.isfinite(found[2][kind]))
        self.assertEqual(found[2]["sheet"].shape, (64, 32, 32, 3))
        self.assertNotAllEqual(found[0]["sheet"], found[2]["sheet"])

    def test_the_claim_needs_two_sets(self):
        judge = ext_fid.chi_square_labels_score_better.judge
        both = {"scenes64": LOWER, "cifar10_jpeg75": LOWER}
        self.assertEqual(judge(values(**both)).verdict, "holds")
        self.assertEqual(judge(values(rooms32=LOWER)).verdict, "undecided")
        self.assertEqual(judge(values(**both | {"cifar10_jpeg75": SAME})).verdict, "undecided")
        self.assertEqual(judge(values(**both | {"cifar10_jpeg75": HIGHER})).verdict, "fails")
        three = both | {"rooms32": HIGHER}
        self.assertEqual(judge(values(**three)).verdict, "holds")
