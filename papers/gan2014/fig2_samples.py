"""Figure 2: samples beside the training image that is nearest to them (section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from papers.gan2014.digits import QUICK, Digits, split, train_digits
from papers.gan2014.faces import NO_FACES, Faces, train_first, train_second
from papers.gan2014.objects import Convolutional, FullyConnected, train_convolutional, train_fully_connected
from repro import claims
from repro.data import Set
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.framed import framed_sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

ROWS, COLUMNS = 4, 5
DIFFERENT, FAR = 50, 2.0  # fewer neighbours, or samples farther off, prove nothing about copying
NAMES = {  # of a training: its panel and its row
    train_digits: ("a) digits", "adversarial nets"),
    train_second: ("b) faces", "faces"),
    train_fully_connected: ("c) fully connected", "fully connected"),
    train_convolutional: ("d) convolutional", "convolutional"),
}


@dataclass(frozen=True)
class Sheets:
    """Settings of the sheets and of what is measured on them."""

    digits: Digits = nested(Digits())
    faces: Faces = nested(Faces())
    fully_connected: FullyConnected = nested(FullyConnected())
    convolutional: Convolutional = nested(Convolutional())
    judged: int = setting(1_000, "not stated; ours: samples whose nearest images are looked for")
    pool: int = setting(10_000, "not stated; ours: most images of either split in the comparison of equal pools")

    @property
    def label(self) -> str:
        """What tells measurements apart in a run's name."""
        return self.digits.data.name


def plan(settings: Sheets, seeds: Sequence[int]) -> list[Run]:
    """Table 1's trainings, one of each other model, and the neighbours of all; faces where they are there."""
    alone = replace(settings, faces=NO_FACES)  # faces that arrive later do not make the other comparisons stale
    digits = [Run(train_digits, settings.digits, seed) for seed in seeds]
    objects = [
        Run(train_fully_connected, settings.fully_connected, 0),
        Run(train_convolutional, settings.convolutional, 0),
    ]
    listed = [*digits, *objects]
    if settings.faces.data:
        first = Run(train_first, settings.faces, 0)
        second = Run(train_second, settings.faces, 0, [first])
        listed += [first, second, Run(compare_faces, alone, 0, [second])]
    listed += [Run(compare_digits, alone, run.seed, [run]) for run in digits]
    return [*listed, *(Run(compare_objects, alone, run.seed, [run]) for run in objects)]


@version(2)
def compare_digits(settings: Sheets, seed: int, folder: Folder) -> None:
    """Draws samples of the best generator, and compares them with training, held-out and test images."""
    from papers.gan2014.digits import samples
    from repro import fitting

    [trained] = folder.needs
    digits = trained.settings
    generator = fitting.load_network(trained.path / "best.keras")
    made = samples(generator, replace(digits, samples=settings.judged), seed, "sheet")
    train, test = (folder.data(digits.data, name) for name in ("train", "test"))
    used, _ = split(train, digits)
    held = np.arange(max(len(used), len(train) - settings.judged), len(train))
    images = [train.scaled(used), train.scaled(held), test.scaled(np.arange(len(test)))]
    neighbours = _Neighbours(settings, *images, train.labels[used])
    noise = np.random.default_rng(seed).random(made.shape)
    mean = np.broadcast_to(images[0].mean(axis=0), made.shape)
    for name, compared in (("neighbours", made), ("noise", noise), ("mean", mean)):
        folder.save(name, **neighbours.of(compared))


def compare_faces(settings: Sheets, seed: int, folder: Folder) -> None:
    """The same of the last generator of faces; the held-out and test images are the first fold's."""
    from papers.gan2014 import faces

    [trained] = folder.needs
    [wanted] = trained.settings.data
    images = [faces.whole(folder.data(wanted, part)) for part in ("train", "valid0", "test0")]
    made = faces.samples(trained, settings.judged, seed, "sheet")
    folder.save("neighbours", **_Neighbours(settings, *images).of(made))


