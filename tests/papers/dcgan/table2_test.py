import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf
from scipy import io
from sklearn.svm import LinearSVC

from papers.dcgan import PAPER, few_labels, images, networks, objects, supervised, table2_house_numbers
from papers.dcgan.few_labels import FewLabels, HouseNumbers, Search, errors
from papers.dcgan.images import Images
from papers.dcgan.objects import Labelled
from papers.dcgan.table2_house_numbers import OURS, PIXELS, SUPERVISED, SVHN, TEST, UNTRAINED, VALIDATION
from repro import present, runs
from repro.claims import Values
from repro.data import Places, rooms
from repro.training import Normal
from tests.benches import presented, recorded

TRIED = Search(trials=2, per_class=(5,), batch_sizes=(8,), passes=1)


def write(data: Path) -> None:
    """Invented house numbers, 20 of each digit for training and 5 for the test."""
    for split, count in (("train", 200), ("test", 50)):
        stored = np.random.default_rng(count).integers(0, 256, (32, 32, 3, count), np.uint8)
        (data / "svhn").mkdir(parents=True, exist_ok=True)
        io.savemat(data / "svhn" / f"{split}_32x32.mat", {"X": stored, "y": (np.arange(count) % 10 + 1)[:, None]})


class Table2Test(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "data", self.folder / "runs")
        self.places.data.mkdir()

    def asked(self, scale, settings=None):
        item = PAPER.items["table2"]
        used = item.scales[scale].settings if settings is None else settings
        item = replace(item, scales={**item.scales, scale: replace(item.scales[scale], settings=used)})
        return present.ask(runs.Planner(self.places), PAPER, item, scale, self.folder / "out", 1, None)

    def test_rooms(self):
        self.enterContext(mock.patch.object(objects, "LABELLED_ROOMS", 300))
        self.enterContext(mock.patch.dict(rooms.COUNTS, {"train": 80, "test": 40}))
        training = replace(objects.QUICK, maps=2, batch_size=8, first_sheet=2, steps=4)
        few = replace(table2_house_numbers.ROOMS, training=training, validation=100, choosing=1, draws=(2,))
        few = replace(few, grid=(1e-3, 1e-2), per_class=(10,), search=replace(TRIED, per_class=(10,)))
        bench = presented(table2_house_numbers.table2, table2_house_numbers.Table2(few), 1, self.folder)
        found = recorded(bench)
        for row in (OURS, UNTRAINED, PIXELS, SUPERVISED):
            self.assertBetween(found[row, "test_error_10_per_class", "0", ""], 1, 95)
            self.assertBetween(found[row, "validation_error_10_per_class", "0", ""], 1, 95)
        self.assertEqual(found[OURS, "feature_dim", "0", ""], 448)
        self.assertEqual([row for row, *_ in bench.absent], [OURS, SUPERVISED])
        lines = bench.tables["table2.csv"][1]
        self.assertLen(lines, 2)
        best = min(lines, key=lambda line: float(line[-2]))
        self.assertAllClose(found[SUPERVISED, "test_error_10_per_class", "0", ""], float(best[-1]))
        self.assertFalse(list(self.folder.glob("*/*.features")))

    def test_house_numbers_where_they_are(self):
        write(self.places.data)
        training = HouseNumbers(rows=(50, 1), maps=2, batch_size=8, first_sheet=2, steps=4)
        few = FewLabels(training, validation=50, per_class=(5,), grid=(1e-3,), choosing=1, draws=(2,), search=TRIED)
        asked = self.asked("paper", table2_house_numbers.Table2(few))
        for planned in asked.planned:
            runs.execute(planned)
        present.present(asked, "a test")
        lines = pd.read_csv(asked.folder / "results.csv", keep_default_na=False).set_index(["row", "metric"])
        for row, metric, value in ((OURS, "test_error", 22.48), (SUPERVISED, "validation_error", 28.87)):
            self.assertEqual(float(lines.loc[row, metric]["published"]), value)
            self.assertBetween(float(lines.loc[row, metric]["value"]), 50, 100)
        self.assertEqual(lines.loc[OURS, "test_error"]["spread_kind"], "1.96 standard deviations over draws")
        self.assertEqual(float(lines.loc[OURS, "feature_dim"]["value"]), 7_168 / 32)
        self.assertEqual(float(lines.loc[OURS, "labels"]["value"]), 50)
        self.assertEqual(float(lines.loc["KNN", "test_error"]["published"]), 77.93)

    def test_where_they_are_not_nothing_is_asked_for_and_the_row_says_what_goes_where(self):
        for scale in ("small", "paper"):
            asked = self.asked(scale)
            self.assertEqual((asked.settings.few, asked.planned), (None, ()))
            present.present(asked, "a test")
            lines = pd.read_csv(asked.folder / "results.csv", keep_default_na=False).set_index(["row", "metric"])
            for row, metric in ((OURS, "test_error"), (SUPERVISED, "validation_error")):
                line = lines.loc[row, metric]
                self.assertEqual((line["value"], bool(line["published"])), ("", True))
                self.assertIn("svhn/train_32x32.mat and svhn/test_32x32.mat are in --data-dir", line["note"])
            verdicts = pd.read_csv(asked.folder / "claims.csv")["verdict"]
            self.assertEqual(set(verdicts), {"undecided"})

    def test_each_seed_draws_trials_of_its_own_within_the_ranges(self):
        few = FewLabels()
        first, second = (supervised.trials(few, seed) for seed in (0, 1))
        self.assertLen(first, 64)
        self.assertEqual(first, supervised.trials(few, 0))
        drawn = [run.settings for run in first]
        self.assertNoCommonElements([t.learning_rate for t in drawn], [run.settings.learning_rate for run in second])
        rates, penalties = (np.array([getattr(t, name) for t in drawn]) for name in ("learning_rate", "l2"))
        for values, (low, high) in ((rates, few.search.learning_rates), (penalties, few.search.l2)):
            self.assertBetween(values.min(), low, high)
            self.assertBetween(values.max(), low, high)
            # As many below as above the geometric mean: 64 fair coins.
            self.assertBetween((values < np.sqrt(low * high)).sum(), 16, 48)
        self.assertEqual({t.batch_size for t in drawn}, {32, 64, 128})
        self.assertBetween(max(t.dropout for t in drawn), 0.6, 0.7)


