"""Writes torch_fidelity.json: what torch-fidelity says of features drawn from a seed.

    PYTHON tests/repro/metrics/make_torch_fidelity.py

PYTHON is that of an environment with torch-fidelity 0.4.0 and what it needs, which this project neither installs nor
uses otherwise. `torch_fidelity_test.py` draws the same features with `features` and compares.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).with_name("torch_fidelity.json")
SEEDS = {"features": 7, "subsets": 2020}
SHAPES = {"generated": (1_200, 32), "real": (1_100, 32), "logits": (1_003, 40)}
SUBSETS, SIZE = 100, 1_000


def features(seed: int, generated: tuple[int, int], real: tuple[int, int], logits: tuple[int, int]) -> list[np.ndarray]:
    """Generated and real features, and a classifier's logits: float64 of these shapes.

    From NumPy's old generator, whose stream is the same in every version.
    """
    random = np.random.RandomState(seed)
    mixing = random.normal(size=(real[1], real[1])) / np.sqrt(real[1])
    made = 0.8 * random.normal(size=generated) @ mixing + 0.1
    return [made, np.maximum(random.normal(size=real) @ mixing, -0.5), 3 * random.normal(size=logits)]


def main() -> None:
    """Computes and writes the numbers."""
    import torch
    import torch_fidelity
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

    made, real, logits = (torch.from_numpy(each) for each in features(SEEDS["features"], **SHAPES))
    statistics = [metric_fid.fid_features_to_statistics(each) for each in (made, real)]
    subsets = {"kid_subsets": SUBSETS, "kid_subset_size": SIZE, "rng_seed": SEEDS["subsets"]}
    found = {
        **metric_fid.fid_statistics_to_metric(*statistics, verbose=False),
        **metric_kid.kid_features_to_metric(made, real, verbose=False, **subsets),
        **metric_prc.prc_features_to_metric(made, real, prc_neighborhood=3, verbose=False),
        **metric_isc.isc_features_to_metric(logits, splits=10, shuffle=False),
    }
    versions = {module.__name__: module.__version__ for module in (torch_fidelity, torch, np)}
    written = {"versions": versions, "seeds": SEEDS, "shapes": SHAPES, "subsets": SUBSETS, "size": SIZE}
    rows = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in (written | {"numbers": found}).items()]
    OUT.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main()
