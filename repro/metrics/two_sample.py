"""Can a nearest neighbour tell two sets of features apart?"""

from __future__ import annotations

import numpy as np

from repro.metrics.checked import checked_pair
from repro.metrics.neighbours import ROWS, nearest_places


def two_sample_accuracy(generated: np.ndarray, real: np.ndarray, rows: int = ROWS) -> float:
    """Share of the samples of both sets whose nearest other sample is of their own set.

    0.5 on average if both sets are drawn from one distribution, towards 1 the farther they are apart, and towards 0 if
    the generated ones are copies of the real ones. A sample as near to one set as to the other counts one half.

    Args:
        generated, real: Features, shape (n, d) both, n at least 2.
        rows: Samples that are worked on at once; bounds the memory, and changes nothing.

    Raises:
        ValueError: If the sets differ in size or have fewer than two samples, a feature is not finite, or the lengths
            differ.

    Reference:
        Q. Xu et al., "An empirical study on evaluation metrics of generative adversarial networks", section 2, arXiv
        1806.07755.
    """
    generated, real = checked_pair(generated, real, 2)
    if len(generated) != len(real):
        raise ValueError(f"as many generated as real samples expected. Received: {len(generated)} and {len(real)}")
    shares = []
    for own, other in ((generated, real), (real, generated)):
        near = ((own - own[nearest_places(own, own, rows)]) ** 2).sum(axis=1)
        far = ((own - other[nearest_places(own, other, rows)]) ** 2).sum(axis=1)
        shares.append((near < far).mean() + (near == far).mean() / 2)
    return float(np.mean(shares))
