"""Table 4: characters and batches, what is measured, presented and claimed."""

import pathlib
import tempfile
from dataclasses import replace

import numpy as np
import pandas as pd
import tensorflow as tf

from papers.wgan_gp import table4_language as table4
from repro.claims import Values
from repro.data import Set
from repro.data.text import cut
from tests import benches

TINY = table4.Language(Set("novels"), d=4, blocks=1, batch_size=8, critic_steps=2, steps=2, snapshot_every=1, judged=70)


class CharactersTest(tf.test.TestCase):
    LINES = cut(b"bbbacc\nbc")

    def test_the_vocabulary_falls_in_frequency_behind_the_unknown(self):
        self.assertAllEqual(table4.vocabulary(self.LINES), [0, *b"`bca"])

    def test_places_and_back(self):
        characters = table4.vocabulary(self.LINES)
        codes = table4.encoded(self.LINES, characters)
        self.assertAllEqual(codes[1, :3], [2, 3, 1])
        self.assertAllEqual(characters[codes], self.LINES)
        self.assertAllEqual(table4.encoded(cut(b"bz"), characters)[0, :3], [2, 0, 1])

    def test_a_batch_is_one_hot_lines_of_an_epoch(self):
        codes = np.arange(6 * 32, dtype=np.uint8).reshape(6, 32) % 50
        batch = table4.line_batches(codes, 50, 3, seed=0)
        found = [batch(tf.constant(step, tf.int64)).numpy() for step in (0, 1)]
        self.assertEqual((found[0].shape, found[0].dtype), ((3, 32, 50), np.float32))
        self.assertAllEqual(np.concatenate(found).sum(axis=-1), np.ones((6, 32)))
        seen = sorted(np.concatenate(found).argmax(axis=-1).tolist())
        self.assertEqual(seen, sorted(codes.tolist()))

    def test_readable(self):
        self.assertEqual(table4.readable(np.frombuffer(b"a$\0\xc3\xa9\xc3", np.uint8)), "a$\ufffdé\ufffd")


class PresentedTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_both_methods_beside_both_references(self):
        bench = benches.presented(table4.table4, TINY, 1, self.folder)
        found = benches.recorded(bench)
        self.assertLen(found, 8 * (2 * 3 + 2))
        for name in ("js1", "js4", "js4_held_out"):
            for row in table4.NAMES:
                self.assertBetween(found[row, name, "0", "2"], found[table4.TRUE, name, "", ""], 1)
        js4 = [
            found[row, name, "", ""] for row in (table4.TRUE, table4.INDEPENDENT) for name in ("js4", "js4_held_out")
        ]
        self.assertEqual(js4, sorted(js4))
        self.assertEqual(set(bench.pictures), {"table4.png", "table4_js.png"})
        lines = bench.tables["table4.csv"][1]
        self.assertEqual([line[0] for line in lines], [name for name in table4.NAMES.values() for _ in range(18)])
        self.assertEqual({len(line[1]) for line in lines}, {32})

    def test_the_paper_takes_ten_steps_of_the_critic_and_the_gan_one(self):
        settings = table4.table4.scales["paper"].settings
        self.assertEqual((settings.critic_steps, settings.batch_size, settings.steps), (10, 64, 200_000))
        labels = [run.settings.label for run in table4.plan(settings, range(2))[:-1]]
        self.assertEqual(labels, ["wgan_gp", "wgan_gp", "gan", "gan"])

    def test_references_are_planned_once_for_all_seeds_and_lengths(self):
        plans = [table4.plan(replace(TINY, steps=steps), range(3)) for steps in (1, 2)]
        self.assertEqual(plans[0][-1], plans[1][-1])


class ClaimsTest(tf.test.TestCase):
    def verdicts(self, penalty, standard):
        found = {"wgan_gp": penalty, "gan": standard}
        lines = [[row, "js4", seed, 200, value] for row, of in found.items() for seed, value in enumerate(of)]
        lines.append([table4.INDEPENDENT, "js4", np.nan, np.nan, 0.9])
        values = Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))
        return [claim.judge(values).verdict for claim in (table4.learns_statistics, table4.standard_objective_does_not)]

    def test_verdicts(self):
        self.assertEqual(self.verdicts([0.5, 0.51, 0.52], [0.99, 0.98, 0.97]), ["holds", "holds"])
        self.assertEqual(self.verdicts([0.98, 0.99, 0.97], [0.5, 0.51, 0.5]), ["fails", "fails"])
        self.assertEqual(self.verdicts([0.5], [0.99]), ["undecided", "undecided"])
        self.assertEqual(self.verdicts([0.5, np.nan, 0.5], [0.9, 0.9, 0.9])[0], "undecided")
