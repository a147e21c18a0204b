from repro.pictures.tables import drawn_tables

HEADER = ["layer", "output", "parameters"]
LONG = ["a long name of a layer, longer than the others", "7x7x256", "12,857,600"]


def texts(figure):
    figure.canvas.draw()
    return {text.get_text(): text for ax in figure.axes for text in ax.texts}


def test_every_cell_is_drawn_within_the_picture():
    figure = drawn_tables(
        [("First", [HEADER, LONG]), ("Second", [HEADER, ["fc", "1", "25,089"]])], "Title\nscale quick"
    )
    drawn = texts(figure)
    assert {*HEADER, *LONG, "fc", "25,089", "First", "Second"} <= set(drawn)
    for text in drawn.values():
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height


def test_cells_of_a_line_do_not_overlap():
    drawn = texts(drawn_tables([("Label", [HEADER, LONG])], "Title"))
    boxes = [drawn[cell].get_window_extent() for cell in LONG]
    assert boxes[0].x1 < boxes[1].x0 and boxes[1].x1 < boxes[2].x0


def test_columns_of_numbers_are_aligned_to_the_right():
    drawn = texts(drawn_tables([("Label", [HEADER, LONG, ["fc", "1", "25,089"], ["all", "", "1"]])], "Title"))
    assert drawn["25,089"].get_ha() == "right" == drawn["parameters"].get_ha()
    assert drawn["7x7x256"].get_ha() == "left"


def test_rows_of_several_lines_do_not_overlap():
    rows = [["two\nlines", "a", "1"], ["one", "three\nshort\nlines", "2"], ["last", "b", "3"]]
    drawn = texts(drawn_tables([("Label", [HEADER, *rows])], "Title"))
    column = ["two\nlines", "one", "last"]
    boxes = [drawn[cell].get_window_extent() for cell in ("two\nlines", "three\nshort\nlines", "last")]
    assert [drawn[cell].get_position()[1] for cell in column] == sorted(
        drawn[cell].get_position()[1] for cell in column
    )
    assert boxes[0].y0 > boxes[1].y1 and boxes[1].y0 > boxes[2].y1
    assert boxes[0].x1 < drawn["a"].get_window_extent().x0
