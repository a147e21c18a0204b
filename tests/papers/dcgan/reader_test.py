"""The gate of the readers: a judge that reads drawings badly stops what rests on it."""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.dcgan import fig7_arithmetic, reader
from papers.dcgan.reader import Reader, reader_of
from repro import runs
from repro.claims import Values
from repro.data import Places, Set, faces
from repro.errors import Failure
from repro.items import Run


class GateTest(tf.test.TestCase):
    def test_every_attribute_and_the_yaw_must_reach_their_own_limits(self):
        good = {"hair": 1.0, "glasses": 0.99, "smile": 0.995, "yaw": 0.98}
        settings, quantities = Reader(Set("faces32")), ("yaw",)
        reader._check(settings, good, quantities)
        for name, value, least in (("smile", 0.989, 0.99), ("yaw", 0.979, 0.98), ("hair", np.nan, 0.99)):
            with self.assertRaisesRegex(Failure, f"the reader of faces32 reads {name} with .*; a judge needs {least}"):
                reader._check(settings, {**good, name: value}, quantities)

    def test_readers_of_photographs_pass_and_claims_look_at_their_accuracy(self):
        reader._check(Reader(Set("faces64")), {"smile": 0.6}, ())
        names, metric = fig7_arithmetic.METHODS, fig7_arithmetic.SUCCESS.name
        of = {(names["k3"], metric): 0.8, (names["k1"], metric): 0.2, (names["pixels"], metric): 0.1}
        for accuracy, verdict in ((0.79, "undecided"), (0.8, "holds")):
            of["reader", fig7_arithmetic.ACCURACY.name] = accuracy
            lines = [[*key, seed, None, value + seed / 1e3] for key, value in of.items() for seed in range(3)]
            table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
            self.assertEqual(fig7_arithmetic.means_of_three_work.judge(Values(table)).verdict, verdict)

    def test_a_reader_that_has_hardly_learned_ends_in_an_error_and_leaves_nothing_to_judge_by(self):
        self.enterContext(mock.patch.dict(faces.COUNTS, {"train": 64, "test": 40}))
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        settings = Reader(Set("faces16"), epochs=1, batch_size=32)
        planned = runs.Planner(Places(None, folder)).plan(Run(reader.train_reader, settings, reader.SEED))
        with self.assertRaisesRegex(Failure, "the reader of faces16 reads "):
            runs.execute(planned)
        self.assertFalse(runs.is_done(planned))
        self.assertFalse((planned.path / "reader.keras").exists())

    def test_one_reader_for_all_seeds_and_none_where_nothing_is_known(self):
        [run] = reader_of(Set("faces32"))
        self.assertEqual((run.seed, run.settings.epochs), (reader.SEED, 5))
        [run] = reader_of(Set("faces64"))
        self.assertEqual((run.settings.images, run.settings.epochs), (6_370, 4))
        self.assertEqual(reader_of(Set("lsun64", ("bedroom",))), [])