class ProtocolTest(tf.test.TestCase):
    def test_errors_are_those_of_scikit_learn_by_the_same_protocol(self):
        random = np.random.default_rng(0)
        labels, wanted = (random.integers(0, 3, n) for n in (400, 200))
        centres = random.normal(size=(3, 20))
        x, test = ((centres[y] + 2 * random.normal(size=(len(y), 20))).astype(np.float32) for y in (labels, wanted))
        few = FewLabels(validation=100, per_class=(8,), grid=(1e-4, 1e-2), choosing=3, draws=(4,))
        found = errors(x, test, Labelled(x, labels, test, wanted, 3), few, seed=5)
        choosing, judged = few.labelled_rows(labels, 8, 5)

        def error(c, rows, points, of):
            fitted = LinearSVC(C=c, tol=1e-7, max_iter=100_000, random_state=0).fit(x[rows], labels[rows])
            return float((fitted.predict(points) != of).mean())

        means = [np.mean([error(c, rows, x[:100], labels[:100]) for rows in choosing]) for c in few.grid]
        c = few.grid[int(np.argmin(means))]
        self.assertEqual(found["c_8"], c)
        self.assertAllClose(found["test_8"], [error(c, rows, test, wanted) for rows in judged], atol=0.006)
        self.assertAllClose(found["validation_8"], [error(c, r, x[:100], labels[:100]) for r in judged], atol=0.011)

    def test_draws_are_balanced_outside_of_validation_and_new_for_judging(self):
        labels = np.random.default_rng(0).integers(0, 3, 300)
        few = FewLabels(validation=100, per_class=(8,), choosing=3, draws=(4,))
        choosing, judged = few.labelled_rows(labels, 8, 0)
        self.assertEqual((len(choosing), len(judged)), (3, 4))
        for rows in (*choosing, *judged):
            self.assertAllEqual(np.bincount(labels[rows]), [8, 8, 8])
            self.assertGreaterEqual(rows.min(), 100)
        self.assertLen({tuple(sorted(rows)) for rows in (*choosing, *judged)}, 7)

    def test_the_supervised_network_is_d_with_a_softmax(self):
        d = networks.image_discriminator(32, maps=64)
        found = networks.classifier(d, 10, 0.5)
        self.assertEqual(sum(int(np.prod(w.shape)) for w in found.trainable_weights), 1_033_664 + 9 * 4_096)
        pictures = np.random.default_rng(0).random((2, 32, 32, 3), dtype=np.float32)
        *body, last = d.get_weights()
        found.set_weights([*body, np.repeat(last, 10, axis=1)])
        scores = d(2 * pictures - 1, training=False)
        self.assertAllClose(found(pictures, training=False)["label"], np.repeat(scores, 10, axis=1), atol=1e-5)

    def test_latents_of_the_released_model_are_normal(self):
        settings = HouseNumbers(maps=2)
        self.assertEqual(images.compiled(settings, (32, 32, 3), 0).latent, Normal(100))
        z = images.latents(settings, 0, 3)
        self.assertAllClose(z.std(), 1, atol=0.05)
        self.assertAllClose((np.abs(z) > 1).mean(), 0.3173, atol=0.03)
        self.assertLess(np.abs(images.latents(Images(), 0, 3)).max(), 1)
        self.assertIs(few_labels.Images, Images)


