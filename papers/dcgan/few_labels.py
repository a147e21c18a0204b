"""Classification with few labels: settings and runs of table 2 (section 5.2), by the released script's protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import Images
from repro.data import Set
from repro.items import nested, setting, version

if TYPE_CHECKING:
    import keras

    from papers.dcgan.objects import Labelled
    from repro.runs import Folder

CODE = "authors' svhn/svhn_semisup_analysis.py"
FOLDER = "folder name of the authors' released SVHN model"
GRID = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
VALIDATION = 10_000
PASS = 63_257 // 64


@dataclass(frozen=True)
class HouseNumbers(Images):
    """Settings of the training on SVHN; the defaults are those of the released model, which came after the paper."""

    data: Set = setting(Set("svhn"), "section 5.2")
    rows: tuple[int, int] = setting((VALIDATION, 1), "section 5.2: all but the validation images")
    maps: int = setting(64, f"{CODE}: maps of D's first convolution")
    learning_rate: float = setting(5e-4, f"{FOLDER}; 0.0002 in the paper")
    batch_size: int = setting(64, f"{FOLDER}; 128 in the paper")
    first_sheet: int = setting(PASS, "not stated; ours: mini-batches of one pass over 63,257 images")
    steps: int = setting(200 * PASS, f"{FOLDER}: pass 200", length=True)
    latent: str = setting("normal", f"{FOLDER}; uniform in the paper's figure 1")


@dataclass(frozen=True)
class Search:
    """Settings of the random search for the supervised network; only the number of trials is published.

    Attributes:
        per_class: Labels of each class that it is done with.
        learning_rates, l2: Ends of intervals, drawn uniformly on a logarithmic scale.
        dropout: The highest rate before the last layer, drawn uniformly from 0.
    """

    trials: int = setting(64, "section 5.2")
    per_class: tuple[int, ...] = setting((100,), "section 5.2: the same data")
    learning_rates: tuple[float, float] = setting((1e-4, 1e-2), "not stated; ours")
    l2: tuple[float, float] = setting((1e-6, 1e-2), "not stated; ours")
    dropout: float = setting(0.7, "not stated; ours")
    batch_sizes: tuple[int, ...] = setting((32, 64, 128), "not stated; ours")
    passes: int = setting(50, "not stated; ours")
    steps: int = setting(1_000_000, "not stated; ours: an upper bound", length=True)


@dataclass(frozen=True)
class FewLabels:
    """Settings of the classification; the defaults are the published ones.

    Attributes:
        validation: The first images of the training part, on which C and the supervised network are chosen.
        per_class, draws: Each number of labels, and how many draws of it are judged.
    """

    training: Images = nested(HouseNumbers())
    classified: Set = setting(Set("svhn"), "section 5.2")
    validation: int = setting(VALIDATION, "section 5.2")
    per_class: tuple[int, ...] = setting((100,), "section 5.2: 1,000 labels, as many of each class")
    grid: tuple[float, ...] = setting(GRID, f"{CODE}: values of C")
    choosing: int = setting(10, f"{CODE}: draws of labels on which C is chosen")
    draws: tuple[int, ...] = setting((100,), f"{CODE}: new draws that are judged")
    statistics_batch: int = setting(128, f"{CODE}: mini-batches over which D's statistics are taken")
    search: Search = nested(Search())

    @property
    def label(self) -> str:
        """What tells classifications apart in a run's name."""
        return self.training.label

    def labelled_rows(self, labels: np.ndarray, per_class: int, seed: int) -> tuple[list, list]:
        """Rows of each draw, balanced and outside of validation: those that C is chosen on, and those judged.

        Args:
            labels: Of the training part, validation first.
            per_class: Of each class.
            seed: Of the draws.
        """
        from repro.metrics.linear_svm import balanced_draws

        rows, judged = np.arange(self.validation, len(labels)), dict(zip(self.per_class, self.draws, strict=True))
        draws = balanced_draws(labels, rows, per_class, self.choosing + judged[per_class], seed)
        return draws[: self.choosing], draws[self.choosing :]


@version(2)
def few_by_features(settings: FewLabels, seed: int, folder: Folder) -> None:
    """Errors with the features of a trained D, which it needs."""
    from papers.dcgan.images import networks_of
    from papers.dcgan.objects import labelled

    [trained] = folder.needs
    _by_network(networks_of(trained)[1], labelled(settings.classified, folder), settings, seed, folder)


@version(3)
def few_by_untrained(settings: FewLabels, seed: int, folder: Folder) -> None:
    """Errors with the features of a D of the same shape with initial weights."""
    from papers.dcgan.features import untrained
    from papers.dcgan.images import built
    from papers.dcgan.objects import labelled

    data = labelled(settings.classified, folder)
    _, discriminator = built(settings.training, data.images.shape[1:])
    _by_network(untrained(discriminator, seed), data, settings, seed, folder)


def _by_network(discriminator: keras.Model, data: Labelled, settings: FewLabels, seed: int, folder: Folder) -> None:
    from papers.dcgan.features import features_in_files

    seen = data.images[settings.validation :]
    with features_in_files(discriminator, data, seen, settings.statistics_batch, folder) as features:
        folder.save("scores", **errors(*features, data, settings, seed))


@version(2)
def few_by_pixels(settings: FewLabels, seed: int, folder: Folder) -> None:
    """Errors with the pixels themselves, in -1..1."""
    from papers.dcgan.features import pixels
    from papers.dcgan.objects import labelled

    data = labelled(settings.classified, folder)
    folder.save("scores", **errors(pixels(data.images), pixels(data.test_images), data, settings, seed))


def errors(
    features: np.ndarray, test_features: np.ndarray, data: Labelled, settings: FewLabels, seed: int
) -> dict[str, np.ndarray]:
    """Errors of every draw that is judged, 0..1: `test_K` and `validation_K`, shape (draws,), and `c_K`, for K labels.

    C is the one of the lowest mean validation error over other draws.

    Args:
        features: Of the training part, shape (n, features).
        test_features: Of the test part.
        data: A `Labelled`.
        settings: How many labels, how many draws.
        seed: Of the draws.
    """
    from repro.metrics import linear_svm

    labels, validation = data.labels, np.arange(settings.validation)
    found: dict[str, np.ndarray] = {"features": np.int64(features.shape[1])}
    for each in settings.per_class:
        choosing, judged = settings.labelled_rows(labels, each, seed)
        c = linear_svm.best_c(features, labels, data.classes, settings.grid, choosing, validation)
        fits = [linear_svm.fit(features, labels, data.classes, c, rows) for rows in judged]
        found |= {
            f"c_{each}": np.float64(c),
            f"test_{each}": np.array([1 - fit.accuracy(test_features, data.test_labels) for fit in fits]),
            f"validation_{each}": np.array([1 - fit.accuracy(features, labels, validation) for fit in fits]),
        }
    return found
