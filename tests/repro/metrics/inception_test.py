"""Tests of the way to Inception, on a small graph of its form: the real one cannot be had here."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf
from scipy.special import softmax

from repro.data import Places, Set, describe
from repro.errors import DamagedData, Failure, MissingData
from repro.metrics import inception
from repro.metrics.scores import FID
from tests import small_inception

GRAPH = small_inception.graph()
CONTENT = GRAPH.SerializeToString(deterministic=True)
PICTURES = np.random.default_rng(1).integers(0, 256, (7, 19, 19, 3), np.uint8)


class NetworkTest(tf.test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = cls.enterClassContext(inception.Inception(inception.parsed(CONTENT, "small"), batch=3))

    def test_the_small_graph_is_of_the_real_ones_kinds_and_version(self):
        self.assertEqual({node.op for node in GRAPH.node}, inception.OPERATIONS)
        self.assertEqual(self.network._session.graph.as_graph_def().versions.producer, 8)

    def test_features_are_those_worked_out_in_numpy(self):
        found = self.network.features(PICTURES)
        self.assertEqual((found.dtype, found.shape), (np.float32, (7, 2048)))
        self.assertAllClose(found, small_inception.features(PICTURES), rtol=1e-5, atol=1e-5)  # float32 sums of 4 to 64

    def test_probabilities_are_of_features_times_weights_without_the_bias(self):
        features, probabilities = self.network.features_and_probabilities(PICTURES)
        self.assertAllEqual(features, self.network.features(PICTURES))
        logits = small_inception.features(PICTURES) @ small_inception.constants()["softmax/weights"]
        self.assertEqual((probabilities.dtype, probabilities.shape), (np.float32, (7, 1008)))
        self.assertAllClose(probabilities, softmax(logits, axis=1), rtol=1e-3, atol=1e-7)
        biased = softmax(logits + small_inception.constants()["softmax/biases"], axis=1)
        self.assertNotAllClose(probabilities, biased, rtol=1e-3, atol=1e-7)

    def test_an_images_features_do_not_depend_on_the_others(self):
        together = self.network.features(PICTURES)
        alone = [self.network.features(PICTURES[place : place + 1])[0] for place in range(7)]
        self.assertAllEqual(together, np.stack(alone))
        with inception.Inception(GRAPH, batch=7) as other:
            self.assertAllClose(together, other.features(PICTURES), rtol=1e-6, atol=1e-6)

    def test_a_grey_image_is_one_of_three_equal_channels(self):
        grey = PICTURES[..., :1]
        self.assertAllEqual(self.network.features(grey), self.network.features(np.repeat(grey, 3, axis=3)))

    def test_the_graph_resizes_by_itself(self):
        grown = np.repeat(np.repeat(PICTURES, 2, axis=1), 2, axis=2)  # every second row and column is the picture's
        self.assertAllClose(self.network.features(grown), self.network.features(PICTURES), rtol=1e-5, atol=1e-5)

    def test_no_images_give_no_features(self):
        self.assertEqual(self.network.features(PICTURES[:0]).shape, (0, 2048))

    def test_what_are_no_byte_images_is_refused(self):
        for images, told in (
            (PICTURES / 255, r"float64 of shape \(7, 19, 19, 3\)"),
            (PICTURES[0], r"uint8 of shape \(19, 19, 3\)"),
            (PICTURES[..., :2], r"uint8 of shape \(7, 19, 19, 2\)"),
        ):
            with self.assertRaisesRegex(ValueError, f"images must be uint8 .*Received: {told}"):
                self.network.features(images)

    def test_nothing_can_be_computed_after_the_end(self):
        with inception.Inception(GRAPH) as network:
            pass
        with self.assertRaisesRegex(RuntimeError, "closed Session"):
            network.features(PICTURES)

    def test_todays_version_would_refuse_the_graph(self):
        # What the graph's own version is kept for: the same nodes, said to be of version 9, do not run.
        with self.assertRaisesRegex(tf.errors.UnimplementedError, "removed in version 9"):
            inception.Inception(small_inception.graph(producer=9)).features(PICTURES)

    def test_another_number_of_classes_is_refused(self):
        fewer = {"softmax/weights": np.zeros((2048, 10)), "softmax/biases": np.zeros(10)}
        graph = small_inception.graph(changes=fewer)
        with self.assertRaisesRegex(DamagedData, r"found \(None, 1, 1, 2048\) and \(2048, 10\)"):
            inception.Inception(graph)


class ParsedTest(tf.test.TestCase):
    def refused(self, graph, told):
        with self.assertRaisesRegex(DamagedData, f"here: .*{told}"):
            inception.parsed(graph.SerializeToString(), "here")

    def test_a_foreign_operation_is_refused(self):
        graph = small_inception.graph()
        graph.node.add(name="reader", op="ReadFile", input=["DecodeJpeg/contents"])
        self.refused(graph, "found also ReadFile")

    def test_an_operation_hidden_in_a_function_is_refused(self):
        graph = small_inception.graph()
        graph.library.function.add().signature.name = "Relu6"
        self.refused(graph, "found also function Relu6")

    def test_other_names_are_refused(self):
        graph = small_inception.graph()
        next(node for node in graph.node if node.name == "pool_3").name = "pool_4"
        self.refused(graph, "a node pool_3 of kind AvgPool expected, found none")

    def test_a_node_of_another_kind_is_refused(self):
        graph = small_inception.graph()
        next(node for node in graph.node if node.name == "ExpandDims").op = "Identity"
        self.refused(graph, "a node ExpandDims of kind ExpandDims expected, found Identity")

    def test_what_is_no_graph_is_refused(self):
        with self.assertRaisesRegex(DamagedData, "here: a frozen graph of TensorFlow expected"):
            inception.parsed(b"\xff" * 40, "here")


class FindTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.places = Places(self.folder / "data", self.folder / "cache")
        self.places.data.mkdir()
        self.official = self.folder / "official.tgz"  # stands for what the host offers: nothing at first
        self.kept = self.places.cache / "inception" / inception.NAME
        for name, value in (
            ("SIZE", len(CONTENT)),
            ("CHECKSUM", hashlib.sha256(CONTENT).hexdigest()),
            ("URL", self.official.as_uri()),
        ):
            self.enterContext(mock.patch.object(inception, name, value))

    def give(self, name=inception.ARCHIVE, content=None):
        members = {"LICENSE": b"first", inception.NAME: CONTENT, "../outside": b"never written"}
        (self.places.data / name).write_bytes(small_inception.archive(members) if content is None else content)

    def damaged(self, told):
        with self.assertRaisesRegex(DamagedData, told):
            inception.find(self.places)
        self.assertFalse(self.kept.exists())

    def test_the_file_in_the_data_folder_is_used_where_it_lies(self):
        self.give(inception.NAME, CONTENT)
        self.assertEqual(inception.find(self.places), self.places.data / inception.NAME)
        self.assertFalse(self.places.cache.exists())

    def test_the_archive_in_the_data_folder_is_read_once(self):
        self.give()
        self.assertEqual(inception.find(self.places), self.kept)
        self.assertEqual(self.kept.read_bytes(), CONTENT)
        (self.places.data / inception.ARCHIVE).unlink()
        self.assertEqual(inception.find(self.places), self.kept)
        written = {path.name for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(written, {inception.NAME, f"{inception.NAME}.lock"})

    def test_it_is_downloaded_on_request_only(self):
        self.official.write_bytes(small_inception.archive({f"./{inception.NAME}": CONTENT}))
        with self.assertRaises(MissingData):
            inception.find(self.places)
        inception.fetch(self.places.data)
        self.assertEqual(inception.find(self.places), self.places.data / inception.NAME)
        self.assertEqual((self.places.data / inception.NAME).read_bytes(), CONTENT)

    def test_settings_name_it_as_a_set(self):
        with self.assertRaises(MissingData):
            describe(Set("inception2015"), self.places)
        self.give()
        self.assertEqual(describe(Set("inception2015"), self.places).checksum, inception.CHECKSUM)

    def test_a_loaded_network_is_that_of_the_file(self):
        self.give()
        found = self.loaded(batch=4).features(PICTURES)
        self.assertAllClose(found, small_inception.features(PICTURES), rtol=1e-5, atol=1e-5)

    def loaded(self, batch=50):
        self.addCleanup(inception._built.cache_clear)  # the file's checksum is this test's
        self.addCleanup(inception.load(self.places, batch).close)
        return inception.load(self.places, batch)

    def test_it_is_built_once_a_process_however_a_set_is_read(self):
        self.give()
        network = self.loaded()
        with mock.patch.object(inception, "parsed", side_effect=AssertionError("read again")):
            self.assertIs(inception.load(self.places), network)
            judged = [FID.judge(PICTURES[places], self.places) for places in ([0, 1, 2], [3, 4], [5, 6])]
        self.assertAllEqual(np.concatenate([part.features for part in judged]), network.features(PICTURES))
        self.assertEqual(judged[0].probabilities.shape, (3, 1008))

    def test_one_line_says_what_goes_where(self):
        for places in (self.places, Places(None, self.places.cache)):
            with self.assertRaises(MissingData) as caught:
                inception.find(places)
            told = str(caught.exception)
            self.assertNotIn("\n", told)
            self.assertRegex(told, r"inception-2015-12-05\.tgz of file:.*, or classify_image_graph_def\.pb out of it")
            self.assertFalse(places.cache.exists())
            self.assertRegex(told, r"--data-dir.*python -m repro\.metrics\.inception .* downloads it.*--scale quick")
        self.assertFalse(self.kept.exists())

    def test_a_bad_download_is_not_kept(self):
        whole = small_inception.archive({inception.NAME: CONTENT})
        for content, told in (
            (b"<html>log in first</html>", "whole gzipped tar archive expected"),
            (whole[: len(whole) // 2], "whole gzipped tar archive expected"),
            (small_inception.archive({inception.NAME: CONTENT[:-1] + b"?"}), "of sha256 .* expected"),
        ):
            self.official.write_bytes(content)
            with self.assertRaisesRegex(DamagedData, told):
                inception.fetch(self.places.data)
            self.assertEqual(list(self.places.data.iterdir()), [])
        self.official.unlink()
        with self.assertRaisesRegex(Failure, "could not be downloaded: .*No such file"):
            inception.fetch(self.places.data)

    def test_a_damaged_file_is_refused_and_nothing_else_is_taken(self):
        self.give()
        self.give(inception.NAME, CONTENT[:-1])
        self.damaged(rf"data/{inception.NAME}: {len(CONTENT):,} bytes of sha256 .* found {len(CONTENT) - 1:,} of")

    def test_a_damaged_member_is_refused(self):
        self.give(content=small_inception.archive({inception.NAME: CONTENT + b"more"}))
        self.damaged(f"{inception.ARCHIVE}: {inception.NAME}: .* found {len(CONTENT) + 4:,} of")

    def test_an_archive_without_the_member_is_refused(self):
        self.give(content=small_inception.archive({"LICENSE": b"x", f"elsewhere/{inception.NAME}": CONTENT}))
        self.damaged(f"{inception.ARCHIVE}: a file {inception.NAME} in it expected, found none")

    def test_what_is_no_archive_is_refused(self):
        whole = small_inception.archive({inception.NAME: CONTENT})
        for content in (b"", b"no archive", whole[:1000], whole[: len(whole) // 2], whole[:500] + bytes(400)):
            self.give(content=content)
            self.damaged(f"{inception.ARCHIVE}: a whole gzipped tar archive expected")

    def test_a_damaged_file_in_the_cache_is_set_aside_and_made_again(self):
        self.give()
        inception.find(self.places)
        self.kept.write_bytes(b"half")
        self.assertEqual(inception.find(self.places).read_bytes(), CONTENT)
        self.assertEqual(self.kept.with_name(f"{inception.NAME}.damaged").read_bytes(), b"half")


class OfficialTest(tf.test.TestCase):
    def test_the_file_is_the_one_that_the_distances_are_known_for(self):
        self.assertEqual(inception.SIZE, 95_673_916)
        self.assertEqual(inception.CHECKSUM[:8], "009d6814")
        self.assertEqual((len(inception.CHECKSUM), inception.URL[:31]), (64, "https://download.tensorflow.org"))

    def test_looking_for_the_file_needs_no_tensorflow(self):
        asked = "import sys, repro.metrics.inception; sys.exit('tensorflow' in sys.modules)"
        self.assertEqual(subprocess.run([sys.executable, "-c", asked], check=False).returncode, 0)
