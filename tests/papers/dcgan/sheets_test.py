import numpy as np
import pandas as pd
import tensorflow as tf

from papers.dcgan import fig2_one_epoch, fig3_five_epochs, fig4_walk, sheets
from papers.dcgan.images import Images, fixed_latents, so_far
from repro.claims import Values
from repro.metrics import paths
from repro.metrics.grid_texture import grid_texture


def values(rows):
    """Invented values: (row, metric, step) to three seeds' values."""
    lines = [
        [row, metric, seed, step, value]
        for (row, metric, step), sample in rows.items()
        for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class Trained:
    """A finished training that left snapshots of one value each."""

    def snapshots(self):
        return ((step, {"images": np.full((2, 1, 1, 1), step)}) for step in (0, 100, 200, 450))


class SheetsTest(tf.test.TestCase):
    def test_the_last_snapshot_not_after_a_step(self):
        for at, expected in ((100, 100), (199, 100), (450, 450), (10**6, 450), (50, 100)):
            step, images = sheets.snapshot_at(Trained(), at)
            self.assertEqual((step, images[0, 0, 0, 0]), (expected, expected))

    def test_figures_two_to_four_share_a_training(self):
        for scale in ("quick", "small", "paper"):
            of = [item.scales[scale] for item in (fig2_one_epoch.fig2, fig3_five_epochs.fig3, fig4_walk.fig4)]
            self.assertLen({each.settings.training for each in of}, 1)
        self.assertEqual(fig2_one_epoch.fig2.scales["quick"].settings.at, 10_000 // 32)
        self.assertEqual(fig3_five_epochs.fig3.scales["quick"].settings.at, 5 * (10_000 // 32))
        self.assertEqual(fig3_five_epochs.fig3.scales["paper"].settings.at, Images().steps)

    def test_passes_are_counted_without_their_rest(self):
        self.assertEqual(so_far(312, 32, 10_000), "after 312 mini-batches of 32, 1 pass")  # 312 whole ones, and 16 left
        self.assertEqual(so_far(1_500, 64, 4_450), "after 1,500 mini-batches of 64, 21.7 passes")  # 69 are a pass
        self.assertEqual(so_far(5, 64, 1), "after 5 mini-batches of 64, 5 passes")

    def test_colours_by_hand(self):
        images = np.zeros((2, 1, 2, 3), np.uint8)
        images[..., 0] = [[[0, 4]], [[4, 8]]]
        self.assertAllClose(sheets._colours(images), [[4, 0, 0], [np.sqrt(8), 0, 0]])

    def test_claims(self):
        judge = fig2_one_epoch.one_pass_does_not_memorise.judge
        self.assertEqual(judge(values({("DCGAN", "nn_ratio", 23_695): [1.0, 1.01, 0.99]})).verdict, "holds")
        self.assertEqual(judge(values({("DCGAN", "nn_ratio", 23_695): [0.2, 0.3, 0.25]})).verdict, "fails")
        self.assertEqual(judge(values({("DCGAN", "nn_ratio", 156): [1.0, 1.01, 0.99]})).verdict, "undecided")
        judge = fig3_five_epochs.noise_repeats.judge
        self.assertEqual(judge(values({("DCGAN", "grid_texture_over_real", 780): [2.0, 2.2, 2.1]})).verdict, "holds")
        self.assertEqual(judge(values({("DCGAN", "grid_texture_over_real", 780): [1.0, 1.01, 0.99]})).verdict, "fails")


class TextureTest(tf.test.TestCase):
    def test_a_stripe_of_period_four_stands_out_there_alone(self):
        random = np.random.default_rng(0)
        noise = random.normal(128, 5, (64, 32, 32, 1))
        stripes = noise + 10 * np.cos(2 * np.pi * np.arange(32) / 4)[None, None, :, None]
        plain, striped = (grid_texture(images.clip(0, 255).astype(np.uint8)) for images in (noise, stripes))
        self.assertGreater(striped[4], 20)
        for period in (2, 8):
            self.assertBetween(striped[period], 0.3, 3)
        for period in (2, 4, 8):
            self.assertBetween(plain[period], 0.5, 2)


class WalkTest(tf.test.TestCase):
    def test_rows_are_one_chain_and_ends_are_not_repeated(self):
        points = np.array([[0.0], [1.0], [3.0]])
        self.assertAllClose(fig4_walk.chain(points, 4)[:, 0], [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3])

    def test_cross_fades_are_smooth_and_straight(self):
        images = np.random.default_rng(0).random((3, 4, 4, 1))
        fades = fig4_walk.faded(images, 2, 10)
        self.assertEqual(fades.shape, (2, 10, 4, 4, 1))
        self.assertAllClose(fades[1, 0], images[1])
        self.assertAllClose(fades[0, 5], (images[0] + images[1]) / 2)
        self.assertAllClose(paths.smoothness(fades), [1, 1])
        self.assertAllClose(paths.path_ratio(fades), [1, 1])

    def test_a_jump_and_a_detour_by_hand(self):
        jump = np.array([0, 0, 0, 8, 8.0]).reshape(1, 5, 1, 1, 1)
        self.assertAllClose(paths.smoothness(jump), [4])  # one step of 8, mean 2
        detour = np.array([0, 3, 1.0]).reshape(1, 3, 1, 1, 1)
        self.assertAllClose(paths.path_ratio(detour), [5])
        self.assertAllClose(paths.steps(detour), [[3, 2]])

    def test_smooth_walks_hold_and_jumps_fail(self):
        judge = fig4_walk.walks_are_smooth.judge
        sure = {("DCGAN", "abstention", None): [0.2, 0.3, 0.1]}
        smooth, jumps = ({("DCGAN", "smoothness_80", None): each} for each in ([1.3, 1.4, 1.2], [4.0, 4.2, 3.9]))
        self.assertEqual(judge(values(smooth | sure)).verdict, "holds")
        self.assertEqual(judge(values(jumps | sure)).verdict, "fails")
        in_doubt = {("DCGAN", "abstention", None): [0.2, 0.5, 0.1]}
        self.assertEqual(judge(values(smooth | in_doubt)).verdict, "undecided")
        self.assertEqual(judge(values(smooth)).verdict, "undecided")  # noise is smooth, too: somebody has to read it

    def test_latents_belong_to_seed_and_purpose(self):
        z = fixed_latents(100, 400, 0, "walk")
        self.assertAllEqual(z, fixed_latents(100, 400, 0, "walk"))
        self.assertNotAllClose(z, fixed_latents(100, 400, 1, "walk"))
        self.assertNotAllClose(z, fixed_latents(100, 400, 0, "sheets"))
        self.assertBetween(np.abs(z).max(), 0.99, 1)
        self.assertNear(z.var(), 1 / 3, 0.01)
