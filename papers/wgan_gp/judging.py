"""What a critic says of images that it is not learning from: figures 5a and 5b (section 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from papers.wgan_gp.model import WGAN


def critic_judge(gan: WGAN, batch_size: int, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """Gives (negative loss, gap) of the critic, means over whole batches, with fresh fakes and epsilon.

    Args:
        gan: A `WGAN`.
        batch_size: That of training: batch norm, where there is one, takes the statistics of a batch.
        seed: The run's.

    Returns:
        A function of images as the critic sees them, float32, shape (n, side, side, channels).
    """
    import tensorflow as tf

    from papers.wgan_gp.model import critic_gap
    from repro.training import place_seed

    @tf.function
    def part(real: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
        key = tf.stack([place_seed(seed, "judged batches"), tf.cast(gan.step.value, tf.int32) * 1_000 + number])
        fake = gan.generator(gan.latent.draw(batch_size, key), training=True)
        epsilon = tf.random.stateless_uniform([batch_size, 1, 1, 1], key + tf.constant([1, 0]), alg="philox")
        loss = gan.loss_function.loss(gan.critic, real, fake, epsilon)
        return tf.stack([-loss, critic_gap(gan.critic, real, fake)])

    def judge(images: np.ndarray) -> np.ndarray:
        batches = [images[start : start + batch_size] for start in range(0, len(images), batch_size)]
        whole = [tf.constant(batch) for batch in batches if len(batch) == batch_size]
        return np.mean([part(batch, tf.constant(number)).numpy() for number, batch in enumerate(whole)], axis=0)

    return judge
