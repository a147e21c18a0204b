import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.gan2014.model import GAN, NonSaturating
from papers.lsgan import networks
from papers.lsgan.model import LSGAN, PEARSON, ZERO_ONE, ConditionalLSGAN, LeastSquares
from repro.training import Normal, Uniform


def column(*values):
    return tf.constant(values, tf.float32)[:, None]


class LossesTest(tf.test.TestCase):
    def test_least_squares_by_hand(self):
        real, fake = column(1, 3), column(0, 2)
        self.assertAllClose(ZERO_ONE.discriminator(real, fake), 0.5 * (0 + 4) / 2 + 0.5 * (0 + 4) / 2)
        self.assertAllClose(ZERO_ONE.generator(fake), 0.5 * (1 + 1) / 2)
        self.assertAllClose(PEARSON.discriminator(real, fake), 0.5 * (0 + 4) / 2 + 0.5 * (1 + 9) / 2)
        self.assertAllClose(PEARSON.generator(fake), 0.5 * (0 + 4) / 2)

    def test_the_square_is_inside_the_mean(self):
        self.assertAllClose(LeastSquares(0, 1, 0).generator(column(-1, 1)), 0.5)

    def test_constant_scores_at_equilibrium(self):
        for loss, k, d, g in ((ZERO_ONE, 0.5, 0.25, 0.125), (PEARSON, 0.0, 1.0, 0.0)):
            scores = tf.fill((64, 1), k)
            self.assertAllClose([loss.discriminator(scores, scores), loss.generator(scores)], [d, g])

    def test_sums_are_the_batch_times_the_means(self):
        scores = tf.fill((64, 1), 0.5)
        summed = LeastSquares(0, 1, 1, summed=True)
        self.assertAllClose([summed.discriminator(scores, scores), summed.generator(scores)], [16.0, 8.0])

    def test_gradient_of_g_is_the_distance_to_c_over_the_batch(self):
        scores = tf.Variable(column(3.0, -1.0))
        with tf.GradientTape() as tape:
            loss = ZERO_ONE.generator(scores)
        self.assertAllClose(tape.gradient(loss, scores), (scores - 1) / 2)

    def test_zero_one_coding_with_c_one_half_is_the_pearson_scheme(self):
        real, fake = column(0.3, 0.9), column(0.1, -0.4)
        halved = LeastSquares(0, 1, 0.5)
        self.assertAllClose(
            4 * halved.discriminator(real, fake), PEARSON.discriminator(2 * real - 1, 2 * fake - 1), atol=1e-6
        )
        self.assertAllClose(4 * halved.generator(fake), PEARSON.generator(2 * fake - 1), atol=1e-6)

    def test_cross_entropy_by_hand_and_its_generator_does_not_saturate(self):
        loss = NonSaturating()
        self.assertAllClose(loss.discriminator(column(0), column(0)), 2 * np.log(2))
        self.assertAllClose(loss.generator(column(-10)), 10.0000454, rtol=1e-6)


class LSGANTest(tf.test.TestCase):
    def written_out(self, gan, real, z):
        """The published order, naively: a fresh generator pass for each update."""
        G, D = gan.generator, gan.discriminator
        with tf.GradientTape() as tape:
            loss = ZERO_ONE.discriminator(D(real, training=True), D(G(z, training=True), training=True))
        gan._optimizers["discriminator"].apply(
            tape.gradient(loss, [w.value for w in D.trainable_variables]), D.trainable_variables
        )
        with tf.GradientTape() as tape:
            loss = ZERO_ONE.generator(D(G(z, training=True), training=True))
        gan._optimizers["generator"].apply(
            tape.gradient(loss, [w.value for w in G.trainable_variables]), G.trainable_variables
        )

    def model(self, kind=LSGAN):
        g = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
        d = keras.Sequential([keras.Input((2,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(1)])
        gan = kind(g, d, Normal(3))
        gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        return gan

    def test_one_generator_pass_trains_like_two(self):
        real = tf.constant(np.random.default_rng(0).normal(size=(8, 2)), tf.float32)
        ours, naive = self.model(), self.model()
        naive._in_step = True
        z = naive.latents("both", 8)
        ours.train_step(real)
        self.written_out(naive, real, z)
        for network in ("generator", "discriminator"):
            pairs = zip(
                ours.networks[network].trainable_weights, naive.networks[network].trainable_weights, strict=True
            )
            for a, b in pairs:
                self.assertAllClose(a.value, b.value, atol=1e-6)

    def test_the_simultaneous_update_takes_both_gradients_first(self):
        real = tf.constant(np.random.default_rng(0).normal(size=(8, 2)), tf.float32)
        both, frozen = self.model(GAN), self.model(GAN)
        frozen._optimizers["discriminator"].learning_rate = 0.0
        both.train_step(real)
        frozen.train_step(real)
        for a, b in zip(both.generator.trainable_weights, frozen.generator.trainable_weights, strict=True):
            self.assertAllEqual(a.value, b.value)  # G's step does not see D's

    def test_real_statistics_do_not_depend_on_the_fakes(self):
        d = networks.character_discriminator(None, width=1 / 32)
        real = tf.random.stateless_uniform((4, 28, 28, 1), [0, 1])
        alone = d(real, training=True)
        d(tf.zeros((4, 28, 28, 1)), training=True)
        self.assertAllClose(d(real, training=True), alone, atol=1e-5)

    def test_both_losses_start_from_the_same_networks(self):
        start = [
            GAN(networks.ring_generator(), networks.ring_discriminator(), Normal(256), loss, 4).generator.weights[0]
            for loss in (ZERO_ONE, NonSaturating())
        ]
        self.assertAllEqual(start[0].value, start[1].value)

    def test_the_conditional_model_fits_on_a_users_data(self):
        g, d = networks.character_generator(3, width=1 / 32), networks.character_discriminator(3, width=1 / 32)
        gan = ConditionalLSGAN(g, d, Uniform(1024))
        gan.compile(d_optimizer=keras.optimizers.Adam(1e-3), g_optimizer=keras.optimizers.Adam(1e-3))
        images = np.random.default_rng(0).random((8, 28, 28, 1), np.float32)
        history = gan.fit(images, np.arange(8) % 3, batch_size=4, shuffle=False, verbose=0).history
        self.assertEqual(set(history), {"d_loss", "g_loss"})
        self.assertEqual(int(gan.step.value), 2)
        z = tf.random.stateless_uniform((2, 1024), [0, 1], -1, 1)
        one, other = gan([z, tf.constant([0, 0])]), gan([z, tf.constant([1, 1])])
        self.assertAllInRange(one, 0.0, 1.0)
        self.assertNotAllClose(one, other)
