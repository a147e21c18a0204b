"""Table 2: five rows by four kinds, in words, as picture and as text."""

import tensorflow as tf

from papers.gan2014 import table2_difficulties
from papers.gan2014.table2_difficulties import DIFFICULTIES, EXTENSIONS
from repro.bench import Bench
from repro.pictures.tables import drawn_tables


def presented():
    bench = Bench(table2_difficulties.table2, table2_difficulties.Kinds(), "", "quick")
    table2_difficulties.table2.present(bench, [])
    return bench


class Table2Test(tf.test.TestCase):
    def test_five_rows_by_four_kinds(self):
        header, rows, _ = presented().tables["table2.csv"]
        self.assertEqual(header[1:], ["directed", "undirected", "autoencoders", "adversarial"])
        self.assertEqual(
            [row[0] for row in rows], ["training", "inference", "sampling", "evaluating p(x)", "model design"]
        )
        self.assertEqual({len(row) for row in rows}, {5})
        self.assertTrue(all(cell and "\n" not in cell for row in rows for cell in row))

    def test_its_words(self):
        text = " ".join(cell for row in DIFFICULTIES for cell in row)
        for word in ("Parzen", "AIS", "Helvetica"):
            self.assertIn(word, text)

    def test_five_extensions_two_advantages_and_what_is_not_claimed(self):
        self.assertLen(presented().tables["table2_extensions.csv"][1], 5)
        self.assertLen(EXTENSIONS, 5)
        for words in ("Two advantages", "gradient that comes through D alone", "sharp", "does not claim"):
            self.assertIn(words, " ".join(table2_difficulties.table2.meaning.split()))

    def test_nothing_is_measured_and_one_picture_drawn(self):
        bench = presented()
        self.assertEqual((bench.values, list(bench.pictures)), ([], ["table2.png"]))

    def test_cells_are_drawn_within_the_picture_and_apart(self):
        figure = drawn_tables([("label", list(map(list, DIFFICULTIES)))], "title")
        figure.canvas.draw()
        [ax] = figure.axes
        boxes = [text.get_window_extent() for text in ax.texts]
        for place, box in enumerate(boxes[1:]):  # after the label, row by row
            self.assertTrue(box.x0 >= 0 and box.y0 >= 0)
            self.assertTrue(box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height)
            if place % 5:
                self.assertLess(boxes[place].x1, box.x0)
            if place >= 5:
                self.assertLess(box.y1, boxes[place - 4].y0)
