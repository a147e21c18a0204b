import io

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from repro.pictures import DPI
from repro.pictures.characters import character_sheet
from repro.pictures.framed import FRAME, framed_sheets
from repro.pictures.sheets import GAP, laid_out, sheet, sheets, zoom_for


def images(n, side=8, channels=3):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels), dtype=np.uint8)


def drawn(figure):
    """The picture as a page shows it: uint8, shape (height, width, 3)."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return np.asarray(Image.open(buffer).convert("RGB"))


def inside(picture, ax):
    """The part of a picture that some axes cover."""
    box = ax.get_window_extent()
    top, left = len(picture) - round(box.y1), round(box.x0)
    return picture[top : top + round(box.height), left : left + round(box.width)]


class SheetsTest(tf.test.TestCase):
    def test_images_stand_in_rows_on_white(self):
        shown = images(5)
        canvas = sheet(shown, 3)
        self.assertEqual(canvas.shape, (2 * 8 + GAP, 3 * 8 + 2 * GAP, 3))
        self.assertAllEqual(canvas[8 + GAP :, 8 + GAP : 16 + GAP], shown[4])
        self.assertAllEqual(canvas[8 + GAP :, 16 + 2 * GAP :], np.full((8, 8, 3), 255))
        self.assertAllEqual(sheet(shown, 3, 2)[:16:2, :16:2], shown[0])

    def test_zooms(self):
        self.assertEqual(zoom_for(64, 16, 5.6), 1)
        self.assertEqual(zoom_for(16, 8, 4.0), 3)  # 8 (48 + 4) = 416 for 400; with 2, 288

    @settings(max_examples=8, deadline=None)
    @given(st.integers(1, 12), st.sampled_from([8, 28, 32, 64]), st.integers(1, 9), st.integers(1, 3))
    def test_every_pixel_of_an_image_is_a_square_of_whole_pixels(self, n, side, columns, across):
        shown = images(n, side)
        figure = sheets([("one", shown), ("two", shown)], columns=columns, across=across, inches=4, title="both")
        picture = drawn(figure)
        self.assertLen(figure.axes, 2)
        for ax in figure.axes:
            self.assertAllEqual(inside(picture, ax), sheet(shown, columns, zoom_for(side, columns, 4)))

    def test_a_row_is_as_high_as_its_highest_sheet_and_nothing_is_blank_below(self):
        figure = sheets([("a", images(9)), ("b", images(3))], columns=3, across=2, inches=2, title="t")
        below = drawn(figure)[-15:]
        self.assertTrue((below == 255).all())
        high, low = (ax.get_window_extent() for ax in figure.axes)
        self.assertEqual(round(high.y0), 15)
        self.assertEqual(round(low.y1), round(high.y1))

    def test_lines_of_a_label_stay_lines(self):
        panel = np.zeros((16, 300, 1), np.uint8)
        figure = laid_out([("tanh in G and D\nLSGAN, step 300", panel)], across=1, title="t")
        self.assertEqual(figure.axes[0].get_title(), "tanh in G and D\nLSGAN, step 300")

    def test_a_long_label_is_broken_and_a_long_title_makes_the_picture_wider(self):
        panel = np.zeros((10, 100, 1), np.uint8)
        figure = laid_out([("a label of many words, far wider than its panel", panel)], across=1, title="t" * 60)
        self.assertIn("\n", figure.axes[0].get_title())
        self.assertGreater(drawn(figure).shape[1], 500)

    def test_grey_and_coloured_panels_of_several_widths(self):
        figure = laid_out(
            [("", images(1, 20, 1)[0]), ("b", images(1, 30)[0]), ("c", images(1, 25)[0])], across=2, title="t"
        )
        picture = drawn(figure)
        self.assertAllEqual(inside(picture, figure.axes[0])[..., 0], images(1, 20, 1)[0, ..., 0])
        self.assertAllEqual(inside(picture, figure.axes[2]), images(1, 25)[0])

    def test_a_frame_surrounds_the_last_column(self):
        samples, nearest = images(4), images(2) // 2
        figure = framed_sheets([("one", samples, nearest)], columns=2, title="t")
        zoom = zoom_for(8 + 2, 3, 4.6)
        shown = inside(drawn(figure), figure.axes[0])
        pitch = 10 * zoom + GAP
        self.assertAllEqual(shown[0, 2 * pitch], FRAME)
        self.assertAllEqual(shown[zoom : 9 * zoom : zoom, 2 * pitch + zoom : 2 * pitch + 9 * zoom : zoom], nearest[0])
        self.assertAllEqual(shown[pitch + zoom : pitch + 9 * zoom : zoom, zoom : 9 * zoom : zoom], samples[2])

    def test_characters_stand_in_blocks_under_their_headings(self):
        real, generated = (images(5 * k, 28, 1)[..., 0].reshape(5, k, 28, 28) for k in (2, 3))
        figure = character_sheet(images(5, 48, 1)[..., 0], real, generated, 2, "t")
        self.assertEqual(
            [[text.get_text() for text in ax.texts] for ax in figure.axes], [["class", "training", "generated"]] * 2
        )
        shown = inside(drawn(figure), figure.axes[1])[..., 0]  # classes 3 and 4
        for y, x in ((0, 0), (1, 1)):  # every pixel is two by two
            self.assertAllEqual(shown[60 + y : 116 : 2, 56 + 8 + x : 56 + 8 + 56 : 2], real[4, 0])
            start = 56 + 8 + 2 * 56 + GAP + 8 + 2 * 60
            self.assertAllEqual(shown[y:56:2, start + x : start + 56 : 2], generated[3, 2])
