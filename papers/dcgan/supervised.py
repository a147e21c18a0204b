"""Table 2's control: D's architecture trained on the labels alone, the best of many random trials (section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.few_labels import FewLabels
from repro.items import Run, nested, setting, version

if TYPE_CHECKING:
    from repro.runs import Folder


@dataclass(frozen=True)
class Trial:
    """Settings of one trial; what the search draws was not published."""

    few: FewLabels = nested(FewLabels())
    per_class: int = setting(100, "section 5.2")
    number: int = setting(0, "section 5.2: one of 64")
    learning_rate: float = setting(1e-3, "not stated; drawn")
    l2: float = setting(1e-4, "not stated; drawn")
    dropout: float = setting(0.35, "not stated; drawn")
    batch_size: int = setting(64, "not stated; drawn")

    @property
    def label(self) -> str:
        """What tells trials apart in a run's name."""
        return f"{self.few.label}-{self.per_class}-trial{self.number}"


def trials(few: FewLabels, seed: int) -> list[Run]:
    """The runs of one random search; each seed draws others."""
    found, search = [], few.search
    for per_class in search.per_class:
        for number in range(search.trials):
            random = np.random.default_rng([seed, per_class, number])
            drawn = Trial(
                few,
                per_class,
                number,
                float(np.exp(random.uniform(*np.log(search.learning_rates)))),
                float(np.exp(random.uniform(*np.log(search.l2)))),
                float(random.uniform(0, search.dropout)),
                int(random.choice(search.batch_sizes)),
            )
            found.append(Run(train_trial, drawn, seed))
    return found


@version(2)
def train_trial(trial: Trial, seed: int, folder: Folder) -> None:
    """Trains on the first draw of labels that the features are judged on; leaves validation and test error, 0..1.

    It is judged with the statistics of the labelled images, so that a picture's class does not depend on others.
    """
    from papers.dcgan import networks
    from papers.dcgan.images import built
    from papers.dcgan.objects import labelled
    from papers.dcgan.reader import labelled_batches
    from repro import fitting
    from repro.layers.batch_norm import store_statistics
    from repro.metrics.attribute_reader import AttributeReader, read
    from repro.optimizers import CoupledAdam
    from repro.training import place_seed

    few, search = trial.few, trial.few.search
    data = labelled(few.classified, folder)
    _, judged = few.labelled_rows(data.labels, trial.per_class, seed)
    images, labels = data.images[judged[0]], data.labels[judged[0]]
    _, discriminator = built(few.training, images.shape[1:])
    own_seed = place_seed(seed, f"trial {trial.number}")
    model = AttributeReader(networks.classifier(discriminator, data.classes, trial.dropout), (), own_seed)
    model.compile(CoupledAdam(trial.learning_rate, 0.9, l2=trial.l2))
    steps = min(search.steps, search.passes * max(1, len(images) // trial.batch_size))
    batches = labelled_batches(images, {"label": labels}, trial.batch_size, own_seed, False)
    fitting.fit(model, batches, steps=steps, folder=folder, snapshot_every=steps)
    starts = range(0, len(images), few.statistics_batch)
    store_statistics(model.reader, (images[at : at + few.statistics_batch] / np.float32(255) for at in starts))

    def error(pictures: np.ndarray, wanted: np.ndarray) -> np.float64:
        return np.float64((read(model.reader, pictures).value("label") != wanted).mean())

    validation = slice(few.validation)
    folder.save(
        "errors",
        validation=error(data.images[validation], data.labels[validation]),
        test=error(data.test_images, data.test_labels),
    )
