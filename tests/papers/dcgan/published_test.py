"""The defaults of the settings are the published values that `results/published/dcgan.csv` lists."""

from pathlib import Path

import tensorflow as tf

from papers.dcgan import PAPER, concepts, networks
from papers.dcgan.few_labels import FewLabels
from papers.dcgan.fig1_networks import Networks
from papers.dcgan.fig6_windows import Removal
from papers.dcgan.fig7_arithmetic import Arithmetic
from papers.dcgan.fig8_turn import Turn
from papers.dcgan.images import Images
from repro import results

PUBLISHED = Path(__file__).parents[3] / "results/published/dcgan.csv"


class PublishedTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        lines = results.read(PUBLISHED, results.PUBLISHED)
        chosen = lines[lines["note"] == "setting"]
        keys = zip(chosen["item"], chosen["row"], chosen["metric"], strict=True)
        self.found = dict(zip(keys, map(float, chosen["value"]), strict=True))

    def test_settings(self):
        ours = Images()
        for metric, value in (
            ("learning_rate", ours.learning_rate),
            ("beta1", ours.beta_1),
            ("batch_size", ours.batch_size),
            ("leaky_slope", networks.LEAK),
        ):
            self.assertEqual(self.found["settings", "all", metric], value)
        self.assertEqual(self.found["settings", "faces", "l2"], ours.l2)
        faces = concepts.Faces()
        self.assertEqual(faces.steps, self.found["settings", "faces", "epochs"] * (350_000 // 128 + 1))
        self.assertEqual((Networks().maps, Networks().z_dim), (ours.maps, ours.z_dim))

    def test_one_and_five_passes_over_the_bedrooms(self):
        self.assertEqual(Images().first_sheet, 3_033_042 // 128)
        self.assertEqual(Images().steps, 5 * (3_033_042 // 128))

    def test_protocols(self):
        self.assertEqual(self.found["fig6", "probe", "window_boxes"], Removal().boxes)
        self.assertEqual(self.found["fig7", "arithmetic", "exemplars_per_concept"], Arithmetic().exemplars[0])
        self.assertEqual(self.found["fig7", "arithmetic", "noise_scale"], Arithmetic().noise)
        self.assertEqual(self.found["fig8", "turn vector", "averaged_samples"], Turn().averaged)

    def test_published_numbers_of_other_data_stand_in_lines_of_their_own(self):
        lines = results.read(PUBLISHED, results.PUBLISHED)
        beside = lines[lines["note"] == ""]
        # Only those whose metric, or row, is of SVHN or of MNIST alone: no other set has 60,000 real digits.
        self.assertAllEqual(beside["item"].to_list(), ["table2"] * 2 + ["table3"] * 3)
        told = [PAPER.items[line["item"]].metrics.get(line["metric"]) for _, line in beside.iterrows()]
        whose = {
            "SVHN" if "SVHN" in each.meaning else "MNIST" if "MNIST" in each.meaning else each.name for each in told
        }
        self.assertEqual(whose, {"SVHN", "MNIST", "test_error_real"})
        self.assertAllEqual(beside[beside["metric"] == "test_error_real"]["row"], ["real_60k"])

    def test_house_numbers(self):
        few = FewLabels()
        for row, metric, value in (
            ("protocol", "labels", 10 * few.per_class[0]),
            ("protocol", "validation_images", few.validation),
            ("released protocol", "final_draws", few.draws[0]),
            ("supervised CNN same architecture", "random_search_trials", few.search.trials),
        ):
            self.assertEqual(self.found["table2", row, metric], value)
        for metric, value in (
            ("learning_rate", few.training.learning_rate),
            ("batch_size", few.training.batch_size),
            ("epoch_released", few.training.steps / (63_257 // 64)),
        ):
            self.assertEqual(self.found["settings", "svhn", metric], value)
