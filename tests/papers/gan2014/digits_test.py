import tempfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from papers.gan2014 import digits, fig3_interpolation, gradients, model, table1_parzen
from papers.gan2014.descent import Descent
from papers.gan2014.digits import QUICK, Digits
from repro import data, files, runs
from repro.claims import Values
from repro.data import Places, Set
from repro.items import Run
from tests.benches import presented, recorded

TINY = replace(QUICK, hidden_g=(8, 8), hidden_d=(4, 4), steps=20, snapshot_every=10, samples=60)


def train():
    return data.load(Set("digits8"), "train", Places(None, Path("nowhere")))


class SettingsTest(tf.test.TestCase):
    def test_training_and_validation_do_not_overlap(self):
        used, held = digits.split(train(), QUICK)
        self.assertAllEqual(np.concatenate([used, held]), np.arange(1_400))
        self.assertLen(used, 1_200)

    def test_mnist_trains_on_50000_and_validates_on_the_next_1000(self):
        used, held = digits.split(range(60_000), Digits())
        self.assertEqual((used[0], used[-1], held[0], held[-1]), (0, 49_999, 50_000, 50_999))

    def test_the_published_schedule_ends_with_the_published_settings(self):
        published = Digits()
        self.assertEqual(
            published.steps, published.descent.momentum_epochs * published.train_images // published.batch_size
        )

    def test_batches_come_from_the_training_part_alone_in_either_order(self):
        whole = train()
        used, _ = digits.split(whole, QUICK)
        known = {image.tobytes() for image in whole.scaled(used).astype(np.float32)}
        for order, shape in (("released", (100, 8, 8, 1)), ("printed", (1, 100, 8, 8, 1))):
            batch = digits.batches(replace(QUICK, order=order), whole, used, 3)(tf.constant(5, tf.int64)).numpy()
            self.assertEqual(batch.shape, shape)
            self.assertContainsSubset({image.tobytes() for image in batch.reshape(-1, 8, 8, 1)}, known)

    def test_models_by_order_and_objective(self):
        whole = train()
        used, _ = digits.split(whole, TINY)
        released = digits.compiled(TINY, whole, used, 0)
        self.assertIs(type(released), model.GAN)
        self.assertEqual(released.loss_function, model.NonSaturating(0.5))
        printed = digits.compiled(replace(TINY, order="printed", objective="minimax"), whole, used, 0)
        self.assertIs(type(printed), model.PrintedGAN)
        self.assertEqual(printed.loss_function, model.Minimax(1.0))
        momentum = released._optimizers["generator"].momentum
        self.assertEqual((momentum.first, momentum.last, momentum.epochs, momentum.updates), (0.5, 0.7, 250, 12))

    def test_the_latent_has_variance_one(self):
        z = digits.latent(Digits()).draw(4_000, tf.constant([1, 2])).numpy()
        self.assertEqual(z.shape, (4_000, 100))
        self.assertAllClose(z.std(), 1, atol=0.005)
        self.assertLess(np.abs(z).max(), 3**0.5)


class TrainingTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def trained(self, settings, seed=0):
        planned = runs.Planner(Places(None, self.folder)).plan(Run(digits.train_digits, settings, seed))
        runs.execute(planned)
        return runs.Finished(planned)

    def test_the_kept_generator_is_that_of_the_best_validation_value(self):
        run = self.trained(replace(TINY, descent=Descent(1.0)))
        values = {step: float(arrays["validation"].max()) for step, arrays in run.snapshots()}
        self.assertEqual(sorted(values), [0, 10, 20])
        best = keras.models.load_model(run.path / "best.keras", safe_mode=True)
        from repro.metrics import parzen

        whole = train()
        _, held = digits.split(whole, TINY)
        made = digits.samples(best, TINY, 0, "judged images")
        self.assertAllClose(parzen.best_sigma(made, whole.scaled(held))[1].max(), max(values.values()))

    def test_the_best_so_far_is_remembered_through_a_restart(self):
        class Model:
            generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            step = keras.Variable(20)

        class Folder:
            path = self.folder

        files.write_arrays(self.folder / "snapshot-00000010.npz", validation=np.array([1.0, 5.0]))
        digits._Best(Model, Folder).keep_if(4.0)
        self.assertFalse((self.folder / "best.keras").exists())
        digits._Best(Model, Folder).keep_if(6.0)
        self.assertTrue((self.folder / "best.keras").exists())

    def test_it_starts_at_one_half_with_the_mean_image_and_learns(self):
        run = self.trained(replace(QUICK, steps=2_500, snapshot_every=2_500, samples=2_000))
        (_, first), (_, last) = run.snapshots()
        self.assertAllClose([first["d_real"], first["d_fake"]], [0.5, 0.5], atol=0.01)
        self.assertAllClose(
            first["validation"].max(), -7.05, atol=1
        )  # the mean image's is -7.05; the first samples vary a little
        self.assertGreater(last["validation"].max(), 0)
        ceiling = -np.log(2_000) - 64 * np.log(last["sigma"] * np.sqrt(2 * np.pi))
        self.assertLess(last["validation"].max(), ceiling)
        self.assertBetween(last["pixel_std"], 0.15, 0.3)

    def test_going_on_is_as_if_it_had_not_stopped(self):
        whole = self.trained(replace(TINY, steps=30))
        first = Run(digits.train_digits, TINY, 0)
        planned = runs.Planner(Places(None, self.folder)).plan(
            Run(digits.train_longer, digits.Longer(TINY, 30), 0, [first])
        )
        for each in (*planned.needs, planned):
            runs.execute(each)
        for name, array in whole.load("snapshot-00000030").items():
            self.assertAllEqual(array, runs.Finished(planned).load("snapshot-00000030")[name])


