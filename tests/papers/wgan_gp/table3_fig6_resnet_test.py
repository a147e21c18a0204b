"""Table 3 and figure 6: settings, noise of bytes, what is presented at test size, and claims."""

import pathlib
import tempfile
from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import cifar_resnet, fig3_cifar, methods, study
from papers.wgan_gp import table3_fig6_resnet as table3
from repro import results
from repro.claims import Values
from repro.errors import Misuse
from repro.metrics.scores import INCEPTION, Protocol
from tests import benches

QUICK = table3.SCALES["quick"].settings
FEW = Protocol("digits16", 100, 100)
TINY = replace(
    QUICK,
    training=replace(
        QUICK.training, side=8, filters=2, method=replace(cifar_resnet.METHOD, critic_steps=2), batch_size=4, steps=2,
        decay_steps=2, snapshot_every=2, protocol=FEW,
    ),
)  # fmt: skip
SCORE = "classifier_score_digits16_1000"
OF_FEW = FEW.metric("classifier_score")


class SettingsTest(tf.test.TestCase):
    def test_the_paper_scale_is_that_of_appendix_f_and_the_code(self):
        settings = table3.SCALES["paper"].settings.training
        method = settings.method
        self.assertEqual((method.learning_rate, method.beta_1, method.beta_2), (2e-4, 0.0, 0.9))
        self.assertEqual((method.critic_steps, method.penalty_weight, method.optimizer), (5, 10.0, "adam"))
        self.assertEqual((settings.batch_size, settings.generator_batches), (64, 2))
        self.assertEqual((settings.critic_weight, settings.generator_weight), (1.0, 0.1))
        self.assertEqual((settings.steps, settings.decay_steps, settings.filters), (100_000, 100_000, 128))
        self.assertEqual((settings.protocol.network, settings.protocol.generated), (INCEPTION, 50_000))

    def test_published_settings_are_those_of_the_paper_scale(self):
        lines = results.read(study.PUBLISHED, results.PUBLISHED)
        lines = lines[lines["note"] == "setting"]
        found = {(item, name): float(v) for item, name, v in lines[["item", "metric", "value"]].to_numpy()}
        training = table3.SCALES["paper"].settings.training
        self.assertEqual(found["table3", "training_length"], training.steps)
        self.assertEqual(found["table3", "learning_rate_initial_value"], training.method.learning_rate)
        self.assertEqual(found["fig3", "iterations_axis_max"], fig3_cifar.Figure3().training.steps)

    def test_every_scale_decays_over_its_own_length_and_trains_both_ways(self):
        for scale in table3.SCALES.values():
            *runs, known = table3.plan(scale.settings, [0])
            self.assertEqual([run.settings.labels for run in runs], [False, True])
            self.assertEqual({run.settings.steps == run.settings.decay_steps for run in runs}, {True})
            self.assertEqual(known.function, study.score_known)

    def test_rates_fall_with_the_generators_steps_in_both_networks(self):
        for labels in (False, True):
            settings = replace(TINY.training, labels=labels, decay_steps=4)
            gan = cifar_resnet.compiled(settings, 1, 10, 0)
            rates = [float(gan._optimizers[name].learning_rate) for name in ("discriminator", "generator")]
            self.assertAllClose(rates, [2e-4, 2e-4])
            gan._optimizers["discriminator"].iterations.assign(2 * 3)
            gan._optimizers["generator"].iterations.assign(3)
            rates = [float(gan._optimizers[name].learning_rate) for name in ("discriminator", "generator")]
            self.assertAllClose(rates, [0.5e-4, 0.5e-4])

    def test_labels_go_with_the_penalty_only(self):
        for method in (methods.DCGAN, methods.WGAN_CLIPPING):
            with self.assertRaisesRegex(Misuse, f"no constraint is called '{method.constraint}'"):
                cifar_resnet.compiled(replace(TINY.training, labels=True, method=method), 1, 10, 0)


