"""Days of half-open periods and their share of a year."""
import unittest
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.daycount import (
    ACT_360,
    ACT_365,
    ACT_ACT,
    CLIFF,
    THIRTY_360,
    TOLERANCE,
    Grace,
    Span,
    chargeable_days,
    clip,
    days,
    share,
    subtract,
)

BASES = (ACT_365, ACT_360, ACT_ACT, THIRTY_360)
DAYS = st.dates(date(2019, 1, 1), date(2033, 1, 1))


def span(start, end):
    return Span(date(2024, 1, 1) + timedelta(days=start), date(2024, 1, 1) + timedelta(days=end))


class TestShare(unittest.TestCase):
    def test_table(self):
        for start, end, basis, count, part in (
                (date(2024, 5, 16), date(2024, 10, 1), ACT_365, 138, Fraction(138, 365)),
                (date(2024, 5, 16), date(2024, 10, 1), ACT_360, 138, Fraction(138, 360)),
                (date(2024, 5, 16), date(2024, 10, 1), ACT_ACT, 138, Fraction(138, 366)),
                (date(2024, 5, 16), date(2024, 10, 1), THIRTY_360, 135, Fraction(135, 360)),
                (date(2023, 12, 17), date(2024, 1, 16), ACT_ACT, 30, Fraction(15, 365) + Fraction(15, 366)),
                (date(2023, 7, 1), date(2026, 7, 1), ACT_ACT, 1096, Fraction(184, 365) + 2 + Fraction(181, 365)),
                (date(2024, 1, 1), date(2025, 1, 1), ACT_365, 366, Fraction(366, 365)),
                (date(2024, 1, 1), date(2025, 1, 1), ACT_ACT, 366, Fraction(1)),
                (date(2024, 1, 1), date(2025, 1, 1), THIRTY_360, 360, Fraction(1)),
                (date(2024, 2, 1), date(2024, 3, 1), THIRTY_360, 30, Fraction(30, 360)),
                (date(2024, 2, 28), date(2024, 3, 1), THIRTY_360, 3, Fraction(3, 360)),
                (date(2023, 2, 28), date(2023, 3, 1), THIRTY_360, 3, Fraction(3, 360)),
                (date(2024, 1, 30), date(2024, 1, 31), THIRTY_360, 0, Fraction(0)),
                (date(2024, 1, 31), date(2024, 2, 1), THIRTY_360, 1, Fraction(1, 360)),
                (date(2024, 5, 16), date(2024, 5, 16), ACT_365, 0, Fraction(0)),
                (date(2024, 5, 17), date(2024, 5, 16), ACT_ACT, 0, Fraction(0)),
                (date(2024, 5, 17), date(2024, 5, 16), THIRTY_360, 0, Fraction(0))):
            with self.subTest(start=start, end=end, basis=basis):
                self.assertEqual((days(start, end, basis), share(start, end, basis)), (count, part))

    @given(st.lists(DAYS, min_size=3, max_size=3), st.sampled_from(BASES))
    def test_a_period_cut_in_two_is_the_whole(self, three, basis):
        a, b, c = sorted(three)
        self.assertEqual(share(a, b, basis) + share(b, c, basis), share(a, c, basis))
        self.assertEqual(days(a, b, basis) + days(b, c, basis), days(a, c, basis))
        self.assertGreaterEqual(share(a, c, basis), 0)

    @given(st.integers(2019, 2033))
    def test_a_year_is_one_year(self, year):
        for basis in (ACT_ACT, THIRTY_360):
            self.assertEqual(share(date(year, 1, 1), date(year + 1, 1, 1), basis), 1)


class TestSpans(unittest.TestCase):
    def test_what_is_left(self):
        whole = span(10, 20)
        for what, taken, left in (
                ("nothing taken", [], [(10, 20)]), ("all", [(10, 20)], []), ("more than all", [(0, 30)], []),
                ("the middle", [(12, 15)], [(10, 12), (15, 20)]), ("both ends", [(5, 12), (18, 30)], [(12, 18)]),
                ("side by side", [(12, 14), (14, 16)], [(10, 12), (16, 20)]), ("elsewhere", [(0, 10), (20, 30)], [(10, 20)]),
                ("overlapping, out of order", [(15, 18), (11, 16)], [(10, 11), (18, 20)]), ("empty", [(15, 15)], [(10, 20)])):
            with self.subTest(what):
                self.assertEqual(subtract(whole, [span(*one) for one in taken]), [span(*one) for one in left])

    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6))
    def test_each_day_is_either_taken_or_left(self, taken):
        whole, spans = span(5, 25), [span(*one) for one in taken]
        for offset in range(5, 25):
            day = span(offset, offset + 1)
            within = [one.start <= day.start < one.end for one in spans]
            self.assertEqual(sum(one.start <= day.start < one.end for one in subtract(whole, spans)), 0 if any(within) else 1)

    def test_parts_within_windows(self):
        self.assertEqual(clip(span(5, 15), [span(0, 7), span(7, 10), span(14, 20), span(15, 20)]),
                         [span(5, 7), span(7, 10), span(14, 15)])


class TestGrace(unittest.TestCase):
    def test_f9_cliff_or_tolerance(self):
        for late, grace, kind, count in (
                (5, 5, CLIFF, 0), (6, 5, CLIFF, 6), (5, 5, TOLERANCE, 0), (6, 5, TOLERANCE, 1),
                (1, 0, CLIFF, 1), (1, 0, TOLERANCE, 1), (0, 0, CLIFF, 0), (-3, 0, TOLERANCE, 0), (-3, 0, CLIFF, 0)):
            with self.subTest(late=late, grace=grace, kind=kind):
                self.assertEqual(chargeable_days(late, Grace(grace, kind)), count)


if __name__ == "__main__":
    unittest.main()
