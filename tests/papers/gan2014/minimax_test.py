"""The game of two variables to the last printed digit, and what the item records, draws and claims."""

import functools

import numpy as np
import pandas as pd
import tensorflow as tf
from hypothesis import assume, given
from hypothesis import strategies as st

from papers.gan2014 import minimax
from papers.gan2014.minimax import BILINEAR, EXAMPLE, alternating, simultaneous
from repro import claims
from repro.bench import Bench

START = (-1.0, -0.5)
# step: x, y, f
SIMULTANEOUS = {
    0: (-1, -0.5, 0.75), 1: (-1.1, 0.1, 3.06), 2: (-1.3, 0.32, 2.9508), 3: (-1.504, 0.368, 2.5728),
    4: (-1.6768, 0.3464, 2.31479232), 5: (-1.81072, 0.3032, 2.1780155904),
    10: (-2.0829256192, 0.1564928, 2.0639449443), 20: (-2.1245323164, 0.125403700828, 2.0625001074),
}  # fmt: skip
ALTERNATING = {
    0: (-1, -0.5, 0.75), 1: (-1.1, 0.08, 3.0148), 2: (-1.296, 0.2728, 2.92925888),
    3: (-1.49136, 0.310848, 2.595902665728), 4: (-1.6552576, 0.29328768, 2.356299410025677),
    5: (-1.782863616, 0.2607423488, 2.2171641422315704), 10: (-2.061432833703, 0.153815054848, 2.0677132452),
    20: (-2.122976584747, 0.125929994546, 2.0625052631),
}  # fmt: skip
numbers = st.integers(-8, 8).map(lambda n: n / 4)


@functools.cache
def presented():
    bench = Bench(minimax.minimax, minimax.Game(), "", "quick")
    minimax.minimax.present(bench, [])
    return bench


def values(lines):
    table = pd.DataFrame(lines, columns=["item", "row", "metric", "seed", "step", "value"])
    return claims.Values(table.assign(**{c: pd.to_numeric(table[c]) for c in ("seed", "step", "value")}))


def found(row, metric, step=None):
    return values(presented().values).one(row, metric, step)


def changed(row, metric, value, step=""):
    return values([[*v[:5], str(value)] if v[1:5] == [row, metric, "", step] else v for v in presented().values])


class GameTest(tf.test.TestCase):
    def test_the_saddle(self):
        self.assertEqual(EXAMPLE.saddle, (-17 / 8, 1 / 8))
        self.assertEqual(EXAMPLE.value(*EXAMPLE.saddle), 33 / 16)
        self.assertEqual([EXAMPLE.slope_x(*EXAMPLE.saddle), EXAMPLE.slope_y(*EXAMPLE.saddle)], [0, 0])

    @given(numbers, numbers)
    def test_it_is_the_least_in_x_and_the_most_in_y(self, dx, dy):
        x, y = EXAMPLE.saddle
        self.assertGreaterEqual(EXAMPLE.value(x + dx, y), 33 / 16)
        self.assertLessEqual(EXAMPLE.value(x, y + dy), 33 / 16)

    @given(*[numbers] * 8)
    def test_slopes_are_the_derivatives(self, a, b, c, d, e, constant, x, y):
        game, h = minimax.Quadratic(a, b, c, d, e, constant), 1 / 1024
        # Central differences of a polynomial of degree two are exact.
        self.assertAllClose(game.slope_x(x, y), (game.value(x + h, y) - game.value(x - h, y)) / (2 * h), atol=1e-9)
        self.assertAllClose(game.slope_y(x, y), (game.value(x, y + h) - game.value(x, y - h)) / (2 * h), atol=1e-9)

    def test_both_orders_step_by_step(self):
        for order, expected in ((simultaneous, SIMULTANEOUS), (alternating, ALTERNATING)):
            places = minimax.path(EXAMPLE, order, START, 0.1, 20)
            for step, (x, y, f) in expected.items():
                self.assertAllClose([*places[step], EXAMPLE.value(*places[step])], [x, y, f], rtol=0, atol=6e-11)

    def test_a_rate_of_one_quarter_arrives_in_two_steps_exactly(self):
        self.assertAllEqual(minimax.path(EXAMPLE, simultaneous, START, 0.25, 2), [START, (-1.25, 1), (-2.125, 0.125)])


