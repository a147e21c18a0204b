"""Figure 3's networks layer by layer, at the published size and at the smaller ones."""

import keras
import numpy as np
import tensorflow as tf

from papers.lsgan.networks import scene_discriminator, scene_generator


def counts(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights), network.count_params()


def shapes(network):
    """(height, width, channels), or (features,), behind every convolution, deconvolution and dense layer."""
    kinds = keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose
    return [layer.output.shape[1:] for layer in network.layers if isinstance(layer, kinds)]


def of_kind(network, kind):
    return [layer for layer in network.layers if isinstance(layer, kind)]


class SceneNetworksTest(tf.test.TestCase):
    def test_published_counts(self):
        self.assertEqual(counts(scene_generator()), (15_591_427, 15_594_371))
        self.assertEqual(counts(scene_discriminator()), (4_333_441, 4_335_233))

    def test_counts_at_other_sizes_and_widths(self):
        for side, width, count_g, count_d in (
            (64, 1.0, 6_932_227, 4_316_545),
            (64, 0.25, 1_221_571, 272_737),
            (32, 0.25, 434_371, 271_201),
        ):
            self.assertEqual(counts(scene_generator(side, width=width))[0], count_g)
            self.assertEqual(counts(scene_discriminator(side, width=width))[0], count_d)

    def test_generator_layer_by_layer(self):
        sides, maps = (14, 14, 28, 28, 56, 112, 112), (256, 256, 256, 256, 128, 64, 3)
        expected = [(side, side, count) for side, count in zip(sides, maps, strict=True)]
        self.assertEqual(shapes(scene_generator()), [(12_544,), *expected])
        found = shapes(scene_generator(32, width=0.25))
        self.assertEqual(found[:2] + found[-2:], [(256,), (4, 4, 64), (32, 32, 16), (32, 32, 3)])

    def test_discriminator_layer_by_layer(self):
        discriminator = scene_discriminator()
        self.assertEqual(shapes(discriminator), [(56, 56, 64), (28, 28, 128), (14, 14, 256), (7, 7, 512), (1,)])
        self.assertEqual(discriminator.layers[-1].kernel.shape[0], 25_088)

    def test_kernels_strides_biases_and_last_activations(self):
        generator, discriminator = scene_generator(), scene_discriminator()
        up, down = of_kind(generator, keras.layers.Conv2DTranspose), of_kind(discriminator, keras.layers.Conv2D)
        self.assertEqual({layer.kernel_size for layer in up}, {(3, 3)})
        self.assertEqual([layer.strides[0] for layer in up], [2, 1, 2, 1, 2, 2, 1])
        self.assertEqual({(layer.kernel_size, layer.strides) for layer in down}, {((5, 5), (2, 2))})
        self.assertTrue(all(layer.use_bias for layer in [*up, *down]))
        self.assertEqual((up[-1].activation.__name__, discriminator.layers[-1].activation.__name__), ("tanh", "linear"))

    def test_initial_weights(self):
        generator, discriminator = scene_generator(32), scene_discriminator(32)
        up = generator.layers[1], *of_kind(generator, keras.layers.Conv2DTranspose), discriminator.layers[-1]
        self.assertEqual({type(layer.kernel_initializer).__name__ for layer in up}, {"RandomNormal"})
        down = of_kind(discriminator, keras.layers.Conv2D)
        self.assertEqual({type(layer.kernel_initializer).__name__ for layer in down}, {"TruncatedNormal"})
        self.assertEqual({layer.kernel_initializer.stddev for layer in [*up, *down]}, {0.02})
        self.assertEqual({layer.negative_slope for layer in of_kind(discriminator, keras.layers.LeakyReLU)}, {0.2})

    def test_batch_norm_is_per_channel_and_not_on_the_first_layer_of_d(self):
        norms = keras.layers.BatchNormalization
        generator, discriminator = of_kind(scene_generator(), norms), of_kind(scene_discriminator(), norms)
        self.assertEqual([norm.gamma.shape[0] for norm in generator], [256, 256, 256, 256, 256, 128, 64])
        self.assertEqual([norm.gamma.shape[0] for norm in discriminator], [128, 256, 512])
        self.assertEqual({(norm.momentum, norm.epsilon) for norm in [*generator, *discriminator]}, {(0.9, 1e-5)})

    def test_images_lie_within_the_range_and_scores_beyond_any(self):
        generator, discriminator = scene_generator(32, width=0.125), scene_discriminator(32, width=0.125)
        latents = 1e8 * np.random.default_rng(0).uniform(-1, 1, (3, 1024)).astype("float32")
        images = generator(latents)
        self.assertEqual(tuple(images.shape), (3, 32, 32, 3))
        self.assertAllInRange(images, -1.0, 1.0)
        self.assertGreater(np.abs(images).max(), 0.9)
        self.assertGreater(np.abs(discriminator(1e6 * images)).max(), 1.0)
