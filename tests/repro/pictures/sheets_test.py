import numpy as np
import tensorflow as tf

from repro.pictures.sheets import GAP, sheet, sheets


def images(n):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)


class SheetsTest(tf.test.TestCase):
    def test_images_stand_in_rows_on_white(self):
        shown = images(5)
        canvas = sheet(shown, 3)
        self.assertEqual(canvas.shape, (2 * 8 + GAP, 3 * 8 + 2 * GAP, 3))
        self.assertAllEqual(canvas[8 + GAP :, 8 + GAP : 16 + GAP], shown[4])
        self.assertAllEqual(canvas[8 + GAP :, 16 + 2 * GAP :], np.full((8, 8, 3), 255))

    def test_a_low_sheet_below_a_high_one_takes_the_height_that_it_needs(self):
        both = sheets(
            [("ten rows", images(100)), ("two rows", images(20))], columns=10, across=1, inches=5, title="both"
        )
        both.draw_without_rendering()
        high, low = (ax.get_window_extent().height for ax in both.axes)
        self.assertBetween(low / high, 0.15, 0.25)
        alone = sheets([("ten rows", images(100))], columns=10, across=1, inches=5, title="one")
        self.assertNear(both.get_figheight() - alone.get_figheight(), 5 * 18 / 98 + 0.3, 0.1)
