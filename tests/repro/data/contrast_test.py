import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from repro import fitting
from repro.data import Dataset, contrast
from repro.data.contrast import normalised, normalised_batch


def both(images, **more):
    """Normalised images, the same by NumPy and by TensorFlow."""
    made, batch = normalised(images, **more), normalised_batch(tf.constant(images), **more).numpy()
    np.testing.assert_allclose(batch, made, rtol=3e-7, atol=1e-12)
    assert made.dtype == batch.dtype == np.float32
    return made


class ContrastTest(tf.test.TestCase):
    def test_by_hand(self):
        # Mean 2, differences -2, -1, 1, 2, norm sqrt(10); the second image has norm 5 about its mean 10.
        images = np.array([[0.0, 1, 3, 4], [7, 14, 10, 9]]).reshape(2, 1, 2, 2)
        second = np.array([-3.0, 4, 0, -1]) / np.sqrt(26)
        expected = 55 * np.array([np.array([-2.0, -1, 1, 2]) / np.sqrt(10), second])
        self.assertAllClose(both(images), expected.reshape(2, 1, 2, 2), rtol=1e-6)
        self.assertAllClose(both(images, length=1.0), expected.reshape(2, 1, 2, 2) / 55, rtol=1e-6)

    def test_the_mean_is_of_all_channels_together(self):
        image = np.zeros((1, 2, 2, 3), np.float32)
        image[..., 0] = 3
        made = both(image)
        self.assertAllClose(made[0, 0, 0], 55 * np.array([2, -1, -1]) / np.sqrt(4 * 6), rtol=1e-6)

    @given(st.integers(0, 10_000), st.integers(1, 6), st.floats(1e-3, 1e3), st.floats(-100, 100))
    def test_mean_0_and_length_55_whatever_the_scale(self, seed, n, scale, shift):
        images = np.random.default_rng(seed).normal(size=(n, 4, 4, 3))
        made = both(images).astype(np.float64)
        self.assertAllClose(made.mean(axis=(1, 2, 3)), np.zeros(n), atol=1e-5)
        self.assertAllClose(np.sqrt((made**2).sum(axis=(1, 2, 3))), np.full(n, 55.0), rtol=1e-6)
        self.assertAllClose(both(scale * images + shift), made, rtol=1e-5, atol=1e-5)

    def test_one_colour_is_0(self):
        for value in (0, 7, 255, 0.5):
            self.assertAllEqual(both(np.full((2, 32, 32, 3), value, np.float32)), np.zeros((2, 32, 32, 3)))
        self.assertAllClose(both(np.full((1, 32, 32, 3), 0.1, np.float32)), np.zeros((1, 32, 32, 3)), atol=1e-9)

    def test_the_threshold_of_the_divisor(self):
        # Two values apart by 2 t have norm sqrt(2) t.
        for t, expected in ((1e-8, 55 / np.sqrt(2)), (0.5e-8, 55 * 0.5e-8)):
            self.assertAllClose(both(np.array([[-t, t]])), [[-expected, expected]], rtol=1e-6)

    def test_bytes_and_many_images(self):
        images = np.random.default_rng(0).integers(0, 256, (2 * contrast.ROWS + 3, 4, 4, 1), np.uint8)
        made = both(images)
        self.assertAllEqual(made[-2:], normalised(images[-2:]))
        self.assertEqual(normalised(images[:0]).shape, (0, 4, 4, 1))

    def test_in_the_map_of_a_data_set(self):
        images = np.random.default_rng(1).integers(0, 256, (10, 8, 8, 3), np.uint8)
        batch_of_step = fitting.image_batches(Dataset("x", "train", images, None, (), None), 5, 0, 0, 255)
        batches = tf.data.Dataset.range(2).map(lambda step: normalised_batch(batch_of_step(step)))
        self.assertTrue(batches.element_spec.is_compatible_with(tf.TensorSpec((5, 8, 8, 3), tf.float32)))
        found = np.concatenate([batch.numpy() for batch in batches])
        order = np.concatenate(
            [fitting.places_of_step(10, 5, 0, tf.constant(step, tf.int64)).numpy() for step in range(2)]
        )
        self.assertAllClose(found, normalised(images)[order], rtol=3e-7, atol=1e-12)
        self.assertAllClose(np.sqrt((found**2).mean()), 55 / np.sqrt(8 * 8 * 3), rtol=1e-6)
