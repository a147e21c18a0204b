from dataclasses import replace

import pandas as pd
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from repro import results
from repro.errors import Failure
from repro.items import Metric, Paper, Scale, claim, item

M = Metric("m", "a metric", "units")


@item("t", "a table", quick=Scale(None), metrics=[M], data=("points", "procedural"))
def table(bench, runs):
    """A table."""


@claim("t", "It is large.", source="nowhere", exact=True)
def large(values):
    from repro.claims import exact

    return exact(values.by_seed("a", "m")[0] > 1, "seen")


class Invented(Paper):
    @property
    def _declared(self):
        return [table, large]


PAPER = Invented("p", "a paper", "nobody", ())
FACTS = {"t": {"data": "points", "data_kind": "procedural"}}


def published(*lines):
    return pd.DataFrame(lines, columns=list(results.PUBLISHED), dtype=str)


class ResultsTest(tf.test.TestCase):
    def values(self, *lines):
        return results.sort_values(pd.DataFrame([list(map(str, line)) for line in lines], columns=list(results.VALUES)))

    @given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
    def test_numbers_read_back_exactly(self, value):
        self.assertEqual(float(results.number(value)), float(value))

    def test_a_row_is_the_mean_of_each_seeds_last_value(self):
        values = self.values(("t", "a", "m", 0, 10, 9.0), ("t", "a", "m", 0, 20, 1.0), ("t", "a", "m", 1, 20, 4.0))
        [row] = results.result_rows(PAPER, "quick", values, published(), FACTS)
        cells = dict(zip(results.RESULTS, row, strict=True))
        self.assertEqual(
            (cells["value"], cells["n"], cells["spread_kind"], cells["unit"]), ("2.5", "2", "seeds", "units")
        )
        self.assertAllClose(float(cells["spread"]), 3 / 2**0.5)  # N - 1
        self.assertEqual((cells["data"], cells["data_kind"], cells["published"]), ("points", "procedural", ""))

    def test_a_published_number_stands_beside_ours_only_under_the_same_protocol(self):
        values = self.values(("t", "a", "m", 0, "", 2.0))
        same = ("t", "a", "m", "3", "0.5", "", "", "units", "Table 1", "read-code", "")
        other = ("t", "b", "m", "4", "", "", "", "units", "Table 1", "memory", "another data set")
        told = ("t", "c", "m", "5", "", "", "", "units", "Table 1 of another", "secondary", "")
        setting = ("t", "a", "rate", "0.1", "", "", "", "", "Table 2", "read-code", "setting")
        rows = results.result_rows(PAPER, "quick", values, published(same, other, told, setting), FACTS)
        first, second, third = (dict(zip(results.RESULTS, row, strict=True)) for row in rows)
        self.assertEqual((first["value"], first["published"], first["published_status"]), ("2", "3", "verified"))
        self.assertEqual((second["value"], second["published"], second["published_status"]), ("", "4", "unverified"))
        self.assertEqual(second["note"], "another data set")
        self.assertEqual((third["published"], third["published_status"]), ("5", "second-hand"))

    def test_a_line_says_why_nothing_was_measured_where_it_is_known(self):
        line = ("t", "b", "m", "4", "", "", "", "units", "Table 1", "read-code", "")
        facts = {"t": {**FACTS["t"], "absent": [["b", "m", "its data is not there"]]}}
        for known, note in ((facts, "its data is not there"), (FACTS, "not measured at this scale")):
            rows = results.result_rows(PAPER, "quick", self.values(("t", "a", "m", 0, "", 2.0)), published(line), known)
            self.assertEqual(rows[1][-1], note)

    def test_a_single_value_has_the_standard_error_that_was_recorded_beside_it(self):
        error = Metric("m_se", "standard error over the test images, N", "units")
        metrics = {"m": replace(M, error=error), "m_se": error}
        paper = Invented("p", "a paper", "nobody", ())
        vars(paper)["items"] = {"t": replace(table, metrics=metrics)}
        lines = [("t", "one", "m", "", "", 2.0), ("t", "one", "m_se", "", "", 0.25)]
        lines += [("t", "two", "m", seed, "", float(seed)) for seed in (1, 3)] + [("t", "two", "m_se", 1, "", 0.5)]
        lines += [("t", "lost", "m", 0, "", 2.0), ("t", "lost", "m", 1, "", "nan")]
        lines += [("t", "lost", "m_se", 0, "", 0.75), ("t", "lost", "m_se", 1, "", 0.5)]
        rows = results.result_rows(paper, "quick", self.values(*lines), published(), FACTS)
        cells = {(row[2], row[3]): dict(zip(results.RESULTS, row, strict=True)) for row in rows}
        one, two = cells["one", "m"], cells["two", "m"]
        self.assertEqual(cells["lost", "m"]["spread"], "0.75")  # that of the seed that is left
        self.assertEqual((one["spread"], one["spread_kind"]), ("0.25", "standard error over the test images"))
        self.assertAllClose(float(two["spread"]), 2**0.5)
        self.assertEqual(two["spread_kind"], "seeds")

    def test_a_diverged_seed_is_said_and_not_averaged(self):
        values = self.values(("t", "a", "m", 0, "", 2.0), ("t", "a", "m", 1, "", "nan"))
        [row] = results.result_rows(PAPER, "quick", values, published(), FACTS)
        cells = dict(zip(results.RESULTS, row, strict=True))
        self.assertEqual((cells["value"], cells["n"], cells["note"]), ("2", "1", "1 of 2 seeds diverged"))

    def test_a_claim_on_an_older_versions_values_waits_and_one_on_present_values_must_not_fail(self):
        old = self.values(("t", "a", "renamed since", 0, "", 2.0))
        [row] = results.claim_rows(PAPER, old)
        self.assertEqual(row[4], "undecided")
        self.assertIn("older version", row[5])
        with self.assertRaises(KeyError):
            results.claim_rows(PAPER, self.values(("t", "b", "m", 0, "", 2.0)))

    def test_one_items_values_replace_its_old_ones_only(self):
        path = self.path("values.csv")
        path.write_text(
            results.table_text(results.VALUES, [("t", "a", "m", "0", "", "1"), ("u", "a", "m", "0", "", "5")])
        )
        merged = results.merged_values(path, "t", [("t", "a", "m", "0", "", "2")])
        self.assertEqual(merged["value"].tolist(), ["2", "5"])

    def path(self, name):
        from pathlib import Path

        return Path(self.get_temp_dir()) / name

    def test_a_foreign_file_is_set_aside(self):
        path = self.path("foreign.csv")
        path.write_text("x,y\n1,2\n")
        with self.assertRaisesRegex(Failure, "foreign.csv is damaged .*set aside as foreign.csv.damaged"):
            results.read(path, results.VALUES)
        self.assertFalse(path.exists())
        self.assertTrue(self.path("foreign.csv.damaged").exists())

    def test_a_damaged_table_of_published_numbers_stays_where_it_is(self):
        path = self.path("paper.csv")
        self.assertEmpty(results.published(path))
        path.write_text("x,y\n1,2\n")
        with self.assertRaisesRegex(Failure, "paper.csv is damaged .*take it again"):
            results.published(path)
        self.assertTrue(path.exists())

    def test_claims_are_judged_on_values(self):
        for value, verdict in ((2, "holds"), (0.5, "fails")):
            [row] = results.claim_rows(PAPER, self.values(("t", "a", "m", 0, "", value)))
            self.assertEqual([*row[:2], row[4]], ["p", "t", verdict])
