import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.gan2014 import helvetica
from papers.gan2014.helvetica import CENTRES, Helvetica
from repro.claims import Values
from repro.metrics import modes
from tests.benches import presented, recorded


class HelveticaTest(tf.test.TestCase):
    def test_a_mode_counts_from_one_percent_within_its_radius(self):
        self.assertAllClose(np.linalg.norm(CENTRES, axis=1), [2] * 8)
        samples = np.repeat(CENTRES[:2], [99, 1], axis=0)
        self.assertEqual(modes.modes_within(samples, CENTRES, helvetica.WITHIN), 2)
        self.assertEqual(modes.modes_within(samples[:-1].repeat(2, axis=0), CENTRES, helvetica.WITHIN), 1)
        self.assertEqual(modes.modes_within(samples + 0.3, CENTRES, helvetica.WITHIN), 0)

    def test_three_ratios_by_seeds(self):
        runs = helvetica.plan(Helvetica(), range(2))
        self.assertEqual(
            [(run.settings.g_steps, run.seed) for run in runs], [(g, s) for g in (1, 3, 10) for s in (0, 1)]
        )

    def test_a_short_study(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        settings = replace(Helvetica(), width=8, rounds=20, snapshot_every=10, judged=100, batch_size=16)
        bench = presented(helvetica.helvetica, settings, 1, folder)
        values = recorded(bench)
        steps = [step for _, metric, _, step in values if metric == helvetica.MODES.name]
        self.assertEqual(steps, ["0", "10", "20"] * 3)
        row = "10 G steps per D step"
        late = np.mean([values[row, helvetica.MODES.name, "0", step] for step in ("0", "10", "20")])
        self.assertAllClose(values[row, helvetica.LATE.name, "0", ""], late)

    def test_the_claim(self):
        def of(one, ten):
            lines = [
                [row, helvetica.LATE.name, seed, None, value]
                for row, found in (("1 G step per D step", one), ("10 G steps per D step", ten))
                for seed, value in enumerate(found)
            ]
            return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))

        judge = helvetica.many_generator_steps_collapse.judge
        self.assertEqual(judge(of([8, 7.5, 8], [0.5, 0, 1])).verdict, "holds")
        self.assertEqual(judge(of([8, 7.5, 8], [7, 7, 8])).verdict, "fails")
        self.assertEqual(judge(of([8, 7.5, 8], [0, 3, 7])).verdict, "undecided")
