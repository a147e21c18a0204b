"""The committed feature networks: their files, their accuracy on embedded data, what they refuse."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from repro import files
from repro.data import Places, Set, load, rooms
from repro.errors import DamagedData, Misuse
from repro.metrics import feature_networks as networks
from repro.metrics.recogniser import top1


class FeatureNetworksTest(tf.test.TestCase):
    def test_every_network_of_the_table_is_committed_whole_and_small(self):
        self.assertEqual(set(networks.table()), set(networks.NETWORKS))
        self.assertEqual({path.stem for path in networks.FOLDER.glob("*.npz")}, set(networks.NETWORKS))
        for wanted in networks.NETWORKS.values():
            with self.subTest(wanted.name):
                facts = wanted.facts
                self.assertLess(wanted.file.stat().st_size, 2_000_000)
                self.assertEqual(int(facts["bytes"]), wanted.file.stat().st_size)
                self.assertEqual(facts["sha256"], files.sha256(wanted.file))
                self.assertEqual(int(facts["parameters"]), wanted.built.count_params())

    def test_on_embedded_digits_it_is_as_right_as_the_table_says(self):
        wanted = networks.feature_network("digits16")
        images, labels = wanted.labelled("test", Places(None, Path("nowhere")))
        probabilities, features = wanted.judge(images)
        self.assertAllClose(top1(probabilities, labels), float(wanted.facts["test_accuracy"]), atol=0.006)
        self.assertEqual(features.shape, (397, 256))

    def test_characters_are_read_and_have_few_enough_features_for_a_thousand_images(self):
        first = load(Set("hanzi", 4), "test", Places(None, Path(self.enterContext(TemporaryDirectory()))))
        probabilities, features = networks.feature_network("hanzi28").judge(first.images)
        self.assertGreater(top1(probabilities, first.labels), 0.9)
        self.assertEqual((probabilities.shape, features.shape), ((240, 100), (240, 128)))
        for name in ("mnist28", "hwdb28"):
            self.assertEqual(networks.feature_network(name).built.output_shape[1], (None, 128))

    def test_small_images_are_enlarged_by_repeating_pixels(self):
        image = np.array([[[[1], [2]], [[3], [4]]]], np.uint8)
        wanted = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
        self.assertAllEqual(networks.enlarged(image, 4)[0, ..., 0], wanted)
        self.assertIs(networks.enlarged(image, 2), image)
        with pytest.raises(ValueError, match=r"side 5, or a fraction of it, expected\. Received: 2x2"):
            networks.enlarged(image, 5)

    def test_other_images_than_bytes_of_its_channels_are_refused(self):
        wanted = networks.feature_network("digits16")
        for images in (
            np.zeros((5, 16, 16, 1)), np.zeros((5, 16, 16, 3), np.uint8), np.zeros((5, 16, 16), np.uint8),
            np.zeros((0, 16, 16, 1), np.uint8),
        ):  # fmt: skip
            with pytest.raises(ValueError, match="digits16 takes uint8 images of shape"):
                wanted.judge(images)

    def test_classes_of_rooms_tell_wall_bed_window_and_lamp_apart(self):
        shown = mock.Mock(
            wall=np.array([0, 3, 1]), bed=np.array([0, 3, 2]), window=np.array([False, True, False]),
            lamp=np.array([False, True, True]),
        )  # fmt: skip
        with mock.patch.object(rooms, "attributes", return_value=shown):
            found = networks._room_classes(None, "train", None)
        self.assertAllEqual(found, [0, 63, 1 * 16 + 2 * 4 + 1])

    def test_a_damaged_file_is_refused(self):
        with TemporaryDirectory() as folder, mock.patch.object(networks, "FOLDER", Path(folder)):
            wanted = networks.FeatureNetwork("digits16", None, 16, 1, 10, 1, "digits")
            with pytest.raises(DamagedData, match=r"digits16\.npz: a file of sha256"):
                _ = wanted.classifier
            wanted.file.write_bytes(b"not these weights")
            with pytest.raises(DamagedData, match="check the project out again"):
                _ = wanted.classifier

    def test_an_unknown_name_is_refused_with_those_there_are(self):
        with pytest.raises(Misuse, match=r"no feature network is called 'digits15'.*did you mean digits16"):
            networks.feature_network("digits15")
