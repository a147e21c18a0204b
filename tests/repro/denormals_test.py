import threading

import numpy as np
import tensorflow as tf

from repro.denormals import flushed

LEAST = np.float32(1e-40)  # a denormal
ONE = np.float32(1)


class FlushedTest(tf.test.TestCase):
    def test_this_thread_and_those_it_starts_take_denormals_as_zero_until_the_end(self):
        seen = []
        self.assertGreater(LEAST * ONE, 0)
        with flushed():
            thread = threading.Thread(target=lambda: seen.append(LEAST * ONE))
            thread.start()
            thread.join()
            self.assertEqual([*seen, LEAST * ONE, np.float32(1e-30) * np.float32(1e-10)], [0, 0, 0])
            self.assertEqual(np.float32(2e-38) * ONE, np.float32(2e-38))  # the least normal one is 1.18e-38
        self.assertGreater(LEAST * ONE, 0)

    def test_an_error_within_it_ends_it_too(self):
        with self.assertRaises(KeyError), flushed():
            raise KeyError
        self.assertGreater(LEAST * ONE, 0)
