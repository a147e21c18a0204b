"""Table 1: classification by D's features and a linear SVM (section 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import Images, train_images
from papers.dcgan.objects import QUICK, SMALL, SMALL_WIDE, Objects
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version

if TYPE_CHECKING:
    import keras

    from papers.dcgan.objects import Labelled
    from repro.bench import Bench
    from repro.runs import Finished, Folder

GRID = (1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
CHOOSING = 2  # draws on which C is chosen
CEILING = 97.0  # % that a baseline may reach before nothing can be told


@dataclass(frozen=True)
class Classification:
    """Settings of one classification by features."""

    training: Images = nested(Objects())
    classified: Set = setting(Set("cifar10"), "section 5.1")
    rows: tuple[int, int] = setting((0, 1), "section 5.1: every image; first image and stride")
    validation: int = setting(10_000, "not stated; authors' SVHN script: images that C is chosen on")
    choosing: int = setting(40_000, "not stated; ours: images that are learned from to choose C with all labels")
    grid: tuple[float, ...] = setting(GRID, "not stated; ours: values of C with all labels")
    few_grid: tuple[float, ...] = setting(GRID, "not stated; ours: values of C with few labels")
    per_class: tuple[int, ...] = setting((400,), "table 1: labels of each class")
    draws: tuple[int, ...] = setting((10,), "not stated; ours: random choices of those labels, of each number")
    centres: int = setting(800, "not stated; ours: k-means centres of the baseline")

    @property
    def label(self) -> str:
        """What tells classifications apart in a run's name."""
        return self.training.label


@dataclass(frozen=True)
class Table1:
    """Settings of table 1: the network that is judged, and a wider one that is shown."""

    judged: Classification = nested(Classification())
    wide: Classification = nested(Classification())


def plan(settings: Table1, seeds: Sequence[int]) -> list[Run]:
    """For each seed a training, its features, and the baselines; the wider network, if it is another, once."""
    judged, wide = settings.judged, settings.wide
    runs = [Run(classify_pixels, judged, 0)]
    for seed in seeds:
        trained = Run(train_images, judged.training, seed)
        runs += [trained, Run(classify_features, judged, seed, [trained])]
        runs += [Run(classify_untrained, judged, seed), Run(classify_patches, judged, seed)]
    if wide != judged:
        trained = Run(train_images, wide.training, 0)
        runs += [trained, Run(classify_features, wide, 0, [trained]), Run(classify_untrained, wide, 0)]
    return runs


@version(3)
def classify_features(settings: Classification, seed: int, folder: Folder) -> None:
    """Accuracy with the features of a trained D, which it needs."""
    from papers.dcgan.images import networks_of

    [trained] = folder.needs
    _by_network(networks_of(trained)[1], settings, seed, folder)


@version(4)
def classify_untrained(settings: Classification, seed: int, folder: Folder) -> None:
    """Accuracy with the features of a D of the same shape with initial weights."""
    from papers.dcgan.features import untrained
    from papers.dcgan.images import built
    from papers.dcgan.objects import labelled

    _, discriminator = built(settings.training, labelled(settings.classified, folder).images.shape[1:])
    _by_network(untrained(discriminator, seed), settings, seed, folder)


def _by_network(discriminator: keras.Model, settings: Classification, seed: int, folder: Folder) -> None:
    from papers.dcgan.features import features_in_files
    from papers.dcgan.objects import labelled

    data = labelled(settings.classified, folder)
    seen = data.images[settings.rows[0] :: settings.rows[1]]
    with features_in_files(discriminator, data, seen, settings.training.batch_size, folder) as features:
        folder.save("scores", **scored(*features, data, settings, seed))


@version(3)
def classify_pixels(settings: Classification, seed: int, folder: Folder) -> None:
    """Accuracy with the pixels themselves, in -1..1."""
    from papers.dcgan.features import pixels
    from papers.dcgan.objects import labelled

    data = labelled(settings.classified, folder)
    folder.save("scores", **scored(pixels(data.images), pixels(data.test_images), data, settings, seed))


