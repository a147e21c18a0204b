"""The layers of a pair of networks as a table and a picture, read off the built models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from repro import claims
from repro.items import Metric
from repro.pictures.tables import drawn_tables

if TYPE_CHECKING:
    import keras

    from repro.bench import Bench
    from repro.runs import Finished, Folder

NETWORKS = ("generator", "discriminator")
HEADER = ["layer", "kernel / stride", "batch norm", "activation", "output", "parameters", "of batch norm", "moving"]

TRAINABLE = Metric("params_trainable", "weights that training changes: kernels, biases, gamma and beta", "count")
TOTAL = Metric("params_total", "those and the moving means and variances of batch norm: Keras' count_params()", "count")


def describe_network(settings: Any, seed: int, folder: Folder) -> None:
    """Builds both networks and leaves, for each, a row of text and three counts per layer.

    Args:
        settings: Their `build()` gives generator and discriminator.
        seed: Of no effect: initial weights are not looked at.
        folder: Is given arrays `cells`, shape (layers, 5), and `counts`, int64, shape (layers, 3), in the order of
            `HEADER`; and Keras' own `trainable` and `total`.
    """
    for name, network in zip(NETWORKS, settings.build(), strict=True):
        rows = _rows(network)
        folder.save(
            name,
            cells=np.array([[row[key] for key in HEADER[:5]] for row in rows]),
            counts=np.array([[row[key] for key in HEADER[5:]] for row in rows], np.int64),
            trainable=np.int64(sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)),
            total=np.int64(network.count_params()),
        )


def _rows(network: keras.Model) -> list[dict[str, Any]]:
    """A row for each layer that has a kernel or joins others; what follows such a layer is told in its row."""
    from keras import layers

    from repro.layers.batch_norm import BatchNorm

    row_of: dict[Any, dict[str, Any]] = {}
    rows = []
    for layer in network.layers:
        shape = layer.output.shape[1:]
        if isinstance(layer, layers.InputLayer):
            continue
        if isinstance(layer, layers.Concatenate) or hasattr(layer, "kernel"):
            row_of[layer] = _begun(layer, shape)
            rows.append(row_of[layer])
            continue
        row = row_of[layer] = row_of.get(layer.input._keras_history.operation) or _begun(layer, shape)
        if isinstance(layer, (layers.BatchNormalization, BatchNorm)):
            norm = shape[-1]
            row["batch norm"] = f"over {norm:,} {'channels' if len(shape) == 3 else 'features'}"
            row["of batch norm"], row["moving"] = _count(layer.trainable_weights), _count(layer.non_trainable_weights)
        elif isinstance(layer, layers.ReLU):
            row["activation"] = "ReLU"
        elif isinstance(layer, layers.LeakyReLU):
            row["activation"] = f"LeakyReLU {layer.negative_slope:g}"
        else:  # a reshape
            row["output"] = f"{row['output']} → {_shape(shape)}"
    return rows


def _begun(layer: keras.layers.Layer, shape: tuple[int, ...]) -> dict[str, Any]:
    activation = getattr(layer, "activation", None)
    named = activation.__name__ if activation is not None else "linear" if hasattr(layer, "kernel") else "-"
    kernel = "-"
    if len(shape) == 3 and hasattr(layer, "kernel"):
        stride = layer.strides if isinstance(layer.strides, int) else layer.strides[0]
        kernel = f"{layer.kernel.shape[0]}x{layer.kernel.shape[1]} / {stride}"
    cells = [_name(layer), kernel, "-", named, _shape(shape), _count(layer.trainable_weights), 0, 0]
    return dict(zip(HEADER, cells, strict=True))


def _name(layer: keras.layers.Layer) -> str:
    """What the figure calls a layer, with the widths of its kernel."""
    kind = type(layer).__name__
    if kind == "Concatenate":
        return "concat " + ", ".join(f"{tensor.shape[-1]:,}" for tensor in layer.input)
    first, last = layer.kernel.shape[-2:]
    if kind.endswith("Conv2DTranspose"):  # Keras keeps the kernel of the convolution that it transposes
        first, last = last, first
    words = {"Dense": "fc", "Conv2D": "conv", "Conv2DTranspose": "deconv", "LinearLabelMap": "Φ, linear label map"}
    words["LabelledConv2D"] = "conv of [x, Φ(y) at every pixel]"
    return f"{words[kind.removeprefix('Symmetric')]} {first:,} → {last:,}"


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(f"{n:,}" for n in shape)


def _count(weights: Sequence[keras.Variable]) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)


# ---- presenting it ----


def present_network(bench: Bench, run: Finished, name: str, title: str, caption: str) -> None:
    """Records the counts of both networks, keeps a table of each, and draws both as one picture.

    Args:
        bench: The item's.
        run: A finished `describe_network`.
        name: Of the picture; tables are `NAME_generator` and `NAME_discriminator`.
        title: Of the picture.
        caption: Of the picture: which weights there are.
    """
    drawn = []
    for network in NETWORKS:
        found = run.load(network)
        bench.record(network, TRAINABLE, int(found["trainable"]))
        bench.record(network, TOTAL, int(found["total"]))
        sums = found["counts"].sum(axis=0)
        rows = [[*map(str, cells), *map(int, n)] for cells, n in zip(found["cells"], found["counts"], strict=True)]
        rows.append(["all layers", "", "", "", "", *map(int, sums)])
        bench.table(f"{name}_{network}", HEADER, rows, f"The {network} as built, layer by layer.")
        label = (
            f"{network.capitalize()}: {int(found['trainable']):,} trainable parameters, {int(found['total']):,} in all"
        )
        drawn.append(
            (label, [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in [HEADER, *rows]])
        )
    bench.draw(name, drawn_tables(drawn, bench.title(title)), f"Read off the built Keras models, not typed. {caption}")


def counts_are(values: claims.Values, expected: dict[str, tuple[int, int]]) -> claims.Verdict:
    """Whether both networks have the expected (trainable, total) counts."""
    found = {row: (int(values.one(row, TRAINABLE.name)), int(values.one(row, TOTAL.name))) for row in expected}
    shown = "; ".join(
        f"{row}: {found[row][0]:,} trainable and {found[row][1]:,} in all"
        + ("" if found[row] == counts else f" instead of {counts[0]:,} and {counts[1]:,}")
        for row, counts in expected.items()
    )
    return claims.exact(found == expected, shown)
