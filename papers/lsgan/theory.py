"""Section 3.2: least squares and the Pearson chi-square, and what alternating training really descends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from papers.lsgan import chi_square
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, setting
from repro.pictures import BLUE, ORANGE

if TYPE_CHECKING:
    from repro.bench import Bench
    from repro.runs import Finished, Folder

P = np.array([0.4, 0.3, 0.2, 0.1])
G = np.array([0.1, 0.2, 0.3, 0.4])
SCHEMES = {"(-1,1,0)": (-1.0, 1.0, 0.0), "(0,1,1)": (0.0, 1.0, 1.0)}
GRADIENTS = {"fixed D": chi_square.fixed_d_gradient, "true C": chi_square.true_gradient}
OTHER_PAIRS = {
    "halves that share one of 3 states": (np.array([0.5, 0.5, 0]), np.array([0, 0.5, 0.5])),
    "disjoint halves of 4 states": (np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])),
    "both uniform on 4 states": (np.full(4, 0.25), np.full(4, 0.25)),
}


@dataclass(frozen=True)
class Theory:
    """Settings of the worked example; all of it is ours, the identities are the paper's."""

    pairs: int = setting(1_000, "not stated; ours: random pairs of distributions on which the identity is checked")
    steps: int = setting(4_000, "not stated; ours: steps of the tabular descent", length=True)


def train_step_gradient(settings: Theory, seed: int, folder: Folder) -> None:
    """The gradient that the implemented loss gives a softmax generator over four states, by autodiff.

    D's scores are constants here, as they are to every G step of the models; that the models' steps hold D fixed is
    what their tests show.
    """
    import tensorflow as tf

    from papers.lsgan.model import LeastSquares

    found = {}
    for name, (a, b, c) in SCHEMES.items():
        loss = LeastSquares(a, b, c)
        theta = tf.Variable(np.log(G))
        scores = tf.constant(chi_square.optimal_discriminator(P, G, a, b))
        with tf.GradientTape() as tape:
            # The mean over samples becomes an expectation over states: each state's loss, weighted with g.
            value = tf.reduce_sum(tf.nn.softmax(theta) * tf.map_fn(loss.generator, scores))
        found[name] = tape.gradient(value, theta).numpy()
    folder.save("gradients", **found)


def plan(settings: Theory, seeds: Sequence[int]) -> list[Run]:
    """One tiny run: autodiff needs TensorFlow."""
    return [Run(train_step_gradient, settings, 0)]


X = Metric("pearson_chi2", "X = sum (p - g)² / (p + g), of the worked example where the row names no other pair")
TWO_C = Metric("two_C", "twice G's objective with the added term, D optimal")
V_D = Metric("V_D", "D's objective at its optimum")
V_G = Metric("V_G", "G's objective without the added term, D optimal")
IDENTITY = Metric(
    "largest_identity_error",
    "largest |2C - X| for (-1,1,0), |2C - 1/2 - X/4| for (0,1,1), over random pairs",
    "",
    "lower",
)
DESCENT = Metric("X_in_descent", "X after so many steps of the tabular descent with D optimal", "", "lower")
LOST = Metric("smallest_share_after_descent", "smallest of the four states' shares after the last step; p has 0.1")
AUTODIFF_FIXED = Metric(
    "autodiff_minus_fixed_D",
    "largest difference of the loss's gradient from the fixed-D gradient, on theta",
    "",
    "lower",
)
AUTODIFF_TRUE = Metric(
    "autodiff_minus_true_C", "largest difference of the loss's gradient from that of C with D optimal again, on theta"
)


@item(
    "theory",
    "Least squares and the Pearson chi-square, on four states",
    plan,
    quick=Scale(Theory()),
    metrics=[X, TWO_C, V_D, V_G, IDENTITY, DESCENT, LOST, AUTODIFF_FIXED, AUTODIFF_TRUE],
    version=2,
)
def theory(bench: Bench, runs: Sequence[Finished]) -> None:
    """On four states, p is the data's distribution and g the generator's. D learns to answer a on fakes and b on real
    samples, G wants the answer c: (a,b,c) are the labels. With labels (-1,1,0), G's objective plus a term that G cannot
    change while D is held fixed is, with D optimal put in afterwards, half the Pearson chi-square between p + g and 2g:
    an identity, checked here in float64. But alternating training holds D fixed while G moves, and follows another
    gradient (our derivation): under (-1,1,0) it is blind to the sign of p - g, and in the tabular descent it loses a
    state, while (0,1,1) converges to p. So the identity alone does not explain why training works. At every step D is
    first set to its best; then g moves by a gradient that takes this D for a constant ("fixed D", as training does), or
    by one that lets D change with g ("true C", C being the objective with D optimal).
    """
    for name, scheme in SCHEMES.items():
        _record_pair(bench, name, P, G, scheme)
        bench.record(name, IDENTITY, identity_error(scheme, bench.settings.pairs))
        for pair, (p, g) in OTHER_PAIRS.items():
            _record_pair(bench, f"{name}, {pair}", p, g, scheme)
    _record_gradients(bench, runs[0].load("gradients"))
    _descend(bench)


