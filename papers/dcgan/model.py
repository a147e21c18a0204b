"""DCGAN (Radford et al., 1511.06434): the two orders of updates, without and with labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from papers.gan2014.model import NonSaturating
from repro.training import AdversarialModel

if TYPE_CHECKING:
    import keras

    from repro.training import Normal, Uniform


class DCGAN(AdversarialModel):
    """A step of D, then a step of G on every mini-batch, each on fresh z: the order that the paper leaves open.

    D sees real and generated images in two passes, so that batch norm takes the statistics of each apart. The loss is
    GAN 2014's: cross entropy for D, -log D(G(z)) for G.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent: Uniform | Normal,
        loss: NonSaturating | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(generator, discriminator, latent, loss or NonSaturating(), seed)

    def train_step(self, data: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> None:
        self.move_discriminator(data)
        self.move_generator(data)

    def move_discriminator(self, data: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> None:
        """One step of D on a mini-batch and as many generated images."""
        fake = tf.stop_gradient(self.generated("images for D", data))
        self.descend(
            self.discriminator,
            lambda: self.loss_function.discriminator(self.scores(self.images(data), data), self.scores(fake, data)),
        )

    def move_generator(self, data: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> None:
        """One step of G; of the mini-batch only its size, and its labels where there are some, are used."""
        self.descend(
            self.generator,
            lambda: self.loss_function.generator(self.scores(self.generated("images of G", data), data)),
        )

    # ---- what a mini-batch is: images here, images and labels below ----

    def images(self, data: tf.Tensor) -> tf.Tensor:
        """The real images of a mini-batch."""
        return data

    def generated(self, purpose: str, data: tf.Tensor) -> tf.Tensor:
        """As many generated images as a mini-batch has."""
        return self.generator(self.latents(purpose, tf.shape(data)[0]), training=True)

    def scores(self, images: tf.Tensor, data: tf.Tensor) -> tf.Tensor:
        """Logits (n, 1) of images that go with a mini-batch."""
        return self.discriminator(images, training=True)


class ReleasedDCGAN(DCGAN):
    """The released scripts' order: mini-batch 0, 2, 4, ... moves G only, 1, 3, 5, ... moves D only.

    A pass over the data thus gives each network half as many updates as it has mini-batches. The scripts also add an
    L2 term to every gradient: `repro.optimizers.CoupledAdam`.

    Reference:
        `faces/train_uncond_dcgan.py`, `mnist/train_cond_dcgan.py` with k = 1.
    """

    def train_step(self, data: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> None:
        def of_generator() -> int:
            self.move_generator(data)
            return 0

        def of_discriminator() -> int:
            self.move_discriminator(data)
            return 0

        tf.cond(self.step.value % 2 == 0, of_generator, of_discriminator)


class Labelled:
    """Mixed into a DCGAN: mini-batches are pairs (images, labels), and both networks are given the labels."""

    def images(self, data: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """The real images of a mini-batch."""
        return data[0]

    def generated(self, purpose: str, data: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Generated images with the labels of a mini-batch."""
        labels = data[1]
        return self.generator([self.latents(purpose, tf.shape(labels)[0]), labels], training=True)

    def scores(self, images: tf.Tensor, data: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Logits (n, 1) of images that have a mini-batch's labels."""
        return self.discriminator([images, data[1]], training=True)


class ConditionalDCGAN(Labelled, DCGAN):
    """`DCGAN` on pairs (images, labels)."""


class ReleasedConditionalDCGAN(Labelled, ReleasedDCGAN):
    """`ReleasedDCGAN` on pairs (images, labels)."""
