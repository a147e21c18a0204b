"""Optimizers that Keras does not have in the form that the papers used."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import tensorflow as tf
from keras import ops


class TF1RMSprop(keras.optimizers.Optimizer):
    """RMSProp as TensorFlow 1 computed it: the slot starts at one, epsilon is inside the root, no momentum.

    m <- decay m + (1 - decay) g²; w <- w - rate g / sqrt(m + epsilon). Keras' own starts at zero, so that its first
    steps are about ten times longer.

    Args:
        learning_rate: Step size.
        decay: Of the mean of squared gradients.
        epsilon: Inside the root.
        others: What every Keras optimizer takes.
    """

    def __init__(self, learning_rate: float, decay: float = 0.9, epsilon: float = 1e-10, **others):
        super().__init__(learning_rate=learning_rate, **others)
        self.decay, self.epsilon = decay, epsilon

    def build(self, variables):
        """Makes one slot per variable."""
        if self.built:
            return
        super().build(variables)
        self._mean_squares = [
            self.add_variable_from_reference(variable, "mean_square", initializer="ones") for variable in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        """One step of one variable."""
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        mean_square = self._mean_squares[self._get_variable_index(variable)]
        self.assign(mean_square, self.decay * mean_square + (1 - self.decay) * ops.square(gradient))
        self.assign_sub(variable, rate * gradient / ops.sqrt(mean_square + self.epsilon))

    def get_config(self) -> dict:
        """Arguments that make an equal optimizer."""
        return super().get_config() | {"decay": self.decay, "epsilon": self.epsilon}


class ScheduledMomentum(keras.optimizers.Optimizer):
    """Gradient descent with classical momentum, both the rate and the momentum functions of the update.

    v <- momentum v - rate g; w <- w + v. Keras' own SGD takes a constant momentum.

    Args:
        learning_rate: Step size, or a schedule.
        momentum: A schedule: maps the number of finished updates, an int64 tensor, to a float32 scalar.
        others: What every Keras optimizer takes.
    """

    def __init__(self, learning_rate, momentum: Callable, **others):
        super().__init__(learning_rate=learning_rate, **others)
        self.momentum = momentum

    def build(self, variables):
        """Makes one velocity per variable."""
        if self.built:
            return
        super().build(variables)
        self._velocities = [
            self.add_variable_from_reference(variable, "velocity", initializer="zeros") for variable in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        """One step of one variable, in one pass over its memory."""
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=self._velocities[self._get_variable_index(variable)].value.handle,
            lr=tf.cast(learning_rate, variable.dtype),
            grad=tf.cast(gradient, variable.dtype),
            momentum=tf.cast(self.momentum(self.iterations.value), variable.dtype),
        )


@dataclass(frozen=True)
class MomentumByEpoch:
    """Momentum that rises linearly over passes through the data: `first` in the first, `last` from number `epochs` on.

    Attributes:
        first: In the first pass.
        last: In pass number `epochs` and all later ones.
        epochs: At least 2.
        updates: Updates per pass.
    """

    first: float
    last: float
    epochs: int
    updates: int

    def __call__(self, finished: tf.Tensor) -> tf.Tensor:
        """Momentum of the update after so many finished ones, float32."""
        share = tf.cast(finished // self.updates, tf.float32) / (self.epochs - 1)
        return self.first + (self.last - self.first) * tf.minimum(share, 1.0)


class DividedEachUpdate(keras.optimizers.schedules.LearningRateSchedule):
    """A rate divided by a constant after every update, with a floor: max(first / divisor^t, lowest).

    Computed as first * exp(-t log(divisor)), with the logarithm in float64: 1.000004 itself is off by 1 % of its
    distance from 1 in float32, as a rate of decay in Keras' own schedule would be.

    Args:
        first: Of the first update.
        divisor: Above 1.
        lowest: The floor.
        every: Updates that count as one, for a network that takes several steps an iteration.
    """

    def __init__(self, first: float, divisor: float, lowest: float, every: int = 1):
        self.first, self.divisor, self.lowest, self.every = first, divisor, lowest, every

    def __call__(self, step):
        """Rate of the update after `step` finished ones, float32."""
        counted = tf.cast(tf.cast(step, tf.int64) // self.every, tf.float32)
        return tf.maximum(self.first * tf.exp(-math.log(self.divisor) * counted), self.lowest)

    def get_config(self) -> dict:
        """Arguments that make an equal schedule."""
        return {"first": self.first, "divisor": self.divisor, "lowest": self.lowest, "every": self.every}


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that falls linearly to zero: first * max(0, 1 - t / total).

    Args:
        first: Of the first update.
        total: Updates after which the rate is zero.
        every: Updates that count as one, for a network that takes several steps an iteration.
    """

    def __init__(self, first: float, total: int, every: int = 1):
        self.first, self.total, self.every = first, total, every

    def __call__(self, step):
        """Rate of the update after `step` finished ones, float32."""
        left = tf.maximum(self.total - tf.cast(step, tf.int64) // self.every, 0)
        return self.first * tf.cast(left, tf.float32) / self.total

    def get_config(self) -> dict:
        """Arguments that make an equal schedule."""
        return {"first": self.first, "total": self.total, "every": self.every}