class RatesTest(tf.test.TestCase):
    def test_the_simultaneous_radius_is_one_less_four_times_the_rate(self):
        for rate in (0.01, 0.1, 0.25, 0.3, 0.5, 0.7):
            found = minimax.spectral_radius(EXAMPLE, simultaneous, rate)
            self.assertAllClose(found, abs(1 - 4 * rate), rtol=0, atol=1e-7)  # a double, defective eigenvalue

    def test_alternating_radii(self):
        for rate, radius in ((0.1, 0.708062484749), (0.3, 1.0614690)):
            self.assertAllClose(minimax.spectral_radius(EXAMPLE, alternating, rate), radius, rtol=0, atol=5e-8)

    @given(st.floats(0.01, 3))
    def test_radii_of_the_bilinear_game(self, rate):
        simple = minimax.spectral_radius(BILINEAR, simultaneous, rate)
        self.assertAllClose(simple, np.sqrt(1 + rate**2), rtol=1e-12)
        turned = minimax.spectral_radius(BILINEAR, alternating, rate)
        self.assertAllClose(turned, 1, atol=1e-9) if rate <= 2 else self.assertGreater(turned, 1)

    @given(*[numbers] * 3, st.floats(0.01, 1), st.sampled_from([simultaneous, alternating]))
    def test_it_is_the_radius_of_the_matrix_of_a_step(self, a, b, c, rate, order):
        game = minimax.Quadratic(a, b, c)
        matrix = np.array([order(game, *unit, rate) for unit in np.eye(2)]).T
        expected = np.abs(np.linalg.eigvals(matrix)).max()
        # A double eigenvalue is known to half of the digits.
        self.assertAllClose(minimax.spectral_radius(game, order, rate), expected, rtol=0, atol=1e-6)

    def test_largest_stable_rates(self):
        found = [minimax.largest_stable_rate(EXAMPLE, order) for order in (simultaneous, alternating)]
        self.assertAllClose(found, [0.5, 1 - np.sqrt(0.5)], rtol=0, atol=1e-8)
        self.assertEqual(
            [minimax.largest_stable_rate(BILINEAR, order) for order in (simultaneous, alternating)], [0, 0]
        )
        gentle = minimax.Quadratic(0.25, 0, -0.25)  # each player alone, converges up to rate 4
        self.assertEqual(minimax.largest_stable_rate(gentle, simultaneous, most=2), 2)

    @given(st.floats(0.05, 0.6))
    def test_steps_shrink_below_the_stable_rate_and_grow_above_it(self, rate):
        for order in (simultaneous, alternating):
            radius = minimax.spectral_radius(EXAMPLE, order, rate)
            assume(abs(radius - 1) > 0.02)
            places = minimax.path(EXAMPLE, order, START, rate, 200)
            apart = np.linalg.norm(places - EXAMPLE.saddle, axis=1)
            self.assertEqual(apart[-1] < apart[0], radius < 1)


class ItemTest(tf.test.TestCase):
    def test_distances_on_the_way(self):
        for step, apart in ((1, 1.0253048327), (2, 0.8477322691), (3, 0.6668508079), (10, 0.0525552088)):
            self.assertAllClose(found("simultaneous, rate 0.1", "distance_to_saddle", step), apart, rtol=0, atol=6e-11)
        self.assertAllClose(found("simultaneous, rate 0.1", "distance_to_saddle", 50), 3.364e-10, rtol=1e-3)
        self.assertAllClose(found("alternating, rate 0.1", "distance_to_saddle", 50), 7.078e-8, rtol=1e-3)
        self.assertEqual(found("simultaneous, rate 0.25", "distance_to_saddle", 2), 0)

    def test_radii_and_ranges_are_recorded(self):
        self.assertAllClose(found("alternating", "largest_stable_rate"), 0.2928932188, rtol=0, atol=1e-8)
        self.assertAllClose(found("alternating, rate 0.3", "spectral_radius"), 1.0614690, rtol=0, atol=5e-8)
        self.assertAllClose(found("simultaneous, rate 0.3", "spectral_radius"), 0.2, rtol=0, atol=1e-7)
        self.assertAllClose(found("f = xy, simultaneous, rate 0.1", "spectral_radius"), 1.01**0.5, rtol=1e-12)

    def test_the_table_has_both_orders(self):
        _, rows, _ = presented().tables["minimax_steps.csv"]
        self.assertAllClose(np.array(rows[1], float), [1, -1.1, 0.1, 3.06, -1.1, 0.08, 3.0148], rtol=0, atol=1e-12)

    def test_every_metric_is_recorded_and_one_picture_drawn(self):
        self.assertEqual({line[2] for line in presented().values}, set(minimax.minimax.metrics))
        self.assertEqual(list(presented().pictures), ["minimax.png"])

    def test_a_reader_is_told_the_four_slips(self):
        for words in ("slips four times", "sees the old x", "function of y", "without naming the saddle", "negated"):
            self.assertIn(words, minimax.minimax.meaning)

    def test_claims_hold_and_fail(self):
        both, order = minimax.both_orders_reach_the_saddle, minimax.alternating_is_not_always_better
        self.assertEqual(both.judge(values(presented().values)).verdict, "holds")
        self.assertEqual(order.judge(values(presented().values)).verdict, "holds")
        for row, step, value in (("alternating, rate 0.1", "50", 1e-5), ("simultaneous, rate 0.25", "2", 1e-16)):
            self.assertEqual(both.judge(changed(row, "distance_to_saddle", value, step)).verdict, "fails")
        for row, metric, value in (
            ("alternating, rate 0.1", "spectral_radius", 0.5),
            ("alternating", "largest_stable_rate", 0.6),
            ("f = xy, simultaneous, rate 0.1", "spectral_radius", 1),
            ("f = xy, alternating, rate 0.1", "spectral_radius", 1.1),
        ):
            self.assertEqual(order.judge(changed(row, metric, value)).verdict, "fails")
