import numpy as np
import pandas as pd
import tensorflow as tf

from papers.dcgan import networks, table1_objects
from papers.dcgan.features import extracted, feature_network, with_statistics_of
from papers.dcgan.images import part_of
from papers.dcgan.objects import ROOM_CLASSES, Labelled, room_class
from papers.dcgan.table1_objects import Classification, scored
from repro.claims import Values
from repro.data import Places, Set, load
from repro.training import initialise

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)


class FeaturesTest(tf.test.TestCase):
    def test_lengths(self):
        self.assertEqual(feature_network(networks.object_discriminator()).output_shape[1], 28_672)
        self.assertEqual(feature_network(networks.image_discriminator()).output_shape[1], 30_720)
        self.assertEqual(feature_network(networks.image_discriminator(32, maps=64)).output_shape[1], 7_168)
        self.assertEqual(feature_network(networks.object_discriminator(maps=16)).output_shape[1], 3_584)

    def test_features_are_pooled_maps_after_the_leak_and_need_no_batch(self):
        network = networks.object_discriminator(maps=2)
        initialise(network, 0, "discriminator")
        network = with_statistics_of(network, IMAGES, 8)
        found = extracted(network, IMAGES, f"{self.get_temp_dir()}/features")
        self.assertEqual((found.shape, found.dtype), ((20, 448), np.float16))
        alone = extracted(network, IMAGES[3:4], f"{self.get_temp_dir()}/one")
        self.assertAllClose(found[3], alone[0], atol=2e-3)
        first = network.layers[1](IMAGES.astype(np.float32) / 127.5 - 1).numpy()
        first = np.where(first > 0, first, 0.2 * first)
        pooled = first.reshape(20, 4, 8, 4, 8, 2).max(axis=(2, 4)).reshape(20, -1)
        self.assertAllClose(found[:, :32], pooled, atol=1e-3)


class RoomsTest(tf.test.TestCase):
    def test_classes(self):
        window, lamp, right = (
            np.array(each, bool) for each in ([0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 1, 1], [1, 0, 1, 0, 0, 1])
        )
        self.assertAllEqual(room_class(window, lamp, right), range(6))
        self.assertLen(ROOM_CLASSES, 6)

    def test_rows_that_train(self):
        digits = load(Set("digits8"), "test", Places(None, None))
        odd = part_of(digits, (1, 2))
        self.assertAllEqual(odd.images, digits.images[1::2])
        self.assertAllEqual(odd.labels, digits.labels[1::2])
        self.assertIs(part_of(digits, (0, 1)), digits)


class ScoredTest(tf.test.TestCase):
    def test_few_labels_all_labels_and_both_halves(self):
        random = np.random.default_rng(0)
        labels, test_labels = random.integers(0, 3, 400), random.integers(0, 3, 200)
        centres = random.normal(size=(3, 40))
        x, test = (
            (centres[each] + random.normal(size=(len(each), 40))).astype(np.float32) for each in (labels, test_labels)
        )
        data = Labelled(x, labels, test, test_labels, 3)
        settings = Classification(rows=(0, 2), validation=50, grid=(1e-3, 1e-2), per_class=(10,), draws=(4,))
        found = scored(x, test, data, settings, seed=0)
        self.assertEqual(int(found["features"]), 40)
        self.assertIn(float(found["c"]), (1e-3, 1e-2))
        self.assertBetween(float(found["accuracy_10"]), 0.7, float(found["accuracy"]) + 0.02)
        self.assertGreater(float(found["accuracy_half_seen"]), 0.9)
        whole = scored(x, test, data, Classification(validation=50, grid=(1e-3,), per_class=(10,), draws=(2,)), seed=0)
        self.assertNotIn("accuracy_half_seen", whole)


class ClaimTest(tf.test.TestCase):
    def judged(self, ours, untrained, patches, metric="accuracy_10_per_class"):
        names = table1_objects.NAMES
        of = {
            names[table1_objects.classify_features]: ours,
            names[table1_objects.classify_untrained]: untrained,
            names[table1_objects.classify_patches]: patches,
        }
        lines = [[row, metric, seed, None, value] for row, each in of.items() for seed, value in enumerate(each)]
        table = pd.DataFrame(lines, columns=["row", "metric", "seed", "step", "value"])
        return table1_objects.training_makes_features_better.judge(Values(table)).verdict

    def test_margins_and_the_ceiling(self):
        self.assertEqual(self.judged([75.0, 76.0, 75.5], [60.0, 61.0, 60.0], [70.0, 70.0, 70.0]), "holds")
        self.assertEqual(self.judged([61.0, 60.9, 61.1], [60.5, 60.6, 60.4], [70.0, 70.1, 70.0]), "fails")
        self.assertEqual(self.judged([99.0, 99.1, 99.0], [97.5, 96.0, 96.0], [90.0, 90.0, 90.0]), "undecided")
        small = self.judged([65.0, 66.0, 65.5], [60.0, 61.0, 60.0], [62.0, 62.0, 62.0], "accuracy_400_per_class")
        self.assertEqual(small, "holds")
