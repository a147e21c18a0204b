"""Our training step against the straightforward Keras form of the same algorithm, interleaved in one process.

    .venv/bin/python benchmarks/train_step.py [NETWORK ...] [--rounds N]

Straightforward means: the order of updates and the draws of ours, written as the public Keras examples are: a generator
pass for each update, the label tiled and concatenated, a one-hot label through a dense layer, every gradient on its own
tape that watches everything, one step per execution, batches from a shuffled `tf.data` pipeline; the gradient penalty
by nested tapes through Keras' own ReLU; all of it is in `straightforward.py`. One thread. Another number of rounds is
a trial, which is not stored; networks that are not named keep their stored lines.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402

from benchmarks.straightforward import (  # noqa: E402
    Alternating,
    Simultaneous,
    Straightforward,
    WithPenalty,
    straightforward_characters,
    straightforward_images,
    straightforward_resnet,
)
from papers.dcgan import images as dcgan_images  # noqa: E402
from papers.dcgan import sheets as dcgan_sheets  # noqa: E402
from papers.gan2014 import digits  # noqa: E402
from papers.gan2014.model import GAN, NonSaturating  # noqa: E402
from papers.lsgan import networks  # noqa: E402
from papers.lsgan.model import LSGAN, ZERO_ONE, ConditionalLSGAN  # noqa: E402
from papers.wgan_gp import cifar_resnet, image_networks, table3_fig6_resnet  # noqa: E402
from papers.wgan_gp import networks as wgan_networks  # noqa: E402
from papers.wgan_gp.model import WGANGP, improve_critic  # noqa: E402
from repro import data, fitting, results  # noqa: E402
from repro.data import planar, ring  # noqa: E402
from repro.machine import processor  # noqa: E402
from repro.present import commit  # noqa: E402
from repro.training import Normal, Uniform, place_seed  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from papers.dcgan.model import DCGAN

ROUNDS = 7
BUFFER = 1_024  # images to shuffle among, as in the public examples; to fill a larger one would be timed with the steps


def adams(d_rate: float, g_rate: float) -> dict:
    """Two optimizers with the published beta and epsilon."""
    return {
        "d_optimizer": keras.optimizers.Adam(d_rate, beta_1=0.5, epsilon=1e-8),
        "g_optimizer": keras.optimizers.Adam(g_rate, beta_1=0.5, epsilon=1e-8),
    }


def ring_pair() -> tuple[GAN, Callable[[tf.Tensor], tf.Tensor], Simultaneous, tf.data.Dataset, float]:
    """(ours, theirs, GFLOP a step) for figure 7's networks, batch 512."""
    ours = GAN(networks.ring_generator(), networks.ring_discriminator(), Normal(256), ZERO_ONE)
    ours.compile(**adams(1e-4, 1e-3))
    theirs = Simultaneous(networks.ring_generator(), networks.ring_discriminator(), 256, True, False)
    theirs.compile(**adams(1e-4, 1e-3))

    def batch(step: tf.Tensor) -> tf.Tensor:
        return ring.draw("released", 512, tf.stack([place_seed(0, "real points"), tf.cast(step, tf.int32)]))

    points = ring.draw("released", 60_000, [0, 0]).numpy()
    stream = tf.data.Dataset.from_tensor_slices(points).shuffle(BUFFER, seed=0).repeat().batch(512)
    return ours, batch, theirs, stream, 512 * (3 * 0.0991e-3 + 7 * 0.0338e-3)


def characters_pair(
    classes: int = 30, width: float = 0.25
) -> tuple[
    ConditionalLSGAN, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]], Straightforward, tf.data.Dataset, float
]:
    """(ours, theirs, GFLOP a step) for figure 4's networks at a quarter of their width, batch 64, embedded glyphs."""
    train = data.load(data.Set("hanzi", classes), "train", data.Places(None, ROOT / ".runs"))
    shape = {"width": width}
    ours = ConditionalLSGAN(
        networks.character_generator(classes, **shape),
        networks.character_discriminator(classes, **shape),
        Uniform(1024),
    )
    ours.compile(**adams(1e-3, 1e-3))
    theirs = Straightforward(*straightforward_characters(classes, width), 1024, False, True)
    theirs.compile(**adams(1e-3, 1e-3))
    images = train.images.astype(np.float32) / 255
    stream = tf.data.Dataset.from_tensor_slices((images, train.labels)).shuffle(BUFFER, seed=0).repeat().batch(64)
    e, c1, c2, dense = (
        round(256 * width),
        1 + round(256 * width),
        round(64 * width) + round(256 * width),
        round(1024 * width),
    )
    d = 196 * 25 * c1 + 49 * 25 * c1 * c2 + (49 * c2 + e) * dense
    maps = round(128 * width)
    g = (1024 + e) * 49 * maps + 49 * 25 * maps * maps + 196 * 25 * maps
    return ours, fitting.image_batches(train, 64, 0, 0, 1, labels=True), theirs, stream, 64 * 2e-9 * (3 * g + 8 * d)


