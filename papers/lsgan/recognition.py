"""The judge of figure 8: a recogniser trained on real characters, and what it says of generated ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.data import Set
from repro.items import setting

if TYPE_CHECKING:
    import keras

    from repro.data import Dataset
    from repro.runs import Finished, Folder


@dataclass(frozen=True)
class Recognition:
    """Settings of the recogniser; none of it is published."""

    data: Set = setting(Set("hwdb1.0"), "section 4: HWDB1.0, 3,740 classes")
    epochs: int = setting(15, "not stated; ours")
    batch_size: int = setting(128, "not stated; ours")
    learning_rate: float = setting(1e-3, "not stated; ours")
    generated_per_class: int = setting(300, "not stated; ours: generated training images")
    steps: int = setting(1_000_000, "not stated; ours: an upper bound", length=True)


def train_recogniser(settings: Recognition, seed: int, folder: Folder) -> None:
    """Trains the recogniser on real training characters; leaves it, and its hits on the real test characters."""
    train = folder.data(settings.data, "train")
    _train(settings, seed, folder, train)


def train_on_generated(settings: Recognition, seed: int, folder: Folder) -> None:
    """Trains the same recogniser from scratch on generated characters; needs the training of the generator."""
    from papers.lsgan.characters import generate
    from repro import fitting
    from repro.data import Dataset

    [trained] = folder.needs
    generator = fitting.load_network(trained.path / "generator.keras")
    test = folder.data(settings.data, "test")
    classes, each = len(test.class_names), settings.generated_per_class
    images = generate(generator, classes, each, trained.settings.z_dim, seed, purpose="training images")
    labels = np.repeat(np.arange(classes, dtype=np.int32), each)
    made = Dataset("generated", "train", images.reshape(-1, 28, 28, 1), labels, test.class_names, test.description)
    _train(settings, seed, folder, made)


def _train(settings: Recognition, seed: int, folder: Folder, train: Dataset) -> None:
    import keras

    from repro import fitting
    from repro.metrics.recogniser import Recogniser, predict, top1

    test = folder.data(settings.data, "test")
    per_epoch = len(train) // settings.batch_size
    steps = min(settings.epochs * per_epoch, settings.steps)
    model = Recogniser(len(train.class_names), seed)
    model.compile(keras.optimizers.Adam(settings.learning_rate, epsilon=1e-7))
    fitting.fit(
        model,
        fitting.image_batches(train, settings.batch_size, seed, 0, 1, labels=True),
        steps=steps,
        folder=folder,
        snapshot_every=min(per_epoch, steps),
    )
    probabilities, _ = predict(model.classifier, test.images[np.arange(len(test))])
    folder.save("scores", top1_real=np.float64(top1(probabilities, test.labels)))
    fitting.save_network(model.classifier, folder.path / "classifier.keras")


@dataclass(frozen=True)
class Judging:
    """Settings of one judgement of a conditional training and its unconditional twin."""

    data: Set = setting(Set("hwdb1.0"), "section 4: HWDB1.0, 3,740 classes")
    real_images: int = setting(2_000, "not stated; ours: real training images of the Fréchet distance")
    neighbours: int = setting(3, "not stated; ours")


def judge(settings: Judging, seed: int, folder: Folder) -> None:
    """Scores the snapshots of a conditional training and its twin; needs both, and the recogniser."""
    from repro import fitting
    from repro.metrics.recogniser import predict, top1

    conditional, twin, recogniser = folder.needs
    classifier = fitting.load_network(recogniser.path / "classifier.keras")
    train, test = folder.data(settings.data, "train"), folder.data(settings.data, "test")
    snapshots = dict(conditional.snapshots())
    final = snapshots[max(snapshots)]["images"]
    labels = np.repeat(np.arange(final.shape[0]), final.shape[1])
    curve = [(step, top1(predict(classifier, _flat(s["images"]))[0], labels)) for step, s in snapshots.items()]
    predicted = predict(classifier, _flat(final))[0]
    shuffled = np.random.default_rng([seed, 0]).permutation(labels)
    folder.save(
        "scores",
        steps=np.array([step for step, _ in curve]),
        top1=np.array([value for _, value in curve]),
        top1_shuffled=np.float64(top1(predicted, shuffled)),
        **_twin_scores(classifier, snapshots, twin, train, settings),
        **_variety(final, train, test),
    )
    folder.save("pictures", **_pictures(final, train, twin, settings.neighbours))


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(-1, *images.shape[2:])


def _twin_scores(
    classifier: keras.Model,
    snapshots: dict[int, dict[str, np.ndarray]],
    twin: Finished,
    train: Dataset,
    settings: Judging,
) -> dict[str, np.ndarray]:
    from repro.metrics.frechet import frechet_distance
    from repro.metrics.recogniser import predict

    twin_snapshots = dict(twin.snapshots())
    step = max(step for step in twin_snapshots if step in snapshots)
    _, real = predict(classifier, train.images[np.arange(min(settings.real_images, len(train)))])
    out = {"twin_step": np.int64(step)}
    for name, images in (("conditional", snapshots[step]["images"]), ("twin", twin_snapshots[step]["images"])):
        probabilities, features = predict(classifier, _flat(images))
        out[f"confidence_{name}"] = np.float64(probabilities.max(axis=1).mean())
        out[f"frechet_{name}"] = np.float64(frechet_distance(features, real))
    return out


def _variety(final: np.ndarray, train: Dataset, test: Dataset) -> dict[str, np.ndarray]:
    from repro.metrics.neighbours import distances, mean_pairwise_distance

    generated, real, near_generated, near_test = [], [], [], []
    for label, images in enumerate(final):
        own = train.images[train.of_class(label)]
        generated.append(mean_pairwise_distance(images))
        real.append(mean_pairwise_distance(own[: len(images)]))
        near_generated.append(distances(images, own).min(axis=1))
        near_test.append(distances(test.images[test.of_class(label)], own).min(axis=1))
    nearest = np.median(np.concatenate(near_generated)) / np.median(np.concatenate(near_test))
    return {"diversity": np.mean(generated) / np.mean(real), "nearest_neighbour_ratio": nearest}


def _pictures(final: np.ndarray, train: Dataset, twin: Finished, k: int) -> dict[str, np.ndarray]:
    from repro.metrics.neighbours import distances

    real = np.stack([train.images[train.of_class(label)[:4]] for label in range(len(final))])
    chosen = np.linspace(0, len(final) - 1, 8).astype(int)  # uncurated: evenly over the classes, first image of each
    neighbours = []
    for label in chosen:
        own = train.images[train.of_class(label)]
        nearest = distances(final[label, :1], own)[0].argsort(kind="stable")[:k]
        neighbours.append(own[nearest])
    last = dict(twin.snapshots())
    twins = _flat(last[max(last)]["images"])[:60]
    return {
        "names": np.array(train.class_names),
        "real": real[..., 0],
        "generated": final[:, :6, ..., 0],
        "chosen": final[chosen, 0, ..., 0],
        "neighbours": np.stack(neighbours)[..., 0],
        "twin": twins[..., 0],
    }