class ClaimsTest(tf.test.TestCase):
    def judged(self, claim, of):
        lines = [[row, metric, seed, None, value] for (row, metric), each in of.items() for seed, value in each]
        return claim.judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

    def of(self, key, metrics, **rows):
        return {(row, metrics[key].name): list(enumerate(each)) for row, each in rows.items()}

    def test_features_against_pixels_and_an_untrained_network(self):
        claim = table2_house_numbers.features_err_less
        for key in (SVHN, 10):
            for ours, pixels, untrained, verdict in (
                ([22.0, 22.5, 22.2], [70.0, 71.0, 70.5], [40.0, 41.0, 40.0], "holds"),
                ([22.0, 22.5, 22.2], [70.0, 71.0, 70.5], [20.0, 20.1, 20.0], "fails"),
                ([22.0, 22.5, 22.2], [70.0, 71.0, 70.5], [22.1, 22.4, 22.3], "undecided"),
                ([1.0, 1.1, 1.0], [70.0, 71.0, 70.5], [3.0, 9.0, 9.0], "undecided"),
                ([22.0], [70.0], [40.0], "undecided"),
            ):
                rows = {OURS: ours, PIXELS: pixels, UNTRAINED: untrained}
                self.assertEqual(self.judged(claim, self.of(key, TEST, **rows)), verdict)
        rooms = self.of(10, TEST, **{OURS: [9.0, 9.1, 9.0], PIXELS: [30.0, 30.1, 30.0], UNTRAINED: [20.0, 20.1, 20.0]})
        houses = self.of(SVHN, TEST, **{OURS: [42.0] * 3, PIXELS: [41.0] * 3, UNTRAINED: [41.0] * 3})
        self.assertEqual(self.judged(claim, rooms), "holds")
        self.assertEqual(self.judged(claim, {**houses, **rooms}), "fails")  # where SVHN is, it is judged
        self.assertEqual(self.judged(claim, {}), "undecided")

    def test_the_architecture_alone(self):
        claim = table2_house_numbers.labels_alone_err_more
        for supervised_, ours, verdict in (
            ([28.0, 29.0, 28.5], [22.0, 22.5, 22.2], "holds"),
            ([18.0, 19.0, 18.5], [22.0, 22.5, 22.2], "fails"),
            ([2.0, 2.1, 2.0], [1.0, 1.1, 1.0], "undecided"),
        ):
            rows = self.of(10, VALIDATION, **{SUPERVISED: supervised_, OURS: ours})
            self.assertEqual(self.judged(claim, rows), verdict)
        self.assertEqual(self.judged(claim, {}), "undecided")
