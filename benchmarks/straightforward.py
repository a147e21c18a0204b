"""The straightforward Keras form of each training step, and of networks that ours write in another way.

What a reader of the public Keras examples would write: a pass of its own for every update, tapes that watch everything,
labels tiled and concatenated, Keras' own layers. The order of updates and the draws are those of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf
from keras import layers

from papers.gan2014.model import NonSaturating
from papers.lsgan import networks
from papers.lsgan.model import ZERO_ONE

if TYPE_CHECKING:
    from collections.abc import Callable


class Straightforward(keras.Model):
    """D, then G, each with a pass of its own, as the Keras examples write it."""

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, z_dim: int, normal: bool, conditional: bool
    ) -> None:
        super().__init__()
        self.generator, self.discriminator, self.z_dim = generator, discriminator, z_dim
        self.normal, self.conditional = normal, conditional
        self.built = True

    def compile(self, d_optimizer: keras.optimizers.Optimizer, g_optimizer: keras.optimizers.Optimizer) -> None:
        super().compile(optimizer=None, jit_compile=False)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer
        self.d_metric, self.g_metric = keras.metrics.Mean(name="d_loss"), keras.metrics.Mean(name="g_loss")
        d_optimizer.build(self.discriminator.trainable_variables)
        g_optimizer.build(self.generator.trainable_variables)

    def train_step(self, data: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        real, extra = data if self.conditional else (data, None)
        n = tf.shape(real)[0]
        z = tf.random.normal([n, self.z_dim]) if self.normal else tf.random.uniform([n, self.z_dim], -1.0, 1.0)

        def with_label(x: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
            return [x, extra] if self.conditional else x

        with tf.GradientTape() as tape:
            fake = self.generator(with_label(z), training=True)
            scores = [self.discriminator(with_label(x), training=True) for x in (real, fake)]
            d_loss = ZERO_ONE.discriminator(*scores)
        d_gradients = tape.gradient(d_loss, [w.value for w in self.discriminator.trainable_variables])
        self.d_optimizer.apply(d_gradients, self.discriminator.trainable_variables)
        with tf.GradientTape() as tape:
            fake = self.generator(with_label(z), training=True)
            g_loss = ZERO_ONE.generator(self.discriminator(with_label(fake), training=True))
        g_gradients = tape.gradient(g_loss, [w.value for w in self.generator.trainable_variables])
        self.g_optimizer.apply(g_gradients, self.generator.trainable_variables)
        self.d_metric.update_state(d_loss)
        self.g_metric.update_state(g_loss)
        return {"d_loss": self.d_metric.result(), "g_loss": self.g_metric.result()}


class Simultaneous(Straightforward):
    """The released order: both gradients of one forward pass, from one persistent tape that watches everything."""

    loss_function = ZERO_ONE

    def train_step(self, data: tf.Tensor) -> dict[str, tf.Tensor]:
        z = tf.random.normal([tf.shape(data)[0], self.z_dim])
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(z, training=True)
            real_scores, fake_scores = self.discriminator(data, training=True), self.discriminator(fake, training=True)
            d_loss = self.loss_function.discriminator(real_scores, fake_scores)
            g_loss = self.loss_function.generator(fake_scores)
        for loss, network, optimizer, metric in (
            (d_loss, self.discriminator, self.d_optimizer, self.d_metric),
            (g_loss, self.generator, self.g_optimizer, self.g_metric),
        ):
            gradients = tape.gradient(loss, [w.value for w in network.trainable_variables])
            optimizer.apply(gradients, network.trainable_variables)
            metric.update_state(loss)
        return {"d_loss": self.d_metric.result(), "g_loss": self.g_metric.result()}


class WithPenalty(Straightforward):
    """Algorithm 1 of WGAN-GP: critic steps, each on a batch of its own, then the generator's on a batch so many times.

    Args:
        networks: Generator, then discriminator.
        z_dim: Of the latent.
        generator_batches: Size of the generator's batch over the critic's; 0 for critic steps alone.
    """

    def __init__(self, networks: tuple[keras.Model, keras.Model], z_dim: int, generator_batches: int = 1) -> None:
        super().__init__(*networks, z_dim, True, False)
        self.generator_batches = generator_batches

    def train_step(self, data: tf.Tensor) -> dict[str, tf.Tensor]:
        for real in tf.unstack(data):
            self.improve_critic(real)
        if self.generator_batches:
            self.improve_generator(tf.shape(data)[1] * self.generator_batches)
        return {"d_loss": self.d_metric.result(), "g_loss": self.g_metric.result()}

    def improve_critic(self, real: tf.Tensor) -> None:
        n, others = tf.shape(real)[0], list(range(1, len(real.shape)))
        with tf.GradientTape() as tape:
            fake = self.generator(tf.random.normal([n, self.z_dim]), training=True)
            epsilon = tf.random.uniform([n] + [1] * len(others))
            between = epsilon * real + (1 - epsilon) * fake
            with tf.GradientTape() as inner:
                inner.watch(between)
                scores = self.discriminator(between, training=True)
            norms = tf.sqrt(tf.reduce_sum(inner.gradient(scores, between) ** 2, axis=others))
            real_scores, fake_scores = (self.discriminator(x, training=True) for x in (real, fake))
            gap = tf.reduce_mean(real_scores) - tf.reduce_mean(fake_scores)
            d_loss = 10.0 * tf.reduce_mean((norms - 1) ** 2) - gap
        weights = self.discriminator.trainable_variables
        self.d_optimizer.apply(tape.gradient(d_loss, [w.value for w in weights]), weights)
        self.d_metric.update_state(d_loss)

    def improve_generator(self, n: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            fake = self.generator(tf.random.normal([n, self.z_dim]), training=True)
            g_loss = -tf.reduce_mean(self.discriminator(fake, training=True))
        weights = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(g_loss, [w.value for w in weights]), weights)
        self.g_metric.update_state(g_loss)


def straightforward_resnet(filters: int) -> tuple[keras.Model, keras.Model]:
    """The CIFAR ResNet with Keras' ReLU, shortcuts convolved at the finer side as the released code has them."""

    def convolved(x: keras.KerasTensor, kernel: int = 3, maps: int = filters) -> keras.KerasTensor:
        return layers.Conv2D(maps, kernel, 1, "same", kernel_initializer="he_uniform")(x)

    def normed(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))

    latent = keras.Input((128,))
    x = layers.Reshape((4, 4, filters))(layers.Dense(16 * filters)(latent))
    for _ in range(3):
        wide = layers.UpSampling2D(2)(normed(x))
        x = layers.Add()([convolved(normed(convolved(wide))), convolved(layers.UpSampling2D(2)(x), 1)])
    generator = keras.Model(latent, layers.Activation("tanh")(convolved(normed(x), 3, 3)))

    image, pool, relu = keras.Input((32, 32, 3)), layers.AveragePooling2D, layers.ReLU
    x = layers.Add()([pool(2)(convolved(relu()(convolved(image)))), convolved(pool(2)(image), 1)])
    h = convolved(relu()(convolved(relu()(x))))
    x = layers.Add()([pool(2)(h), pool(2)(convolved(x, 1))])
    for _ in range(2):
        x = layers.Add()([convolved(relu()(convolved(relu()(x)))), x])
    return generator, keras.Model(image, layers.Dense(1)(layers.GlobalAveragePooling2D()(relu()(x))))