def compare_objects(settings: Sheets, seed: int, folder: Folder) -> None:
    """The same of a coloured model's last generator, in the space that it was trained in."""
    import tensorflow as tf

    from repro import fitting
    from repro.data.contrast import normalised
    from repro.training import Normal, place_seed

    [trained] = folder.needs
    generator = fitting.load_network(trained.path / "generator.keras")
    z = Normal(100).draw(settings.judged, tf.constant([place_seed(seed, "sheet"), 0]))
    made = np.concatenate([generator(part, training=False).numpy() for part in tf.split(z, 10)])
    train, test = (folder.data(trained.settings.data, name) for name in ("train", "test"))
    end = min(trained.settings.train_images, len(train) - settings.judged)
    held = train.images[end:][-settings.judged :]
    images = [normalised(part) for part in (train.images[:end], held, test.images)]
    folder.save("neighbours", **_Neighbours(settings, *images).of(made))


class _Neighbours:
    """What lies nearest to samples, in one space: training, held-out and test images; labels of the first if known."""

    def __init__(
        self, settings: Sheets, train: np.ndarray, held: np.ndarray, test: np.ndarray, labels: np.ndarray | None = None
    ) -> None:
        from repro.metrics.neighbours import nearest

        self.nearest, self.train, self.test, self.labels = nearest, train, test, labels
        self.pool = min(settings.pool, len(train), len(test))
        self.test_to_train = np.median(nearest(test[: settings.judged], train)[0])
        self.held_out = np.median(nearest(held, train)[0] / nearest(held, test)[0])

    def of(self, made: np.ndarray) -> dict[str, np.ndarray]:
        """The numbers of samples of shape (n, height, width, channels), the sheet, and its framed images."""
        (to_train, place), (to_test, _) = self.nearest(made, self.train), self.nearest(made, self.test)
        equal = self.nearest(made, self.train[: self.pool])[0] / self.nearest(made, self.test[: self.pool])[0]
        framed = np.arange(COLUMNS - 1, ROWS * COLUMNS, COLUMNS)
        known = self.labels is not None
        return {
            "sheet": made[: ROWS * COLUMNS],
            "framed": self.train[place[framed]],
            "nn_ratio_to_test": np.median(to_train) / self.test_to_train,
            "train_over_test": np.median(to_train / to_test) / self.held_out,
            "equal_pools": np.median(equal),
            "train_nearer": (equal < 1).mean(),
            "distinct": len(np.unique(place)),
            "pixel_std": made.std(axis=0).mean(),
            "norm": np.linalg.norm(made.reshape(len(made), -1), axis=1).mean(),
            "classes": np.bincount(self.labels[place], minlength=10) / len(made) if known else np.zeros(0),
        }


# ---- Presentation ----

RATIO = Metric(
    "nn_ratio_to_test",
    "median pixel L2 from 1,000 samples to the nearest training image, over that from 1,000 test images, or as many as "
    "there are",
)
TRAIN_OVER_TEST = Metric(
    "train_over_test",
    "median over samples of distance to the nearest of all training images over that to the nearest test image, "
    "divided by the same of held-out images; 0 for copies, about 1 for whatever is no copy, noise included",
)
EQUAL = Metric("train_over_test_equal_pools", "the median with as many training as test images, not divided")
NEARER = Metric("train_nearer_share", "share of samples to which a training image is nearer, equal pools")
DISTINCT = Metric("distinct_neighbours", "different training images among the nearest of 1,000 samples", "images")
COVERED = Metric("classes_covered_of_10", "digits that are the class of the nearest image of 1 % of samples", "classes")
LARGEST = Metric("largest_class_share", "largest share of a class among the nearest images; the data has about 0.1")
LOSS = Metric("d_loss_end", "D's loss over the last chapter; log 2 = 0.693 while nothing has been learned", "nats")
TRAINED = Metric("left_log_2", "0 if D's loss ends within 0.002 of log 2, else 1")
STD = Metric("pixel_std", "standard deviation of a pixel over samples, mean over pixels")
NORM = Metric("sample_norm", "mean L2 norm of a sample; the normalised images of c and d have 55")
JUDGED = {
    RATIO: "nn_ratio_to_test",
    TRAIN_OVER_TEST: "train_over_test",
    EQUAL: "equal_pools",
    NEARER: "train_nearer",
    STD: "pixel_std",
}

