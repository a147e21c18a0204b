"""Figure 5: what units of D's last convolution look at, by guided backpropagation, random against trained (6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papers.dcgan.images import ROOMS, Images, train_images
from papers.dcgan.sheets import SMALL
from repro import claims
from repro.items import Metric, Run, Scale, claim, item, nested, setting, version
from repro.pictures.sheets import sheets

if TYPE_CHECKING:
    import keras

    from repro.bench import Bench
    from repro.runs import Finished, Folder

OBJECTS = ("bed", "window")
ATTRIBUTES = ("wall", "bed", "window", "lamp")


@dataclass(frozen=True)
class Features:
    """Settings of the visualisation."""

    training: Images = nested(Images())
    shown: int = setting(6, "Figure 5: first channels of the last convolution that are drawn")
    top: int = setting(5, "Figure 5: images of the strongest response of each")
    pure: int = setting(10, "not stated; ours: images of the strongest response that may share an attribute")
    images: int = setting(2_000, "not stated; ours: held-out images among which the strongest are searched")


def plan(settings: Features, seeds: Sequence[int]) -> list[Run]:
    """For each seed the training of figures 2 and 3, and what its D, and an untrained one, look at."""
    trained = [Run(train_images, settings.training, seed) for seed in seeds]
    return [*trained, *(Run(look, settings, run.seed, [run]) for run in trained)]


@version(2)
def look(settings: Features, seed: int, folder: Folder) -> None:
    """Guided gradients of every channel of D's last convolution on its strongest images, and what these have in common.

    Needs the training.
    """
    from papers.dcgan.features import untrained, with_statistics_of
    from papers.dcgan.images import built, networks_of, scaled

    [trained] = folder.needs
    _, discriminator = networks_of(trained)
    data, batch_size = settings.training.data, settings.training.batch_size
    test, train = folder.data(data, "test"), folder.data(data, "train")
    places = np.arange(min(settings.images, len(test)))
    seen = train.images[np.arange(min(len(train), 2_000) // batch_size * batch_size)]
    _, random = built(settings.training, test.images.shape[1:])
    random = with_statistics_of(untrained(random, seed), seen, batch_size)
    shown = folder.attributes(data, "test") if data.family == "rooms" else None
    masks = {name: getattr(shown, f"{name}_mask")[places] for name in OBJECTS if shown is not None}
    values = {name: getattr(shown, name)[places] for name in ATTRIBUTES if shown is not None}
    images = scaled(test.images[places])
    for name, network in (("trained", discriminator), ("random", random)):
        order = strongest(network, images)
        pure = {f"{each}_purity": purity(values[each], order[: settings.pure]) for each in values}
        folder.save(name, **_looked(network, images, order[: settings.top], masks, settings.shown), **pure)


def strongest(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Places of the images, strongest response of D's last convolution first: int64, shape (n, channels).

    Args:
        network: The discriminator.
        images: float32 in -1..1, shape (n, side, side, 3).
    """
    import keras

    maps = keras.Model(network.input, _last_convolution(network).output)
    responses = [maps(part, training=False).numpy().max(axis=(1, 2)) for part in np.array_split(images, 20)]
    return np.argsort(-np.concatenate(responses), axis=0, kind="stable")


