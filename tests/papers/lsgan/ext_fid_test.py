"""The extended paper's table: its plan, and the rule for its claim."""

import pandas as pd
import tensorflow as tf

from papers.lsgan import ext_fid
from repro.claims import Values

NAMES = {"scenes64": "scenes64", "cifar10_jpeg75": "cifar32", "rooms32": "rooms32"}


def values(**sets):
    """Invented Fréchet distances of three seeds: set to (of (0,1,1), of (-1,1,0))."""
    lines = [
        [f"{loss}, {data}", f"frechet_{NAMES[data]}_1000", seed, 200, value]
        for data, samples in sets.items()
        for loss, sample in zip(("lsgan_011", "lsgan_m110"), samples, strict=True)
        for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


LOWER, SAME = ([5.0, 6.0, 7.0], [3.0, 4.1, 4.9]), ([5.0, 6.0, 7.0], [5.5, 5.5, 7.1])
HIGHER = (LOWER[1], LOWER[0])


class ExtFidTest(tf.test.TestCase):
    def test_every_set_has_its_width_and_its_network(self):
        runs = ext_fid.plan(ext_fid.ext_fid.scales["small"].settings, range(3))
        self.assertLen(set(runs), 2 * 3 * 3)
        found = {(run.settings.data.name, run.settings.width, run.settings.protocol.network) for run in runs}
        self.assertEqual(found, {("scenes64", 0.25, "scenes64"), ("cifar10_jpeg75", 0.5, "cifar32")})

    def test_the_claim_needs_two_sets(self):
        judge = ext_fid.chi_square_labels_score_better.judge
        both = {"scenes64": LOWER, "cifar10_jpeg75": LOWER}
        self.assertEqual(judge(values(**both)).verdict, "holds")
        self.assertEqual(judge(values(rooms32=LOWER)).verdict, "undecided")
        self.assertEqual(judge(values(**both | {"cifar10_jpeg75": SAME})).verdict, "undecided")
        self.assertEqual(judge(values(**both | {"cifar10_jpeg75": HIGHER})).verdict, "fails")
        three = both | {"rooms32": HIGHER}
        self.assertEqual(judge(values(**three)).verdict, "holds")
