"""The work of a step: counts of layers by hand, and which pass counts how often."""

import keras
import tensorflow as tf
from keras import layers

from papers.wgan_gp import image_networks as nets
from papers.wgan_gp import methods, work


class WorkTest(tf.test.TestCase):
    def test_layers_are_counted_by_hand(self):
        image = keras.Input((8, 8, 3))
        x = layers.Conv2D(5, 3, 2, "same")(image)  # 4x4 places, 3*3*3 weights for each of 5 maps
        x = layers.BatchNormalization()(x)
        x = layers.Conv2DTranspose(2, 5, 2, "same")(x)  # 4x4 places of the input, 5*5*5 weights for each of 2 maps
        network = keras.Model(image, layers.Dense(7)(layers.Flatten()(x)))
        self.assertEqual(work.multiply_adds(network), 16 * 27 * 5 + 16 * 125 * 2 + 8 * 8 * 2 * 7)

    def test_the_small_networks_of_figure_3(self):
        g, d = work.multiply_adds(nets.small_generator()), work.multiply_adds(nets.small_critic())
        self.assertEqual(d, 25 * (256 * 3 * 128 + 64 * 128 * 256 + 16 * 256 * 512) + 16 * 512)
        self.assertEqual(g, 128 * 16 * 512 + 25 * (16 * 512 * 256 + 64 * 256 * 128 + 256 * 128 * 3))

    def test_a_step_of_each_method(self):
        generator = keras.Sequential([keras.Input((1,)), layers.Dense(2)])  # g = 2 a sample
        critic = keras.Sequential([keras.Input((2,)), layers.Dense(1)])  # d = 2 a sample
        found = {
            method.name: work.of_step(method, generator, critic, 3)
            for method in (methods.WGAN_GP, methods.PLAIN_WGAN_GP_RMSPROP, methods.WGAN_CLIPPING, methods.DCGAN)
        }
        g = d = 6
        penalty, clipping = 5 * (g + 10 * d) + 3 * g + 2 * d, 5 * (g + 6 * d) + 3 * g + 2 * d
        self.assertEqual(
            found,
            {
                "wgan_gp": penalty,
                "wgan_gp_rmsprop": penalty,
                "wgan_clipping": clipping,
                "dcgan": g + 6 * d + 3 * g + 2 * d,
            },
        )