def scenes_pair(
    side: int = 64, width: float = 0.25
) -> tuple[LSGAN, Callable[[tf.Tensor], tf.Tensor], Straightforward, tf.data.Dataset, float]:
    """(ours, theirs, GFLOP a step) for figure 3's networks at 64x64 and a quarter of their width, batch 32."""

    def pair() -> tuple[keras.Model, keras.Model]:
        return networks.scene_generator(side, width=width), networks.scene_discriminator(side, width=width)

    train = data.load(data.Set(f"rooms{side}"), "test", data.Places(None, ROOT / ".runs"))
    ours = LSGAN(*pair(), Uniform(1024))
    ours.compile(**adams(1e-3, 1e-3))
    theirs = Straightforward(*pair(), 1024, False, False)
    theirs.compile(**adams(1e-3, 1e-3))
    images = train.images.astype(np.float32) / 127.5 - 1
    stream = tf.data.Dataset.from_tensor_slices(images).shuffle(BUFFER, seed=0).repeat().batch(32)
    g, d = multiply_adds(ours.generator), multiply_adds(ours.discriminator)
    return ours, fitting.image_batches(train, 32, 0, -1, 1), theirs, stream, 32 * 2e-9 * (3 * g + 8 * d)


def digits_pair() -> tuple[GAN, Callable[[tf.Tensor], tf.Tensor], Simultaneous, tf.data.Dataset, float]:
    """(ours, theirs, GFLOP a step) for GAN 2014's MNIST networks at full size, batch 100, on noise."""
    rng = np.random.default_rng(0)
    description = data.Description("noise", "procedural", "", {}, "")
    images = rng.integers(0, 256, (10_000, 28, 28, 1), np.uint8)
    images[:2, 0] = [[[0]] * 28, [[255]] * 28]
    train = data.Dataset("noise", "train", images, np.zeros(len(images), np.int32), ("0",), description)
    settings = digits.Digits(train_images=9_000)
    used, _ = digits.split(train, settings)
    ours, twin = (digits.compiled(settings, train, used, 0) for _ in range(2))
    theirs = Simultaneous(twin.generator, twin.discriminator, 100, True, False)
    theirs.loss_function = NonSaturating(0.5)
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 1 / 1.000004)
    theirs.compile(*(keras.optimizers.SGD(rate, momentum=0.5) for _ in range(2)))
    stream = tf.data.Dataset.from_tensor_slices(images.astype(np.float32) / 255).shuffle(BUFFER, seed=0).repeat()
    g, d, d_first = 100 * 1200 + 1200 * 1200 + 1200 * 784, 784 * 1200 + 240 * 1200 + 240, 784 * 1200
    # G: forward, both backward but for the latent; D: real and fake forward and by weights, back to the fakes once.
    work = 3 * g - 100 * 1200 + 2 * (3 * d - d_first) + d
    return ours, digits.batches(settings, train, used, 0), theirs, stream.batch(100), 100 * 2e-9 * work


def planar_pair(
    width: int = 512,
) -> tuple[WGANGP, Callable[[tf.Tensor], tf.Tensor], WithPenalty, tf.data.Dataset, float]:
    """(ours, theirs, GFLOP an iteration) for WGAN-GP's perceptrons on 8 Gaussians: five critic steps and one of G.

    With g and d a forward pass of either network, theirs is 5 (g + 12 d) + 3 g + 3 d and ours 5 (g + 10 d) + 3 g + 2 d:
    as the two are alike, arithmetic alone allows 71 / 60 = 1.18. What goes beyond it is the framework's time.
    """

    def plain(outputs: int) -> keras.Model:
        hidden = [layers.Dense(width, "relu", kernel_initializer="he_uniform") for _ in range(3)]
        return keras.Sequential([keras.Input((2,)), *hidden, layers.Dense(outputs)])

    ours = WGANGP(wgan_networks.planar_generator(width), wgan_networks.planar_critic(width), Normal(2))
    ours.compile(**adams(1e-4, 1e-4))
    theirs = WithPenalty((plain(2), plain(1)), 2)
    theirs.compile(**adams(1e-4, 1e-4))

    def batch(step: tf.Tensor) -> tf.Tensor:
        return planar.draw(planar.RING8, 256, tf.stack([place_seed(0, "real points"), tf.cast(step, tf.int32)]))

    points = planar.draw(planar.RING8, 60_000, [0, 0]).numpy()
    stream = (
        tf.data.Dataset.from_tensor_slices(points)
        .shuffle(BUFFER, seed=0)
        .repeat()
        .batch(256, drop_remainder=True)
        .batch(5, drop_remainder=True)
    )
    g, d = multiply_adds(ours.generator), multiply_adds(ours.discriminator)
    # The critic: fakes, two passes forward and back by weights, the penalty's four; G: its three, and D's two.
    work = 5 * (g + 6 * d + 4 * d) + 3 * g + 2 * d
    return ours, fitting.stacks(batch, 5), theirs, stream, 256 * 2e-9 * work


