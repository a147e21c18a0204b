"""Initial values that a stored network remembers."""

import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from repro.layers.fan_uniform import GLOROT, FanUniform
from repro.layers.piecewise import PiecewiseLinear

ROOT = Path(__file__).parents[3]


class FanUniformTest(tf.test.TestCase):
    def test_a_stride_divides_the_last_axis_fan(self):
        values = FanUniform(GLOROT, stride=2, seed=0)((5, 16, 64))
        self.assertAllClose(np.std(values), np.sqrt(2 / (5 * (16 + 64 / 4))), rtol=0.02)

    def test_a_network_with_them_is_loaded_where_no_paper_is_known(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "generator.keras")
            layers = [keras.layers.Dense(3, kernel_initializer=FanUniform(GLOROT, 2)), PiecewiseLinear(0.2)]
            keras.Sequential([keras.Input((2,)), *layers]).save(file)
            code = (
                f"import sys; from repro import fitting; found = fitting.load_network({str(file)!r})\n"
                "assert found.output_shape == (None, 3) and found.layers[0].kernel_initializer.stride == 2\n"
                "assert not [name for name in sys.modules if name.startswith('papers')]"
            )
            done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