class Table1Test(tf.test.TestCase):
    def test_all_rows_of_a_tiny_run(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        settings = table1_parzen.Scoring(
            TINY,
            table1_parzen.NO_FACES,
            counts=(20, 1_000),
            centroids=(5,),
            longer=30,
            variants=tuple(table1_parzen.VARIANTS),
        )
        bench = presented(table1_parzen.table1, settings, 2, folder)
        values = recorded(bench)
        # digits8's own rows do not depend on the training: true images 23.49 at n = 500, here at n = 60
        self.assertAllClose(values["mean image", "parzen_ll_d8", "", ""], -7.65, atol=0.02)
        self.assertLess(values["uniform noise", "parzen_ll_d8", "", ""], -20)
        self.assertIn(("true training images n=20", "parzen_ll_d8", "", ""), values)
        self.assertNotIn(("true training images n=1000", "parzen_ll_d8", "", ""), values)
        by_seed = [values["adversarial nets", "parzen_ll_d8", str(seed), ""] for seed in (0, 1)]
        alone = [values[f"adversarial nets, seed {seed}", "parzen_ll_d8", "", ""] for seed in (0, 1)]
        self.assertEqual(by_seed, alone)
        self.assertGreater(values["adversarial nets, seed 0", "parzen_ll_se", "", ""], 0)
        courses = [
            step
            for row, metric, seed, step in values
            if (row, metric, seed) == ("adversarial nets", "validation_ll", "0")
        ]
        self.assertEqual(courses, ["0", "10", "20"])
        longer = [step for row, metric, _, step in values if metric == "validation_ll" and row.endswith("30 updates")]
        self.assertEqual(longer, ["20", "30"])
        self.assertEqual(
            values["adversarial nets", "validation_ll", "0", "20"],
            values["adversarial nets, 30 updates", "validation_ll", "0", "20"],
        )
        for name in table1_parzen.VARIANTS:
            self.assertIn((f"adversarial nets, {name}", "parzen_ll_d8", "0", ""), values)
        best = values["adversarial nets", "best_step", "0", ""]
        course = {step: values["adversarial nets", "validation_ll", "0", step] for step in courses}
        self.assertEqual(course[str(int(best))], max(course.values()))
        self.assertEqual(set(bench.pictures), {"table1_course.png", "table1_protocol.png"})

    def test_the_claim_is_of_mnist_alone(self):
        import pandas as pd

        def of(metric, values):
            lines = [["adversarial nets", metric, seed, None, value] for seed, value in enumerate(values)]
            return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))

        judge = table1_parzen.above_deep_gsn.judge
        self.assertEqual(judge(of("parzen_ll_mnist", [220, 221, 222])).verdict, "holds")
        self.assertEqual(judge(of("parzen_ll_mnist", [180, 181, 182])).verdict, "fails")
        self.assertEqual(judge(of("parzen_ll_mnist", [180, 214, 230])).verdict, "undecided")
        self.assertEqual(judge(of("parzen_ll_d8", [999, 998, 997])).verdict, "undecided")
        self.assertIn("-44.0 from the published 225", judge(of("parzen_ll_mnist", [180, 181, 182])).evidence)


