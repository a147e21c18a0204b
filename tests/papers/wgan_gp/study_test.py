"""The study of random architectures: counts by hand, what is presented and claimed, and real trainings."""

import pathlib
import tempfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import appC_one_sided, study, table1_grid
from papers.wgan_gp import table2_table5_success as success
from papers.wgan_gp.architectures import Architecture, Grid
from papers.wgan_gp.image_networks import Z_DIM
from papers.wgan_gp.study_networks import study_generator
from repro import results, runs
from repro.bench import Bench
from repro.claims import Values
from repro.data import Places
from repro.training import Normal, place_seed
from tests import benches

PUBLISHED = pathlib.Path(__file__).parents[3] / "results/published/wgan_gp.csv"
STUDY = success.table5.scales["quick"].settings
TINY = Grid(("tanh", "relu"), ("leaky_relu",), (4,), (4,), (True,), (False,), (1,), (1,))
METHODS = {method.name: method for method in (study.GAN, study.PENALTY, study.ONE_SIDED)}
TRAINING = replace(success.QUICK_TRAINING, side=8, batch_size=8, steps=2, snapshot_every=2)


def finished(settings, seed, scores, diverged_at=None):
    """A finished training with invented scores, one every 50 steps, the first of them untrained."""
    sheet = np.zeros((32, 16, 16, 1), np.uint8)
    shots = [(50 * place, {"score": np.array(score), "sheet": sheet}) for place, score in enumerate(scores)]
    return SimpleNamespace(settings=settings, seed=seed, diverged_at=diverged_at, snapshots=lambda: iter(shots))


def trained(method, seed, *scores, diverged_at=None):
    made = study.training(success.QUICK_TRAINING, STUDY.grid, METHODS[method], seed)
    return finished(made.settings, seed, scores, diverged_at)


def invented():
    """Three architectures: WGAN-GP alone trains the first, either the second, and the third diverges with the GAN."""
    plan = success.plan(STUDY, range(3))
    known = SimpleNamespace(
        settings=plan[0].settings, load=lambda name: {"real": np.array(9.0), "noise": np.array(1.5)}
    )
    return [
        known,
        finished(plan[1].settings, 0, [1.2, 5.0]),
        trained("gan", 0, 1.1, 2.0, 1.4),
        trained("wgan_gp", 0, 1.1, 5.1, 6.0),
        trained("gan", 1, 1.3, 5.0, 7.0),
        trained("wgan_gp", 1, 1.3, 3.0, 8.0),
        trained("gan", 2, 1.2, 4.0, diverged_at=100),
        trained("wgan_gp", 2, 1.2, 1.9, 1.8),
    ]


def presented(item, settings, finished_runs):
    bench = Bench(item, settings, "invented data", "quick")
    item.present(bench, finished_runs)
    return bench


class PlanTest(tf.test.TestCase):
    def test_both_objectives_share_architecture_and_seed(self):
        _, standard, *trainings = success.plan(STUDY, range(6))
        self.assertLen(trainings, 12)
        for number in range(6):
            pair = [run for run in trainings if run.seed == number]
            self.assertEqual([run.settings.method.name for run in pair], ["gan", "wgan_gp"])
            self.assertEqual(pair[0].settings.architecture, pair[1].settings.architecture)
            self.assertEqual(pair[0].settings.architecture, STUDY.grid.drawn(number))
        self.assertEqual(standard.settings.architecture, Architecture(filters_g=8, filters_d=8))

    def test_tables_2_and_5_and_appendix_c_share_trainings(self):
        tables = [
            set(success.plan(item.scales["quick"].settings, range(6))) for item in (success.table2, success.table5)
        ]
        self.assertEqual(*tables)
        compared = appC_one_sided.plan(appC_one_sided.appC.scales["quick"].settings, range(4))
        self.assertLen(tables[0] & set(compared), 4)
        self.assertLen(compared, 8)

    def test_paper_scale_is_as_published(self):
        scale = success.table5.scales["paper"]
        self.assertEqual((scale.seeds, scale.settings.training.steps), (200, 100_000))
        self.assertEqual(success.plan(scale.settings, range(1))[1].settings.architecture, Architecture())
        self.assertEqual(success.table2.scales["paper"].settings.scores, (1, 3, 5, 7, 9))