ROOMS = Set("rooms32")
QUICK_C = FullyConnected(
    data=ROOMS,
    hidden_g=(500, 500),
    hidden_d=(100, 100),
    ranges_g=(0.05, 0.2, 2.0),
    ranges_d=(0.005, 0.02, 0.02),
    steps=1_500,
    snapshot_every=500,
    train_images=9_000,
)
# Every weight U(+-sqrt(3 / fan-in)): with the published ranges scaled down, D's loss stays at log 2.
QUICK_D = Convolutional(
    data=ROOMS,
    hidden_g=(500, 800),
    channels_d=(8, 8, 32),
    dense_d=100,
    ranges_g=(0.173, 0.0775, 0.1225),
    ranges_d=(0.125, 0.0765, 0.1225, 0.0612, 0.173),
    batch_size=32,
    steps=500,
    snapshot_every=250,
    train_images=9_000,
)
JPEG = Set("cifar10_jpeg75")
SMALL_C = FullyConnected(
    data=JPEG,
    hidden_g=(2000, 2000),
    hidden_d=(400, 400),
    ranges_g=(0.05, 0.1, 1.0),
    ranges_d=(0.005, 0.01, 0.01),
    steps=15_000,
    snapshot_every=1_000,
)
SMALL_D = Convolutional(
    data=JPEG,
    hidden_g=(2000, 2000),
    channels_d=(8, 8, 48),
    dense_d=125,
    ranges_g=(0.05, 0.1, 0.1),
    ranges_d=(0.005, 0.01, 0.01, 0.01, 0.01),
    steps=7_000,
    snapshot_every=500,
)

NO_SHEET_B = " Sheet b, faces, needs a set that is not here."


@item(
    "fig2",
    "Samples, and the training image nearest to the last of each row",
    plan,
    quick=Scale(Sheets(QUICK, NO_FACES, QUICK_C, QUICK_D), seeds=3),
    small=Scale(Sheets(fully_connected=SMALL_C, convolutional=SMALL_D), seeds=3),
    paper=Scale(Sheets(), seeds=3),
    metrics=[RATIO, TRAIN_OVER_TEST, EQUAL, NEARER, DISTINCT, COVERED, LARGEST, LOSS, TRAINED, STD, NORM],
)
def fig2(bench: Bench, runs: Sequence[Finished]) -> None:
    """Random samples, not picked, in four rows of five; the sixth column, framed, is the training image nearest to the
    fifth, in the space that the model was trained in. Sheet b, faces, needs the Toronto face database, which was given
    out on request only, and is drawn where that is there. Sheets b to d are one training each and judge nothing: "not
    trained" stands there if D's loss never left log 2, "collapsed" if fewer than 50 training images are nearest to
    1,000 samples, "diverged" if a value was no longer finite: the samples are those of the last good weights. A picture
    of neighbours shows only crude copying: the numbers compare the distance to training images with that to test
    images. Noise and the mean image are no copies either, and pass that comparison; so the claim also asks how far
    samples lie from the data, and for how many different neighbours.
    """
    panels = {}
    for run in [run for run in runs if run.run.function in (compare_digits, compare_faces, compare_objects)]:
        [trained] = run.needs
        arrays, (name, row) = run.load("neighbours"), NAMES[trained.run.function]
        arrays |= {each: run.kept(arrays[each]) for each in (*JUDGED.values(), "distinct", "norm")}
        _record(bench, row, run.seed, arrays)
        if run.run.function is compare_digits:
            for other, called in (("noise", "uniform noise"), ("mean", "mean image")):
                _record(bench, called, run.seed, run.load(other))
            bench.record(row, COVERED, run.kept(int((arrays["classes"] >= 0.01).sum())), seed=run.seed)
            bench.record(row, LARGEST, run.kept(float(arrays["classes"].max())), seed=run.seed)
            note = ""
        else:
            note = _record_course(bench, row, run, arrays)
        if run.seed == 0:
            data, centred = trained.settings.data, run.run.function is compare_objects
            panels[f"{name}, {data[0] if isinstance(data, tuple) else data}{note}"] = _shown(arrays, centred=centred)
    if not bench.settings.faces.data:
        bench.missing("faces", RATIO, "sheet b needs tfd/TFD_48x48.mat, given out on request, in --data-dir")
    title = bench.title(
        "Figure 2: uncurated samples of seed 0; framed, the training image nearest to its left neighbour"
    )
    shown = [(name, *panels[name]) for name in sorted(panels)]
    caption = "Twenty random draws of each model; c and d contrast-normalised, as their models see them." + (
        "" if bench.settings.faces.data else NO_SHEET_B
    )
    bench.draw("fig2", framed_sheets(shown, columns=COLUMNS, title=title), caption)