class Figure3Test(tf.test.TestCase):
    def test_lines_by_hand(self):
        # one pixel: 0, 1, 4 on the first line, 4, 4, 0 on the second
        images = np.array([[0.0, 1, 4], [4, 4, 0]]).reshape(2, 3, 1, 1, 1)
        found = fig3_interpolation.measured(images, np.array([2.0, 8.0]))
        self.assertAllClose(found[fig3_interpolation.STEP], (3 / 4 + 4 / 4) / 2)
        self.assertAllClose(found[fig3_interpolation.PATH], (3 / 4 + 4 / 4) / 2)
        self.assertAllClose(found[fig3_interpolation.ENDS], 4 / 5)

    def test_lines_are_chained_and_stay_between_their_ends(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        settings = fig3_interpolation.Interpolation(TINY, frames=5, lines=6, pairs=10)
        bench = presented(fig3_interpolation.fig3, settings, 1, folder)
        [planned] = [path for path in folder.iterdir() if "interpolate" in path.name]
        images = files.read_arrays(planned / "lines.npz")["images"]
        self.assertEqual(images.shape, (6, 5, 8, 8, 1))
        self.assertAllClose(images[:-1, -1], images[1:, 0], atol=1e-6)
        self.assertLen(recorded(bench), 6)

    def test_a_generator_that_hardly_moves_proves_nothing(self):
        import pandas as pd

        def of(step, ends):
            lines = [
                ["adversarial nets", metric.name, seed, None, value]
                for metric, value in ((fig3_interpolation.STEP, step), (fig3_interpolation.ENDS, ends))
                for seed in range(3)
            ]
            return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))

        judge = fig3_interpolation.change_is_smooth.judge
        self.assertEqual(judge(of(0.2, 0.9)).verdict, "holds")
        self.assertEqual(judge(of(0.7, 0.9)).verdict, "fails")
        self.assertEqual(judge(of(0.1, 0.3)).verdict, "undecided")


class GradientsTest(tf.test.TestCase):
    def test_slopes_and_crossings_by_hand(self):
        slopes = gradients.slopes(np.array([-2.0, 0, 5]))
        self.assertAllClose(slopes["minimax"], [-0.1192029220, -0.5, -0.9933071491])
        self.assertAllClose(slopes["non_saturating"], [-0.8807970780, -0.5, -6.6928509243e-03])
        seen = enumerate((0.5, 0.35, 0.2, 0.05))
        looked = [(step, {"d_fake": s, "non_saturating": 2.0, "minimax": 4 * s}) for step, s in seen]
        found = gradients.crossings(looked)
        self.assertEqual([threshold for threshold, _, _ in found], [0.4, 0.3, 0.1])
        self.assertAllClose([ratio for _, _, ratio in found], [2 / 1.4, 2.5, 10.0])

    def test_norms_against_the_formula_where_d_has_one_logit(self):
        class Constant(keras.layers.Layer):
            def call(self, x):
                return -4.0 + 1e-3 * tf.reduce_sum(x, axis=[1, 2, 3])[:, None]

        whole = train()
        used, _ = digits.split(whole, TINY)
        gan = digits.compiled(TINY, whole, used, 0)
        gan.discriminator = keras.Sequential([keras.Input((8, 8, 1)), Constant()])
        found = gradients.gradient_norms(gan, gradients.Gradients(TINY), 0)
        s = found["d_fake"]
        self.assertAllClose(s, 1 / (1 + np.exp(4)), rtol=0.05)
        self.assertAllClose(found["non_saturating"] / found["minimax"], (1 - s) / s, rtol=1e-3)

    def test_d_alone_then_both_losses_from_its_weights(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        settings = gradients.Gradients(TINY, alone=30, alone_every=10, after=20, after_every=10, latents=50)
        bench = presented(gradients.gradients, settings, 1, folder)
        rows = {row for row, _, _, _ in recorded(bench)}
        self.assertContainsSubset({"non-saturating", "saturating"}, rows)
        starts = [
            files.read_arrays(path / "snapshot-00000000.npz")["d_fake"]
            for path in folder.iterdir()
            if "train_after" in path.name
        ]
        [alone] = [path for path in folder.iterdir() if "d_alone" in path.name]
        self.assertAllEqual(starts, [files.read_arrays(alone / "snapshot-00000030.npz")["d_fake"]] * 2)