def _record_pair(bench: Bench, row: str, p: np.ndarray, g: np.ndarray, scheme: tuple[float, float, float]) -> None:
    a, b, c = scheme
    d = chi_square.optimal_discriminator(p, g, a, b)
    bench.record(row, X, chi_square.pearson(p, g))
    bench.record(row, TWO_C, chi_square.criterion(p, g, a, b, c))
    bench.record(row, V_D, chi_square.value_d(d, p, g, a, b))
    bench.record(row, V_G, chi_square.value_g(d, g, c))


def identity_error(scheme: tuple[float, float, float], pairs: int) -> float:
    """Largest error of 2 C = (affine function of X) over random Dirichlet pairs and the worked example."""
    random = np.random.default_rng(0)
    drawn = [(random.dirichlet(np.ones(6)), random.dirichlet(np.ones(6))) for _ in range(pairs)]
    a, b, c = scheme
    al, be = b - c, b - a
    expected = [2 * al**2 - 2 * al * be + be**2 * (2 + chi_square.pearson(p, g)) / 4 for p, g in [(P, G), *drawn]]
    found = [chi_square.criterion(p, g, a, b, c) for p, g in [(P, G), *drawn]]
    return float(np.abs(np.array(found) - expected).max())


def _record_gradients(bench: Bench, autodiff: dict[str, np.ndarray]) -> None:
    for name, scheme in SCHEMES.items():
        for metric, gradient in ((AUTODIFF_FIXED, "fixed D"), (AUTODIFF_TRUE, "true C")):
            s = GRADIENTS[gradient](P, G, *scheme)
            on_theta = G * (s - (G * s).sum())
            bench.record(name, metric, float(np.abs(autodiff[name] - on_theta).max()))


def _descend(bench: Bench) -> None:
    steps = bench.settings.steps
    at = sorted(
        {0, *[s for s in (1, 10, 100, 1_000) if s <= steps], *np.unique(np.geomspace(1, steps, 80).astype(int))}
    )
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    ax = figure.subplots()
    rows = []
    for scheme_name, colour in zip(SCHEMES, (BLUE, ORANGE), strict=True):
        for gradient_name, style in zip(GRADIENTS, ("-", "--"), strict=True):
            found, g = chi_square.tabular_descent(P, G, SCHEMES[scheme_name], GRADIENTS[gradient_name], at)
            row = f"{scheme_name}, {gradient_name}"
            for step, value in zip(at, found, strict=True):
                if step in (0, 1, 10, 100, 1_000, steps):
                    bench.record(row, DESCENT, value, step=int(step))
            bench.record(row, LOST, float(g.min()))
            rows.append([row, *[float(share) for share in g]])
            ax.plot(at, np.maximum(found, 1e-12), color=colour, ls=style, lw=1.8, label=row)
    ax.set(xscale="symlog", yscale="log", xlabel="step", ylabel="X, Pearson chi-square of p + g and 2g", ylim=(1e-9, 2))
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(bench.title("Four states: chi-square over the steps of g, by two gradients, exact"), fontsize=11)
    bench.draw("theory", figure, "G's step holds D fixed, the solid lines; the divergence's own gradient is dashed.")
    header = ["labels (a,b,c), gradient", "state 1", "state 2", "state 3", "state 4"]
    bench.table("theory_descent", header, rows, f"g after {steps:,} steps; p is 0.4, 0.3, 0.2, 0.1.")


@claim(
    "theory",
    "With b - c = 1 and b - a = 2 and D optimal, G's objective with the added term is half the Pearson chi-square "
    "between p + g and 2g.",
    source="section 3.2, equations 4 to 7; to 1e-12",
    exact=True,
)
def objective_is_pearson(values: claims.Values) -> claims.Verdict:
    error = values.one("(-1,1,0)", IDENTITY.name)
    return claims.exact(error <= 1e-12, f"largest error {error:.1e}")


@claim(
    "theory",
    "A step of G with D held fixed follows the gradient of that divergence.",
    source="ours: a reading of section 3.2 that the paper does not state; judged on four states, to 1e-6",
    exact=True,
)
def training_descends_the_divergence(values: claims.Values) -> claims.Verdict:
    rows = [(name, values.one(name, AUTODIFF_FIXED.name), values.one(name, AUTODIFF_TRUE.name)) for name in SCHEMES]
    shown = "; ".join(
        f"{name}: {fixed:.0e} from the fixed-D gradient, {true:.3f} from C's" for name, fixed, true in rows
    )
    return claims.exact(all(true <= 1e-6 for _, _, true in rows), shown)


@claim(
    "theory",
    "With D optimal at every step the tabular descent loses a state under (-1,1,0) (a share below 0.01) and reaches p "
    "under (0,1,1) (X below 1e-6).",
    source="ours, a derivation, against reading the identity as an explanation of training",
    exact=True,
)
def pearson_scheme_loses_a_state(values: claims.Values) -> claims.Verdict:
    row = "(0,1,1), fixed D"
    steps = values.table[(values.table["row"] == row) & (values.table["metric"] == DESCENT.name)]["step"]
    reached, last = values.one(row, DESCENT.name, int(steps.max())), int(steps.max())
    lost = values.one("(-1,1,0), fixed D", LOST.name)
    shown = f"after {last:,} steps: smallest share {lost:.2g} under (-1,1,0); X = {reached:.2g} under (0,1,1)"
    return claims.exact(lost < 0.01 and reached < 1e-6, shown)