def residual_pair(
    critic_alone: bool = False,
) -> tuple[WGANGP, Callable[[tf.Tensor], tf.Tensor], WithPenalty, tf.data.Dataset, float]:
    """(ours, theirs, GFLOP an iteration) for WGAN-GP's CIFAR ResNet as small has it, or for its critic's step alone."""
    settings = table3_fig6_resnet.SCALES["small"].settings.training
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2_000, 32, 32, 3), np.uint8)
    train = data.Dataset("noise", "train", images, None, (), data.Description("noise", "procedural", "", {}, ""))
    ours = cifar_resnet.compiled(settings, 3, 10, 0)
    turns, generators = settings.method.critic_steps, settings.generator_batches
    if critic_alone:
        turns, generators = 1, 0
        ours = CriticAlone(ours.generator, ours.critic, ours.latent, ours.loss_function, critic_steps=1)
        ours.compile(**settings.method.optimizers())
    theirs = WithPenalty(straightforward_resnet(settings.filters), image_networks.Z_DIM, generators)
    theirs.compile(**adams(settings.method.learning_rate, settings.method.learning_rate))
    n, scaled = settings.batch_size, dcgan_images.scaled(images)
    stream = tf.data.Dataset.from_tensor_slices(scaled).shuffle(BUFFER, seed=0).repeat()
    stream = stream.batch(n, drop_remainder=True).batch(turns, drop_remainder=True)
    g, d = multiply_adds(ours.generator), multiply_adds(ours.critic)
    work = turns * (g + 6 * d + 4 * d) + generators * (3 * g + 2 * d)
    return ours, fitting.stacks(fitting.image_batches(train, n, 0, -1, 1), turns), theirs, stream, n * 2e-9 * work


class CriticAlone(WGANGP):
    """The critic's updates of an iteration, without the generator's."""

    def train_step(self, stack: tf.Tensor) -> None:
        self.in_turns(
            lambda real, z, epsilon: improve_critic(
                self, self.loss_function, real, self.generator(z, training=True), epsilon
            ),
            stack,
            *self.noise(stack),
        )


def images_pair(
    settings: dcgan_images.Images, same: bool = False
) -> tuple[DCGAN, Callable[[tf.Tensor], tf.Tensor], Alternating, tf.data.Dataset, float]:
    """(ours, theirs, mean GFLOP a mini-batch) for a training of DCGAN, on rooms, whatever its own set is.

    Theirs has the published padding, or with `same` that of Keras.
    """
    side = settings.data.side if settings.data.family != settings.data.name else 64
    train = data.load(data.Set(f"rooms{side}"), "test", data.Places(None, ROOT / ".runs"))
    ours = dcgan_images.compiled(settings, (side, side, 3), 0)
    networks = straightforward_images(side, settings.maps, settings.z_dim, same)
    theirs = Alternating(*networks, settings.z_dim, settings.l2)
    theirs.compile(**adams(settings.learning_rate, settings.learning_rate))
    scaled, n = dcgan_images.scaled(train.images), settings.batch_size
    stream = tf.data.Dataset.from_tensor_slices(scaled).shuffle(BUFFER, seed=0).repeat().batch(n)
    g, d = multiply_adds(ours.generator), multiply_adds(ours.discriminator)
    # A step of G: its three, D forward and back to the images; one of D: a pass of G, D on real and fake three each.
    work = ((3 * g + 2 * d) + (g + 6 * d)) / 2
    return ours, fitting.image_batches(train, n, 0, -1, 1), theirs, stream, n * 2e-9 * work


