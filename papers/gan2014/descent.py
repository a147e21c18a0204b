"""Gradient descent as the released settings files have it: momentum that rises, a rate that falls (section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from repro.items import setting

YAML = "authors' yaml files, the same in all"


@dataclass(frozen=True)
class Descent:
    """Settings of both players' optimizers; all but the first rate are the same in every released file."""

    learning_rate: float = setting(0.1, "authors' yaml file of the data set")
    rate_divisor: float = setting(1.000004, f"{YAML}, per update")
    lowest_rate: float = setting(1e-6, YAML)
    first_momentum: float = setting(0.5, YAML)
    last_momentum: float = setting(0.7, YAML)
    momentum_epochs: int = setting(250, f"{YAML}: passes over which the momentum rises")
    kind: str = setting("momentum", f"{YAML}; `adam` is a departure, with a beta_1 of 0.5 and a fixed rate")


def optimizers(descent: Descent, updates: int) -> dict:
    """A fresh optimizer for either player, as `compile` takes them.

    Args:
        descent: Settings.
        updates: Of a pass through the training images.
    """
    import keras

    from repro.optimizers import DividedEachUpdate, MomentumByEpoch, ScheduledMomentum

    def fresh() -> keras.optimizers.Optimizer:
        if descent.kind == "adam":
            return keras.optimizers.Adam(descent.learning_rate, beta_1=0.5)
        return ScheduledMomentum(
            DividedEachUpdate(descent.learning_rate, descent.rate_divisor, descent.lowest_rate),
            MomentumByEpoch(descent.first_momentum, descent.last_momentum, descent.momentum_epochs, max(1, updates)),
        )

    return {"d_optimizer": fresh(), "g_optimizer": fresh()}
