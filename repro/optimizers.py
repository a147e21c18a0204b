"""Optimizers that Keras does not have in the form that the papers used."""

from __future__ import annotations

import keras
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
