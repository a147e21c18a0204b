"""What lecture notes say of GANs and WGAN-GP, held against closed forms: the generator's gradients, and formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from repro.items import Metric

if TYPE_CHECKING:
    from repro.bench import Bench

SATURATING, NONSATURATING, WASSERSTEIN = "log(1 - D)", "-log D", "Wasserstein"
THETAS = (1, 2, 4, 8)
CLOSED = Metric(
    "gradient_closed_form",
    "length of the generator loss's gradient at x = theta: real N(0, 1), fake N(theta, 1), best D",
)
OF_GENERATOR = Metric(
    "generator_gradient_closed_form",
    "length of the generator loss's gradient by theta: real N(0, 1), fake N(theta, 1), best D; its mean over all fakes",
)


def gradients_at_fakes(theta: float) -> dict[str, float]:
    """Length of each generator loss's gradient at x = theta, with real N(0, 1), fake N(theta, 1) and the best D.

    The best D of cross entropy has the logit theta²/2 - theta x; the best critic has slope one.
    """
    d = 1 / (1 + math.exp(theta**2 / 2))
    return {SATURATING: theta * d, NONSATURATING: theta * (1 - d), WASSERSTEIN: 1.0}


def gradients_of_generator(theta: float) -> dict[str, float]:
    """Length of each generator loss's gradient by theta, where the generator is theta plus noise; as above otherwise.

    It is the mean of the gradients at all fakes, which have one sign.
    """
    from scipy import integrate, special, stats

    def mean_at_fakes(of_logit: Callable[[float], float]) -> float:
        def weighed(x: float) -> float:
            return theta * of_logit(theta**2 / 2 - theta * x) * stats.norm.pdf(x, theta)

        return integrate.quad(weighed, -12, theta + 12, points=[theta / 2, theta], epsabs=1e-13, limit=200)[0]

    d, not_d = mean_at_fakes(special.expit), mean_at_fakes(lambda logit: special.expit(-logit))
    return {SATURATING: d, NONSATURATING: not_d, WASSERSTEIN: 1.0}


def record_closed_forms(bench: Bench) -> None:
    """Records both lengths at every theta, for each loss."""
    for theta in THETAS:
        for metric, gradients in ((CLOSED, gradients_at_fakes), (OF_GENERATOR, gradients_of_generator)):
            for loss, value in gradients(theta).items():
                bench.record(f"{loss}, theta {theta}", metric, value)


# (as the notes have it, as it is, what the difference does)
FORMULAS = (
    (
        "regularisation term: |grad c(r)| - 1",
        "E (|grad c(r)| - 1)²",
        "without the square the term is lowest, -1, at slope zero, and rewards a flat critic",
    ),
    (
        "E c(x) - E c(g(z)) + lambda reg, minimised or maximised alike",
        "the critic minimises E c(g(z)) - E c(x) + lambda reg",
        "where the difference is maximised the penalty is subtracted",
    ),
    ("1-Lipschitz: the length of the gradient lies in -1..1", "at most 1", "a length is not negative"),
    (
        "cross entropy: -E log d(x) - E (1 - log d(g(z)))",
        "-E log d(x) - E log(1 - d(g(z)))",
        "the printed second term has no lower bound: it falls to minus infinity as d(g(z)) goes to 0",
    ),
    (
        "weight clipping limits how much of a large gradient is taken over",
        "the weights are clipped, after the update",
        "gradients pass as they are",
    ),
    (
        "the penalty makes c 1-Lipschitz: continuous and differentiable",
        "1-Lipschitz functions are continuous and differentiable almost everywhere",
        "and the penalty is soft, at sampled points only",
    ),
    (
        "the W-loss is the difference of one sample of each",
        "the difference of c's means",
        "it is the distance only for the best 1-Lipschitz c",
    ),
    ("WGAN ends mode collapse and vanishing gradients", "it lessens them", "the paper claims no more; see the item"),
    (
        "the penalty punishes how the gradient changes from iteration to iteration",
        "the length of D's gradient by its input, between real and generated samples",
        "nothing in it is about iterations",
    ),
    (
        "LSGAN, D: 1/2 E (D(x) - b)² + 1/2 E (-log(D(G(z)) - a)²)",
        "1/2 E (D(x) - b)² + 1/2 E (D(G(z)) - a)²",
        "no logarithm",
    ),
    ("LSGAN, G: 1/2 E D(G(z) - c)²", "1/2 E (D(G(z)) - c)²", "c is a label, not an image"),
)
