"""Batch normalisation by the statistics of the batch at hand, also when sampling: no moving averages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
class BatchNorm(keras.layers.Layer):
    """Normalises the last axis over all others: float32 (n, units) or (n, h, w, channels), to the same shape.

    Statistics are the batch's own, with the biased variance, unless it is called with `training=False`; then they are
    those that `store_statistics` measured. So the same latent gives another image in another batch.

    Args:
        affine: Whether there are a gain, which starts at N(1, 0.02), and a shift, which starts at 0.
        epsilon: Added to the variance.
        named: What every layer takes.

    Reference:
        DCGAN's released code (`lib/ops.py`, `lib/inits.py`): epsilon 1e-8, no running averages.
    """

    def __init__(self, affine: bool = True, epsilon: float = 1e-8, **named: Any) -> None:
        super().__init__(**named)
        self.affine, self.epsilon = affine, epsilon
        self.gamma_initializer = keras.initializers.RandomNormal(1.0, 0.02)
        self.beta_initializer = keras.initializers.Zeros()
        self.stored_mean_initializer = keras.initializers.Zeros()
        self.stored_variance_initializer = keras.initializers.Ones()
        self.gamma = self.beta = None

    def build(self, input_shape: Sequence[int | None]) -> None:
        shape = (input_shape[-1],)
        if self.affine:
            self.gamma = self.add_weight(shape=shape, initializer=self.gamma_initializer, name="gamma")
            self.beta = self.add_weight(shape=shape, initializer=self.beta_initializer, name="beta")
        for name in ("stored_mean", "stored_variance"):
            initializer = getattr(self, f"{name}_initializer")
            setattr(self, name, self.add_weight(shape=shape, initializer=initializer, trainable=False, name=name))

    def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        units = x.shape[-1]
        gamma = self.gamma.value if self.affine else tf.ones([units])
        beta = self.beta.value if self.affine else tf.zeros([units])
        if training is False:
            scale = gamma * tf.math.rsqrt(self.stored_variance.value + self.epsilon)
            return (x - self.stored_mean.value) * scale + beta
        # The fused operation takes half the time of the written-out formula; it knows maps only.
        maps = x if len(x.shape) == 4 else tf.reshape(x, [-1, 1, 1, units])
        y = tf.raw_ops.FusedBatchNormV3(
            x=maps, scale=gamma, offset=beta, mean=[], variance=[], epsilon=self.epsilon, is_training=True
        ).y
        return tf.reshape(y, tf.shape(x)) if len(x.shape) == 2 else y

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "affine": self.affine, "epsilon": self.epsilon}


def store_statistics(network: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Measures what `training=False` uses: means over batches of the means and variances of each batch.

    Every batch passes with its own statistics, and a short one counts as a full one, as in DCGAN's
    `svhn_semisup_analysis.py`.

    Args:
        network: Built functional network of one input; its `BatchNorm` layers are changed.
        batches: float32 arrays of the network's input, at least one.
    """
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    if not norms:
        return
    seen = keras.Model(network.inputs, [layer.input for layer in norms])

    @tf.function(reduce_retracing=True)
    def moments(batch: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        outputs = seen(batch, training=True)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [tf.nn.moments(x, list(range(len(x.shape) - 1))) for x in outputs]

    found = [moments(tf.constant(batch)) for batch in batches]
    for place, layer in enumerate(norms):
        mean, variance = (tf.reduce_mean([each[place][part] for each in found], axis=0) for part in (0, 1))
        layer.stored_mean.assign(mean)
        layer.stored_variance.assign(variance)
