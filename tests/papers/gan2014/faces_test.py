import tempfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from scipy import io

from papers.gan2014 import PAPER, faces, table1_parzen
from papers.gan2014.descent import Descent
from papers.gan2014.faces import Faces
from repro import present, runs
from repro.data import Places
from repro.items import Run
from tests.papers.gan2014.digits_test import TINY


def write(data: Path) -> None:
    """Twenty invented faces: ten without labels, and two for each part of each fold."""
    folds = np.zeros((20, 5))
    for fold in range(5):
        for part in (1, 2, 3):
            folds[10 + (2 * part - 2 + 2 * fold + np.arange(2)) % 10, fold] = part
    images = np.random.default_rng(0).integers(0, 256, (20, 48, 48), np.uint8)
    (data / "tfd").mkdir(parents=True)
    io.savemat(data / "tfd" / "TFD_48x48.mat", {"images": images, "folds": folds})


class FacesTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "data", self.folder / "runs")

    def test_two_stages_and_five_folds(self):
        write(self.places.data)
        tiny = Faces(hidden_g=(6, 120), hidden_d=(4, 4), batch_size=5, first_epochs=2, second_epochs=1, samples=30)
        first = Run(faces.train_first, tiny, 0)
        second = Run(faces.train_second, tiny, 0, [first])
        planner, done = runs.Planner(self.places), {}
        for run in (first, second, Run(faces.score_faces, tiny, 0, [second])):
            planned = planner.plan(run)
            runs.execute(planned)
            done[run.function] = runs.Finished(planned)
        # ten unlabelled faces in batches of five: two updates an epoch
        self.assertEqual(done[faces.train_first].load("history")["step"][-1], 4)
        self.assertEqual(done[faces.train_second].load("history")["step"][-1], 2)
        found = done[faces.score_faces].load("folds")
        self.assertEqual((found["test"].shape, found["sigma"].shape), ((5,), (5,)))
        self.assertTrue(np.isfinite(found["test"]).all())

    def test_the_second_stage_starts_from_the_weights_of_the_first(self):
        write(self.places.data)
        still = Faces(
            hidden_g=(6, 120), hidden_d=(4, 4), batch_size=5, descent=Descent(0.0, lowest_rate=0.0), samples=30
        )
        first = Run(faces.train_first, replace(still, first_epochs=1, column_norm=1e9), 0)
        second = Run(faces.train_second, replace(still, second_epochs=1, column_norm=1e9), 0, [first])
        networks = []
        for run in (first, second):
            planned = runs.Planner(self.places).plan(run)
            runs.execute(planned)
            networks.append(keras.models.load_model(planned.path / "generator.keras", safe_mode=True))
        shallow, deep = (network.get_weights() for network in networks)
        self.assertLen(deep, len(shallow) + 4)
        for a, b in zip(shallow, deep[4:], strict=True):
            self.assertAllClose(a, b, rtol=1e-5)

    def test_table_1_plans_faces_where_they_are_and_says_so_where_not(self):
        def asked():
            item = PAPER.items["table1"]
            small = replace(item.scales["small"], settings=table1_parzen.Scoring(TINY))
            changed = replace(item, scales={**item.scales, "small": small})
            return present.ask(runs.Planner(self.places), PAPER, changed, "small", self.folder / "out", 1, None)

        self.places.data.mkdir()
        names = [planned.run.function for planned in asked().planned]
        self.assertNotIn(faces.score_faces, names)
        self.assertEqual(asked().settings.faces.data, ())
        keys = {planned.key for planned in asked().planned}
        write(self.places.data)
        self.assertContainsSubset({faces.score_faces}, {planned.run.function for planned in asked().planned})
        self.assertContainsSubset(keys, {planned.key for planned in asked().planned})