@version(3)
def classify_patches(settings: Classification, seed: int, folder: Folder) -> None:
    """Accuracy with one layer of k-means on patches, standardised."""
    from papers.dcgan.objects import labelled
    from repro.metrics.patch_features import PatchFeatures, standardised

    data = labelled(settings.classified, folder)
    chosen = np.arange(settings.rows[0], len(data.images), settings.rows[1])
    code = PatchFeatures(data.images[chosen], settings.centres, seed)
    both = np.concatenate([code.of(data.images), code.of(data.test_images)])
    both = standardised(both, chosen)
    folder.save("scores", **scored(both[: len(data.images)], both[len(data.images) :], data, settings, seed))


def scored(
    features: np.ndarray, test_features: np.ndarray, data: Labelled, settings: Classification, seed: int
) -> dict[str, np.ndarray]:
    """Accuracies on the test part, 0..1, with few labels and with all, and each one's C.

    Args:
        features: Of the training part, shape (n, features).
        test_features: Of the test part.
        data: Labels of both.
        settings: Which rows, how many labels.
        seed: Of the draws.
    """
    from repro.metrics import linear_svm

    rows = np.arange(settings.rows[0], len(features), settings.rows[1])
    learned, validation = rows[: -settings.validation], rows[-settings.validation :]
    labels, classes = data.labels, data.classes
    found: dict[str, float] = {"features": features.shape[1]}
    for each, count in zip(settings.per_class, settings.draws, strict=True):
        draws = linear_svm.balanced_draws(labels, learned, each, count, seed)
        c = linear_svm.best_c(features, labels, classes, settings.few_grid, draws[:CHOOSING], validation)
        fits = [linear_svm.fit(features, labels, classes, c, chosen) for chosen in draws]
        of = [fit.accuracy(test_features, data.test_labels) for fit in fits]
        found |= {f"accuracy_{each}": np.mean(of), f"spread_{each}": np.std(of, ddof=1), f"c_{each}": c}
    c = linear_svm.best_c(features, labels, classes, settings.grid, [learned[: settings.choosing]], validation)
    whole = linear_svm.fit(features, labels, classes, c, rows)
    found |= {"accuracy": whole.accuracy(test_features, data.test_labels), "c": c}
    if len(rows) < len(features):
        every = linear_svm.fit(features, labels, classes, c, start=whole)
        found["accuracy_half_seen"] = every.accuracy(test_features, data.test_labels)
    return {name: np.float64(value) for name, value in found.items()}


# ---- Presentation ----

ACCURACY = Metric("accuracy", "test accuracy of an L2-SVM on all labels of the rows it learns from", "%", "higher")
SPREAD = {
    each: Metric(f"spread_{each}_per_class", "standard deviation over the choices of labels", "%") for each in (10, 400)
}
FEW = {
    each: Metric(
        f"accuracy_{each}_per_class",
        f"test accuracy with {each} labels a class, mean over random choices of them",
        "%",
        "higher",
        error=spread,
    )
    for each, spread in SPREAD.items()
}
CHOSEN_C = Metric("chosen_c", "C of the same SVM; a border of the grid is a hint that it is too narrow")
FEW_C = {each: Metric(f"chosen_c_{each}_per_class", f"the same with {each} labels a class") for each in FEW}
DIMENSION = Metric("feature_dim", "length of the feature vector", "count")