def straightforward_characters(classes: int, width: float) -> tuple[keras.Model, keras.Model]:
    """Figure 4's networks with a one-hot label, tiled and concatenated."""
    e = networks.label_dimension(width)
    maps, std = round(128 * width), keras.initializers.RandomNormal(stddev=0.02)

    def norm() -> layers.Layer:
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)

    latent, label = keras.Input((1024,)), keras.Input((), dtype="int32")
    phi = layers.Dense(e)(layers.CategoryEncoding(classes, "one_hot")(layers.Reshape((1,))(label)))
    x = layers.Dense(7 * 7 * maps, kernel_initializer=std)(layers.Concatenate()([latent, phi]))
    x = layers.Reshape((7, 7, maps))(layers.ReLU()(norm()(x)))
    x = layers.ReLU()(norm()(layers.Conv2DTranspose(maps, 5, 2, "same")(x)))
    generator = keras.Model([latent, label], layers.Conv2DTranspose(1, 5, 2, "same", activation="sigmoid")(x))

    image, label = keras.Input((28, 28, 1)), keras.Input((), dtype="int32")
    phi = layers.Dense(e)(layers.CategoryEncoding(classes, "one_hot")(layers.Reshape((1,))(label)))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(1 + e, 5, 2, "same")(image))
    tiled = layers.UpSampling2D(14)(layers.Reshape((1, 1, e))(phi))
    x = layers.Conv2D(round(64 * width) + e, 5, 2, "same")(layers.Concatenate()([x, tiled]))
    x = layers.LeakyReLU(0.2)(norm()(x))
    x = layers.Dense(round(1024 * width))(layers.Concatenate()([layers.Flatten()(x), phi]))
    x = layers.Concatenate()([layers.LeakyReLU(0.2)(norm()(x)), phi])
    return generator, keras.Model([image, label], layers.Dense(1)(x))


