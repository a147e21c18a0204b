"""The benchmarks compare like with like."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PENALTY = """
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

ALTERNATING = """
import numpy as np
from benchmarks import train_step
from papers.dcgan.images import ROOMS, compiled
ours = compiled(ROOMS, (32, 32, 3), 0)
theirs = train_step.Alternating(*train_step.straightforward_images(32, 16, 100), 100, ROOMS.l2)
theirs.compile(**train_step.adams(1e-3, 1e-3))
batches = train_step.tf.data.Dataset.from_tensors(np.zeros((4, 32, 32, 3), np.float32)).repeat()
shapes = [[w.shape for n in (m.generator, m.discriminator) for w in n.trainable_weights] for m in (ours, theirs)]
assert shapes[0] == shapes[1]
for model in (ours, theirs):
    for moves, stays in ((model.generator, model.discriminator), (model.discriminator, model.generator)):
        before = [[w.numpy() for w in n.trainable_weights] for n in (moves, stays)]
        train_step.timed(model, batches, 1, 1)
        after = [[w.numpy() for w in n.trainable_weights] for n in (moves, stays)]
        assert all((a != b).any() for a, b in zip(before[0], after[0]))
        assert all((a == b).all() for a, b in zip(before[1], after[1]))
# multiply-adds of the released SVHN networks at 64 maps: 27.9 and 27.4 million
for same in (False, True):
    networks = train_step.straightforward_images(32, 64, 100, same)
    assert [round(train_step.multiply_adds(n) / 1e6, 1) for n in networks] == [27.9, 27.4]

# The published padding is that of ours; Keras' "same" is another network.
random = np.random.default_rng(0)
z, images = random.uniform(-1, 1, (3, 100)).astype("f"), random.uniform(-1, 1, (3, 32, 32, 3)).astype("f")
for same in (False, True):
    theirs = train_step.straightforward_images(32, 16, 100, same)
    for a, b, x in zip((ours.generator, ours.discriminator), theirs, (z, images)):
        for w, v in zip(a.trainable_weights, b.trainable_weights):
            v.assign(w)
        near = np.allclose(a(x, training=True), b(x, training=True), atol=1e-4)
        assert near != same, (near, same)
"""


RESIDUAL = """
import numpy as np
from benchmarks import train_step
from papers.wgan_gp import image_networks, methods
ours = [image_networks.resnet_generator(32, 4), image_networks.resnet_critic(32, 4)]
theirs = train_step.straightforward_resnet(4)
for a, b in zip(ours, theirs):
    assert sorted(tuple(w.shape) for w in a.trainable_weights) == sorted(tuple(w.shape) for w in b.trainable_weights)
model = train_step.WithPenalty(theirs, 128, 0)
model.compile(**train_step.adams(1e-3, 1e-3))
alone = train_step.CriticAlone(*ours, train_step.Normal(128), critic_steps=1)
alone.compile(**train_step.adams(1e-3, 1e-3))
batches = train_step.tf.data.Dataset.from_tensors(np.zeros((1, 2, 32, 32, 3), np.float32)).repeat()
for each in (model, alone):
    networks = each.generator, each.discriminator
    before = [[w.numpy() for w in n.trainable_weights] for n in networks]
    train_step.timed(each, batches, 1, 1)
    after = [[w.numpy() for w in n.trainable_weights] for n in networks]
    assert all((a == b).all() for a, b in zip(before[0], after[0]))
    assert any((a != b).any() for a, b in zip(before[1], after[1]))
"""


def checks(code):
    # In a process of its own: the straightforward form draws without seeds, which runs forbid in theirs.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_both_forms_of_the_gradient_penalty_take_five_critic_steps_and_one_of_the_generator():
    checks(PENALTY)


def test_both_forms_of_dcgan_have_the_same_weights_and_move_one_network_a_mini_batch_g_first():
    checks(ALTERNATING)


def test_both_forms_of_the_residual_networks_have_the_same_weights_and_the_critic_moves_alone():
    checks(RESIDUAL)
