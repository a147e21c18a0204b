"""Figure 7: both losses on a ring of Gaussians whose modes can be counted (section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from repro import claims
from repro.data import ring
from repro.items import Metric, Run, Scale, claim, item, setting
from repro.metrics import modes
from repro.pictures.curves import curves
from repro.pictures.densities import density, density_strips
from repro.runs import snapshots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from repro.bench import Bench
    from repro.runs import Finished, Folder

LOSSES = ("lsgan", "gan")
NAMES = {"lsgan": "LSGAN", "gan": "regular GAN"}
FROM_STEP = 5_000  # "ever one or two modes" is asked from here on; ours


@dataclass(frozen=True)
class Mixture:
    """Settings of one training on the ring; the defaults are the published ones."""

    loss: str = setting("lsgan", "Figure 7, rows: lsgan or gan")
    ring: str = setting("released", "authors' mixture_gaussian: nine components, two coincide")
    z_dim: int = setting(256, "authors' mixture_gaussian")
    batch_size: int = setting(512, "not stated; authors' mixture_gaussian")
    learning_rate_g: float = setting(1e-3, "authors' mixture_gaussian")
    learning_rate_d: float = setting(1e-4, "authors' mixture_gaussian")
    beta_1: float = setting(0.5, "authors' mixture_gaussian")
    steps: int = setting(
        40_000, "Figure 7, last column (from memory; the released script stops at 35,000)", length=True
    )
    snapshot_every: int = setting(1_000, "not stated; ours")
    samples: int = setting(5_120, "authors' mixture_gaussian: 10 batches of 512")
    columns: tuple[int, ...] = setting((0, 5_000, 15_000, 25_000, 40_000), "Figure 7 (from memory)")

    @property
    def label(self) -> str:
        """What tells two of these runs apart."""
        return self.loss


def train_mixture(settings: Mixture, seed: int, folder: Folder) -> None:
    """Trains one model and leaves samples at every snapshot, and densities at the figure's columns."""
    import keras
    import tensorflow as tf

    from papers.gan2014.model import GAN, NonSaturating
    from papers.lsgan import networks
    from papers.lsgan.model import ZERO_ONE
    from repro import fitting
    from repro.training import Normal, place_seed

    loss = {"lsgan": ZERO_ONE, "gan": NonSaturating()}[settings.loss]
    latent = Normal(settings.z_dim)
    gan = GAN(networks.ring_generator(settings.z_dim), networks.ring_discriminator(), latent, loss, seed)
    rate_d, rate_g, adam = settings.learning_rate_d, settings.learning_rate_g, keras.optimizers.Adam
    gan.compile(
        d_optimizer=adam(rate_d, beta_1=settings.beta_1, epsilon=1e-8),
        g_optimizer=adam(rate_g, beta_1=settings.beta_1, epsilon=1e-8),
    )

    def real(step: tf.Tensor) -> tf.Tensor:
        key = [place_seed(seed, "real points"), tf.cast(step, tf.int32)]
        return ring.draw(settings.ring, settings.batch_size, tf.stack(key))

    def snapshot() -> dict[str, np.ndarray]:
        z = latent.draw(settings.samples, tf.constant([place_seed(seed, "judged points"), 0]))
        return {"samples": gan.generator(z, training=False).numpy()}

    fitting.fit(
        gan,
        real,
        steps=settings.steps,
        folder=folder,
        snapshot_every=settings.snapshot_every,
        snapshot=snapshot,
    )
    fitting.save_network(gan.generator, folder.path / "generator.keras")
    _save_densities(settings, seed, folder)


def _save_densities(settings: Mixture, seed: int, folder: Folder) -> None:
    from repro.training import place_seed

    asked = columns_of(settings)
    shown = {str(step): density(arrays["samples"]) for step, arrays in snapshots(folder.path) if step in asked}
    target = ring.draw(settings.ring, 512, [place_seed(seed, "target panel"), 0]).numpy()
    folder.save("densities", target=density(target), **shown)


def columns_of(settings: Mixture) -> list[int]:
    """The steps that the figure shows: the published ones, or six even ones where the run is shorter."""
    if settings.steps >= settings.columns[-1]:
        return list(settings.columns)
    every = [settings.steps * fifth / 5 for fifth in range(6)]
    return sorted({int(round(s / settings.snapshot_every) * settings.snapshot_every) for s in every} | {settings.steps})


