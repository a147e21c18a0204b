import pandas as pd
import tensorflow as tf

from papers.lsgan import fig5_scenes
from papers.lsgan.scenes import train_scenes
from repro.claims import Values


def values(**rows):
    """Invented frechet_pool8 of three seeds by row."""
    lines = [
        [row, "frechet_pool8", seed, 4_000, value] for row, sample in rows.items() for seed, value in enumerate(sample)
    ]
    return Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))


class Figure5Test(tf.test.TestCase):
    def test_the_plan_pairs_losses_by_seed_and_adds_one_seed_of_the_further_categories(self):
        scale = fig5_scenes.fig5.scales["small"]
        runs = fig5_scenes.plan(scale.settings, range(3))
        runs, scorings = runs[:13], runs[13:]
        self.assertLen(set(runs), 3 * 3 + 2 * 2)
        self.assertEqual({run.function for run in runs}, {train_scenes})
        self.assertEqual([run.needs for run in scorings], [(run,) for run in runs])
        self.assertEqual({run.settings.protocol.network for run in scorings}, {"scenes64"})
        self.assertEqual(
            [(r.settings.loss, r.settings.data.classes, r.seed) for r in runs[9:]],
            [("lsgan_011", ("kitchen",), 0), ("gan", ("kitchen",), 0),
             ("lsgan_011", ("dining_room",), 0), ("gan", ("dining_room",), 0)],
        )  # fmt: skip

    def test_at_paper_scale_the_five_categories_of_the_figure(self):
        runs = fig5_scenes.plan(fig5_scenes.fig5.scales["paper"].settings, range(1))
        runs = [run for run in runs if run.function is train_scenes]
        self.assertEqual(
            {run.settings.data.classes[0] for run in runs},
            {"bedroom", "kitchen", "church_outdoor", "dining_room", "conference_room"},
        )
        self.assertEqual({run.settings.data.side for run in runs}, {112})

    def test_a_lower_distance_of_every_seed_holds(self):
        judge = fig5_scenes.lsgan_is_better.judge
        self.assertEqual(judge(values(gan=[3.0, 3.1, 2.9], lsgan_011=[1.0, 1.1, 0.8])).verdict, "holds")
        self.assertEqual(judge(values(gan=[1.0, 1.1, 0.8], lsgan_011=[3.0, 3.1, 2.9])).verdict, "fails")
        self.assertEqual(judge(values(gan=[1.0, 3.0, 2.0], lsgan_011=[2.0, 1.0, 3.0])).verdict, "undecided")
        self.assertEqual(judge(values(gan=[3.0], lsgan_011=[1.0])).verdict, "undecided")

    def test_scores_of_the_scales_network_decide_together(self):
        judge = fig5_scenes.lsgan_scores_better.judge
        lower, higher = [1.0, 1.1, 0.8], [3.0, 3.1, 2.9]

        def judged(gan, lsgan, kid=(higher, lower)):
            samples = {"frechet_scenes64_1000": (gan, lsgan), "kid_scenes64_1000": kid}
            lines = [
                [row, metric, seed, None, value]
                for metric, pair in samples.items()
                for row, sample in zip(("gan", "lsgan_011"), pair, strict=True)
                for seed, value in enumerate(sample)
            ]
            return judge(Values(pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"]))).verdict

        self.assertEqual(judged(higher, lower), "holds")
        self.assertEqual(judged(lower, higher), "fails")
        self.assertEqual(judged(higher, lower, kid=(lower, lower)), "undecided")
        self.assertEqual(judged([3.0], [1.0]), "undecided")

    def test_what_is_judged_is_the_second_half_and_not_its_last_step(self):
        course = {"gan": (9.0, 9.0, 1.0), "lsgan_011": (1.0, 1.0, 2.0)}
        lines = [
            [row, "frechet_pool8", seed, step, value + seed / 100]
            for row, of in course.items()
            for step, value in zip((500, 750, 1_000), of, strict=True)
            for seed in range(3)
        ]
        table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
        self.assertEqual(fig5_scenes.lsgan_is_better.judge(Values(table)).verdict, "holds")

    def test_schemes_within_a_factor_do_alike(self):
        near, far, rest = [1.1, 2.15, 3.3], [1.5, 2.9, 4.5], [1.0, 2.0, 3.0]

        def judged(colour, network):
            samples = {"frechet_pool8": colour, "frechet_scenes64_1000": network}
            lines = [
                [row, metric, seed, 400, value]
                for metric, other in samples.items()
                for row, sample in (("lsgan_011", rest), ("lsgan_m110", other))
                for seed, value in enumerate(sample)
            ]
            table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
            return fig5_scenes.schemes_do_alike.judge(Values(table)).verdict

        self.assertEqual(judged(near, near), "holds")
        self.assertEqual(judged(far, near), "fails")
        self.assertEqual(judged(near, far), "fails")
        self.assertEqual(judged(near, [1.0]), "undecided")
