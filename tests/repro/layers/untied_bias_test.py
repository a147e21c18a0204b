import os

import keras
import numpy as np
import tensorflow as tf

from repro.layers.untied_bias import UntiedBias


class UntiedBiasTest(tf.test.TestCase):
    def test_every_place_has_its_own(self):
        layer = UntiedBias()
        self.assertAllEqual(layer(np.ones((2, 3, 3, 2), np.float32)), np.ones((2, 3, 3, 2)))
        self.assertEqual(layer.count_params(), 18)
        layer.bias.assign(np.arange(18.0).reshape(3, 3, 2))
        self.assertAllEqual(layer(np.zeros((1, 3, 3, 2), np.float32))[0], np.arange(18.0).reshape(3, 3, 2))

    def test_it_is_saved_and_loaded(self):
        network = keras.Sequential([keras.Input((2, 2, 1)), UntiedBias()])
        network.layers[0].bias.assign(np.arange(4.0).reshape(2, 2, 1))
        path = os.path.join(self.get_temp_dir(), "network.keras")
        network.save(path)
        x = np.ones((1, 2, 2, 1), np.float32)
        self.assertAllEqual(keras.models.load_model(path, safe_mode=True)(x), network(x))