def plan(settings: Mixture, seeds: Sequence[int]) -> list[Run]:
    """One training per loss and seed."""
    return [Run(train_mixture, replace(settings, loss=loss), seed) for loss in LOSSES for seed in seeds]


NEAREST = Metric("modes_nearest_of_8", "modes that at least 1 % of 5,120 samples are nearest to; no radius", "modes")
WITHIN_2 = Metric(
    "modes_within_0.2_of_8", "modes with at least 1 % of 5,120 samples nearest and within 0.2", "modes", "higher"
)
WITHIN_1 = Metric(
    "modes_within_0.1_of_8", "modes with at least 1 % of 5,120 samples nearest and within 0.1", "modes", "higher"
)
SHARE_3_SIGMA = Metric(
    "share_within_3_sigma", "share of 5,120 samples within 0.03 of a centre; a perfect sampler has 0.989", "", "higher"
)
SHARE_2 = Metric(
    "share_within_0.2", "share of 5,120 samples within 0.2 of a centre; an untrained G has 0.10", "", "higher"
)
MEDIAN = Metric("median_distance", "median distance of 5,120 samples to the nearest centre", "", "lower")
LARGEST = Metric("largest_share_of_one_mode", "largest share nearest to one mode; the released ring has 0.22", "")
LATE = Metric(
    "modes_within_0.2_second_half",
    "mean of modes_within_0.2_of_8 over the snapshots of the second half",
    "modes",
    "higher",
)
ONE_OR_TWO = Metric(
    "ever_one_or_two_modes",
    "1 if a snapshot from step 5,000 on has modes_nearest_of_8 of 2 or less, else 0",
    "",
    "lower",
)
COLLAPSED = Metric(
    "collapsed_for_good",
    "1 if from some step to the end, ten snapshots or more, 90 % have 4 modes or less within 0.2",
    "",
    "lower",
)
LEARNED = 0.2  # share of samples within 0.2
COLLAPSE = Metric("collapse_step", "the first such snapshot, of the seeds that collapsed", "steps")


@item(
    "fig7",
    "Ring of Gaussians: density of the samples over the steps",
    plan,
    quick=Scale(Mixture(steps=10_000), seeds=3),
    small=Scale(Mixture(), seeds=5),
    paper=Scale(Mixture(), seeds=10),
    metrics=[
        NEAREST,
        WITHIN_2,
        WITHIN_1,
        SHARE_3_SIGMA,
        SHARE_2,
        MEDIAN,
        LARGEST,
        LATE,
        ONE_OR_TWO,
        COLLAPSED,
        COLLAPSE,
    ],
    data=("ring of nine Gaussians (two coincide), fresh samples", "procedural"),
    version=2,
)
def fig7(bench: Bench, runs: Sequence[Finished]) -> None:
    """Both losses learn a ring of narrow Gaussians with the same networks, seeds, optimizers and order of updates. The
    released script puts nine Gaussians on the circle, the last upon the first: eight modes, one of them with 2/9 of the
    data. The density panels are drawn as the released script does, and they flatter: the kernel is about 17 times wider
    than the true Gaussians (25 times in the target's panel, of fewer samples), so a blur of 0.2 is invisible. Coverage
    is counted within 0.2 of a centre; an untrained generator, spread over the whole ring, has seven or eight modes even
    so, but only a tenth of its samples there: a claim that modes are covered asks for twice that share, too. Seeds were
    fixed beforehand and all are shown. Whether a regular GAN that lost modes finds them again depends on how long it is
    trained.
    """
    late = {}
    for run in runs:
        measured = _measure(bench, run)
        late[run.settings.loss, run.seed] = measured
    bench.draw(
        "fig7",
        _strips(bench, runs),
        "Kernel density of 5,120 generated samples (512 of the target), each panel on its own maximum, axes -4 to 4. "
        "The kernel's width follows the samples' spread: on a whole ring it hides errors below about 0.2; where "
        "samples have collapsed it is narrower, so that their spots look sharper than a ring's would.",
    )
    panels = [
        ("modes within 0.2, of 8", _lines(late, "covered")),
        ("share of samples within 0.2", _lines(late, "share")),
    ]
    title = bench.title("Coverage and precision over the steps, one line a seed")
    bench.draw("fig7_coverage", curves(panels, title, "step"), "What the density panels do not show.")


