"""The two statements of the lecture: closed forms, what is measured, what is claimed."""

import pathlib
import tempfile
from dataclasses import replace

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import collapse, collapse_digits, fig3_cifar, lecture
from papers.wgan_gp.model import CrossEntropy
from repro.claims import Values
from repro.data import planar
from tests import benches

CENTRES = planar.centres(planar.GRID25)
TINY = collapse.Collapse(
    collapse.Pull(width=4, batch_size=8, steps=4, snapshots=2, judged=32),
    collapse.Modes(width=4, batch_size=8, critic_steps=2, steps=2, snapshots=1, samples=500),
    replace(collapse_digits.DIGITS, d=2, batch_size=8, steps=1),
)


class ClosedFormTest(tf.test.TestCase):
    def test_values_at_the_four_distances(self):
        expected = {
            1: (0.377541, 0.622459),
            2: (0.238406, 1.76159),
            4: (0.0013414, 3.99866),
            8: (1.01313e-13, 8.0),
        }
        for theta, (saturating, other) in expected.items():
            found = lecture.gradients_at_fakes(theta)
            self.assertAllClose(found[lecture.SATURATING], saturating, rtol=2e-5)
            self.assertAllClose(found[lecture.NONSATURATING], other, rtol=2e-5)
            self.assertEqual(found[lecture.WASSERSTEIN], 1.0)

    def test_they_are_the_derivatives_of_the_losses(self):
        theta = 1.7
        x = tf.Variable(theta, dtype=tf.float64)
        with tf.GradientTape(persistent=True) as tape:
            d = tf.sigmoid(theta**2 / 2 - theta * x)  # the ratio of the two densities, as a probability
            losses = {lecture.SATURATING: tf.math.log(1 - d), lecture.NONSATURATING: -tf.math.log(d)}
        for name, loss in losses.items():
            self.assertAllClose(abs(tape.gradient(loss, x)), lecture.gradients_at_fakes(theta)[name], rtol=1e-12)

    def test_the_generators_gradient_is_the_derivative_of_its_expected_loss(self):
        """Against a difference quotient of the loss itself, D held at the best one for theta, and known values."""
        x, weights = np.polynomial.hermite_e.hermegauss(120)
        weights = weights / weights.sum()

        def loss(name, moved, theta):
            logit = theta**2 / 2 - theta * (x + moved)
            return (
                weights * (-np.logaddexp(0, logit) if name == lecture.SATURATING else np.logaddexp(0, -logit))
            ).sum()

        for theta, saturating, other in ((1, 0.398, 0.602), (2, 0.450, 1.550)):
            found = lecture.gradients_of_generator(theta)
            for name, known in ((lecture.SATURATING, saturating), (lecture.NONSATURATING, other)):
                quotient = (loss(name, theta + 1e-5, theta) - loss(name, theta - 1e-5, theta)) / 2e-5
                self.assertAllClose(found[name], abs(quotient), rtol=1e-6)
                self.assertAllClose(found[name], known, atol=6e-4)
        far = lecture.gradients_of_generator(8)
        self.assertAllClose(far[lecture.SATURATING], 3.9e-4, rtol=0.01)
        self.assertAllClose(far[lecture.SATURATING] + far[lecture.NONSATURATING], 8.0, rtol=1e-9)


class MeasuredTest(tf.test.TestCase):
    def test_gradients_from_scores_and_slopes_are_the_tapes(self):
        x = tf.constant([[0.3, -1.0], [2.0, 0.5]], tf.float64)
        w = tf.constant([[1.5], [-2.0]], tf.float64)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            scores = tf.tanh(x @ w)
            saturating, other = tf.math.log(1 - tf.sigmoid(scores)), -tf.math.log(tf.sigmoid(scores))
        slopes = tf.norm(tape.gradient(scores, x), axis=1).numpy()
        arrays = {"fake": scores.numpy()[:, 0], "slopes": slopes}
        found = collapse.pulls_of(arrays, "gan")
        for name, loss in ((lecture.SATURATING, saturating), (lecture.NONSATURATING, other)):
            self.assertAllClose(found[name], tf.reduce_mean(tf.norm(tape.gradient(loss, x), axis=1)), rtol=1e-10)
        self.assertAllClose(collapse.pulls_of(arrays, "wgan_gp"), {lecture.WASSERSTEIN: slopes.mean()})

    def test_cross_entropy_in_the_critics_place(self):
        loss = CrossEntropy().loss(lambda x, training: 0 * x[:, :1], tf.ones((3, 2)), tf.ones((3, 2)), None)
        self.assertAllClose(loss, np.log(2))


