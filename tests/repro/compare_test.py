"""Comparing two sides of results: verdicts by hand, the table, the page, the exit status."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import ALL
from repro import compare, results
from repro.cli import main

ROOT = Path(__file__).resolve().parents[2]
PLAIN = dict.fromkeys(results.RESULTS, "") | {
    "paper": "p", "item": "t", "row": "a", "scale": "quick", "data": "points", "data_kind": "procedural",
}  # fmt: skip


def seeds(metric, value, spread, n, **more):
    """A row of results.csv with a spread over seeds."""
    return {"metric": metric, "value": value, "spread": spread, "spread_kind": "seeds", "n": n, **more}


def folder(path, *rows):
    """A results folder with these rows."""
    path.mkdir(parents=True)
    cells = [[str(value) for value in (PLAIN | row).values()] for row in rows]
    (path / "results.csv").write_text(results.table_text(results.RESULTS, cells))
    return path


def verdicts(table):
    return dict(zip(table["metric"], table["verdict"], strict=True))


def joined(a, b):
    return compare.joined(compare.measured(compare.read(a)), compare.measured(compare.read(b)))


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    """Calls `compare`; (exit status, lines of its output, its page)."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words):
        status = main(["compare", *map(str, words), "--out", str(tmp_path / "out")], ALL)
        return status, capsys.readouterr().out.splitlines(), (tmp_path / "out/compare.html").read_text()

    return call


# ---- verdicts ----


def test_spreads_over_seeds_are_divided_by_the_root_of_n(tmp_path):
    # 3 / sqrt(9) = 1 and 2 / sqrt(4) = 1: allowed is 2 sqrt(2) = 2.83; undivided it would be 2 sqrt(13) = 7.2
    a = folder(tmp_path / "a", seeds("near", 10, 3, 9), seeds("far", 10, 3, 9))
    b = folder(tmp_path / "b", seeds("near", 12.8, 2, 4), seeds("far", 12.9, 2, 4))
    table = joined(a, b)
    assert verdicts(table) == {"near": "agree", "far": "differ"}
    assert table["metric"].tolist() == ["far", "near"]  # what differs comes first
    assert table["allowed"].tolist() == pytest.approx([math.sqrt(8)] * 2)
    assert table["apart"].tolist() == pytest.approx([2.9, 2.8])


def test_a_standard_error_is_taken_as_it_is():
    assert compare.standard_error(3.0, "seeds", 9.0) == 1
    assert compare.standard_error(3.0, "standard error", 9.0) == 3
    assert compare.standard_error(3.0, "standard error of the mean, folds", math.nan) == 3
    for kind, n in (("seeds", math.nan), ("seeds", 0.0), ("folds", 9.0), ("not stated", 9.0), ("", math.nan)):
        assert math.isnan(compare.standard_error(3.0, kind, n))


def test_without_spreads_only_equal_numbers_agree():
    nan = math.nan
    assert compare.verdict(5.0, 5.0, nan, nan) == "agree"
    assert compare.verdict(5.0, 5.000001, nan, nan) == "no spread"
    # One spread is known, and the other could only widen the band of 2.
    assert compare.verdict(5.0, 7.0, 1.0, nan) == compare.verdict(7.0, 5.0, nan, 1.0) == "agree"
    assert compare.verdict(5.0, 7.1, 1.0, nan) == compare.verdict(7.1, 5.0, nan, 1.0) == "no spread"
    assert compare.verdict(5.0, 7.1, 1.0, 0.0) == "differ"
    assert compare.verdict(nan, 5.0, nan, 1.0) == "no value"


def test_one_seed_has_no_spread_and_diverged_seeds_no_value(tmp_path):
    one = {"metric": "one", "n": 1}
    lost = {"metric": "lost", "n": 0, "note": "2 of 2 seeds diverged"}
    a = folder(tmp_path / "a", one | {"value": 1}, lost)
    b = folder(tmp_path / "b", one | {"value": 2}, seeds("lost", 1, 0.1, 2))
    assert verdicts(joined(a, b)) == {"one": "no spread", "lost": "no value"}


