import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from repro.metrics.transport import wasserstein_1


class TransportTest(tf.test.TestCase):
    def test_a_shift_is_its_length(self):
        points = np.random.default_rng(0).normal(size=(50, 2))
        self.assertAllClose(wasserstein_1(points, points[::-1] + np.array([3.0, 4.0])), 5.0, rtol=1e-12)

    def test_pairs_are_chosen_and_not_taken_as_they_come(self):
        self.assertAllClose(wasserstein_1(np.array([[0.0], [10.0]]), np.array([[11.0], [1.0]])), 1.0)

    def test_unequal_numbers_are_refused(self):
        with self.assertRaisesRegex(ValueError, "Received: \\(2, 1\\) and \\(3, 1\\)"):
            wasserstein_1(np.zeros((2, 1)), np.zeros((3, 1)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=30))
def test_on_a_line_it_pairs_in_order(pairs):
    a, b = np.array(pairs).T
    expected = np.abs(np.sort(a) - np.sort(b)).mean()
    np.testing.assert_allclose(wasserstein_1(a[:, None], b[:, None]), expected, rtol=1e-9, atol=1e-9)
