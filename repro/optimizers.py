"""Optimizers that Keras does not have in the form that the papers used."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras import ops


class TF1RMSprop(keras.optimizers.Optimizer):
    """RMSProp as TensorFlow 1 computed it: the slot starts at one, epsilon is inside the root, no momentum.

    m <- decay m + (1 - decay) g²; w <- w - rate g / sqrt(m + epsilon). Keras' own starts at zero, so that its first
    steps are about ten times longer.

    Args:
        learning_rate: Step size, or a schedule.
        decay: Of the mean of squared gradients.
        epsilon: Inside the root.
        others: What every Keras optimizer takes.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
        decay: float = 0.9,
        epsilon: float = 1e-10,
        **others: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **others)
        self.decay, self.epsilon = decay, epsilon

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes one slot per variable."""
        if self.built:
            return
        super().build(variables)
        self._mean_squares = [
            self.add_variable_from_reference(variable, "mean_square", initializer="ones") for variable in variables
        ]

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: keras.Variable | tf.Tensor
    ) -> None:
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

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
        momentum: Callable,
        **others: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **others)
        self.momentum = momentum

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes one velocity per variable."""
        if self.built:
            return
        super().build(variables)
        self._velocities = [
            self.add_variable_from_reference(variable, "velocity", initializer="zeros") for variable in variables
        ]

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: keras.Variable | tf.Tensor
    ) -> None:
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

    def __init__(self, first: float, divisor: float, lowest: float, every: int = 1) -> None:
        self.first, self.divisor, self.lowest, self.every = first, divisor, lowest, every

    def __call__(self, step: keras.Variable | tf.Tensor) -> tf.Tensor:
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

    def __init__(self, first: float, total: int, every: int = 1) -> None:
        self.first, self.total, self.every = first, total, every

    def __call__(self, step: keras.Variable | tf.Tensor) -> tf.Tensor:
        """Rate of the update after `step` finished ones, float32."""
        left = tf.maximum(self.total - tf.cast(step, tf.int64) // self.every, 0)
        return self.first * tf.cast(left, tf.float32) / self.total

    def get_config(self) -> dict:
        """Arguments that make an equal schedule."""
        return {"first": self.first, "total": self.total, "every": self.every}


class CoupledAdam(keras.optimizers.Optimizer):
    """Adam as the DCGAN authors released it: L2 is added to the gradient, epsilon to the corrected root.

    g <- g + l2 w; m, v: its moments; w <- w - rate m' / (sqrt(v') + epsilon), m' and v' corrected for their start.
    Keras' own `weight_decay` is decoupled from the moments, and its epsilon 1 / sqrt(1 - beta_2^t) times larger.

    Args:
        learning_rate: Step size, or a schedule.
        beta_1: Of the mean of gradients.
        beta_2: Of the mean of squared gradients.
        epsilon: Outside the corrected root.
        l2: Factor of the weight in the gradient, for every variable, gains and shifts included.
        others: What every Keras optimizer takes.

    Reference:
        DCGAN's released `lib/updates.py`.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        l2: float = 0.0,
        **others: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **others)
        self.beta_1, self.beta_2, self.epsilon, self.l2 = beta_1, beta_2, epsilon, l2

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes two slots per variable."""
        if self.built:
            return
        super().build(variables)
        self._means, self._squares = (
            [self.add_variable_from_reference(variable, name, initializer="zeros") for variable in variables]
            for name in ("mean", "mean_square")
        )

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: keras.Variable | tf.Tensor
    ) -> None:
        """One step of one variable, in one pass over its memory."""
        kind, place = variable.dtype, self._get_variable_index(variable)
        finished = tf.cast(self.iterations.value, kind) + 1
        power_1, power_2 = tf.pow(tf.cast(self.beta_1, kind), finished), tf.pow(tf.cast(self.beta_2, kind), finished)
        gradient = tf.cast(gradient, kind)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._means[place].value.handle,
            v=self._squares[place].value.handle,
            beta1_power=power_1,
            beta2_power=power_2,
            lr=tf.cast(learning_rate, kind),
            beta1=tf.cast(self.beta_1, kind),
            beta2=tf.cast(self.beta_2, kind),
            # The operation adds it to the root before the correction: w - rate c m / (sqrt(v) + epsilon).
            epsilon=self.epsilon * tf.sqrt(1 - power_2),
            grad=gradient + self.l2 * variable if self.l2 else gradient,
        )

    def get_config(self) -> dict:
        """Arguments that make an equal optimizer."""
        own = {name: getattr(self, name) for name in ("beta_1", "beta_2", "epsilon", "l2")}
        return super().get_config() | own


class KernelL2Adam(keras.optimizers.Adam):
    """Keras' Adam for a loss with l2/2 times the sum of squared kernels: l2 w is added to a kernel's gradient.

    Kernels are the variables of two axes or more; biases, gains and shifts have no such term. Keras' own
    `weight_decay` is decoupled from the moments.

    Args:
        learning_rate: Step size, or a schedule.
        l2: Factor of the weight in the gradient.
        others: What Keras' Adam takes.
    """

    def __init__(
        self, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule, l2: float = 0.0, **others: Any
    ) -> None:
        super().__init__(learning_rate, **others)
        self.l2 = l2

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: keras.Variable | tf.Tensor
    ) -> None:
        """One step of one variable."""
        if len(variable.shape) > 1:
            gradient = ops.cast(gradient, variable.dtype) + self.l2 * ops.convert_to_tensor(variable)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict:
        """Arguments that make an equal optimizer."""
        return super().get_config() | {"l2": self.l2}


class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rests for a number of passes through the data, then falls linearly, pass by pass.

    Passes are counted from 1: up to number `constant` + 1 it is `first`, in pass e after that
    first (1 - (e - constant - 1) / falling).

    Args:
        first: Of the first passes.
        constant: Passes after whose end the fall begins: the first one at the lower rate is number constant + 2.
        falling: Passes in which it would reach 0.
        batches: Mini-batches of a pass.
        every: A network's update number j takes mini-batch j * every + offset.
        offset: See `every`.

    Reference:
        DCGAN's released `mnist/train_cond_dcgan.py`: `niter` and `niter_decay`, both 100.
    """

    def __init__(
        self, first: float, constant: int, falling: int, batches: int, every: int = 1, offset: int = 0
    ) -> None:
        self.first, self.constant, self.falling = first, constant, falling
        self.batches, self.every, self.offset = batches, every, offset

    def __call__(self, step: keras.Variable | tf.Tensor) -> tf.Tensor:
        """Rate of the update after `step` finished ones, float32."""
        passed = (tf.cast(step, tf.int64) * self.every + self.offset) // self.batches
        fallen = tf.cast(tf.maximum(passed - self.constant, 0), tf.float32)
        return self.first * tf.maximum(1 - fallen / self.falling, 0.0)

    def get_config(self) -> dict:
        """Arguments that make an equal schedule."""
        names = ("first", "constant", "falling", "batches", "every", "offset")
        return {name: getattr(self, name) for name in names}
