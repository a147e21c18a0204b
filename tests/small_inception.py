"""A small frozen graph with the real one's names, kinds of operations and version, and what it computes, in NumPy."""

import io
import tarfile

import numpy as np
import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef

SIDE = 19  # it resizes to this: 9x9 after the convolution, 8x8 after the pool
NORM = "BatchNormWithGlobalNormalization"
EPSILON = 0.001


def constants() -> dict[str, np.ndarray]:
    """Weights by name; the last layer's have a pattern, so that they compress."""
    random = np.random.default_rng(0)
    rows, columns = np.indices((2048, 1008))
    return {
        "conv/weights": random.normal(size=(3, 3, 3, 4), scale=0.3),
        **{f"norm/{name}": random.uniform(0.5, 1.5, size=4) for name in ("mean", "variance", "beta", "gamma")},
        "left/weights": random.normal(size=(1, 1, 4, 1024)),
        "right/weights": random.normal(size=(1, 1, 4, 1024)),
        "softmax/weights": (rows * 7 + columns * 3) % 11 / 100,
        "softmax/biases": columns[0] % 5,
    }


def graph(producer: int = 8, changes: dict[str, np.ndarray] | None = None) -> GraphDef:
    """The graph, with other constants where `changes` has them; its images are a JPEG's, unless `ExpandDims` is fed."""
    made = GraphDef()
    made.versions.producer = producer

    def node(name, kind, *inputs, integers=None, **attributes):
        new = made.node.add(name=name, op=kind, input=inputs)
        for key, values in (integers or {}).items():
            new.attr[key].list.i.extend(values)
        for key, value in attributes.items():
            new.attr[key].CopyFrom(value)

    def constant(name, value):
        tensor = tf.make_tensor_proto(value)
        node(name, "Const", dtype=attribute(type=tensor.dtype), value=attribute(tensor=tensor))

    def attribute(**value):
        return tf.compat.v1.AttrValue(**value)

    real, byte = (attribute(type=kind.as_datatype_enum) for kind in (tf.float32, tf.uint8))

    for name, value in (constants() | (changes or {})).items():
        constant(name, value.astype(np.float32))
    for name, value in (("dim", 0), ("size", [SIDE, SIDE]), ("axis", 3), ("shape", [1, 2048])):
        constant(name, np.int32(value))
    constant("DecodeJpeg/contents", b"no JPEG")
    constant("Sub/y", np.float32(128))
    constant("Mul/y", np.float32(1 / 128))

    valid = {"padding": attribute(s=b"VALID")}
    node("DecodeJpeg", "DecodeJpeg", "DecodeJpeg/contents", channels=attribute(i=3))
    node("Cast", "Cast", "DecodeJpeg", SrcT=byte, DstT=real)
    node("ExpandDims", "ExpandDims", "Cast", "dim", T=real)
    node("ResizeBilinear", "ResizeBilinear", "ExpandDims", "size", T=real)
    node("Sub", "Sub", "ResizeBilinear", "Sub/y", T=real)
    node("Mul", "Mul", "Sub", "Mul/y", T=real)
    node("checked", "CheckNumerics", "conv/weights", T=real, message=attribute(s=b"checked"))
    node("same", "Identity", "checked", T=real)
    node("conv", "Conv2D", "Mul", "same", T=real, integers={"strides": [1, 2, 2, 1]}, **valid)
    pooled = {"ksize": [1, 2, 2, 1], "strides": [1, 1, 1, 1]}
    node("pool", "MaxPool", "conv", T=real, integers=pooled, **valid)
    norm = {"variance_epsilon": attribute(f=EPSILON), "scale_after_normalization": attribute(b=False)}
    node("norm", NORM, "pool", *(f"norm/{name}" for name in ("mean", "variance", "beta", "gamma")), T=real, **norm)
    node("relu", "Relu", "norm", T=real)
    for side in ("left", "right"):
        node(side, "Conv2D", "relu", f"{side}/weights", T=real, integers={"strides": [1, 1, 1, 1]}, **valid)
    node("join", "Concat", "axis", "left", "right", T=real, N=attribute(i=2))
    pooled = {"ksize": [1, 8, 8, 1], "strides": [1, 1, 1, 1]}
    node("pool_3", "AvgPool", "join", T=real, integers=pooled, **valid)
    node("pool_3/_reshape", "Reshape", "pool_3", "shape", T=real)
    node("softmax/logits/MatMul", "MatMul", "pool_3/_reshape", "softmax/weights", T=real)
    node("softmax/logits", "BiasAdd", "softmax/logits/MatMul", "softmax/biases", T=real)
    node("softmax", "Softmax", "softmax/logits", T=real)
    return made


def features(images: np.ndarray) -> np.ndarray:
    """What the graph computes for images that need no resizing: uint8 (n, 19, 19, 3) to float64 (n, 2048)."""
    known = constants()
    scaled = (images.astype(np.float64) - 128) / 128
    windows = np.lib.stride_tricks.sliding_window_view(scaled, (3, 3), axis=(1, 2))[:, ::2, ::2]
    convolved = np.einsum("nhwcij,ijco->nhwo", windows, known["conv/weights"])
    pooled = np.lib.stride_tricks.sliding_window_view(convolved, (2, 2), axis=(1, 2)).max(axis=(-2, -1))
    normed = (pooled - known["norm/mean"]) / np.sqrt(known["norm/variance"] + EPSILON) + known["norm/beta"]
    means = np.maximum(normed, 0).mean(axis=(1, 2))
    return np.concatenate([means @ known[f"{side}/weights"][0, 0] for side in ("left", "right")], axis=1)


def archive(members: dict[str, bytes]) -> bytes:
    """A gzipped tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as made:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
