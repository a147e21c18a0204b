"""LSGAN-GP: its penalty against numbers worked out by hand, its plan, and the rule for its claim."""

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers

from papers.lsgan import ext_gp
from papers.lsgan.penalised import LSGANGP, PenaltyAroundData
from papers.wgan_gp import scenes
from papers.wgan_gp.methods import LSGAN_GP, compiled
from repro.claims import Values
from repro.training import Normal


def critic_of_slope_five(points, training):
    return points @ tf.constant([[3.0], [4.0]])


def small_networks():
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    return generator, keras.Sequential([keras.Input((2,)), layers.Dense(4, "tanh"), layers.Dense(1)])


def values(rows):
    """Invented verdicts of one seed: row to whether it failed."""
    lines = [[row, "failed", 0, None, int(lost)] for row, lost in rows.items()]
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
        gan = compiled(LSGAN_GP, *small_networks(), Normal(2), 3)
        self.assertIsInstance(gan, LSGANGP)
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
        gan = compiled(LSGAN_GP, *small_networks(), Normal(2), 0)
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
                self.assertEqual(run.settings.method.critic_steps, 2 if run.settings.row == "resnet101" else 1)
                self.assertEqual(run.settings.method.penalty_weight, 150 / 64)
        self.assertEqual((run.settings.steps, run.settings.d, run.settings.batch_size), (500_000, 64, 64))

    def test_the_claim(self):
        judge = ext_gp.trains_the_difficult_architectures.judge
        fine = dict.fromkeys(scenes.ROWS, False)
        self.assertEqual(judge(values(fine)).verdict, "holds")
        self.assertEqual(judge(values(fine | {"tanh": True})).verdict, "fails")
        self.assertEqual(judge(values(fine | {"tanh": True, "baseline": True})).verdict, "undecided")
        shallow = {row: False for row in fine if row != "resnet101"}
        self.assertEqual(judge(values(shallow)).verdict, "undecided")
        self.assertEqual(judge(values(shallow | {"bare": True})).verdict, "fails")
