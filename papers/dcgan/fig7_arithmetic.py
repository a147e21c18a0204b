"""Figure 7: arithmetic on averaged latents (section 6.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.concepts import EQUATIONS, POSE, QUICK, SMALL, Faces, Shown
from papers.dcgan.images import Images, train_images
from papers.dcgan.reader import SURE, least_accuracy, reader_of
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

LEAST_POOL = 20
LEAST_JUDGE = 0.8  # accuracy of a reader of real faces below which nothing is judged


@dataclass(frozen=True)
class Arithmetic:
    """Settings of the arithmetic."""

    training: Images = nested(Faces())
    exemplars: tuple[int, ...] = setting((3, 1, 5), "section 6.3.2: three; one was unstable; five is ours")
    noise: float = setting(0.25, "Figure 7: half-width of the uniform noise around the result")
    neighbours: int = setting(8, "Figure 7: images around the result")
    draws: int = setting(50, "not stated; ours: random choices of exemplars per equation")
    pool: int = setting(4_096, "not stated; ours: samples of which exemplars are chosen")


def plan(settings: Arithmetic, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training on faces; where attributes can be read, the reader and the arithmetic."""
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    readers = reader_of(settings.training.data)
    return [
        *trained,
        *readers,
        *(Run(add_and_subtract, settings, run.seed, [run, r]) for run in trained for r in readers),
    ]


@version(3)
def add_and_subtract(settings: Arithmetic, seed: int, folder: Folder) -> None:
    """Evaluates every equation with random exemplars; needs a training and the reader of its set."""
    from papers.dcgan.concepts import shower
    from papers.dcgan.images import decoded, fixed_latents, networks_of

    trained, reader = folder.needs
    generator, _ = networks_of(trained)
    shown = shower(reader, settings.training.data, folder)
    z = fixed_latents(settings.training.z_dim, settings.pool, seed, "exemplars")
    # Stored statistics: a batch of results alone would be normalised by what they have in common.
    made = np.concatenate([decoded(generator, part, stored=True) for part in np.array_split(z, 8)])
    reading = shown(made)
    for number, terms in enumerate(EQUATIONS[settings.training.data.family].values()):
        pools = pools_of(reading, terms, settings.training.data.family == "faces")
        sizes = np.array([len(pool) for pool in pools])
        if sizes.min() < LEAST_POOL:
            folder.save(f"equation{number}", sizes=sizes)
            continue
        study = _Study(settings, generator, shown, z, made, terms, seed)
        folder.save(f"equation{number}", sizes=sizes, **study.of(pools))


def pools_of(reading: Shown, terms: tuple[str, str, bool], with_pose: bool) -> list[np.ndarray]:
    """Places of the samples that surely are each of the three terms, int64, in the order of the equation."""
    a, b, start = terms
    straight = np.abs(reading.pose) < POSE if with_pose else np.ones(len(reading.pose), bool)
    kinds = ((True, start), (False, start), (False, not start))
    return [np.flatnonzero(straight & reading.sure_of(a, x) & reading.sure_of(b, y)) for x, y in kinds]


