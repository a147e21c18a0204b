"""Layer lists and counts against the published ones."""

import numpy as np
import tensorflow as tf

from papers.wgan_gp import networks


class PlanarTest(tf.test.TestCase):
    def test_weights_are_counted_as_published(self):
        self.assertEqual(networks.planar_generator().count_params(), 527_874)
        self.assertEqual(networks.planar_critic().count_params(), 527_361)
        self.assertEqual(networks.planar_generator(hidden=12).count_params(), 2_891_778)
        self.assertEqual(networks.planar_critic(hidden=12).count_params(), 2_891_265)

    def test_first_kernels_fill_he_uniforms_range(self):
        kernel = networks.planar_critic().weights[2].numpy()
        self.assertBetween(np.abs(kernel).max(), 0.107, np.sqrt(6 / 512))
        self.assertAllClose(kernel.std(), np.sqrt(2 / 512), rtol=0.01)
