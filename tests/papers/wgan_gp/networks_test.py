"""Layer lists and counts against the published ones."""

import numpy as np
import tensorflow as tf

from papers.wgan_gp import networks
from papers.wgan_gp.model import input_gradient_norms


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

    def test_how_steep_clipping_lets_the_critic_be(self):
        """All weights at +c and all units active: c^4 sqrt(2) 512^3."""
        critic = networks.planar_critic()
        for c, steepness in ((0.1, 18_981.2531), (0.01, 1.8981253125), (0.001, 1.8981253125e-4)):
            for weight in critic.weights:
                weight.assign(tf.fill(weight.shape, c))
            self.assertAllClose(input_gradient_norms(critic, tf.ones([1, 2])), [steepness], rtol=1e-5, atol=0)