class DequantisedTest(tf.test.TestCase):
    def test_bytes_are_spread_over_their_width(self):
        low, high = -1.0, 1 - cifar_resnet.LEVEL
        ends = tf.constant([[low] * 2_000, [high] * 2_000])
        found = cifar_resnet.dequantised(lambda step: ends, 0)(tf.constant(3, tf.int64)).numpy()
        self.assertAllInRange(found[0], -1.0, -1 + 1 / 128)
        self.assertAllInRange(found[1], 0.9921874, 1.0)
        self.assertAllClose(found.mean(axis=1), [low + 1 / 256, high + 1 / 256], atol=3e-4)

    def test_noise_belongs_to_the_step_and_labels_stay(self):
        batch = cifar_resnet.dequantised(lambda step: (tf.zeros([3]), tf.constant([1, 2, 3])), 0)
        (first, labels), (again, _), (other, _) = (batch(tf.constant(step, tf.int64)) for step in (1, 1, 2))
        self.assertAllEqual(first, again)
        self.assertNotAllClose(first, other, atol=1e-6)
        self.assertAllEqual(labels, [1, 2, 3])


class PresentedTest(tf.test.TestCase):
    def test_both_items_from_the_same_runs(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        with mock.patch.dict(table3.table3.metrics, {OF_FEW.name: OF_FEW}):
            bench = benches.presented(table3.table3, TINY, 1, folder)
        found = benches.recorded(bench)
        for row in table3.ROWS.values():
            self.assertBetween(found[row, OF_FEW.name, "0", "2"], 1.0, 10.0)
            self.assertBetween(found[row, table3.SPLITS.name, "0", ""], 1e-9, 3.0)
        self.assertEqual({row for row, _, _ in bench.absent}, set(table3.ROWS.values()))
        _, rows, _ = bench.tables["table3.csv"]
        published = {row[0]: row[2:4] for row in rows if row[1] == "inception_score_2015"}
        self.assertEqual(published["supervised: SGAN"], ["8.59", "0.12"])
        self.assertEqual(published["unsupervised: BEGAN"], ["5.62", ""])
        self.assertLen([row for row in rows if row[1] == OF_FEW.name], 2)

        sheets = benches.presented(table3.fig6, TINY, 1, folder)
        self.assertBetween(benches.recorded(sheets)["supervised", "drawn_as_asked", "0", ""], 0.0, 1.0)
        self.assertEqual(set(sheets.pictures), {"fig6.png"})

    def test_all_rows_of_the_table_are_there(self):
        rows = [row[0] for row in table3.published_rows()]
        self.assertLen([row for row in rows if row.startswith(("unsupervised:", "supervised:"))], 14)
        self.assertContainsSubset(table3.ROWS.values(), rows)


class ClaimsTest(tf.test.TestCase):
    def judged(self, claim, metric, **rows):
        lines = [[row, metric, seed, 9, v] for row, sample in rows.items() for seed, v in enumerate(sample)]
        return claim.judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

    def test_labels_must_raise_the_score(self):
        low, high = np.array([3.0, 3.1, 3.0]), np.array([4.0, 4.1, 4.2])
        with_labels, without = table3.ROWS["supervised"], table3.ROWS["unsupervised"]
        judge = table3.labels_raise_the_score
        self.assertEqual(self.judged(judge, SCORE, **{with_labels: high, without: low}), "holds")
        self.assertEqual(self.judged(judge, SCORE, **{with_labels: low, without: high}), "fails")
        self.assertEqual(self.judged(judge, SCORE, **{with_labels: high[:1], without: low[:1]}), "undecided")

    def test_columns_hold_their_class_in_more_than_half(self):
        judge = table3.columns_hold_their_class
        self.assertEqual(self.judged(judge, "drawn_as_asked", supervised=[0.8, 0.9, 0.8]), "holds")
        self.assertEqual(self.judged(judge, "drawn_as_asked", supervised=[0.1, 0.1, 0.2]), "fails")
