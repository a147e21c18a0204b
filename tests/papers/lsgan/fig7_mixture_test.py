"""Figure 7's claims on invented values: modes count only beside the share of samples that lie on them."""

import pandas as pd
import tensorflow as tf

from papers.lsgan import fig7_mixture as fig7
from repro.claims import Values


def values(modes: dict[str, list[float]], share: list[float]) -> Values:
    """Modes over the second half by row, and the least-squares model's share of samples within 0.2, by seed."""
    lines = [[row, fig7.LATE.name, seed, None, each] for row, of in modes.items() for seed, each in enumerate(of)]
    for seed, late in enumerate(share):
        lines += [["lsgan", fig7.SHARE_2.name, seed, step, each] for step, each in ((0, 0.1), (500, late), (900, late))]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class ClaimsTest(tf.test.TestCase):
    def test_an_untrained_generator_does_not_learn_the_ring_though_it_has_all_modes(self):
        all_modes = {"lsgan": [7.8, 8.0, 7.9], "gan": [2.0, 1.5, 2.5]}
        for share, verdict in (
            ([0.5, 0.6, 0.55], "holds"),
            ([0.10, 0.11, 0.10], "fails"),
            ([0.42, 0.27, 0.25], "undecided"),
        ):
            for claim in (fig7.lsgan_covers_the_ring, fig7.lsgan_covers_more):
                self.assertEqual(claim.judge(values(all_modes, share)).verdict, verdict)

    def test_few_modes(self):
        few = {"lsgan": [2.0, 3.0, 2.5], "gan": [2.0, 1.5, 2.5]}
        self.assertEqual(fig7.lsgan_covers_the_ring.judge(values(few, [0.6] * 3)).verdict, "fails")
        self.assertEqual(fig7.lsgan_covers_more.judge(values(few, [0.6] * 3)).verdict, "undecided")
        self.assertEqual(fig7.gan_collapses.judge(values(few, [0.6] * 3)).verdict, "holds")
        whole = {"gan": [7.5, 7.9, 8.0]}
        self.assertEqual(fig7.gan_collapses.judge(values(whole, [])).verdict, "fails")
