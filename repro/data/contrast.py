"""Global contrast normalisation: every image by itself gets mean 0 and one and the same length.

An image's own mean over all its values (all channels together) is subtracted, and the rest is divided by its L2 norm
and multiplied by `LENGTH`. At 32x32x3 the values are then 0.99 in the root mean square, in neither 0..1 nor -1..1.
The scale of what comes in does not matter.

Reference:
    GAN 2014, arXiv 1406.2661, figures 2c and 2d: the authors' `cifar10_convolutional.yaml`, and pylearn2's
    `expr/preprocessing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

LENGTH = 55.0
# An image whose norm is below this is of one colour: it is not divided, and stays all but 0.
LEAST = 1e-8
ROWS = 1_000  # worked on at once


def normalised(images: np.ndarray, length: float = LENGTH) -> np.ndarray:
    """Normalised images; computed in float64.

    Args:
        images: Shape (n, ...), any real type and range.
        length: L2 norm of every result.

    Returns:
        float32, the same shape.
    """
    made = np.empty(images.shape, np.float32)
    for start in range(0, len(images), ROWS):
        part = images[start : start + ROWS]
        flat = part.reshape(len(part), -1).astype(np.float64)
        flat -= flat.mean(axis=1, keepdims=True)
        norms = np.sqrt((flat**2).sum(axis=1, keepdims=True))
        flat *= length / np.where(norms < LEAST, 1.0, norms)
        made[start : start + ROWS] = flat.reshape(part.shape)
    return made


def normalised_batch(images: tf.Tensor, length: float = LENGTH) -> tf.Tensor:
    """The same as TensorFlow operations, for the map of a `tf.data.Dataset`: float32, the same shape."""
    import tensorflow as tf

    values = tf.cast(images, tf.float64)
    inside = list(range(1, values.shape.rank))
    count = tf.cast(tf.reduce_prod(tf.shape(values)[1:]), tf.float64)
    values -= tf.reduce_sum(values, inside, keepdims=True) / count
    norms = tf.sqrt(tf.reduce_sum(values**2, inside, keepdims=True))
    return tf.cast(values * (length / tf.where(norms < LEAST, tf.ones_like(norms), norms)), tf.float32)
