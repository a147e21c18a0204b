"""Tests of the procedural set `faces`."""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import tensorflow as tf

from repro.data import Places, Set, attributes, describe, drawn, faces, load

WANTED = Set("faces32")


class FacesTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.places = Places(None, Path(self.enterContext(tempfile.TemporaryDirectory())))

    def test_described_without_drawing(self):
        with mock.patch.object(drawn, "draw_split", side_effect=AssertionError("drawn")):
            small, large = (describe(Set(name), self.places) for name in ("faces32", "faces128"))
        self.assertEqual((small.counts, small.kind), ({"train": 10_000, "test": 2_000}, "procedural"))
        self.assertLen({small.checksum, large.checksum}, 2)

    def test_faces64_is_the_real_set(self):
        from repro.data import FAMILIES

        self.assertEqual(FAMILIES["faces64"], "repro.data.prepared")

    def test_a_face_is_a_function_of_seed_and_number(self):
        together = faces.draw(range(5), 0, 32)
        for name, array in together.items():
            self.assertAllEqual(faces.draw([3], 0, 32)[name][0], array[3])
        larger = faces.draw(range(5), 0, 128)
        for name in faces.RECIPE.names:
            self.assertAllEqual(larger[name], together[name])
        self.enterContext(mock.patch.dict(faces.COUNTS, {"train": 4, "test": 3}))
        self.assertAllEqual(load(WANTED, "test", self.places).images, faces.draw(range(3), 1, 32)["images"])
        self.assertAllEqual(attributes(WANTED, "test", self.places).yaw, faces.draw(range(3), 1, 32)["yaw"])
        with mock.patch.object(drawn, "AT_ONCE", 1):
            self.assertAllEqual(drawn.draw_split(faces.RECIPE, "train", 32)["images"], together["images"][:4])

    def test_frequencies(self):
        count = 2_000
        shown = faces.draw(range(count), 0, 16)
        for name in ("hair", "glasses", "smile"):  # four standard errors
            self.assertNear(shown[name].mean(), 0.5, 4 * np.sqrt(0.25 / count))
        self.assertBetween(shown["yaw"].min(), -40, -39)
        self.assertBetween(shown["yaw"].max(), 39, 40)
        self.assertNear(np.corrcoef(shown["hair"], shown["smile"])[0, 1], 0, 4 / np.sqrt(count))

    def test_parts_are_where_they_should_be(self):
        """A face drawn by hand from the recipe: centred, turned by 0 or 30 degrees, full light."""
        plain = dict(background=0, skin=0, colour=0, light=0.99, x=0.5, y=0.52, hair=False, glasses=False, smile=False)

        def painted(**changes):
            face = {name: np.array([value]) for name, value in (plain | {"yaw": 0.0} | changes).items()}
            return faces._painted(face, 64)[0]

        def at(paint, x, y):
            return paint[int(y * 256), int(x * 256)]

        front, turned = painted(), painted(yaw=30.0)
        self.assertEqual(at(front, 0.03, 0.03), faces.BEHIND)
        self.assertEqual(at(front, 0.5, 0.12), faces.IN_HAIR)  # above the head
        self.assertEqual(at(front, 0.5, 0.75 + 0.1), faces.ON_SKIN)  # the chin
        for x in (0.395, 0.605):  # pupils
            self.assertEqual(at(front, x, 0.49), faces.IN_DARK)
            self.assertEqual(at(front, x - 0.035, 0.49), faces.IN_EYE)
        self.assertEqual(at(front, 0.5, 0.6), faces.ON_NOSE)
        self.assertEqual(at(turned, 0.5 + 0.16 * 0.5 + 0.05 * 0.5, 0.6), faces.ON_NOSE)
        pupil = 0.58 + 0.105 * np.cos(np.pi / 6) + 0.018 * 0.5
        self.assertEqual(at(turned, pupil, 0.49), faces.IN_DARK)
        # The corners of a smile are 0.07 above its middle.
        for smile, corner in ((False, 0.765), (True, 0.765 - 0.07 * 0.95**2)):
            mouth = painted(smile=smile)
            self.assertEqual(at(mouth, 0.5, 0.765), faces.ON_LIPS)
            self.assertEqual(at(mouth, 0.5 + 0.125 * 0.95, corner), faces.ON_LIPS)
        self.assertEqual(at(painted(hair=True), 0.16, 0.9), faces.IN_HAIR)
        self.assertEqual(at(front, 0.16, 0.9), faces.BEHIND)
        self.assertEqual(at(painted(glasses=True), 0.395, 0.49 - 0.07), faces.IN_DARK)
        self.assertEqual(at(front, 0.395, 0.49 - 0.07), faces.ON_SKIN)

    def test_colours_and_light(self):
        shown = faces.draw(range(200), 0, 32)
        corner = shown["images"][:, 0, 0] / 255
        of = np.array(faces.BACKGROUNDS) / 100  # which of them, light does not change
        apart = corner[:, None] / corner.sum(axis=1)[:, None, None] - of / of.sum(axis=1)[:, None]
        self.assertLess(np.abs(apart).max(axis=2).min(axis=1).max(), 0.03)
        self.assertBetween(corner.max(), 0.7, 0.8)