def multiply_adds(network: keras.Model) -> int:
    """Multiply-adds of one forward pass of one image: every kernel weight at every place of its smaller grid."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
            grid = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
            total += grid.shape[1] * grid.shape[2] * int(np.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


def timed(model: keras.Model, batches: tf.data.Dataset, steps: int, per_execution: int) -> tuple[float, float]:
    """Wall and CPU seconds a step of `fit`."""
    model.steps_per_execution = per_execution
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(batches, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
    return (time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps


def limit() -> float:
    """GFLOP/s of a large convolution on one thread, here and now: the machine's limit."""
    x, kernel = tf.ones((64, 32, 32, 64)), tf.ones((5, 5, 64, 128))
    convolve = tf.function(lambda: tf.reduce_sum(tf.nn.conv2d(x, kernel, 2, "SAME")))
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        convolve().numpy()
        best = min(best, time.perf_counter() - start)
    return 64 * 16 * 16 * 25 * 64 * 128 * 2 / best / 1e9


PAIRS = {
    "ring": ring_pair,
    "characters": characters_pair,
    "scenes": scenes_pair,
    "digits": digits_pair,
    "planar": planar_pair,
    "planar-quick": lambda: planar_pair(128),
    "residual": residual_pair,
    "residual-critic": lambda: residual_pair(critic_alone=True),
    "dcgan-rooms": lambda: images_pair(dcgan_images.ROOMS),
    "dcgan-rooms-same": lambda: images_pair(dcgan_images.ROOMS, same=True),
    "dcgan-bedrooms": lambda: images_pair(dcgan_sheets.SMALL),
    "dcgan-bedrooms-same": lambda: images_pair(dcgan_sheets.SMALL, same=True),
}
STEPS = {
    "ring": 300,
    "characters": 40,
    "scenes": 20,
    "digits": 100,
    "planar": 20,
    "planar-quick": 100,
    "residual": 10,
    "residual-critic": 20,
    "dcgan-rooms": 60,
    "dcgan-rooms-same": 60,
    "dcgan-bedrooms": 20,
    "dcgan-bedrooms-same": 20,
}


def compare(name: str, steps: int, rounds: int) -> list:
    """One network: interleaved rounds; ratios of medians and of minima."""
    ours, batch, theirs, stream, gflop = PAIRS[name]()
    endless = tf.data.Dataset.range(10**9).map(batch, num_parallel_calls=1).prefetch(1)
    for model, batches, per in ((ours, endless, 10), (theirs, stream, 1)):
        timed(model, batches, steps, per)
    times = np.array([(timed(ours, endless, steps, 10), timed(theirs, stream, steps, 1)) for _ in range(rounds)])
    # (rounds, ours or theirs, wall or CPU)
    ratio = np.median(times[:, 1] / times[:, 0], axis=0)
    best = times.min(axis=0)
    reached = gflop / best[0, 0] / limit()
    cells = [name, best[0, 0] * 1e3, best[1, 0] * 1e3, ratio[0], ratio[1], best[1, 0] / best[0, 0], reached]
    print(
        f"{name}: {cells[1]:.2f} ms against {cells[2]:.2f} ms a step; ratio {ratio[0]:.2f} wall, {ratio[1]:.2f} CPU "
        f"(medians of {rounds} rounds), {cells[5]:.2f} of the minima; {reached:.0%} of a convolution's rate"
    )
    return cells


def main() -> None:
    """Prints and stores what was measured."""
    parser = argparse.ArgumentParser(description="Our training step against the straightforward Keras form.")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(PAIRS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    given = parser.parse_args()
    unknown = [name for name in given.networks if name not in PAIRS]
    if unknown:
        parser.error(f"no network is called {unknown[0]}: there is {', '.join(PAIRS)}")
    rows = [compare(name, STEPS[name], given.rounds) for name in given.networks or PAIRS]
    if given.rounds == ROUNDS:
        store(rows)


def store(rows: list[list]) -> None:
    """Writes benchmarks/results/train_step.csv; lines of other networks are kept."""
    load = os.getloadavg()[0]
    header = [
        "network",
        "ours_ms",
        "straightforward_ms",
        "wall_ratio",
        "cpu_ratio",
        "ratio_of_minima",
        "of_convolution_rate",
        "processor",
        "load",
        "commit",
    ]
    out = ROOT / "benchmarks" / "results" / "train_step.csv"
    out.parent.mkdir(exist_ok=True)
    found = {line[0]: line for line in results.read(out, header).to_numpy().tolist()}
    found |= {row[0]: [str(cell) for cell in [*row, processor(), round(load, 2), commit()[:12]]] for row in rows}
    out.write_text(results.table_text(header, [found[name] for name in PAIRS if name in found]))


if __name__ == "__main__":
    main()
