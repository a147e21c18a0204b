"""Training as a function of (seed, step): the base of every model, its latents, and the initial weights."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import keras
import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class Uniform:
    """Latents uniform on [-around, around): float32, shape (n, dimension)."""

    dimension: int
    around: float = 1.0

    def draw(self, n: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws n latents; `seed` is two int32."""
        return tf.random.stateless_uniform([n, self.dimension], seed, -self.around, self.around, alg="philox")


@dataclass(frozen=True)
class Normal:
    """Latents from N(0, I): float32, shape (n, dimension)."""

    dimension: int

    def draw(self, n: int, seed: tf.Tensor) -> tf.Tensor:
        """Draws n latents; `seed` is two int32."""
        return tf.random.stateless_normal([n, self.dimension], seed, alg="philox")


def place_seed(seed: int, place: str) -> int:
    """A non-negative int32 that belongs to (seed, place or purpose)."""
    return crc32(f"{seed}/{place}".encode()) & 0x7FFFFFFF


def _whole_step(train_step: Callable) -> Callable:
    """Makes a paper's `train_step(real)` the one that Keras calls: seeds dropout first, counts the step after."""

    @functools.wraps(train_step)
    def step(self: SeededModel, data: Any) -> dict[str, tf.Tensor]:
        if self._in_step:  # a subclass calls its parent's step
            return train_step(self, data)
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        self._in_step = True
        try:
            self._seed_layers()
            train_step(self, x if y is None else (x, y))
            self.step.assign_add(1)
        finally:
            self._in_step = False
        return self.get_metrics_result()

    return step


