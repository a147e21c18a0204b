"""Lines of text in columns."""

import io

import tensorflow as tf

from repro.pictures.text_lines import text_lines


class TextLinesTest(tf.test.TestCase):
    def test_columns_are_filled_from_the_left_and_dollars_are_dollars(self):
        lines = ["$x_1 costs 2$", "b", "c", "d", "e"]
        figure = text_lines([("one", lines), ("two", ["f"])], 2, "lines")
        figure.savefig(io.BytesIO(), format="png")
        drawn = {text.get_text(): text.get_position() for text in figure.texts}
        self.assertEqual(set(drawn), {"lines", "one", "two", "f", *lines})
        left, right = [lines[0], "b", "c"], ["d", "e"]
        self.assertLen({drawn[line][0] for line in left}, 1)
        self.assertLen({drawn[line][0] for line in right}, 1)
        self.assertGreater(drawn["d"][0], drawn["b"][0])
        self.assertEqual(drawn["d"][1], drawn[lines[0]][1])
        heights = [drawn[name][1] for name in ("one", lines[0], "b", "c", "two", "f")]
        self.assertEqual(heights, sorted(heights, reverse=True))
        self.assertGreater(heights[-1], 0)
