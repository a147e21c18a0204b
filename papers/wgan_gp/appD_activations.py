"""Appendix D: which activations of the critic the penalty can train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from papers.wgan_gp import small_images, study
from papers.wgan_gp.fig3_cifar import PROTOCOLS, QUICK, SMALL
from papers.wgan_gp.small_images import COVERED, SmallImages, train_small
from repro import claims
from repro.data import Set
from repro.items import Run, Scale, claim, item, nested, setting
from repro.metrics.scores import INCEPTION
from repro.pictures.curves import curves
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished

LEARNED = 0.3  # of what real images score above 1; where the ReLU critic's generator has less, nothing is judged
NAMES = {"relu": "ReLU", "elu": "ELU", "smooth": "softplus(2x + 2)/2 - 1"}


@dataclass(frozen=True)
class Activations:
    """Settings of the study: one training of figure 3's networks with WGAN-GP and Adam, and the activations."""

    training: SmallImages = nested(SmallImages())
    activations: tuple[str, ...] = setting(tuple(NAMES), "appendix D; which networks and data it does not state: ours")
    files: tuple[Set, ...] = setting((Set(INCEPTION),), "the network's file")


def plan(settings: Activations, seeds: Sequence[int]) -> list[Run]:
    """A training per activation and seed, and the scores of real images and noise."""
    wanted = [replace(settings.training, activation=activation) for activation in settings.activations]
    return [*(Run(train_small, each, seed) for each in wanted for seed in seeds), study.known(settings.training)]


@item(
    "appD",
    "Activations of the critic under the penalty",
    plan,
    quick=Scale(Activations(replace(QUICK, steps=75, snapshot_every=25), files=()), seeds=1),
    small=Scale(Activations(replace(SMALL, steps=2_000), files=()), seeds=1),
    paper=Scale(Activations(), seeds=3),
    metrics=[*(protocol.metric(study.SCORE) for protocol in PROTOCOLS), study.DIVERGED, COVERED],
)
def appD(bench: Bench, runs: Sequence[Finished]) -> None:
    """The gradient of the penalty holds second derivatives of the critic's activations. ReLU has none on a null set and
    works; ELU, whose derivative has a kink at 0, failed to train in the authors' hands; the smooth function that looks
    like ELU worked. Figure 3's networks and WGAN-GP with Adam, one activation in the whole critic. Scores count from 1,
    that of images which are all alike. Quick's few iterations decide nothing.
    """
    *trained, known = runs
    courses, panels = {}, []
    for run in trained:
        activation = run.settings.activation
        small_images.record(bench, run, activation)
        courses.setdefault(NAMES[activation], {})[run.seed] = tuple(zip(*study.course(run), strict=True))
        if run.seed == 0:
            *_, (step, arrays) = run.snapshots()
            score = float(arrays["score"])
            panels.append((f"{NAMES[activation]}, step {step:,}, score {score:.2f}", arrays["sheet"][:64]))
    told = small_images.record_known(bench, known)
    small_images.add_noise(courses, known)
    title = bench.title("Appendix D: score over training by the critic's activation, one line a seed")
    label = f"classifier score ({known.settings.protocol.network})"
    bench.draw("appD", curves([(label, courses)], title, "generator iteration"), told)
    title = bench.title("Appendix D: 64 images of fixed latents, uncurated, seed 0")
    bench.draw("appD_sheets", sheets(panels, columns=8, across=3, inches=4.2, title=title), "A sheet an activation.")


@claim(
    "appD",
    "A critic of ELUs fails where the smooth activation works: its score above 1 stays below half of the smooth "
    "critic's, which reaches at least 0.8 of the ReLU critic's. Judged where that is at least 0.3 of real images'.",
    source="appendix D, which reports training failure and success; the margins are ours",
)
def only_smooth_or_piecewise_linear_critics_work(values: claims.Values) -> claims.Verdict:
    relu, elu, smooth = (small_images.score_by_seed(values, activation, PROTOCOLS) for activation in NAMES)
    real = small_images.score_of_real(values, PROTOCOLS)
    if not relu or min(relu.values()) - 1 < LEARNED * (real - 1):
        shown = (
            f"the ReLU critic's generator has learned too little: {min(relu.values(), default=1):.3g}, real {real:.3g}"
        )
        return claims.Verdict(claims.UNDECIDED, shown, len(relu))
    return claims.both(
        claims.below(_ratio(elu, smooth), 0.5, of="score above 1, ELU over smooth"),
        claims.above(_ratio(smooth, relu), 0.8 - 1e-9, of="score above 1, smooth over ReLU"),
    )


def _ratio(a: dict[int, float], b: dict[int, float]) -> dict[int, float]:
    return {seed: (a[seed] - 1) / max(b[seed] - 1, 1e-9) for seed in a if seed in b}
