"""Time and memory of a training step with the linear label map against the label itself, at 100 and 3,740 classes.

    .venv/bin/python benchmarks/label_map.py

Figure 4's discriminator at the published width, batch 64, forward and backward; each case in a process of its own, so
that the peak of memory is its own. "direct" is the one-hot label in place of the map, hidden widths kept (form A).
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = [(form, classes) for classes in (100, 3_740) for form in ("linear map", "direct (A)")]


def measure(form: str, classes: int) -> None:
    """Prints the first step's and the best later step's seconds, and the peak of memory in GB."""
    sys.path.insert(0, str(ROOT))
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers

    from papers.lsgan import networks

    if form == "linear map":
        d = networks.character_discriminator(classes)
    else:
        image, label = keras.Input((28, 28, 1)), keras.Input((), dtype="int32")
        y = layers.Reshape((classes,))(layers.CategoryEncoding(classes, "one_hot")(layers.Reshape((1,))(label)))
        x = layers.LeakyReLU(0.2)(layers.Conv2D(257, 5, 2, "same")(image))
        tiled = layers.UpSampling2D(14)(layers.Reshape((1, 1, classes))(y))
        x = layers.Conv2D(320, 5, 2, "same")(layers.Concatenate()([x, tiled]))
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
        x = layers.Dense(1024)(layers.Concatenate()([layers.Flatten()(x), y]))
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
        d = keras.Model([image, label], layers.Dense(1)(layers.Concatenate()([x, y])))
    inputs = [tf.ones((64, 28, 28, 1)), tf.constant(np.arange(64) % classes, tf.int32)]

    @tf.function
    def step() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(d(inputs, training=True) ** 2)
        return [tf.reduce_sum(g) for g in tape.gradient(loss, [w.value for w in d.trainable_weights])]

    times = []
    for _ in range(4):
        start = time.perf_counter()
        _ = [value.numpy() for value in step()]
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{times[0]:.2f},{min(times[1:]):.2f},{peak:.2f}")


def main() -> None:
    """Runs every case in a process of its own; prints and stores."""
    threads = {name: "1" for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")}
    lines = ["form,classes,first_step_s,step_s,peak_gb"]
    for form, classes in CASES:
        command = [sys.executable, __file__, form, str(classes)]
        done = subprocess.run(command, env={**os.environ, **threads}, capture_output=True, text=True, check=True)
        lines.append(f"{form},{classes},{done.stdout.strip()}")
        print(lines[-1], flush=True)
    out = ROOT / "benchmarks" / "results" / "label_map.csv"
    out.parent.mkdir(exist_ok=True)
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
