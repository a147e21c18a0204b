import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.gan2014.model import GAN, DiscriminatorOnly, Minimax, NonSaturating, PrintedGAN
from repro.training import Normal
from tests.toys import copies

A = np.array([-10.0, -5, -2, 0, 2, 5])
# d/da of log(1 - s) and of -log s, s = sigmoid(a): -s and -(1 - s)
SATURATING = [-4.5397868702e-05, -6.6928509243e-03, -0.1192029220, -0.5, -0.8807970780, -0.9933071491]
NON_SATURATING = [-0.9999546021, -0.9933071491, -0.8807970780, -0.5, -0.1192029220, -6.6928509243e-03]


def slope(loss, a):
    scores = tf.Variable([[a]], dtype=tf.float32)
    with tf.GradientTape() as tape:
        value = loss(scores)
    return float(tape.gradient(value, scores)[0, 0])


def compiled(kind=GAN, dropout=0.0, rate=0.1, **named):
    latent = keras.Input((2,))
    g = keras.Model(latent, layers.Dense(1, kernel_initializer=keras.initializers.RandomNormal(seed=1))(latent))
    point = keras.Input((1,))
    d = keras.Model(point, layers.Dense(1)(layers.Dropout(dropout)(point)))
    gan = kind(g, d, Normal(2), **named)
    gan.compile(d_optimizer=keras.optimizers.SGD(rate), g_optimizer=keras.optimizers.SGD(rate))
    return gan


class LossesTest(tf.test.TestCase):
    def test_at_the_start_and_far_out(self):
        zero, far = tf.zeros((4, 1)), tf.constant([[1000.0], [-1000.0]])
        self.assertAllClose(NonSaturating(0.5).discriminator(zero, zero), np.log(2))
        self.assertAllClose(NonSaturating().discriminator(zero, zero), 2 * np.log(2))
        self.assertAllClose(NonSaturating().generator(zero), np.log(2))
        self.assertAllClose(Minimax().generator(zero), -np.log(2))
        self.assertAllClose(NonSaturating().generator(far), 500)
        self.assertAllClose(Minimax().generator(far), -500)
        self.assertAllClose(NonSaturating(0.5).discriminator(far, far), 500)

    def test_slopes_against_the_logit(self):
        for a, saturating, other in zip(A, SATURATING, NON_SATURATING, strict=True):
            self.assertAllClose(slope(Minimax().generator, a), saturating, rtol=1e-5)
            self.assertAllClose(slope(NonSaturating().generator, a), other, rtol=1e-5)

    def test_slopes_stay_finite_where_a_clipped_sigmoid_has_none(self):
        self.assertEqual([slope(Minimax().generator, a) for a in (-1000.0, 1000.0)], [0, -1])
        self.assertEqual([slope(NonSaturating().generator, a) for a in (-1000.0, 1000.0)], [-1, 0])


class OrdersTest(tf.test.TestCase):
    def test_the_released_order_takes_both_gradients_at_the_old_weights(self):
        gan = compiled(loss=NonSaturating(0.5))
        [w, b], [v, c] = (network.get_weights() for network in (gan.generator, gan.discriminator))
        real = np.array([[1.0], [2.0], [-0.5], [0.3]], np.float32)
        noise = []
        gan.latents = lambda purpose, n, draw=gan.latents: noise.append(draw(purpose, n)) or noise[-1]
        gan.train_step(tf.constant(real))
        [z] = noise  # one draw for both
        fake = z.numpy() @ w + b
        s_real, s_fake = (1 / (1 + np.exp(-(x * v[0, 0] + c))) for x in (real, fake))
        d_v = 0.5 * (-((1 - s_real) * real).mean() + (s_fake * fake).mean())
        d_b = 0.5 * (-(1 - s_real).mean() + s_fake.mean())
        g_w = (-(1 - s_fake) * v[0, 0] * z.numpy()).mean(axis=0)
        self.assertAllClose(gan.discriminator.get_weights()[0][0, 0], v[0, 0] - 0.1 * d_v, rtol=1e-4)
        self.assertAllClose(gan.discriminator.get_weights()[1][0], c[0] - 0.1 * d_b, rtol=1e-4)
        self.assertAllClose(gan.generator.get_weights()[0][:, 0], w[:, 0] - 0.1 * g_w, rtol=1e-4)

    def test_the_printed_order_takes_k_fresh_batches_and_fresh_noise(self):
        gan = compiled(PrintedGAN, k=3, g_steps=2)
        drawn = []
        gan.latents = lambda purpose, n, draw=gan.latents: drawn.append(draw(purpose, n).numpy()) or drawn[-1]
        gan.train_step(tf.random.stateless_normal((3, 4, 1), (1, 2)))
        self.assertLen({draw.tobytes() for draw in drawn}, 5)
        counts = {name: int(optimizer.iterations.value) for name, optimizer in gan._optimizers.items()}
        self.assertEqual(counts, {"discriminator": 3, "generator": 2})

    def test_g_learns_from_the_d_that_has_moved(self):
        gan = compiled(PrintedGAN)
        seen = []
        gan.apply = lambda network, g, done=gan.apply: done(network, g) or seen.append(copies(gan.state()))
        before = copies(gan.state())
        gan.train_step(tf.ones((1, 4, 1)))
        after_d, after_g = seen
        for name in before:
            moved = [not np.array_equal(a[name], b[name]) for a, b in ((before, after_d), (after_d, after_g))]
            if name.startswith("generator/"):
                self.assertEqual(moved, [False, True], name)
            if name.startswith("discriminator/"):
                self.assertEqual(moved, [True, False], name)

    def test_dropout_stays_on_in_d_while_g_learns(self):
        gan = compiled(PrintedGAN, dropout=0.5, rate=0.0)
        calls = []
        d = gan.discriminator
        gan.discriminator = lambda x, training=None: calls.append(training) or d(x, training=training)
        gan.descend = lambda network, loss: loss()
        gan.train_step(tf.ones((1, 4, 1)))
        self.assertEqual(calls, [True, True, True])

    def test_the_released_order_shares_one_mask_between_the_players(self):
        gan = compiled(dropout=0.5, rate=0.0)
        calls = []
        d = gan.discriminator
        gan.discriminator = lambda x, training=None: calls.append(d(x, training=training)) or calls[-1]
        gan.watch = lambda network: tf.GradientTape()
        seen = []
        gan.gradients = lambda network, tape, loss: seen.append(float(loss))
        gan.apply = lambda network, gradients: None
        gan.train_step(tf.ones((4, 1)))
        real_scores, fake_scores = calls  # D passes once over either half, so G's loss has the masks of D's
        loss = NonSaturating()
        expected = [loss.discriminator(real_scores, fake_scores), loss.generator(fake_scores)]
        self.assertAllClose(seen, expected)

    def test_d_alone_leaves_g_as_it_is(self):
        gan = compiled(DiscriminatorOnly)
        before = copies(gan.state())
        gan.fit(np.ones((8, 1), np.float32), batch_size=4, verbose=0)
        for name, array in gan.state().items():
            if name.startswith("generator/"):
                self.assertAllEqual(array, before[name])
            if name.startswith("discriminator/"):
                self.assertNotAllEqual(array, before[name])
