"""LSGAN-GP: its penalty against numbers worked out by hand, its plan, and the rule for its claim."""

import tempfile
from pathlib import Path
from unittest import mock

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers

from papers.lsgan import ext_gp, penalised
from papers.lsgan.penalised import LSGANGP, PenaltyAroundData
from papers.wgan_gp import scenes
from repro import runs
from repro.claims import Values
from repro.data import Dataset, Description, Places, Set
from repro.items import Run
from repro.training import Normal


def critic_of_slope_five(points, training):
    return points @ tf.constant([[3.0], [4.0]])


def small_networks():
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    return generator, keras.Sequential([keras.Input((2,)), layers.Dense(4, "tanh"), layers.Dense(1)])


def small_gan(seed):
    gan = LSGANGP(*small_networks(), Normal(2), seed=seed)
    adam = lambda: keras.optimizers.Adam(1e-4)  # noqa: E731
    gan.compile(d_optimizer=adam(), g_optimizer=adam())
    return gan


FINE, DIVERGED, COLLAPSED, FAR = (0, 0, 0.8), (1, 1, np.nan), (1, 0, 0.2), (1, 0, 0.8)


def values(rows):
    """Invented numbers of one seed: row to (failed, diverged, spread)."""
    metrics = ("failed", "diverged", "spread_ratio_pool8")
    lines = [
        [row, metric, 0, None, value]
        for row, found in rows.items()
        for metric, value in zip(metrics, found, strict=True)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class PenalisedTest(tf.test.TestCase):
    def test_the_loss_by_hand(self):
        real, fake = tf.constant([[1.0, 0.0], [0.0, 1.0]]), tf.constant([[1.0, 1.0], [0.0, 0.0]])
        # scores 3, 4 and 7, 0: 1/2 (4 + 9)/2 + 1/2 (49 + 0)/2; slopes 5: 2 (5 - 1)²
        loss = PenaltyAroundData(weight=2.0).loss(critic_of_slope_five, real, fake, tf.zeros_like(real))
        self.assertAllClose(loss, 3.25 + 12.25 + 32)

    def test_slopes_are_taken_at_the_disturbed_real_images(self):
        seen = []

        def critic(points, training):
            seen.append(points.numpy())
            return tf.reduce_sum(points**2, axis=1, keepdims=True)  # slope twice the length

        real, fake = tf.constant([[1.0, 0.0]]), tf.constant([[9.0, 9.0]])
        loss = PenaltyAroundData(weight=1.0).loss(critic, real, fake, tf.constant([[2.0, 4.0]]))
        self.assertAllEqual(seen[0], [[3.0, 4.0]])
        self.assertAllClose(loss, 0.5 * 0 + 0.5 * 162**2 + (2 * 5 - 1) ** 2)

    def test_disturbances_are_fresh_positive_and_one_share_a_sample(self):
        gan = small_gan(3)
        self.assertEqual(gan.loss_function, PenaltyAroundData(0.0, 1.0, 1.0, False, 150 / 64, 30.0))
        gan._in_step = True  # so that it gives the step's random numbers
        found = gan.noise(tf.zeros((1, 4000, 2)))[1].numpy()
        gan.step.assign(1)
        self.assertNotAllClose(gan.noise(tf.zeros((1, 4000, 2)))[1], found)
        self.assertEqual(found.shape, (1, 4000, 2))
        self.assertAllInRange(found, 0, 30)
        self.assertNear(found.mean(), 7.5, 0.4)  # 30 times 1/2 of the share times 1/2
        share = np.corrcoef(found[0].T)[0, 1]  # variance of the share: 900 (1/9 - 1/16 - 1/36) beside 900 (1/9 - 1/16)
        self.assertNear(share, 3 / 7, 0.06)

    def test_a_step_moves_both_and_the_generator_by_least_squares(self):
        gan = small_gan(0)
        before = [w.numpy() for n in (gan.generator, gan.critic) for w in n.trainable_weights]
        gan.fit(tf.data.Dataset.from_tensors(np.ones((1, 8, 2), np.float32)), verbose=0, shuffle=False)
        after = [w.numpy() for n in (gan.generator, gan.critic) for w in n.trainable_weights]
        for old, new in zip(before[:-1], after[:-1], strict=True):
            self.assertNotAllEqual(old, new)
        self.assertAllClose(gan.generator_loss(tf.constant([[3.0], [0.0]])), 0.5 * (4 + 1) / 2)


class ExtGpTest(tf.test.TestCase):
    def test_the_plan(self):
        for scale, rows in (("quick", 6), ("small", 7), ("paper", 7)):
            planned = ext_gp.plan(ext_gp.ext_gp.scales[scale].settings, range(1))
            self.assertLen(planned, rows)
            for run in planned:
                self.assertEqual(run.settings.critic_steps, 2 if run.settings.row == "resnet101" else 1)
                self.assertEqual((run.settings.weight, run.settings.reach), (150 / 64, 30.0))
        found = run.settings
        self.assertEqual((found.steps, found.d, found.batch_size, found.learning_rate), (500_000, 64, 64, 1e-4))

    def test_a_row_is_trained_with_layer_norm_and_leaves_what_it_is_judged_by(self):
        settings = ext_gp.PenalisedScene(
            Set("rooms16"), "gated", d=1, batch_size=4, steps=1, snapshot_every=1, judged=8, reach=7.0
        )
        planned = runs.Planner(Places(None, Path(self.enterContext(tempfile.TemporaryDirectory()))))
        images = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3)).astype(np.uint8)
        noise = Dataset("noise", "train", images, None, (), Description("", "", "c", {}, ""))
        planned = planned.plan(Run(ext_gp.train_penalised, settings, 0))
        with (
            mock.patch.object(runs.Folder, "data", return_value=noise),
            mock.patch.object(penalised, "LSGANGP", side_effect=LSGANGP) as made,
        ):
            runs.execute(planned)
        _, critic, *_ = made.call_args.args
        kinds = {type(layer).__name__ for layer in critic.layers}
        self.assertIn("GroupNormalization", kinds)
        self.assertNotIn("BatchNormalization", kinds)
        self.assertEqual(made.call_args.args[3].reach, 7.0)
        numbers = scenes.judged(runs.Finished(planned).load("features"), finite=True)
        self.assertTrue(np.isfinite(numbers[scenes.SPREAD]))

    def test_the_claim(self):
        judge = ext_gp.trains_the_difficult_architectures.judge
        fine = dict.fromkeys(scenes.ROWS, FINE)
        self.assertEqual(judge(values(fine)).verdict, "holds")
        self.assertEqual(judge(values(fine)).n, 6)
        for lost in (DIVERGED, COLLAPSED):
            self.assertEqual(judge(values(fine | {"tanh": lost})).verdict, "fails")
            self.assertEqual(judge(values(fine | {"tanh": lost, "baseline": lost})).verdict, "undecided")
            self.assertEqual(judge(values(fine | {"baseline": lost})).verdict, "undecided")
        self.assertEqual(judge(values(fine | {"tanh": FAR})).verdict, "undecided")
        shallow = {row: FINE for row in fine if row != "resnet101"}
        self.assertEqual(judge(values(shallow)).verdict, "undecided")
        self.assertEqual(judge(values(shallow | {"bare": COLLAPSED})).verdict, "fails")
