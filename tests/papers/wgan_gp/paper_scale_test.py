"""The paper scale, to the letter: published settings of items whose settings no other test names."""

from dataclasses import asdict

import pytest

from papers.wgan_gp import PAPER

ALGORITHM_1 = {"critic_steps": 5, "penalty_weight": 10.0}
TOY = {"batch_size": 256, "width": 512, "learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.9}
CLIPPED = {"clip": 0.01, "clip_learning_rate": 5e-5}
PUBLISHED = {
    ("fig1a", "critic"): ALGORITHM_1 | TOY | CLIPPED | {"steps": 100_000},
    ("fig1b", ""): ALGORITHM_1 | TOY | CLIPPED | {"hidden": 12, "points": "swissroll"},
    ("fig5b", "training"): ALGORITHM_1
    | CLIPPED
    | {"images": 1_000, "d": 64, "batch_size": 50, "learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.9}
    | {"steps": 20_000, "snapshot_every": 100},
    ("fig4", ""): {"width": 1.0, "rate_factor": 1.0, "batch_size": 64, "steps": 200_000},
    ("fig4", "method"): ALGORITHM_1 | {"optimizer": "adam", "learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9},
    ("table4", ""): {"d": 512, "blocks": 5, "batch_size": 64, "critic_steps": 10, "penalty_weight": 10.0}
    | {"learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.9, "steps": 200_000, "judged": 640},
    ("collapse", "modes"): TOY | {"critic_steps": 5, "penalty_weight": 0.1, "steps": 100_000},
    ("collapse", "pull"): TOY,
}


@pytest.mark.parametrize(("key", "part"), PUBLISHED)
def test_settings_are_the_published_ones(key, part):
    settings = asdict(PAPER.items[key].scales["paper"].settings)
    found = settings[part] if part else settings
    expected = PUBLISHED[key, part]
    assert {name: found[name] for name in expected} == expected
