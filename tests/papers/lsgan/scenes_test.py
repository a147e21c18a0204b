"""Scenes read from LSUN's official folders, planned at the paper scale and trained by figure 5's run."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from papers.lsgan import PAPER
from papers.lsgan.fig5_scenes import Figure5
from papers.lsgan.scenes import Scenes, train_scenes
from repro import present, runs
from repro.data import Places, Set
from repro.errors import MissingData
from repro.items import Run
from tests.lsun_folders import fill


class LsunScenesTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "data", self.folder / "cache")
        self.places.data.mkdir()

    def asked(self):
        planner = runs.Planner(self.places)
        return present.ask(planner, PAPER, PAPER.items["fig5"], "paper", self.folder / "out", 1, 1)

    def test_the_categories_that_are_there_are_planned_and_the_first_must_be(self):
        fill(self.places.data, "kitchen")
        with self.assertRaisesRegex(MissingData, "bedroom"):
            self.asked()
        fill(self.places.data, "bedroom")
        asked = self.asked()
        self.assertEqual(asked.settings.further, (Set("lsun112", ("kitchen",)),))
        self.assertLen(asked.planned, 3 + 2)  # no scores: the network's file is not there
        self.assertNotEqual(asked.settings.further, Figure5().further)

    def test_fifty_pictures_of_each_of_two_categories_are_trained_on(self):
        planner = runs.Planner(self.places)
        small = Scenes(width=1 / 16, steps=1, judged=60, batch_size=64)
        for name in ("bedroom", "kitchen"):
            fill(self.places.data, name)
            planned = planner.plan(Run(train_scenes, replace(small, data=Set("lsun112", (name,))), 0))
            runs.execute(planned)
            finished = runs.Finished(planned)
            self.assertEqual([step for step, _ in finished.snapshots()], [0, 1])
            self.assertEqual(finished.load("snapshot-00000001")["sheet"].shape, (64, 112, 112, 3))
            real = finished.load("real")["features"].reshape(-1, 8, 8, 3)
            self.assertLen(real, 50)
            colour = {"bedroom": 0, "kitchen": 1}[name]  # the left half of every picture tells the category
            self.assertAllClose(real[:, 4, 1].argmax(axis=-1), np.full(50, colour))
