"""What the reproductions of four papers on generative adversarial networks share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def load(
    paper: str,
    item: str,
    *,
    seed: int = 0,
    scale: str = "quick",
    cache: str = ".runs",
    data_dir: str | None = None,
    **settings: Any,
) -> keras.Model:
    """Returns the trained generator of a finished run.

    Args:
        paper: Name of a paper, such as `"lsgan"`.
        item: Name of one of its items that trains a generator, such as `"fig8"`.
        seed: The run's seed.
        scale: `"quick"`, `"small"` or `"paper"`.
        cache: Folder of the finished runs, as given to `--cache`.
        data_dir: As given to `--data-dir`, where the run needed one.
        **settings: Values of the run's settings, where an item trains several generators (`loss="gan"`).

    Returns:
        A built `keras.Model` that maps latents (and labels, where it is conditional) to samples.

    Raises:
        Misuse: If no such item exists, it asks for no such training, or the training is not finished.
    """
    from repro.loading import load_generator

    return load_generator(paper, item, seed=seed, scale=scale, cache=cache, data_dir=data_dir, settings=settings)