# The rarest of the rooms' six classes has 480: 400 labels of each would be nearly all, which are a row of their own.
ROOMS = Classification(
    QUICK,
    Set("rooms32"),
    validation=400,
    grid=(1e-5, 1e-4, 1e-3),
    few_grid=(1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    per_class=(10,),
    draws=(20,),
    centres=100,
)
WIDER = (*GRID, 3e-3, 1e-2)  # pixels and patches want a larger C than D's many features
CIFAR = Classification(
    SMALL, Set("cifar10_jpeg75"), rows=(0, 2), validation=5_000, choosing=10_000, grid=WIDER, few_grid=WIDER
)
NAMES = {
    classify_features: "DCGAN + L2-SVM",
    classify_untrained: "untrained D + L2-SVM",
    classify_pixels: "raw pixels + L2-SVM",
    classify_patches: "1 layer k-means + L2-SVM",
}


@item(
    "table1",
    "Classification by D's features and a linear SVM",
    plan,
    quick=Scale(Table1(ROOMS, ROOMS), seeds=3),
    small=Scale(Table1(CIFAR, replace(CIFAR, training=SMALL_WIDE)), seeds=3),
    paper=Scale(Table1(), seeds=3),
    metrics=[ACCURACY, *FEW.values(), *SPREAD.values(), CHOSEN_C, *FEW_C.values(), DIMENSION],
)
def table1(bench: Bench, runs: Sequence[Finished]) -> None:
    """All six convolutions of the ImageNet network's D, rectified, max-pooled to 4x4 and joined: 28,672 features at the
    published width. D never sees a label. The published DCGAN is of a D trained on ImageNet, fifty times the pictures
    that D learns from at small; all published rows stand in lines of their own. Pixels, the features of a D with
    initial weights, and one layer of k-means tell what the training of D adds. On rooms, classes are a window or none
    and a lamp to the left, to the right, or none, and ten labels a class are judged, because all of them leave nothing
    to tell. At small, pictures are CIFAR-10's after JPEG at quality 75; D learns from the 25,000 of odd number and the
    SVM from those of even number, as the k-means do; "all 50,000" learns from both halves, of which D has seen one. So
    there D has seen pictures of CIFAR-10, which the paper's D never did. The network with more maps is trained for half
    as many passes, so the two do not tell what width does.
    """
    table = []
    for run in (run for run in runs if run.run.function in NAMES):
        found = run.load("scores")
        wide = run.settings != bench.settings.judged
        row = NAMES[run.run.function] + (f", {run.settings.training.maps} maps" if wide else "")
        record = {ACCURACY: 100 * found["accuracy"], CHOSEN_C: found["c"], DIMENSION: found["features"]}
        for each in run.settings.per_class:
            record |= {FEW[each]: 100 * found[f"accuracy_{each}"], SPREAD[each]: 100 * found[f"spread_{each}"]}
            record[FEW_C[each]] = found[f"c_{each}"]
        record = {metric: run.kept(float(value)) for metric, value in record.items()}
        for metric, value in record.items():
            bench.record(row, metric, value, seed=run.seed)
        if "accuracy_half_seen" in found:
            every = run.kept(100 * float(found["accuracy_half_seen"]))
            bench.record(f"{row}, all 50,000", ACCURACY, every, seed=run.seed)
        table.append([row, run.seed, *record.values()])
    header = ["row", "seed", *(metric.name for metric in record)]
    bench.table("table1", header, table, "Every seed; percentages, but for C and the length of the features.")


@claim(
    "table1",
    "Training D makes its features better: at least 1 point above those of an untrained D of the same shape, and above "
    "one layer of k-means, with few labels.",
    source="section 5.1, table 1: above all k-means pipelines; untrained D and margin are ours; paired by seed",
)
def training_makes_features_better(values: claims.Values) -> claims.Verdict:
    few = next((each for each in FEW if values.by_seed(NAMES[classify_features], FEW[each].name)), None)
    if few is None:
        return claims.Verdict(claims.UNDECIDED, "not measured")
    ours, untrained, patches = (
        values.by_seed(NAMES[function], FEW[few].name)
        for function in (classify_features, classify_untrained, classify_patches)
    )
    pixels = values.by_seed(NAMES[classify_pixels], FEW[few].name)
    best = max([*untrained.values(), *patches.values(), *pixels.values()], default=0)
    if best >= CEILING:
        return claims.Verdict(claims.UNDECIDED, f"ceiling: a baseline reaches {best:.1f} %", len(ours))
    return claims.both(
        claims.above(claims.paired(ours, untrained), 1, of=f"{few} labels a class, trained - untrained"),
        claims.above(claims.paired(ours, patches), 0, of="trained - k-means"),
    )