class PublishedTest(tf.test.TestCase):
    def test_settings_are_the_listed_ones(self):
        lines = results.read(PUBLISHED, results.PUBLISHED)
        listed = {(line["item"], line["metric"]): float(line["value"]) for _, line in lines.iterrows()}
        ours = study.Training()
        for item, metric, value in (
            ("table5", "iterations", ours.steps),
            ("table5", "weight_decay_in_normalised_D", ours.weight_decay),
            ("algorithm1", "penalty_weight", ours.method.penalty_weight),
            ("algorithm1", "critic_steps", ours.method.critic_steps),
            ("algorithm1", "learning_rate", ours.method.learning_rate),
            ("algorithm1", "beta1", ours.method.beta_1),
            ("algorithm1", "beta2", ours.method.beta_2),
            ("appC", "two_sided_better", appC_one_sided.PRINTED[0]),
            ("appC", "one_sided_better", appC_one_sided.PRINTED[1]),
            ("appC", "architectures", appC_one_sided.appC.scales["paper"].seeds),
            *(("table1", f"{name}_number_of_options", len(values)) for name, values in table_1().items()),
        ):
            self.assertEqual(listed[item, metric], value, metric)
        found = (study.GAN.learning_rate, study.GAN.beta_1, study.GAN.beta_2, study.GAN.critic_steps)
        self.assertEqual(found, (2e-4, 0.5, 0.999, 1))


def table_1():
    names = (
        "nonlinearity_G nonlinearity_D depth_G depth_D batch_norm_G norm_D_LN_for_WGAN-GP base_filters_G base_filters_D"
    )
    return dict(zip(names.split(), Grid().options.values(), strict=True))


class CountsTest(tf.test.TestCase):
    def test_thresholds_lie_between_one_and_the_score_of_real_images(self):
        found = success.thresholds(STUDY, 9.0)
        self.assertLen(found, 9)
        self.assertAllClose([found["share_0.1_of_real"], found["share_0.5_of_real"]], [1.8, 5.0])
        self.assertEqual(success.thresholds(success.Study(), 9.0)["min_score_2.5"], 2.5)

    def test_a_success_is_strictly_above(self):
        scores = {"gan": {0: 2.0, 1: 3.0, 2: 1.0, 3: 3.0}, "wgan_gp": {0: 3.0, 1: 3.0, 2: 2.0, 3: 1.0}}
        self.assertEqual(list(success.outcomes(scores, 2.0).values()), [1, 1, 1, 1])
        self.assertEqual(list(success.outcomes(scores, 3.0).values()), [0, 0, 0, 4])

    def test_printed_counts_are_at_the_thresholds_that_are_asked_for(self):
        self.assertEqual(list(success.printed("table5")), list(success.SCORES))
        self.assertEqual(list(success.printed("table2")), list(success.SCORES[::4]))
        for at, counts in success.printed("table2").items():
            self.assertEqual(counts, success.printed("table5")[at])

    def test_printed_counts_add_up(self):
        printed = success.printed("table5").values()
        self.assertEqual({sum(counts) for counts in printed}, {200})
        gan = [counts[0] + counts[2] for counts in printed]
        penalty = [counts[1] + counts[2] for counts in printed]
        self.assertEqual(gan, [192, 150, 140, 125, 111, 86, 68, 55, 42, 32, 21, 12, 6, 5, 1, 0, 0])
        self.assertEqual(penalty, [200, 200, 200, 199, 198, 197, 193, 191, 189, 180, 166, 142, 109, 70, 34, 6, 0])


