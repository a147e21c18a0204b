"""An activation that looks like ELU and has derivatives of every order."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="repro")
def smooth(x: tf.Tensor) -> tf.Tensor:
    """softplus(2x + 2)/2 - 1 of float32, any shape: -1 far below zero, x far above.

    ELU's second derivative jumps at zero, and the gradient penalty takes it.

    Reference:
        WGAN-GP, section 5.1 and appendix D.
    """
    return tf.math.softplus(2 * x + 2) / 2 - 1