def _record_course(bench: Bench, row: str, run: Finished, arrays: dict) -> str:
    """Whether a model other than the digits' has learned at all; the words for the title of its sheet."""
    bench.record(row, NORM, float(arrays["norm"]), seed=run.seed)
    lost = run.needs[0].diverged_at
    if lost is not None:
        bench.record(row, LOSS, float("nan"), seed=run.seed, step=lost)
        return f", diverged by update {lost:,}"
    loss = float(run.needs[0].load("history")["d_loss"][-1])
    learned = abs(loss - np.log(2)) > 0.002
    bench.record(row, LOSS, loss, seed=run.seed)
    bench.record(row, TRAINED, int(learned), seed=run.seed)
    collapsed = arrays["distinct"] < DIFFERENT
    return ", not trained" if not learned else ", collapsed" if collapsed else ""


def _record(bench: Bench, row: str, seed: int, arrays: dict) -> None:
    for metric, name in JUDGED.items():
        bench.record(row, metric, float(arrays[name]), seed=seed)
    bench.record(row, DISTINCT, float(arrays["distinct"]), seed=seed)


def _shown(arrays: dict, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Samples and framed images as uint8; centred ones are divided by the sheet's largest sample, so that grey is 0."""
    both = [arrays["sheet"].astype(np.float64), arrays["framed"].astype(np.float64)]
    if centred:
        largest = np.abs(both[0]).max()
        both = [(images / largest + 1) / 2 for images in both]
    return tuple(np.round(images.clip(0, 1) * 255).astype(np.uint8) for images in both)


@claim(
    "fig2",
    "Samples of digits are no copies: train_over_test above 0.95 (fails below 0.8), where samples lie at most "
    "twice as far from the training images as test images do and have at least 50 different neighbours in 1,000.",
    source='figure 2\'s caption, "not memorised"; the measure and the margins are ours',
)
def samples_are_no_copies(values: claims.Values) -> claims.Verdict:
    found = values.by_seed("adversarial nets", TRAIN_OVER_TEST.name)
    far = values.by_seed("adversarial nets", RATIO.name)
    different = values.by_seed("adversarial nets", DISTINCT.name)
    if found and (max(far.values()) > FAR or min(different.values()) < DIFFERENT):
        shown = f"nn_ratio_to_test up to {max(far.values()):.3g}, {min(different.values()):.0f} neighbours or more"
        return claims.Verdict(claims.UNDECIDED, f"samples are too bad to be copies or not: {shown}", len(found))
    return claims.above(found, 0.95, fails_below=0.8, of="train_over_test")