class PresentedTest(tf.test.TestCase):
    def test_counts_scores_and_a_diverged_training(self):
        bench = presented(success.table5, STUDY, invented())
        found = benches.recorded(bench)
        half = [found["share_0.5_of_real", name, "", ""] for name in success.OUTCOMES]
        self.assertEqual(half, [0, 1, 1, 1])
        lowest = [found["share_0.1_of_real", name, "", ""] for name in success.OUTCOMES]
        self.assertEqual(lowest, [0, 1, 1, 1])  # 1.8 is not above 1.8, nor is a diverged one's 1
        score = study.DIGITS.metric(study.SCORE).name
        self.assertEqual(found["gan", score, "2", "100"], 1.0)
        self.assertEqual([found["gan", "diverged", str(n), ""] for n in range(3)], [0, 0, 1])
        self.assertEqual(found["wgan_gp, untrained", score, "1", ""], 1.3)
        self.assertEqual((found["real", score, "", ""], found["dcgan", score, "0", "50"]), (9.0, 5.0))
        header, rows, _ = bench.tables["table5_architectures.csv"]
        named = dict(zip(header, rows[2], strict=True))
        self.assertEqual(
            [named[f"gan: {w}"] for w in ("last score", "best score", "diverged at step")], ["1", "4", "100"]
        )
        self.assertEqual(set(bench.pictures), {"table5.png", "table5_sheets.png"})
        self.assertIn("real images score 9.00 and uniform noise 1.50", bench.pictures["table5.png"][1])

    def test_both_tables_lay_the_published_counts_below(self):
        bench = presented(success.table2, success.table2.scales["quick"].settings, invented())
        header, rows, _ = bench.tables["table2.csv"]
        self.assertEqual([row[0] for row in rows[5:]], [f"published min_score_{at}.0" for at in (1, 3, 5, 7, 9)])
        five = dict(zip(header, rows[7], strict=True))
        # By hand: center (p + z²/2n)/(1 + z²/n), half width z sqrt(p(1-p)/n + z²/4n²)/(1 + z²/n), p = 42/200.
        self.assertAllClose([float(five["gan low"]), float(five["gan high"])], [0.1592, 0.2716], atol=1e-4)
        self.assertAllClose(float(five["sign test p"]), 2.0**-146)

    def test_at_the_published_thresholds_another_number_of_architectures_is_no_published_row(self):
        settings = replace(STUDY, scores=(5.0,), shares=())
        found = benches.recorded(presented(success.table5, settings, invented()))
        self.assertEqual(found["min_score_5.0, 3 architectures", "both", "", ""], 1)

    def test_appendix_c_counts_wins_and_leaves_ties_out(self):
        pairs = [
            trained("wgan_gp", 0, 1.0, 5.0), trained("one_sided", 0, 1.0, 4.0),
            trained("wgan_gp", 1, 1.0, 2.0), trained("one_sided", 1, 1.0, 3.0),
            trained("wgan_gp", 2, 1.0, 2.5), trained("one_sided", 2, 1.0, diverged_at=50),
            trained("wgan_gp", 3, 1.0, diverged_at=50), trained("one_sided", 3, 1.0, diverged_at=50),
        ]  # fmt: skip
        bench = presented(appC_one_sided.appC, appC_one_sided.appC.scales["quick"].settings, pairs)
        found = benches.recorded(bench)
        names = ("architectures", "two_sided_better", "one_sided_better")
        self.assertEqual([found[appC_one_sided.ROW, name, "", ""] for name in names], [4, 2, 1])
        self.assertAllClose(float(bench.tables["appC_counts.csv"][1][0][4]), 0.098, atol=1e-3)

    def test_table_1_lists_every_option(self):
        bench = presented(table1_grid.table1, table1_grid.Table1(), [])
        found = benches.recorded(bench)
        self.assertEqual(found["all options", "architectures", "", ""], 9_216)
        _, rows, _ = bench.tables["table1.csv"]
        self.assertLen(rows, 8)
        self.assertEqual(dict(map(tuple, rows))["depth of D"], "4, 8, 12, 20")


class ClaimsTest(tf.test.TestCase):
    def verdict(self, judge, row, **counts):
        lines = [[row, name, np.nan, np.nan, count] for name, count in counts.items()]
        return judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

    def test_more_architectures_are_trained(self):
        judge = success.penalty_trains_more_architectures.judge
        for row in ("min_score_5.0", "share_0.5_of_real"):
            self.assertEqual(self.verdict(judge, row, only_wgan_gp=6, only_gan=0), "holds")
            self.assertEqual(self.verdict(judge, row, only_wgan_gp=5, only_gan=0), "undecided")
            self.assertEqual(self.verdict(judge, row, only_wgan_gp=1, only_gan=9), "fails")
        self.assertEqual(self.verdict(judge, "share_0.1_of_real", only_wgan_gp=9, only_gan=0), "undecided")

    def test_two_sided(self):
        judge = appC_one_sided.two_sided_is_better.judge
        for two, one, verdict in ((100, 77, "undecided"), (6, 0, "holds"), (0, 6, "fails"), (4, 0, "undecided")):
            found = self.verdict(judge, appC_one_sided.ROW, two_sided_better=two, one_sided_better=one)
            self.assertEqual(found, verdict)