def test_what_only_one_side_has_is_listed_whole_items_in_one_line(tmp_path):
    a = folder(
        tmp_path / "a", seeds("m", 1, 1, 3), seeds("extra", 0.25, 1, 3), seeds("m", 1, 1, 3, item="u"),
        seeds("m", 1, 1, 3, item="u", row="z"),
    )  # fmt: skip
    b = folder(tmp_path / "b", seeds("m", 1, 1, 3), seeds("m", 1, 1, 3, row="c"))
    table = joined(a, b)
    assert compare.only(table, "A") == ["p t, a: extra 0.25", "p u: all 2 rows"]
    assert compare.only(table, "B") == ["p t, c: m 1"]
    assert compare.summary(table) == "1 agree, 0 differ, 3 only in A, 1 only in B"


def test_numbers_of_one_name_whose_protocols_differ_are_not_compared(tmp_path):
    sides = [folder(tmp_path / name, seeds("score", 5, 1, 3), seeds("plain", 5, 1, 3)) for name in "abc"]
    for path, network in zip(sides, ("sha256 1", "sha256 2", "sha256 1"), strict=True):
        metrics = {"score": {"protocol": f"features of {network}"}, "plain": {"protocol": ""}}
        (path / "provenance.json").write_text(json.dumps({"items": {"t": {"metrics": metrics}}}))
    assert verdicts(joined(sides[0], sides[2])) == {"score": "agree", "plain": "agree"}
    table = joined(sides[0], sides[1])
    assert verdicts(table[table["metric"] == "plain"]) == {"plain": "agree"}
    assert sorted(table.loc[table["metric"] == "score", "verdict"]) == ["only in A", "only in B"]
    assert compare.only(table, "A") == ["p t, a: score 5 (features of sha256 1)"]


def test_scores_against_another_set_or_category_are_not_compared(tmp_path):
    bedrooms, rooms = ({"name": name, "checksum": "1234"} for name in ("scenes64, bedroom", "scenes64"))
    chosen = {"a": [bedrooms], "b": [rooms], "c": [bedrooms], "d": [bedrooms | {"checksum": "5678"}]}
    for name, sets in chosen.items():
        path = folder(tmp_path / name, seeds("frechet_scenes64_1000", 5, 1, 3), seeds("plain", 5, 1, 3))
        metrics = {"frechet_scenes64_1000": {"protocol": "Features."}, "plain": {"protocol": ""}}
        known = {"items": {"t": {"metrics": metrics, "sets": sets}}}
        (path / "provenance.json").write_text(json.dumps(known))
    assert set(joined(tmp_path / "a", tmp_path / "c")["verdict"]) == {"agree"}
    for other in "bd":
        table = joined(tmp_path / "a", tmp_path / other)
        assert sorted(zip(table["metric"], table["verdict"], strict=True)) == [
            ("frechet_scenes64_1000", "only in A"), ("frechet_scenes64_1000", "only in B"), ("plain", "agree"),
        ]  # fmt: skip
    told = "p t, a: frechet_scenes64_1000 5 (Features. Data: scenes64, bedroom (checksum 1234).)"
    assert compare.only(joined(tmp_path / "a", tmp_path / "b"), "A") == [told]


def test_a_folder_of_papers_is_joined_by_paper(tmp_path):
    for paper in ("p", "q"):
        folder(tmp_path / "all" / paper, seeds("m", 1, 1, 3, paper=paper))
    table = joined(tmp_path / "all", tmp_path / "all/q")
    assert dict(zip(table["paper"], table["verdict"], strict=True)) == {"q": "agree", "p": "only in A"}


# Also those that a float64 can only just hold: no verdict may overflow into an error.
NUMBERS = st.floats(-1e150, 1e150) | st.integers(-5, 5).map(float)
MEASURED = st.tuples(NUMBERS, st.none() | st.floats(0, 1e150), st.integers(2, 9))
SIDES = st.dictionaries(st.sampled_from("abcdef"), MEASURED, max_size=6)


def side(cells):
    """A side of results from metric: (value, spread or None, n)."""
    kept = [
        PLAIN | {"metric": m, "value": v, "spread": math.nan if s is None else s, "spread_kind": "seeds", "n": n}
        for m, (v, s, n) in cells.items()
    ]
    table = pd.DataFrame(kept, columns=list(results.RESULTS)).astype({"note": str})
    return compare.measured(table.assign(protocol="", processor="", settings="{}"))