def purity(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """How much more often an attribute has one value in a channel's strongest images than in all: shape (channels,).

    That value is the most frequent one of the strongest, the rarer of equals. Any ten images have a purity of 1 or a
    little more, so that of an untrained network belongs beside it.

    Args:
        values: The attribute of every image, shape (n,).
        order: Places of a channel's strongest images, shape (k, channels).
    """
    kinds = np.unique(values)
    among = np.stack([(values[order] == kind).mean(axis=0) for kind in kinds])  # (kinds, channels)
    base = np.array([(values == kind).mean() for kind in kinds])
    most = among == among.max(axis=0)
    return np.where(most, among / base[:, None], 0).max(axis=0)


def _last_convolution(network: keras.Model) -> keras.layers.LeakyReLU:
    import keras

    return [layer for layer in network.layers if isinstance(layer, keras.layers.LeakyReLU)][-1]


def _looked(
    network: keras.Model, images: np.ndarray, order: np.ndarray, masks: dict[str, np.ndarray], shown: int
) -> dict:
    from repro.metrics.guided import gini, guided_network, lift, saliency

    forward = guided_network(network, _last_convolution(network))
    found: dict[str, list] = {"gini": [], **{name: [] for name in masks}}
    drawn = []
    for channel in range(order.shape[1]):
        places = order[:, channel]
        gradients = saliency(forward, images[places], channel)
        found["gini"].append(np.nanmean(gini(gradients)) if gradients.any() else np.nan)
        for name, mask in masks.items():
            with_object = mask[places].any(axis=(1, 2))
            lifts = lift(gradients, mask[places])[with_object]
            found[name].append(lifts[np.isfinite(lifts)].mean() if np.isfinite(lifts).any() else np.nan)
        if channel < shown:
            drawn.append(gradients)
    return {"drawn": np.stack(drawn), **{name: np.array(values) for name, values in found.items()}}


LIFT = {
    name: Metric(
        f"{name}_lift",
        f"median over channels of the share of squared gradient on the {name} over the {name}'s share of the area, "
        "mean over a channel's five strongest images; 1 is chance",
    )
    for name in OBJECTS
}
MANY = {name: Metric(f"{name}_channels", f"share of channels whose {name} lift is above 1.5") for name in OBJECTS}
PURITY = {
    name: Metric(
        f"{name}_purity",
        f"median over channels of the share of a channel's ten strongest images that have the most frequent {name} "
        "of the ten, over that share among all images",
        "",
        "higher",
    )
    for name in ATTRIBUTES
}
GINI = Metric("gini", "median over channels of the Gini coefficient of the absolute gradient; 1 for a single point")


@item(
    "fig5",
    "What D's last convolution looks at, random and trained",
    plan,
    quick=Scale(Features(ROOMS), seeds=3),
    small=Scale(Features(SMALL, images=300), seeds=1),
    paper=Scale(Features(), seeds=3),
    metrics=[*LIFT.values(), *MANY.values(), *PURITY.values(), GINI],
)
def fig5(bench: Bench, runs: Sequence[Finished]) -> None:
    """For the first six channels, on the five held-out images with the strongest response, the gradient of that
    response at the image, passed back only where it and the unit's input are positive; the leak counts in the forward
    pass alone, which the paper leaves open. Beside a trained D stands one with initial weights whose batch norm has
    the statistics of training images. A unit of the last layer sees nearly the whole image, so that maps like the whole
    scene say little: the numbers, over all channels, tell how much falls on beds and windows where these are known,
    and how far a channel's strongest images share an attribute of the room.
    """
    for run in (run for run in runs if run.run.function is look):
        for row in ("trained", "random"):
            found, kept = run.load(row), run.kept if row == "trained" else float
            bench.record(row, GINI, kept(float(np.nanmedian(found["gini"]))), seed=run.seed)
            for name in (name for name in OBJECTS if name in found):
                lifts = found[name][np.isfinite(found[name])]
                bench.record(row, LIFT[name], kept(float(np.median(lifts))), seed=run.seed)
                bench.record(row, MANY[name], kept(float((lifts > 1.5).mean())), seed=run.seed)
            for name in (name for name in ATTRIBUTES if f"{name}_purity" in found):
                bench.record(row, PURITY[name], kept(float(np.median(found[f"{name}_purity"]))), seed=run.seed)
        if run.seed == 0:
            _draw(bench, run)


def _draw(bench: Bench, run: Finished) -> None:
    told = "The images are held-out ones. Grey is zero; every image is scaled to its own largest gradient."
    for row in ("random", "trained"):
        drawn = run.load(row)["drawn"]
        scale = np.maximum(np.abs(drawn).max(axis=(2, 3, 4), keepdims=True), 1e-12)
        shown = np.rint((drawn / scale + 1) * 127.5).astype(np.uint8)
        panel = ("a channel a row, its five strongest images", shown.reshape(-1, *shown.shape[2:]))
        title = bench.title(f"Figure 5: guided gradients of D's last convolution, {row} filters, seed 0")
        figure = sheets([panel], columns=drawn.shape[1], across=1, inches=6.5, title=title)
        bench.draw(f"fig5_{row}", figure, told, shows=bench.settings.training.data if row == "random" else None)


@claim(
    "fig5",
    "Trained units look at beds more than random ones do: bed_lift of the trained D above that of the random one.",
    source='section 6.2, figure 5: "a significant minority" respond to beds; the measure is ours; paired by seed',
)
def trained_units_look_at_beds(values: claims.Values) -> claims.Verdict:
    trained, random = (values.by_seed(row, LIFT["bed"].name) for row in ("trained", "random"))
    if not trained:
        return claims.Verdict(claims.UNDECIDED, "nobody has marked the beds of these pictures")
    return claims.above(claims.paired(trained, random), 0, of="bed_lift, trained - random")
