import keras
import numpy as np
import tensorflow as tf

from papers.dcgan import networks
from papers.dcgan.model import DCGAN, ConditionalDCGAN, ReleasedConditionalDCGAN, ReleasedDCGAN
from repro.optimizers import CoupledAdam
from repro.training import Uniform

REAL = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 3)).astype(np.float32)
DIGITS = tf.constant(np.random.default_rng(1).random((4, 28, 28, 1), dtype=np.float32))
LABELS = tf.constant([0, 3, 3, 9])


def compiled(kind, l2=0.0):
    if issubclass(kind, (ConditionalDCGAN, ReleasedConditionalDCGAN)):
        g, d = networks.digit_generator(maps=2, dense=4), networks.digit_discriminator(maps=2, dense=4)
    else:
        g, d = networks.image_generator(8, maps=2), networks.image_discriminator(8, maps=2)
    gan = kind(g, d, Uniform(100), seed=0)
    gan.compile(d_optimizer=CoupledAdam(1e-3, 0.5, l2=l2), g_optimizer=CoupledAdam(1e-3, 0.5, l2=l2))
    return gan


def moved(before, after, network):
    return any(
        not np.array_equal(before[name], after[name])
        for name in before
        if name.startswith(network) and "optimizer" not in name
    )


def weights(gan):
    return {
        f"{name}{place}": weight.value.numpy()
        for name, network in gan.networks.items()
        for place, weight in enumerate(network.weights)
    }


class OrdersTest(tf.test.TestCase):
    def steps(self, gan, data, count):
        """Which networks moved in each step."""
        found = []
        for _ in range(count):
            before = weights(gan)
            gan.train_step((data,) if isinstance(data, np.ndarray) else data)
            after = weights(gan)
            found.append("".join(name[0] for name in ("generator", "discriminator") if moved(before, after, name)))
        return found

    def test_released_steps_alternate_and_g_is_first(self):
        self.assertEqual(self.steps(compiled(ReleasedDCGAN), REAL, 4), ["g", "d", "g", "d"])

    def test_the_other_order_moves_both_on_every_mini_batch(self):
        self.assertEqual(self.steps(compiled(DCGAN), REAL, 2), ["gd", "gd"])

    def test_with_labels(self):
        self.assertEqual(self.steps(compiled(ReleasedConditionalDCGAN), (DIGITS, LABELS), 2), ["g", "d"])
        self.assertEqual(self.steps(compiled(ConditionalDCGAN), (DIGITS, LABELS), 1), ["gd"])

    def test_a_step_is_the_algorithm_written_out(self):
        ours, theirs = compiled(ReleasedDCGAN, l2=1e-3), compiled(ReleasedDCGAN, l2=1e-3)
        G, D = theirs.generator, theirs.discriminator
        ours.fit(np.concatenate([REAL, REAL]), batch_size=8, shuffle=False, verbose=0)
        for step, (network, purpose) in enumerate(((G, "images of G"), (D, "images for D"))):
            theirs.step.assign(step)
            theirs._in_step = True
            z = theirs.latents(purpose, 8)
            theirs._in_step = False
            with tf.GradientTape() as tape:
                scores = D(G(z, training=True), training=True)
                if network is G:
                    loss = tf.reduce_mean(tf.nn.softplus(-scores))  # -log sigmoid
                else:
                    real = D(REAL, training=True)
                    loss = tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(scores))
            gradients = tape.gradient(loss, [w.value for w in network.trainable_variables])
            theirs._optimizers["generator" if network is G else "discriminator"].apply(
                gradients, network.trainable_variables
            )
        for name, array in weights(theirs).items():
            self.assertAllClose(weights(ours)[name], array, atol=2e-6)

    def test_both_losses_reach_the_history(self):
        history = compiled(ReleasedDCGAN).fit(np.concatenate([REAL, REAL]), batch_size=8, shuffle=False, verbose=0)
        self.assertEqual(set(history.history), {"d_loss", "g_loss"})
        self.assertBetween(history.history["d_loss"][0], 1.0, 2.3)

    def test_images_are_a_function_of_the_batch(self):
        gan = compiled(DCGAN)
        z = tf.random.stateless_uniform((6, 100), [0, 1], -1, 1)
        self.assertNotAllClose(gan.generator(z[:3])[0], gan.generator(z)[0], atol=1e-3)
        self.assertIsInstance(gan.generator.layers[-1], keras.layers.Conv2DTranspose)
