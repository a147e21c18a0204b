"""The paper's methods: published numbers, and which model each becomes."""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from papers.gan2014.model import PrintedGAN
from papers.wgan_gp import methods, model
from papers.wgan_gp.collapse import Modes
from papers.wgan_gp.fig5b_overfitting import Overfit
from repro.errors import Misuse
from repro.optimizers import TF1RMSprop
from repro.training import Normal

ALL = (methods.WGAN_GP, methods.PLAIN_WGAN_GP_RMSPROP, methods.WGAN_CLIPPING, methods.DCGAN, methods.LSGAN)


def networks():
    make = lambda: keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])  # noqa: E731
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    return generator, make(), Normal(2)


def rate(optimizer):
    return float(optimizer.learning_rate)


class PublishedTest(tf.test.TestCase):
    def test_rates_optimizers_steps_and_norms_are_those_of_appendix_e_and_the_code(self):
        found = {
            each.name: (each.optimizer, each.learning_rate, each.critic_steps, each.constraint, each.norm)
            for each in ALL
        }
        self.assertEqual(
            found,
            {
                "wgan_gp": ("adam", 1e-4, 5, "penalty", "layer"),
                "wgan_gp_rmsprop": ("rmsprop", 5e-5, 5, "penalty", "none"),
                "wgan_clipping": ("rmsprop", 5e-5, 5, "clipping", "batch"),
                "dcgan": ("adam", 2e-4, 1, "cross_entropy", "batch"),
                "lsgan": ("rmsprop", 1e-4, 1, "least_squares", "batch"),
            },
        )
        self.assertEqual((methods.WGAN_GP.beta_1, methods.WGAN_GP.beta_2), (0.5, 0.9))
        self.assertEqual((methods.DCGAN.beta_1, methods.DCGAN.beta_2), (0.5, 0.999))
        self.assertEqual((methods.WGAN_GP.penalty_weight, methods.WGAN_CLIPPING.clip), (10.0, 0.01))

    def test_every_method_has_a_name_for_readers(self):
        self.assertEqual({each.name for each in ALL}, set(methods.TOLD))
        self.assertEqual(methods.DCGAN.told, "DCGAN")

    def test_the_critics_norm_is_what_the_setting_says(self):
        self.assertIsInstance(methods.WGAN_GP.critic_norm(), layers.GroupNormalization)
        self.assertIsInstance(methods.DCGAN.critic_norm(), layers.BatchNormalization)
        self.assertIsInstance(methods.PLAIN_WGAN_GP.critic_norm(), layers.Identity)
        self.assertEqual(replace(methods.PLAIN_WGAN_GP, norm="layer"), methods.WGAN_GP)
        with self.assertRaisesRegex(Misuse, "norm"):
            replace(methods.WGAN_GP, norm="instance").critic_norm()


class OfTest(tf.test.TestCase):
    def test_settings_that_have_the_numbers_among_others_name_a_method(self):
        found = {word: methods.of(replace(Modes(), method=word)) for word in ("gan", "wgan_gp")}
        self.assertEqual(found["gan"], methods.DCGAN)
        self.assertEqual(found["wgan_gp"], replace(methods.WGAN_GP, penalty_weight=0.1))
        changed = replace(Overfit(), method="clipping", clip=0.02, clip_learning_rate=1e-3, critic_steps=2)
        method = replace(methods.WGAN_CLIPPING, clip=0.02, learning_rate=1e-3, critic_steps=2)
        self.assertEqual(methods.of(changed), method)
        self.assertEqual(methods.constraint_of(method), model.Clipping(0.02))
        self.assertEqual(methods.constraint_of(methods.of(Overfit())), model.GradientPenalty(10.0))
        with self.assertRaisesRegex(Misuse, "method"):
            methods.of(replace(Overfit(), method="spectral"))
        with self.assertRaisesRegex(Misuse, "no constraint is called 'cross_entropy'"):
            methods.constraint_of(methods.DCGAN)


class CompiledTest(tf.test.TestCase):
    def test_each_becomes_its_model_with_its_optimizers(self):
        for method in ALL:
            gan = methods.compiled(method, *networks(), seed=3, rate_factor=5)
            wasserstein = method.constraint in ("penalty", "clipping")
            self.assertIsInstance(gan, model.WGAN if wasserstein else PrintedGAN)
            kind = TF1RMSprop if method.optimizer == "rmsprop" else keras.optimizers.Adam
            for optimizer in gan._optimizers.values():
                self.assertIsInstance(optimizer, kind)
                self.assertAllClose(rate(optimizer), 5 * method.learning_rate)

    def test_a_step_is_so_many_of_the_critic_and_one_of_the_generator(self):
        for method in ALL:
            gan = methods.compiled(method, *networks())
            gan.train_step(tf.zeros([method.critic_steps, 4, 2]))
            counts = {name: int(optimizer.iterations) for name, optimizer in gan._optimizers.items()}
            self.assertEqual(counts, {"discriminator": method.critic_steps, "generator": 1})

    def test_only_clipping_bounds_weights(self):
        for method in ALL:
            gan = methods.compiled(method, *networks())
            gan.train_step(tf.zeros([method.critic_steps, 4, 2]))
            largest = max(float(tf.reduce_max(abs(w.value))) for w in gan.discriminator.trainable_variables)
            self.assertEqual(largest <= 0.0101, method.name == "wgan_clipping")

    def test_settings_of_a_method_reach_the_model(self):
        method = replace(methods.WGAN_GP, penalty_weight=0.5, one_sided=True, beta_1=0.0)
        gan = methods.compiled(method, *networks(), generator_batches=2)
        self.assertEqual(gan.loss_function, model.GradientPenalty(0.5, True))
        self.assertEqual(gan._optimizers["generator"].beta_1, 0.0)
        self.assertEqual(gan.generator_batches, 2)

    def test_decay_counts_generator_steps_in_both_networks(self):
        gan = methods.compiled(methods.WGAN_GP, *networks(), decay_steps=10)
        for _ in range(3):
            gan.train_step(tf.zeros([5, 4, 2]))
        for optimizer in gan._optimizers.values():  # the rates of the next update
            self.assertAllClose(rate(optimizer), 0.7e-4)

    def test_least_squares_pulls_the_generator_twice_as_hard_as_with_the_half(self):
        scores = tf.constant([[0.5], [2.0]])
        loss = model.ReleasedLeastSquares()
        self.assertAllClose(loss.generator(scores), np.mean([0.25, 1.0]))
        self.assertAllClose(loss.discriminator(scores, scores), 0.5 * np.mean([0.25, 1.0]) + 0.5 * np.mean([0.25, 4.0]))

    def test_words_that_are_none_are_refused(self):
        with self.assertRaisesRegex(Misuse, "no constraint is called 'clip'"):
            methods.compiled(replace(methods.WGAN_GP, constraint="clip"), *networks())
        with self.assertRaisesRegex(Misuse, "no optimizer is called 'sgd'"):
            methods.compiled(replace(methods.WGAN_GP, optimizer="sgd"), *networks())
        with self.assertRaisesRegex(ValueError, "generator_batches 1 expected"):
            methods.compiled(methods.DCGAN, *networks(), generator_batches=2)