class TrainedTest(tf.test.TestCase):
    def run_of(self, method, rate_factor=1.0):
        folder, one_step = pathlib.Path(tempfile.mkdtemp()), replace(method, critic_steps=1)
        planned = runs.Planner(Places(None, folder)).plan(
            study.training(replace(TRAINING, rate_factor=rate_factor), TINY, one_step, 1)
        )
        runs.execute(planned)
        return runs.Finished(planned)

    def test_a_real_training_leaves_scores_from_the_start(self):
        run = self.run_of(study.ONE_SIDED)
        course = study.course(run)
        self.assertEqual([step for step, _ in course], [0, 2])
        self.assertAllInRange([score for _, score in course], 1, 10)
        self.assertEqual(study.last_score(run), course[-1][1])
        self.assertTrue((run.path / "generator.keras").exists())

    def test_a_diverged_training_ends_and_scores_one(self):
        run = self.run_of(study.GAN, 1e41)
        self.assertEqual((run.diverged_at, study.last_score(run)), (2, 1.0))

    def test_methods_start_alike(self):
        latent = Normal(Z_DIM)
        pair = [
            study.compiled(replace(TRAINING, method=method, architecture=TINY.drawn(0)), 1, latent, 3)
            for method in (study.GAN, study.PENALTY)
        ]
        for name in ("generator", "discriminator"):
            for one, other in zip(*(gan.networks[name].trainable_weights for gan in pair), strict=True):
                self.assertAllEqual(one.numpy(), other.numpy())

    def test_decay_is_for_normalised_critics(self):
        for norm in (True, False):
            architecture = Architecture(norm_d=norm, filters_g=1, filters_d=1)
            gan = study.compiled(replace(TRAINING, architecture=architecture), 1, Normal(Z_DIM), 0)
            found = {name: getattr(optimizer, "l2", 0.0) for name, optimizer in gan._optimizers.items()}
            self.assertEqual(found, {"discriminator": 1e-3 if norm else 0.0, "generator": 0.0})
            self.assertAllClose([float(each.learning_rate) for each in gan._optimizers.values()], [5e-4, 5e-4])
            for each in gan._optimizers.values():  # TensorFlow 1's epsilon; Keras' is 1e-7
                self.assertEqual((each.beta_1, each.beta_2, each.epsilon), (0.0, 0.9, 1e-8))

    def test_images_have_the_statistics_of_their_hundred_and_are_cut(self):
        generator = study_generator(Architecture(filters_g=1), 16, channels=1)
        latent = Normal(Z_DIM)
        images = study.generated(generator, latent, 130, 5)
        self.assertEqual((images.shape, images.dtype), ((130, 16, 16, 1), np.uint8))
        self.assertAllEqual(images[:40], study.generated(generator, latent, 40, 5))
        z = latent.draw(100, tf.constant([place_seed(5, "judged images"), 0]))
        expected = (generator(z, training=True).numpy() + 1) * (255.99 / 2)
        self.assertAllClose(images[:100], np.floor(expected), atol=1)
        self.assertNotAllClose(images[:100], (generator(z, training=False).numpy() + 1) * 127.5, atol=20)

    def test_cutting_undoes_the_noise_of_dequantised_bytes(self):
        levels = np.repeat(np.arange(256, dtype=np.float32), 100)
        noise = np.random.default_rng(0).random(levels.shape, dtype=np.float32)
        values = tf.constant(2 * levels / 256 - 1 + noise / 128)
        self.assertLess((study.as_bytes(values).numpy() != levels).mean(), 0.01)
        self.assertAllEqual(study.as_bytes(tf.constant([-1.0, 1.0])), [0, 255])

    def test_real_images_score_above_noise(self):
        settings = study.known(success.QUICK_TRAINING)
        planned = runs.Planner(Places(None, pathlib.Path(tempfile.mkdtemp()))).plan(settings)
        runs.execute(planned)
        scores = runs.Finished(planned).load("scores")
        self.assertGreater(float(scores["real"]), 8)
        self.assertLess(float(scores["noise"]), 3)
