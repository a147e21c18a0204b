"""Toy networks and models: small enough to train in a test, with everything a paper may need."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from repro.training import AdversarialModel, Normal


class Quadratic:
    """Squared distance to labels: a loss without special cases."""

    def discriminator(self, real, fake):
        return tf.reduce_mean((real - 1) ** 2) + tf.reduce_mean(fake**2)

    def generator(self, fake):
        return tf.reduce_mean((fake - 1) ** 2)


def generator(classes=None):
    latent = keras.Input((3,))
    x = layers.BatchNormalization(momentum=0.5)(layers.Dense(4)(latent))
    return keras.Model(latent, layers.Dense(2)(layers.ReLU()(x)))


def discriminator():
    points = keras.Input((2,))
    x = layers.Dropout(0.5)(layers.BatchNormalization(momentum=0.5)(layers.Dense(5, "tanh")(points)))
    return keras.Model(points, layers.Dense(1)(x))


class Alternating(AdversarialModel):
    """A step of D, then a step of G, fresh noise for each; dropout and batch norm in D."""

    def train_step(self, real):
        n = tf.shape(real)[0]
        G, D, loss = self.generator, self.discriminator, self.loss_function
        fake = G(self.latents("D", n), training=True)
        self.descend(D, lambda: loss.discriminator(D(real, training=True), D(fake, training=True)))
        self.descend(G, lambda: loss.generator(D(G(self.latents("G", n), training=True), training=True)))


class ManyCriticSteps(AdversarialModel):
    """Three steps of D, each on a fresh real batch and fresh noise, then one of G; real is (3, n, 2)."""

    def train_step(self, real):
        G, D, loss = self.generator, self.discriminator, self.loss_function
        n = tf.shape(real)[1]
        for place, batch in enumerate(tf.unstack(real)):
            fake = G(self.latents(f"D {place}", n), training=True)
            self.descend(D, lambda b=batch, f=fake: loss.discriminator(D(b, training=True), D(f, training=True)))
        self.descend(G, lambda: loss.generator(D(G(self.latents("G", n), training=True), training=True)))


def compiled(kind=Alternating, seed=0, rate=0.01):
    model = kind(generator(), discriminator(), Normal(3), Quadratic(), seed)
    model.compile(d_optimizer=keras.optimizers.Adam(rate), g_optimizer=keras.optimizers.Adam(rate))
    return model


def points(n=64):
    return np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)


def copies(state):
    return {name: array.copy() for name, array in state.items()}
