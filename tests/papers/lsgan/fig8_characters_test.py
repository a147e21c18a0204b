"""Figure 8's claims on invented values."""

import pandas as pd
import tensorflow as tf

from papers.lsgan import fig8_characters as fig8
from repro.claims import Values


def values(found: dict[tuple, list[float]]) -> Values:
    """(row, metric) to values by seed."""
    lines = [
        [row, of.name, seed, None, each] for (row, of), sample in found.items() for seed, each in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class ClaimsTest(tf.test.TestCase):
    def test_a_twin_that_has_not_drawn_characters_yet_tells_nothing(self):
        own, twin = "lsgan", "unconditional twin"
        found = {
            (own, fig8.CONFIDENCE): [0.67, 0.71, 0.68],
            (twin, fig8.CONFIDENCE): [0.52, 0.52, 0.51],
            (own, fig8.FRECHET): [60.0, 61.0, 62.0],
            (twin, fig8.FRECHET): [180.0, 190.0, 185.0],
        }
        self.assertEqual(fig8.twin_is_worse.judge(values(found)).verdict, "holds")
        found[twin, fig8.FRECHET] = [30.0, 31.0, 30.0]
        self.assertEqual(fig8.twin_is_worse.judge(values(found)).verdict, "fails")
        found[twin, fig8.CONFIDENCE] = [0.13, 0.52, 0.51]
        noise = fig8.twin_is_worse.judge(values(found))
        self.assertEqual(noise.verdict, "undecided")
        self.assertIn("too short to tell: confidence, twin / conditional: 0.194", noise.evidence)

    def test_shares_of_what_is_read_of_real_characters(self):
        for claim, metric in (
            (fig8.readable_and_correct, fig8.TOP1_GENERATED),
            (fig8.usable_as_augmentation, fig8.TOP1_TRAINED),
        ):
            for sample, verdict in (([0.72, 0.7, 0.71], "holds"), ([0.3, 0.31, 0.3], "fails"), ([0.7], "undecided")):
                found = {("real", fig8.TOP1_REAL): [0.9], ("lsgan", metric): sample}
                self.assertEqual(claim.judge(values(found)).verdict, verdict)