class PresentedTest(tf.test.TestCase):
    def test_five_trainings_and_two_discriminators(self):
        bench = benches.presented(collapse.collapse, TINY, 1, pathlib.Path(tempfile.mkdtemp()))
        found = benches.recorded(bench)
        rows = {row for row, metric, *_ in found if metric == "modes_covered_of_25"}
        expected = {"gan, rate 0.0002", "wgan_gp, lambda 0.1", "wgan_gp, lambda 10"}
        self.assertEqual(rows, expected)
        for row in (lecture.SATURATING, lecture.NONSATURATING, lecture.WASSERSTEIN):
            self.assertIn((row, "gradient_on_fakes", "0", "4"), found)
        pictures = {"collapse_gradient.png", "collapse_modes.png", "collapse_digits.png"}
        self.assertEqual(set(bench.pictures), pictures)
        for row in collapse_digits.ROWS:
            self.assertBetween(found[row, "classes_covered_of_10", "0", ""], 1, 10)
        self.assertGreater(found["real images", "classifier_score_digits16_1000", "", ""], 9)
        self.assertLen(bench.tables["collapse_formulas.csv"][1], 11)

    def test_digits_are_figure_3s_trainings_at_quick(self):
        runs = collapse.plan(collapse.collapse.scales["quick"].settings, range(3))
        theirs = fig3_cifar.plan(fig3_cifar.fig3.scales["quick"].settings, range(1))
        self.assertLen(runs, 3 * 4 + 2 + 2 + 1)
        self.assertContainsSubset(runs[-3:], theirs)
        methods = [run.settings.method.constraint for run in runs[-3:-1]]
        self.assertEqual(methods, ["cross_entropy", "penalty"])

    def test_quick_takes_another_rate_for_the_penalty_and_a_gan_at_that_rate_too(self):
        runs = collapse.plan(collapse.collapse.scales["quick"].settings, range(1))
        labels = [run.settings.label for run in runs[:6]]
        expected = ["gan, rate 0.0002", "wgan_gp, lambda 0.1", "gan, rate 0.001", "wgan_gp, lambda 10"]
        self.assertEqual(labels, ["gan", "wgan_gp", *expected])
        self.assertEqual({run.settings.learning_rate for run in (runs[3], runs[5])}, {1e-3})
        runs = collapse.plan(
            collapse.collapse.scales["paper"].settings, range(1)
        )  # the GAN's own rate is the higher one
        labels = [run.settings.label for run in runs[2:5]]
        self.assertEqual(labels, ["gan, rate 0.0002", "wgan_gp, lambda 0.1", "wgan_gp, lambda 10"])


class ClaimsTest(tf.test.TestCase):
    def judge(self, claim, found):
        """The verdict on {(row, metric, step): values by seed}."""
        lines = [
            [row, metric.name, seed, step, value]
            for (row, metric, step), sample in found.items()
            for seed, value in enumerate(sample)
        ]
        return claim.judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

    def test_end_over_start(self):
        start, end = ((lecture.SATURATING, collapse.GRADIENT, step) for step in (20, 1000))
        found = {start: [1.0] * 3, end: [0.01, 0.02, 0.015]}
        self.assertEqual(self.judge(collapse.saturating_loss_vanishes, found), "holds")
        for loss in (lecture.NONSATURATING, lecture.WASSERSTEIN):
            found |= {(loss, collapse.GRADIENT, 20): [1.0] * 3, (loss, collapse.GRADIENT, 1000): [2.0, 2.1, 1.9]}
        self.assertEqual(self.judge(collapse.other_losses_do_not, found), "holds")
        found[lecture.WASSERSTEIN, collapse.GRADIENT, 1000] = [0.1, 0.11, 0.1]
        self.assertEqual(self.judge(collapse.other_losses_do_not, found), "fails")

    def test_three_modes_more(self):
        rows = ("wgan_gp, lambda 0.1", collapse.COVERED, 2000), ("gan, rate 0.0002", collapse.COVERED, 2000)
        for ours, theirs, verdict in (([20, 21, 24], [3, 6, 6], "holds"), ([3, 3, 4], [9, 9, 10], "fails")):
            found = dict(zip(rows, (ours, theirs), strict=True))
            found |= {(row, collapse.SHARE, 2000): [0.7] * 3 for row, _, _ in rows}
            self.assertEqual(self.judge(collapse.penalty_covers_more_modes, found), verdict)
            found[rows[1][0], collapse.SHARE, 2000] = [0.7, 0.4, 0.7]  # one GAN is blurred
            self.assertEqual(self.judge(collapse.penalty_covers_more_modes, found), "undecided")

    def test_one_class_more(self):
        rows = [(f"{method}, digits", collapse_digits.COVERED, 400) for method in ("wgan_gp", "gan")]
        for ours, theirs, verdict in (([10] * 3, [7, 6, 7], "holds"), ([10] * 3, [10] * 3, "fails")):
            found = dict(zip(rows, (ours, theirs), strict=True))
            self.assertEqual(self.judge(collapse.penalty_covers_more_digits, found), verdict)

    def test_the_gans_rate_of_the_claim_is_the_published_one(self):
        self.assertEqual(replace(collapse.Modes(), method="gan").label, "gan, rate 0.0002")
