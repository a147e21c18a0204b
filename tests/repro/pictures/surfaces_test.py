import numpy as np
import tensorflow as tf

from repro.pictures import surfaces


class SurfacesTest(tf.test.TestCase):
    def test_sixteen_even_levels_below_the_maximum(self):
        values = np.arange(101.0).reshape(101, 1) * np.ones((1, 101))
        levels = surfaces.levels(values)
        self.assertLen(levels, 16)
        self.assertAllClose(levels[0], 2.0)
        self.assertAllClose(np.diff(levels), [98 / 16] * 15)
        self.assertLess(levels[-1], 100.0)

    def test_a_flat_surface_has_none_and_is_drawn(self):
        flat = np.ones((8, 8))
        self.assertLen(surfaces.levels(flat), 0)
        figure = surfaces.surfaces([("row", [("flat", flat, np.zeros((3, 2)))])], 2.0, "title")
        [ax] = figure.axes
        self.assertEqual((ax.get_title(), ax.get_ylabel(), len(ax.collections)), ("flat", "row", 0))

    def test_rows_of_values_are_y(self):
        values = np.repeat(np.arange(9.0)[:, None], 9, axis=1)
        figure = surfaces.surfaces([("", [("", values, np.zeros((1, 2)))])], 1.0, "")
        [lines] = figure.axes[0].collections
        heights = [np.ptp(path.vertices[:, 1]) for path in lines.get_paths() if len(path.vertices)]
        self.assertAllClose(heights, np.zeros(len(heights)), atol=1e-9)  # level lines are horizontal