class SeededModel(keras.Model):
    """A `keras.Model` whose training is a function of (seed, step).

    A subclass writes its algorithm out in `train_step(self, real)`, with the verbs below. `real` is what the
    data set delivers: a batch, a pair (images, labels), or any nest of arrays. The base wraps `train_step` so
    that dropout is seeded before and the step counted after; a step cannot forget either.

    Args:
        networks: Built networks by name.
        seed: Decides initial weights, noise and dropout. Two models with equal arguments train alike.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "train_step" in vars(cls):
            cls.train_step = _whole_step(cls.train_step)

    def __init__(self, networks: dict[str, keras.Model], seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self._in_step = False
        self._names = {id(network): name for name, network in networks.items()}
        for name, network in networks.items():
            setattr(self, name, network)
            initialise(network, seed, name)
        self.networks = networks
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False, name="step")
        self.built = True

    def compile_networks(self, optimizers: dict[str, keras.optimizers.Optimizer], jit_compile: bool = False) -> None:
        """Compiles with one optimizer per network; builds their slots, so that a backup finds them."""
        super().compile(optimizer=None, jit_compile=jit_compile)
        self._optimizers = optimizers
        self._trackers = {name: keras.metrics.Mean(name=self.loss_name(name)) for name in optimizers}
        for name, optimizer in optimizers.items():
            optimizer.build(self.networks[name].trainable_variables)

    @staticmethod
    def loss_name(network: str) -> str:
        """What a network's loss is called in the history: `g_loss` for the generator."""
        return f"{network[0]}_loss"

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The running means of the losses."""
        return list(self._trackers.values())

    # ---- randomness ----

    def key(self, purpose: str) -> tf.Tensor:
        """Two int32 that belong to (seed, step, purpose): the seed of a stateless draw."""
        if not self._in_step:
            raise RuntimeError("random numbers belong to a step: draw them inside train_step")
        return tf.stack([place_seed(self.seed, purpose), tf.cast(self.step.value, tf.int32)])

    def uniform(self, purpose: str, shape: tf.Tensor | Sequence[int | tf.Tensor]) -> tf.Tensor:
        """Numbers uniform on [0, 1), float32, of this step and purpose."""
        return tf.random.stateless_uniform(shape, self.key(purpose), alg="philox")

    def _seed_layers(self) -> None:
        # Keras saves no generator state, so Dropout would repeat its masks after a resume.
        for name, network in self.networks.items():
            for place, state in enumerate(seed_states(network)):
                first = place_seed(self.seed, f"{name}/layer {place}")
                state.assign(tf.cast(tf.stack([tf.constant(first, tf.int64), self.step.value]), state.dtype))

    # ---- descent ----

    @contextlib.contextmanager
    def watch(self, network: keras.Model) -> Iterator[tf.GradientTape]:
        """A tape that records what depends on this network's trainable weights, and nothing else."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for weight in network.trainable_variables:
                tape.watch(weight.value)
            yield tape

    def gradients(self, network: keras.Model, tape: tf.GradientTape, loss: tf.Tensor) -> list[tf.Tensor]:
        """Gradients of a loss with respect to a network's trainable weights; notes the loss for the history."""
        self._trackers[self._names[id(network)]].update_state(loss)
        return tape.gradient(loss, [weight.value for weight in network.trainable_variables])

    def apply(self, network: keras.Model, gradients: list[tf.Tensor]) -> None:
        """One optimizer step of one network."""
        self._optimizers[self._names[id(network)]].apply(gradients, network.trainable_variables)

    def descend(self, network: keras.Model, loss: Callable[[], tf.Tensor]) -> None:
        """One optimizer step of one network on `loss()`; no other network moves."""
        with self.watch(network) as tape:
            value = loss()
        self.apply(network, self.gradients(network, tape, value))

    # ---- state ----

    def state(self) -> dict[str, np.ndarray]:
        """Everything the next step depends on: weights, moving statistics, optimizers, step."""
        return {name: variable.value.numpy() for name, variable in self._state_variables()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Sets what `state` gave; every array must be there, of the right shape and type."""
        for name, variable in self._state_variables():
            if state[name].shape != tuple(variable.shape) or state[name].dtype != variable.dtype:
                raise ValueError(
                    f"{name}: expected {variable.dtype} {tuple(variable.shape)}, received "
                    f"{state[name].dtype} {state[name].shape}"
                )
            variable.assign(state[name])

    def _state_variables(self) -> Iterator[tuple[str, keras.Variable]]:
        yield "step", self.step
        for name, network in self.networks.items():
            for place, variable in enumerate(network.weights):
                yield f"{name}/{place:04d}", variable
            for place, variable in enumerate(self._optimizers[name].variables):
                yield f"{name} optimizer/{place:04d}", variable

    def is_finite(self) -> bool:
        """Whether every weight of every network is a finite number."""
        weights = [weight.value for network in self.networks.values() for weight in network.weights]
        return bool(tf.reduce_all([tf.reduce_all(tf.math.is_finite(weight)) for weight in weights]))


class AdversarialModel(SeededModel):
    """A generator and a discriminator, each with its optimizer.

    Calling the model calls the generator. Compile it with `d_optimizer` and `g_optimizer`, then `fit` it on an
    array or a `tf.data.Dataset` of batches.

    Args:
        generator: Built network from latents (n, dimension), and labels where conditional, to samples.
        discriminator: Built network from samples, and labels where conditional, to scores (n, 1), raw.
        latent: `Uniform(dimension)` or `Normal(dimension)`.
        loss: Has `discriminator(real_scores, fake_scores)` and `generator(fake_scores)`, where a subclass does not ask
            for something else in its place.
        seed: See `SeededModel`.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, latent: Any, loss: Any, seed: int = 0
    ) -> None:
        super().__init__({"generator": generator, "discriminator": discriminator}, seed)
        self.latent = latent
        self.loss_function = loss

    def compile(
        self, d_optimizer: keras.optimizers.Optimizer, g_optimizer: keras.optimizers.Optimizer, **kwargs: bool
    ) -> None:
        """Compiles with one optimizer for the discriminator and one for the generator."""
        self.compile_networks({"discriminator": d_optimizer, "generator": g_optimizer}, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        return self.generator(*args, **kwargs)

    def latents(self, purpose: str, n: int) -> tf.Tensor:
        """n latents of this step and purpose, float32, shape (n, dimension)."""
        return self.latent.draw(n, self.key(purpose))


def seed_states(network: keras.Model) -> list[keras.Variable]:
    """States of the random generators inside a network's layers, which Keras keeps out of its weights."""
    known = {id(weight) for weight in network.weights}
    return [variable for variable in network.variables if id(variable) not in known]


def initialise(network: keras.Model, seed: int, name: str) -> None:
    """Draws each weight's initial value again, as a function of (seed, place in the network).

    Keras' default seeds come from Python's global generator, from which other threads draw too.

    Raises:
        ValueError: If a weight belongs to no layer that says `NAME_initializer` for it.
    """
    drawn = 0
    for place, layer in enumerate(_leaves(network)):
        for key, variable in _initialised(layer):
            initializer = getattr(layer, f"{key}_initializer")
            config = initializer.get_config()
            if "seed" in config:
                config["seed"] = place_seed(seed, f"{name}/{place}/{key}")
                initializer = type(initializer).from_config(config)
            variable.assign(initializer(variable.shape, variable.dtype))
            drawn += 1
    if drawn != len(network.weights):
        raise ValueError(f"{name}: {len(network.weights)} weights, but initializers for {drawn} of them")


def _leaves(network: keras.Layer) -> list[keras.Layer]:
    layers = getattr(network, "layers", None)
    return [network] if not layers else [leaf for layer in layers for leaf in _leaves(layer)]


def _initialised(layer: keras.Layer) -> list[tuple[str, keras.Variable]]:
    keys = [name.removesuffix("_initializer") for name in dir(layer) if name.endswith("_initializer")]
    pairs = [(key, getattr(layer, key, None)) for key in keys]
    return [(key, variable) for key, variable in pairs if variable is not None]
