"""The benchmarks compare like with like."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

CHECKED = """
import numpy as np
from benchmarks import train_step
ours, batch, theirs, stream, gflop = train_step.planar_pair(4)
# multiply-adds a sample: G 48, D 44; 5 (48 + 10 * 44) + 3 * 48 + 2 * 44
assert np.isclose(gflop, 256 * 2e-9 * 2672), gflop
endless = train_step.tf.data.Dataset.range(10).map(batch)
for model, batches in ((ours, endless), (theirs, stream)):
    before = model.generator.get_weights()
    train_step.timed(model, batches, 1, 1)
    assert not np.allclose(before[0], model.generator.get_weights()[0])
counts = [[int(o.iterations) for o in (m.d_optimizer, m.g_optimizer)] for m in (theirs,)]
counts.append([int(ours._optimizers[name].iterations) for name in ("discriminator", "generator")])
assert counts == [[5, 1], [5, 1]], counts
shapes = [[w.shape for n in (m.generator, m.discriminator) for w in n.trainable_weights] for m in (ours, theirs)]
assert shapes[0] == shapes[1]
"""


def test_both_forms_of_the_gradient_penalty_take_five_critic_steps_and_one_of_the_generator():
    # In a process of its own: the straightforward form draws without seeds, which runs forbid in theirs.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CHECKED], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
