"""Training the CIFAR ResNet without and with labels: what table 3 and figure 6 share (section 5.4, appendix F)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.wgan_gp import methods, study
from repro.data import Set
from repro.errors import check_known
from repro.items import nested, setting, version
from repro.metrics.scores import Protocol

if TYPE_CHECKING:
    from papers.wgan_gp.model import WGANGP
    from repro.data import Dataset, Places
    from repro.runs import Folder

RELEASED = "authors' gan_cifar_resnet.py"
ACROSS = 10  # a sheet has so many columns and rows; with labels, a column a class
LEVEL = 1 / 128  # of a byte, in -1..1
# Appendix F: another rate than figure 3's, and Algorithm 1's beta_1.
METHOD = replace(methods.PLAIN_WGAN_GP, learning_rate=2e-4, beta_1=0.0)


@dataclass(frozen=True)
class Residual:
    """Settings of one training; the defaults are the published ones or those of the released script."""

    data: Set = setting(Set("cifar10"), "section 5.4: CIFAR-10")
    side: int = setting(32, "section 5.4; smaller pictures are enlarged by repeating pixels")
    labels: bool = setting(False, "Table 3, Figure 6: without labels, and with them in G's norms and the critic's head")
    method: methods.Method = nested(METHOD)
    filters: int = setting(128, "appendix F")
    batch_size: int = setting(64, f"appendix F; {RELEASED}: the critic's")
    generator_batches: int = setting(2, f"{RELEASED}: the generator's batch over the critic's; appendix F has 64")
    critic_weight: float = setting(1.0, f"{RELEASED}: of the class loss on real images")
    generator_weight: float = setting(0.1, f"{RELEASED}: of the class loss on generated images")
    steps: int = setting(100_000, "appendix F: generator iterations", length=True)
    decay_steps: int = setting(100_000, "appendix F: generator iterations in which the rate falls to 0", length=True)
    snapshot_every: int = setting(1_000, f"{RELEASED}: scored every 1,000 iterations")
    protocol: Protocol = nested(study.SCORED)

    @property
    def label(self) -> str:
        """What tells trainings apart in a run's name."""
        return "supervised" if self.labels else "unsupervised"


@version(3)
def train_residual(settings: Residual, seed: int, folder: Folder) -> None:
    """Trains the ResNet; leaves a sheet and the score at every snapshot, with labels the share drawn as asked, too."""
    from repro import fitting

    dataset = study.enlarged_to(folder.data(settings.data, "train"), settings.side)
    gan = compiled(settings, dataset.images.shape[3], len(dataset.class_names), seed)
    batches = fitting.image_batches(dataset, settings.batch_size, seed, -1, 1 - LEVEL, labels=settings.labels)
    fitting.fit(
        gan,
        fitting.stacks(dequantised(batches, seed), settings.method.critic_steps),
        steps=settings.steps,
        folder=folder,
        snapshot_every=min(settings.snapshot_every, settings.steps),
        snapshot=_snapshot(settings, gan, dataset, seed, folder.places),
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")


def compiled(settings: Residual, channels: int, classes: int, seed: int) -> WGANGP:
    """The compiled GAN of the settings."""
    from papers.wgan_gp import conditional_networks, image_networks
    from papers.wgan_gp.acgan import ACGANGP
    from repro.training import Normal

    method, latent, sizes = settings.method, Normal(image_networks.Z_DIM), (settings.side, settings.filters)
    if not settings.labels:
        generator = image_networks.resnet_generator(*sizes, channels=channels)
        critic = image_networks.resnet_critic(*sizes, channels=channels)
        batches = {"generator_batches": settings.generator_batches, "decay_steps": settings.decay_steps}
        return methods.compiled(method, generator, critic, latent, seed, **batches)
    check_known("constraint", method.constraint, ("penalty",))
    gan = ACGANGP(
        conditional_networks.conditional_generator(classes, *sizes, channels=channels),
        conditional_networks.classifying_critic(classes, *sizes, channels=channels),
        latent,
        methods.constraint_of(method),
        seed,
        classes=classes,
        critic_weight=settings.critic_weight,
        generator_weight=settings.generator_weight,
        critic_steps=method.critic_steps,
        generator_batches=settings.generator_batches,
    )
    gan.compile(**method.optimizers(decay_steps=settings.decay_steps))
    return gan


def dequantised(batch_of_step: Callable, seed: int) -> Callable:
    """Batches with uniform noise of a byte's width, so that bytes in -1..1-1/128 fill -1..1 (released code).

    Args:
        batch_of_step: Maps an int64 step to images, or to (images, labels).
        seed: The run's.
    """
    import tensorflow as tf

    from repro.training import place_seed

    def noisy_batch_of_step(step: tf.Tensor) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        batch = batch_of_step(step)
        images = batch[0] if isinstance(batch, tuple) else batch
        key = tf.stack([place_seed(seed, "dequantisation"), tf.cast(step, tf.int32)])
        noisy = images + tf.random.stateless_uniform(tf.shape(images), key, 0.0, LEVEL, alg="philox")
        return (noisy, batch[1]) if isinstance(batch, tuple) else noisy

    return noisy_batch_of_step


def _snapshot(
    settings: Residual, gan: WGANGP, dataset: Dataset, seed: int, places: Places
) -> Callable[[], dict[str, np.ndarray | float]]:
    from repro.metrics.inception_score import inception_score
    from repro.training import place_seed

    protocol, classes = settings.protocol, len(dataset.class_names)
    asked = np.random.default_rng(place_seed(seed, "judged labels")).integers(0, classes, protocol.generated, np.int32)
    columns = np.resize(np.arange(classes, dtype=np.int32), ACROSS * classes)

    def images(n: int, labels: np.ndarray) -> np.ndarray:
        return study.generated(gan.generator, gan.latent, n, seed, labels if settings.labels else None)

    def snapshot() -> dict[str, np.ndarray | float]:
        judged = protocol.judge(images(protocol.generated, asked), places)
        score, spread = inception_score(judged.probabilities)
        found = {
            "sheet": images(len(columns), columns),
            "score": score,
            "score_std": spread,
        }
        if settings.labels and judged.probabilities.shape[1] == classes:  # the network's classes are the data's
            found["agreement"] = (judged.probabilities.argmax(axis=1) == asked).mean()
        return found

    return snapshot
