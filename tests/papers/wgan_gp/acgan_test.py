"""The CIFAR ResNet with labels: counts, where labels enter, and what each loss holds."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.wgan_gp import conditional_networks as nets
from papers.wgan_gp.acgan import ACGANGP, class_loss
from papers.wgan_gp.model import GradientPenalty
from repro.layers.class_affine import ClassAffine
from repro.training import Normal, initialise


def trainable(network):
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


class NetworksTest(tf.test.TestCase):
    def test_weights_are_counted_as_published(self):
        self.assertEqual(trainable(nets.conditional_generator(10)), 1_218_307)
        self.assertEqual(trainable(nets.classifying_critic(10)), 1_055_115)

    def test_six_norms_have_classes_and_the_last_has_none(self):
        network = nets.conditional_generator(10, filters=4)
        self.assertLen([layer for layer in network.layers if isinstance(layer, ClassAffine)], 6)
        plain = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization) and layer.scale]
        self.assertLen(plain, 1)

    def test_a_class_changes_the_image_once_its_scales_differ(self):
        network = nets.conditional_generator(3, 16, 4, channels=1)
        initialise(network, 0, "g")
        z = np.random.default_rng(0).normal(size=(2, 128)).astype(np.float32)
        same, other = [z, np.array([0, 0])], [z, np.array([1, 0])]
        self.assertAllClose(network(same), network(other))  # all classes begin alike
        first = next(layer for layer in network.layers if isinstance(layer, ClassAffine))
        first.scale.assign(np.arange(12, dtype=np.float32).reshape(3, 4))
        self.assertNotAllClose(network(same)[0], network(other)[0])
        self.assertAllClose(network(same)[1], network(other)[1])

    def test_the_critic_judges_each_sample_alone(self):
        critic = nets.classifying_critic(3, 8, 4, channels=1)
        images = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype(np.float32)
        changed = images.copy()
        changed[1] += 1
        for before, after in zip(critic(images), critic(changed), strict=True):
            self.assertAllClose(before.numpy()[[0, 2]], after.numpy()[[0, 2]], rtol=1e-5)
            self.assertNotAllClose(before[1], after[1])


def compiled(**named):
    latent, label = keras.Input((3,)), keras.Input((), dtype="int32")
    x = layers.Reshape((1, 1, 2))(layers.Dense(2)(latent))
    generator = keras.Model([latent, label], layers.Flatten()(ClassAffine(4)([x, label])))
    points = keras.Input((2,))
    hidden = layers.Dense(5, "tanh")(points)
    critic = keras.Model(points, [layers.Dense(1)(hidden), layers.Dense(4)(hidden)])
    gan = ACGANGP(generator, critic, Normal(3), GradientPenalty(10.0), 0, classes=4, **named)
    gan.compile(d_optimizer=keras.optimizers.SGD(0.1), g_optimizer=keras.optimizers.SGD(0.1))
    return gan


REAL = tf.constant([[0.5, -1.0], [1.0, 2.0], [-1.0, 0.0]])
FAKE = tf.constant([[0.0, 1.0], [-2.0, 0.5], [1.0, 1.0]])
LABELS, EPSILON = tf.constant([2, 0, 3]), tf.constant([[0.2], [0.5], [0.9]])


class LossesTest(tf.test.TestCase):
    def test_class_loss_by_hand(self):
        logits = tf.math.log(tf.constant([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
        self.assertAllClose(class_loss(logits, tf.constant([0, 1])), -(np.log(0.5) + np.log(0.1)) / 2)

    def test_the_critics_loss_is_equation_3_and_classes_of_real_samples(self):
        gan = compiled()
        D = gan.critic
        score = lambda x, training: D(x, training=training)[0]  # noqa: E731
        plain = GradientPenalty(10.0).loss(score, REAL, FAKE, EPSILON)
        expected = plain + class_loss(D(REAL)[1], LABELS)
        self.assertAllClose(gan.critic_loss(REAL, LABELS, FAKE, EPSILON), expected, rtol=1e-6)
        gan.critic_weight = 0.0
        self.assertAllClose(gan.critic_loss(REAL, LABELS, FAKE, EPSILON), plain, rtol=1e-6)

    def test_the_classes_of_fakes_enter_the_critics_loss_nowhere(self):
        gan = compiled()
        with tf.GradientTape(persistent=True) as tape:
            fake = tf.identity(FAKE)
            tape.watch(fake)
            loss = gan.critic_loss(REAL, LABELS, fake, tf.ones([3, 1]))  # the penalty's points are the real ones
            alone = tf.reduce_mean(gan.critic(fake)[0])
        self.assertAllClose(tape.gradient(loss, fake), tape.gradient(alone, fake), atol=1e-6)

    def test_the_generators_loss_has_a_tenth_of_the_classes(self):
        gan = compiled()
        z = tf.ones([3, 3])
        scores, logits = gan.critic(gan.generator([z, LABELS]))
        expected = -tf.reduce_mean(scores) + 0.1 * class_loss(logits, LABELS)
        self.assertAllClose(gan.labelled_generator_loss(z, LABELS), expected, rtol=1e-6)


class StepTest(tf.test.TestCase):
    def data(self):
        random = np.random.default_rng(1)
        return tf.constant(random.normal(size=(5, 3, 2)), tf.float32), tf.constant(
            random.integers(0, 4, (5, 3)), tf.int32
        )

    def test_five_updates_and_one_of_twice_the_batch(self):
        gan, seen = compiled(generator_batches=2), []
        descended = gan.labelled_generator_loss
        gan.labelled_generator_loss = lambda *given: (seen.append(tuple(len(g) for g in given)), descended(*given))[1]
        gan.train_step(self.data())
        self.assertEqual(seen, [(6, 6)])
        counts = [int(gan._optimizers[name].iterations) for name in ("discriminator", "generator")]
        self.assertEqual(counts, [5, 1])

    def test_equal_seeds_train_alike(self):
        ends = []
        for _ in range(2):
            gan = compiled()
            gan.train_step(self.data())
            ends.append([weight.numpy() for weight in gan.generator.weights])
        for one, other in zip(*ends, strict=True):
            self.assertAllEqual(one, other)

    def test_a_batch_in_place_of_a_stack_is_refused(self):
        with self.assertRaisesRegex(ValueError, "expected a stack of 5 batches"):
            compiled().train_step((tf.zeros([3, 2]), tf.zeros([3], tf.int32)))
