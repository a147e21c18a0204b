"""Gradient descent as the released settings files have it: momentum that rises, a rate that falls (section 5)."""

from __future__ import annotations

from repro.optimizers import DividedEachUpdate, MomentumByEpoch, ScheduledMomentum


def momentum(settings, images: int) -> ScheduledMomentum:
    """A fresh optimizer.

    Args:
        settings: Has batch_size, learning_rate, rate_divisor, lowest_rate, first_momentum, last_momentum and
            momentum_epochs.
        images: Training images of a pass.
    """
    updates = max(1, images // settings.batch_size)
    return ScheduledMomentum(
        DividedEachUpdate(settings.learning_rate, settings.rate_divisor, settings.lowest_rate),
        MomentumByEpoch(settings.first_momentum, settings.last_momentum, settings.momentum_epochs, updates),
    )