@dataclass(frozen=True)
class _Study:
    """One equation: exemplars are drawn, and results read.

    Attributes:
        settings, seed: The run's.
        generator, shown: What decodes, and what reads.
        z, made: The pool's latents and their pictures.
        terms: See `EQUATIONS`.
    """

    settings: Arithmetic
    generator: object
    shown: object
    z: np.ndarray
    made: np.ndarray
    terms: tuple[str, str, bool]
    seed: int

    def of(self, pools: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Success and doubt of every method, and the pictures of the first draw."""
        random = np.random.default_rng([self.seed, 7])
        found = {}
        for k in self.settings.exemplars:
            chosen = np.stack(
                [[random.choice(pool, k, replace=False) for pool in pools] for _ in range(self.settings.draws)]
            )
            means = self.z[chosen].mean(axis=2)  # (draws, terms, z_dim)
            result = combined(means)
            found[f"k{k}"] = self._judged(result, random)
            if k == 1:
                found["k1_rescaled"] = self._judged(result / np.sqrt(3), random)
            if k == 3:
                pixels = combined(self.made[chosen].astype(np.float64).mean(axis=2))
                found["pixels"] = self._rates(np.rint(pixels.clip(0, 255)).astype(np.uint8))
                found |= self._pictures(chosen[0], means[0], result[0], pixels[0], random)
        return found

    def _judged(self, result: np.ndarray, random: np.random.Generator) -> np.ndarray:
        around = self._around(result, random)
        from papers.dcgan.images import decoded

        alone = decoded(self.generator, result.astype(np.float32), stored=True)
        both = decoded(self.generator, around.reshape(-1, around.shape[-1]), stored=True)
        return np.concatenate([self._rates(alone), self._rates(both)])

    def _around(self, result: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Results, each followed by its noisy neighbours: float32, shape (draws, 1 + neighbours, z_dim)."""
        half = self.settings.noise
        noise = random.uniform(-half, half, (len(result), self.settings.neighbours, result.shape[1]))
        return np.concatenate([result[:, None], result[:, None] + noise], axis=1).astype(np.float32)

    def _rates(self, images: np.ndarray) -> np.ndarray:
        """Shares of images: surely what the equation promises, without a sure reading, surely A."""
        (a, b, start), reading = self.terms, self.shown(images)
        right = reading.sure_of(a, True) & reading.sure_of(b, not start)
        doubt = 1 - (reading.sure[a] & reading.sure[b]).mean()
        return np.array([right.mean(), doubt, reading.sure_of(a, True).mean()])

    def _pictures(
        self, chosen: np.ndarray, means: np.ndarray, result: np.ndarray, pixels: np.ndarray, random: np.random.Generator
    ) -> dict[str, np.ndarray]:
        from papers.dcgan.images import decoded

        around = self._around(result[None], random)[0]
        order = [*range(1, 5), 0, *range(5, len(around))]  # the result in the middle of its neighbours
        exemplars = self.made[chosen]  # (terms, k, ...)
        return {
            "exemplars": exemplars,
            "means": decoded(self.generator, means.astype(np.float32), stored=True),
            "results": decoded(self.generator, around[order], stored=True),
            "pixel_means": np.rint(exemplars.mean(axis=1)).astype(np.uint8),
            "pixel_result": np.rint(pixels.clip(0, 255)).astype(np.uint8),
        }


def combined(terms: np.ndarray) -> np.ndarray:
    """First minus second plus third along axis 1."""
    return terms[:, 0] - terms[:, 1] + terms[:, 2]


SUCCESS = Metric(
    "success_result",
    f"share of 50 draws whose result surely shows both attributes (confidence {SURE}), mean over equations",
    "",
    "higher",
)
SUCCESS_NINE = Metric("success_nine", "the same of the results and their eight noisy neighbours", "", "higher")
FIRST = Metric(
    "first_attribute", "share of results that surely smile, or wear glasses, mean over equations", "", "higher"
)
DOUBT = Metric(
    "abstention",
    f"share of results of which one of the two attributes is not read surely, confidence below {SURE}",
    "",
    "lower",
)
POOL = Metric("least_pool", "exemplars in the smallest of the three pools, least of the equations", "count")
ACCURACY = Metric("reader_accuracy", "of the reader on held-out real images, least of its attributes", "", "higher")
METHODS = {
    "k3": "mean of 3 latents",
    "k1": "single latents",
    "k5": "mean of 5 latents",
    "k1_rescaled": "single latents, result rescaled to the prior's norm",
    "pixels": "mean of 3 in pixels",
}


@item(
    "fig7",
    "Arithmetic on averaged latents",
    plan,
    quick=Scale(Arithmetic(QUICK), seeds=3),
    small=Scale(Arithmetic(SMALL), seeds=3),
    paper=Scale(Arithmetic(), seeds=3),
    metrics=[SUCCESS, SUCCESS_NINE, FIRST, DOUBT, POOL, ACCURACY],
)
def fig7(bench: Bench, runs: Sequence[Finished]) -> None:
    """Smiling woman - neutral woman + neutral man; man with glasses - man + woman: each term the mean of three latents
    whose images show it, chosen by the reader among 4,096 samples and not by hand, 50 times at random. Long hair stands
    for a woman, short hair for a man. At small the faces are grey photographs with labels of the smile alone: there a
    light and a dark border of the picture take the places of woman and man. That is a mean of pixels, which favours
    arithmetic of pixels; how often the first attribute, the smile, comes out is told apart from it. A result counts if
    the reader surely finds both attributes. The same arithmetic with single latents has three times the prior's
    variance, with means of three exactly the prior's, so a rescaled row tells what the norm alone does. Images are
    decoded with stored statistics, so that a result does not depend on what is decoded beside it. Arithmetic of pixels
    gives overlaps of faces, as the paper says; the reader, which looks for two attributes, does not see that they are
    double, so that row judges nothing. A seed one of whose pools is too small (least_pool) has no rates. The paper
    scale's CelebA has no labels here: nothing is read off it, and the least pool is 0.
    """
    measured = [run for run in runs if run.run.function is add_and_subtract]
    if not measured:
        bench.record("DCGAN", POOL, 0)
    for run in measured:
        equations = [run.load(f"equation{place}") for place in range(len(EQUATIONS[run.settings.training.data.family]))]
        bench.record("reader", ACCURACY, least_accuracy(run.needs[1]), seed=run.seed)
        bench.record("DCGAN", POOL, min(int(each["sizes"].min()) for each in equations), seed=run.seed)
        if not all("k3" in each for each in equations):
            continue
        for key, row in METHODS.items():
            found = np.mean([each[key] for each in equations], axis=0)
            bench.record(row, SUCCESS, run.kept(float(found[0])), seed=run.seed)
            bench.record(row, DOUBT, run.kept(float(found[1])), seed=run.seed)
            bench.record(row, FIRST, run.kept(float(found[2])), seed=run.seed)
            if len(found) > 3:
                bench.record(row, SUCCESS_NINE, run.kept(float(found[3])), seed=run.seed)
        if run.seed == 0:
            _draw(bench, dict(zip(EQUATIONS[run.settings.training.data.family], equations, strict=True)))


def _draw(bench: Bench, equations: dict[str, dict]) -> None:
    panels = []
    for name, found in equations.items():
        blank = np.full_like(found["means"][0], 255)
        rows = [*np.swapaxes(found["exemplars"], 0, 1), found["means"]]  # three exemplars of each term, then their mean
        table = np.stack([row[place] for row in rows for place in range(3)])
        panels.append((f"{name}:\nexemplars, and last their means", table))
        panels.append(("results: the sum in the middle, noise around it", found["results"]))
        pixels = np.stack([*found["pixel_means"], blank, found["pixel_result"], blank])
        panels.append(("in pixels: means, and below the sum", pixels))
    title = bench.title("Figure 7: arithmetic, the first of 50 random draws of seed 0")
    figure = sheets(panels, columns=3, across=3, inches=3.6, title=title)
    bench.draw("fig7", figure, "Exemplars were chosen by the reader at random, not by hand; nothing was picked.")


@claim(
    "fig7",
    "Arithmetic on means of three latents works more often than on single latents: more results with both attributes.",
    source="section 6.3.2, figure 7; the measure is ours; paired by seed; from after the first results: "
    "the claim had asked for more than by arithmetic of pixels, too, and had failed",
)
def means_of_three_work(values: claims.Values) -> claims.Verdict:
    accuracy = values.by_seed("reader", ACCURACY.name)
    if accuracy and min(accuracy.values()) < LEAST_JUDGE:
        return claims.Verdict(
            claims.UNDECIDED, f"the reader is right in {min(accuracy.values()):.3g} of real images", 0
        )
    three, one = (values.by_seed(METHODS[key], SUCCESS.name) for key in ("k3", "k1"))
    if not three:
        return claims.Verdict(claims.UNDECIDED, f"nothing can be read here, or a pool has fewer than {LEAST_POOL}")
    return claims.above(claims.paired(three, one), 0, of="success, 3 latents - single latents")