@given(SIDES, SIDES)
def test_verdicts_do_not_depend_on_which_side_is_which(one, other):
    swapped = {"only in A": "only in B", "only in B": "only in A"}
    there, back = (verdicts(compare.joined(side(x), side(y))) for x, y in ((one, other), (other, one)))
    assert there.keys() == one.keys() | other.keys()
    assert there == {metric: swapped.get(word, word) for metric, word in back.items()}


@given(SIDES)
def test_a_side_agrees_with_itself(cells):
    assert verdicts(compare.joined(side(cells), side(cells))) == dict.fromkeys(cells, "agree")


# ---- published ----

KINDS = pd.DataFrame(
    [
        ("t", "a", "error", "5", "1", "standard error", "", "", "Table 1", "read", ""),
        ("t", "a", "seeds", "5", "3", "seeds", "9", "", "Table 1", "read", ""),
        ("t", "a", "bare", "5", "1", "not stated", "", "", "Table 1", "read", ""),
        ("t", "a", "error", "9", "1", "seeds", "4", "", "Table 2", "read", "on other data"),
    ],
    columns=list(results.PUBLISHED), dtype=str,
).assign(paper="p")  # fmt: skip


def printed(value, spread="", status="verified"):
    return {"published": value, "published_spread": spread, "published_status": status, "published_source": "Table 1"}


def test_published_numbers_are_compared_with_the_measured_ones_of_their_line(tmp_path):
    table = compare.read(
        folder(
            tmp_path / "a",
            seeds("error", 7.9, 3, 9) | printed(5, 1),  # allowed 2 sqrt(1 + 1) = 2.83
            seeds("seeds", 7.8, 3, 9) | printed(5, 3),
            seeds("bare", 7.9, 3, 9) | printed(5, 1),
            seeds("memory", 5, 3, 9) | printed(100, status="unverified"),
            seeds("unpublished", 7.9, 3, 9),
            {"metric": "error", "note": "on other data"} | printed(9, 1),
            {"metric": "guess", "note": "not measured at this scale"} | printed(3, status="unverified"),
        )
    )
    sides = compare.measured(table), compare.published(table, KINDS)
    joined = compare.joined(*sides)
    both = joined[joined["sides"] == "both"]
    assert verdicts(both) == {"error": "differ", "seeds": "agree", "bare": "no spread", "memory": "unverified"}
    assert compare.only(joined, "A") == ["p t, a: unpublished 7.9"]
    assert compare.only(joined, "B") == [
        "p t, a: error 9 (Table 1; on other data); guess 3 (not verified; Table 1; not measured at this scale)"
    ]
    assert [group.unlike for group in compare.groups(joined)] == [[]]
    turned = compare.joined(*reversed(sides))
    assert verdicts(turned[turned["sides"] == "both"]) == verdicts(both)


def test_the_published_tables_of_all_papers_are_read():
    kinds = compare.published_kinds(ROOT / "results/published")
    assert set(ALL) <= set(kinds["paper"])


# ---- errors ----


def test_a_folder_that_cannot_be_read_is_named(tmp_path, capsys):
    good = folder(tmp_path / "good", seeds("m", 1, 1, 3))
    (tmp_path / "empty").mkdir()
    folder(tmp_path / "twice", seeds("m", 1, 1, 3), seeds("m", 2, 1, 3))
    folder(tmp_path / "words", seeds("m", "one", 1, 3))
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/results.csv").write_text("x,y\n1,2\n")
    columns = ", ".join(results.RESULTS)
    for name, why in {
        "nowhere": "the results folder {0} is not there",
        "empty": "{0} has no results.csv, nor has a folder in it",
        "twice": "{0} has more than one row p, t, a, m",
        "words": "{0}/results.csv is no results.csv of this program: could not convert string to float: 'one'",
        "foreign": f"{{0}}/results.csv is no results.csv of this program: expected the columns {columns}",
    }.items():
        for words in ([tmp_path / name, good], [good, tmp_path / name], ["published", tmp_path / name]):
            assert main(["compare", *map(str, words), "--out", str(tmp_path / "out")], ALL) == 2
            assert capsys.readouterr() == ("", f"run_all.sh: {why.format(tmp_path / name)}\n")
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "foreign/results.csv").exists()  # another's file stays where it is


# ---- what a person sees ----


