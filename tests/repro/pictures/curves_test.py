import tensorflow as tf

from repro.pictures.curves import COLOURS, STYLES, curves, lines


class LinesTest(tf.test.TestCase):
    def test_a_method_has_one_colour_in_all_panels_and_stands_once_in_the_legend(self):
        ours, theirs = {0: ([0, 1], [1, 2]), 1: ([0, 1], [2, 3])}, {0: ([0, 1], [5, 6])}
        figure = lines([("x", "a", {"ours": ours}), ("x", "b", {"theirs": theirs, "ours": ours})], "t")
        first, second = figure.axes
        self.assertEqual({line.get_color() for line in first.lines}, {COLOURS[0]})
        self.assertEqual([line.get_color() for line in second.lines], [COLOURS[1], COLOURS[0], COLOURS[0]])
        [legend] = figure.legends
        self.assertEqual([text.get_text() for text in legend.get_texts()], ["ours", "theirs"])

    def test_more_than_three_panels_stand_in_rows_and_may_share_their_range(self):
        panels = [("x", "y", {"m": {0: ([0, 1], [0, top])}}) for top in (1, 2, 3, 4, 5)]
        shared, own = lines(panels, "t", same_y=True), lines(panels, "t")
        self.assertLen({ax.get_ylim() for ax in shared.axes[:5]}, 1)
        self.assertLen({ax.get_ylim() for ax in own.axes[:5]}, 5)
        self.assertEqual([ax.get_subplotspec().rowspan.start for ax in own.axes], [0, 0, 0, 1, 1, 1])
        self.assertFalse(own.axes[5].axison)
        self.assertLess(own.get_figwidth(), 11.3)

    def test_four_panels_are_two_by_two(self):
        figure = lines([("x", "y", {"m": {0: ([0, 1], [0, 1])}})] * 4, "t")
        self.assertEqual([ax.get_subplotspec().rowspan.start for ax in figure.axes], [0, 0, 1, 1])

    def test_a_legend_of_long_names_stays_inside_the_picture(self):
        names = {f"a method whose name is as long as a short sentence {n}": {0: ([0, 1], [n, n])} for n in range(3)}
        figure = curves([("y", names)], "t", "x")
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
        self.assertGreaterEqual(box.x0, 0)
        self.assertLessEqual(box.x1, figure.bbox.width)

    def test_a_legend_of_many_lines_leaves_the_curves_their_height(self):
        def height(count):
            names = {f"a method whose name is as long as a sentence {n}": {0: ([0, 1], [n, n])} for n in range(count)}
            figure = curves([("y", names)], "t", "x")
            figure.draw_without_rendering()
            return figure.axes[0].get_window_extent().height / figure.dpi

        self.assertAllClose(height(8), height(1), atol=0.3)

    def test_counts_have_whole_ticks(self):
        figure = curves(
            [("y", {"m": {0: ([0, 1, 2], [1, 2, 3])}}), ("y", {"m": {0: ([0, 0.5, 2], [1, 2, 3])}})], "t", "x"
        )
        figure.draw_without_rendering()
        counts, shares = ([tick for tick in ax.get_xticks() if tick % 1] for ax in figure.axes)
        self.assertEqual(counts, [])
        self.assertNotEqual(shares, [])

    def test_more_methods_than_styles_differ_in_colour_or_style(self):
        names = {str(place): {0: ([0, 1], [place, place])} for place in range(12)}
        [ax] = curves([("y", names)], "t", "x").axes
        self.assertLen(
            {(line.get_color(), str(line.get_linestyle()), str(line._dash_pattern)) for line in ax.lines}, 12
        )
        self.assertLen(STYLES, 6)