class Alternating(Straightforward):
    """DCGAN's released order: a mini-batch moves G, the next one D; L2 is a term of the loss."""

    loss_function = NonSaturating()

    def __init__(self, generator: keras.Model, discriminator: keras.Model, z_dim: int, l2: float) -> None:
        super().__init__(generator, discriminator, z_dim, False, False)
        self.l2 = l2
        self.count = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False, name="count")

    def train_step(self, data: tf.Tensor) -> dict[str, tf.Tensor]:
        def latent() -> tf.Tensor:
            return tf.random.uniform([tf.shape(data)[0], self.z_dim], -1.0, 1.0)

        def moved(
            network: keras.Model,
            optimizer: keras.optimizers.Optimizer,
            metric: keras.metrics.Mean,
            loss_of: Callable[[], tf.Tensor],
        ) -> int:
            weights = network.trainable_variables
            with tf.GradientTape() as tape:
                loss = loss_of()
                penalty = 0.5 * self.l2 * tf.add_n([tf.reduce_sum(w.value**2) for w in weights])
                total = loss + penalty
            optimizer.apply(tape.gradient(total, [w.value for w in weights]), weights)
            metric.update_state(loss)
            return 0

        def of_generator() -> tf.Tensor:
            return self.loss_function.generator(
                self.discriminator(self.generator(latent(), training=True), training=True)
            )

        def of_discriminator() -> tf.Tensor:
            fake = self.generator(latent(), training=True)
            scores = [self.discriminator(x, training=True) for x in (data, fake)]
            return self.loss_function.discriminator(*scores)

        tf.cond(
            self.count.value % 2 == 0,
            lambda: moved(self.generator, self.g_optimizer, self.g_metric, of_generator),
            lambda: moved(self.discriminator, self.d_optimizer, self.d_metric, of_discriminator),
        )
        self.count.assign_add(1)
        return {"d_loss": self.d_metric.result(), "g_loss": self.g_metric.result()}


def straightforward_images(side: int, maps: int, z_dim: int, same: bool = False) -> tuple[keras.Model, keras.Model]:
    """DCGAN's networks of figure 1 in Keras' own layers, batch norm with moving averages.

    The published padding is two zeros on every side: they are added, or what is too much is cut off. With `same` it is
    Keras' "same", as in the public example: a layer less, and another network, for every map is one pixel off.
    """
    levels, drawn = (side // 4).bit_length() - 1, keras.initializers.RandomNormal(stddev=0.02)

    def norm(x: keras.KerasTensor) -> keras.KerasTensor:
        return layers.BatchNormalization(epsilon=1e-8, gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02))(x)

    plain = {"use_bias": False, "kernel_initializer": drawn}

    def down(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        if not same:
            x = layers.ZeroPadding2D(2)(x)
        return layers.Conv2D(filters, 5, 2, "same" if same else "valid", **plain)(x)

    def up(x: keras.KerasTensor, filters: int, activation: str | None = None) -> keras.KerasTensor:
        if same:
            return layers.Conv2DTranspose(filters, 5, 2, "same", activation=activation, **plain)(x)
        x = layers.Cropping2D(((2, 1), (2, 1)))(layers.Conv2DTranspose(filters, 5, 2, "valid", **plain)(x))
        return layers.Activation(activation)(x) if activation else x

    latent, top = keras.Input((z_dim,)), maps << (levels - 1)
    x = layers.ReLU()(norm(layers.Dense(16 * top, use_bias=False, kernel_initializer=drawn)(latent)))
    x = layers.Reshape((4, 4, top))(x)
    for level in reversed(range(levels - 1)):
        x = layers.ReLU()(norm(up(x, maps << level)))
    generator = keras.Model(latent, up(x, 3, "tanh"))

    image = keras.Input((side, side, 3))
    x = layers.LeakyReLU(0.2)(down(image, maps))
    for level in range(1, levels):
        x = layers.LeakyReLU(0.2)(norm(down(x, maps << level)))
    score = layers.Dense(1, use_bias=False, kernel_initializer=drawn)(layers.Flatten()(x))
    return generator, keras.Model(image, score)