def test_the_terminal_and_the_exit_status(told, tmp_path):
    a = folder(
        tmp_path / "a", {"metric": "exact", "value": 4}, seeds("m", 10, 3, 9), seeds("rest", 1, 0, 3, row="[b]z[/b]")
    )
    b = folder(
        tmp_path / "b", {"metric": "exact", "value": 4}, seeds("m", 13, 2, 4, scale="small", data="images"),
        seeds("rest", 1, 0, 3, row="[b]z[/b]", note="1 of 4 seeds diverged"),
    )  # fmt: skip
    status, lines, _ = told(a, b)
    assert status == 1
    assert [line.rstrip() for line in lines if line.strip() and "──" not in line] == [
        f"A: {a}",
        f"B: {b}",
        "agree: at most 2 √(sA² + sB²) apart, s the standard error (± seeds: / √n)",
        "no spread: not equal, and a standard error that could tell is not known",
        "p t",
        "not the same scale: quick (A), small (B)",
        "not the same data: points (A), images (B)",
        "row, metric                      A         B  verdict",
        "a                               10        13  differ",
        " m                        ± 3, n 9  ± 2, n 4  3 > 2.83",
        "[b]z[/b]                         1         1  agree",
        " rest                     ± 0, n 3  ± 0, n 3  0 ≤ 0",
        "B: 1 of 4 seeds diverged",
        "a                                4         4  agree",
        " exact",
        str(tmp_path / "out/compare.html"),
        "2 agree, 1 differ",
    ]
    assert told(a, a)[0] == told(a, "published")[0] == 0
    assert told(a, "published")[1][-1].startswith("nothing could be compared")
    assert not any(line.startswith("nothing") for line in told(a, a)[1])


def test_settings_that_are_not_the_same_are_named(told, tmp_path):
    a, b = (folder(tmp_path / name, seeds("m", 1, 1, 3)) for name in "ab")
    for path, steps in ((a, 10), (b, 200)):
        settings = {"class": "Ring", "steps": steps, "critic": {"rate": 1, "steps": steps}}
        (path / "provenance.json").write_text(json.dumps({"items": {"t": {"settings": settings}}}))
    sentence = "not the same settings: steps 10 (A), 200 (B); critic.steps 10 (A), 200 (B)"
    assert sentence in " ".join(" ".join(told(a, b)[1]).split())
    assert not any("the same settings" in line for line in told(a, a)[1])


def test_processors_that_are_not_the_same_are_named(told, tmp_path):
    a, b = (folder(tmp_path / name, seeds("m", value, 0.1, 3)) for name, value in (("a", 1.0), ("b", 1.0000001)))
    for path, processor in ((a, "Abacus 8"), (b, "Abacus 9")):
        environment = {"processor": processor, "cores": 2}
        (path / "provenance.json").write_text(json.dumps({"items": {"t": {"environment": environment}}}))
    status, lines, page = told(a, b)
    assert status == 0
    sentence = "not the same processor: Abacus 8 (A), Abacus 9 (B)"
    assert any(sentence in line for line in lines)
    assert sentence in page
    assert not any("the same processor" in line for line in told(a, a)[1])


def test_committed_results_fit_eighty_columns(told):
    quick, small = ROOT / "results/quick/lsgan", ROOT / "results/small/lsgan"
    for words in ([quick, small], [quick, "published"]):
        _, lines, _ = told(*words)
        assert max(len(line) for line in lines if not line.endswith(("lsgan", "compare.html"))) <= 80


def test_the_page_says_the_verdicts_in_words_and_escapes_everything(told, tmp_path):
    evil = "<script>alert(1)</script>"
    row = seeds("m", 10, 3, 9, row=evil, item="<i>", data="<b>")
    a = folder(tmp_path / "a<b>", row, seeds(evil, 1, 1, 2, item="<i>"))
    b = folder(tmp_path / "b", row | {"value": 99, "data": "<u>", "note": evil})
    _, _, page = told(a, b)
    for tag in ("<script", "<i>t", "<u>", "a<b>"):
        assert tag not in page
    for shown in (
        "&lt;script&gt;alert(1)&lt;/script&gt;", "a&lt;b&gt;", '<td class="verdict differ">differ</td>',
        "not the same data: &lt;b&gt; (A), &lt;u&gt; (B)", '.differ::before { content: "✗ "; }', "89 &gt; 2.83",
    ):  # fmt: skip
        assert shown in page, shown