def _measure(bench: Bench, run: Finished) -> dict[str, list[float]]:
    row, seed, centres = run.settings.loss, run.seed, ring.modes()
    found: dict[str, list[float]] = {"step": [], "covered": [], "share": [], "nearest": []}
    for step, arrays in run.snapshots():
        samples = arrays["samples"]
        covered, share = modes.modes_within(samples, centres, 0.2), modes.share_within(samples, centres, 0.2)
        nearest = modes.modes_within(samples, centres)
        for metric, value in [
            (NEAREST, nearest),
            (WITHIN_2, covered),
            (WITHIN_1, modes.modes_within(samples, centres, 0.1)),
            (SHARE_3_SIGMA, modes.share_within(samples, centres, 3 * ring.STD)),
            (SHARE_2, share),
            (MEDIAN, modes.median_distance(samples, centres)),
            (LARGEST, modes.largest_share(samples, centres)),
        ]:
            bench.record(row, metric, value, seed=seed, step=step)
        for name, value in [("step", step), ("covered", covered), ("share", share), ("nearest", nearest)]:
            found[name].append(value)
    _record_course(bench, run, {name: np.array(values) for name, values in found.items()})
    return found


def _record_course(bench: Bench, run: Finished, found: dict[str, np.ndarray]) -> None:
    row, seed = run.settings.loss, run.seed
    second_half = found["step"] >= run.settings.steps / 2
    late = float(found["covered"][second_half].mean()) if second_half.any() else float("nan")
    bench.record(row, LATE, run.kept(late), seed=seed)
    asked = found["nearest"][found["step"] >= FROM_STEP]
    bench.record(row, ONE_OR_TWO, run.kept(int((asked <= 2).any())) if len(asked) else float("nan"), seed=seed)
    collapsed = modes.collapse_step(found["step"], found["covered"])
    bench.record(row, COLLAPSED, run.kept(int(collapsed is not None)), seed=seed)
    if collapsed is not None and not run.lost:
        bench.record(row, COLLAPSE, collapsed, seed=seed)


def _lines(found: dict, name: str) -> dict[str, dict[int, tuple]]:
    return {
        NAMES[loss]: {seed: (course["step"], course[name]) for (of, seed), course in found.items() if of == loss}
        for loss in LOSSES
    }


def _strips(bench: Bench, runs: Sequence[Finished]) -> Figure:
    strips = []
    for run in runs:
        densities = run.load("densities")
        panels = [
            (f"step {step:,}", densities[str(step)]) for step in columns_of(run.settings) if str(step) in densities
        ]
        strips.append((f"{NAMES[run.settings.loss]}\nseed {run.seed}", [*panels, ("target", densities["target"])]))
    return density_strips(strips, bench.title("Figure 7: density of samples over the steps, both losses, every seed"))


@claim(
    "fig7",
    "The least-squares model learns the ring: over the second half, mean modes within 0.2 at least 6.5 of 8 (fails "
    "at 4 or less), and more than a fifth of the samples there, twice an untrained G's share.",
    source="section 4.3, figure 7; the margins are ours, that of the share from after the first results",
)
def lsgan_covers_the_ring(values: claims.Values) -> claims.Verdict:
    covered = claims.above(values.by_seed("lsgan", LATE.name), 6.5, fails_below=4, of="modes, second half")
    return claims.both(covered, _has_learned(values))


def _has_learned(values: claims.Values) -> claims.Verdict:
    return claims.above(values.late_by_seed("lsgan", SHARE_2.name), LEARNED, of="share within 0.2, second half")


@claim(
    "fig7",
    "The regular GAN collapses: mean modes within 0.2 over the second half at most 4 of 8 (fails at 6.5 or more).",
    source="section 4.3, figure 7; the margins are ours",
)
def gan_collapses(values: claims.Values) -> claims.Verdict:
    return claims.below(values.by_seed("gan", LATE.name), 4, fails_above=6.5, of="modes, second half")


@claim(
    "fig7",
    "With the same seeds the least-squares model covers more modes than the regular GAN over the second half, with "
    "more than a fifth of its samples within 0.2.",
    source="ours, from figure 7; paired by seed; the share from after the first results",
)
def lsgan_covers_more(values: claims.Values) -> claims.Verdict:
    difference = claims.paired(values.by_seed("lsgan", LATE.name), values.by_seed("gan", LATE.name))
    return claims.both(claims.above(difference, 0, of="difference in modes, second half"), _has_learned(values))
