"""Classes of payment behaviour."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.behaviour import CHRONIC, NEW, OCCASIONAL, ORDER, PROMPT, Payments, Rule, assess

LATE = st.decimals(0, 60, places=2)


def paid(days_late, settled=10, on_time=0):
    """A customer whose paid items were late by ``days_late`` on average."""
    return Payments(settled, on_time, Decimal(100), 100 * Decimal(str(days_late)))


class Figures(unittest.TestCase):
    def test_f11_counts_what_is_open_today(self):
        found = assess(Payments(5, 4, Decimal(140), Decimal(140 * 7), Decimal(85), Decimal(85 * 55)))
        self.assertEqual(found.days_late, Decimal("25.13"))
        self.assertEqual(found.on_time_share, 80)
        self.assertEqual(found.label, CHRONIC)

    def test_share_on_time(self):
        for settled, on_time, expected in [(0, 0, None), (4, 0, 0), (3, 1, "33.33"), (3, 2, "66.67"), (8, 8, 100)]:
            with self.subTest(settled=settled, on_time=on_time):
                share = assess(Payments(settled, on_time)).on_time_share
                self.assertEqual(share, None if expected is None else Decimal(expected))

    def test_days_late_are_rounded_half_up(self):
        self.assertEqual(assess(Payments(1, 0, Decimal(8), Decimal(1))).days_late, Decimal("0.13"))

    def test_nothing_known_is_none_not_zero(self):
        self.assertEqual(assess(Payments()), (None, None, NEW))


class Classes(unittest.TestCase):
    def test_boundaries_belong_to_the_better_class(self):
        for late, expected in [(0, PROMPT), (3, PROMPT), ("3.01", OCCASIONAL), (15, OCCASIONAL), ("15.01", CHRONIC)]:
            with self.subTest(late=late):
                self.assertEqual(assess(paid(late)).label, expected)

    def test_a_known_class_survives_up_to_the_tolerance(self):
        for known, late, expected in [
            (PROMPT, 4, PROMPT), (PROMPT, "4.01", OCCASIONAL), (PROMPT, "15.5", OCCASIONAL), (PROMPT, 17, CHRONIC),
            (OCCASIONAL, 16, OCCASIONAL), (OCCASIONAL, "16.01", CHRONIC),
            (OCCASIONAL, "2.01", OCCASIONAL), (OCCASIONAL, 2, PROMPT),
            (CHRONIC, "14.01", CHRONIC), (CHRONIC, 14, OCCASIONAL), (CHRONIC, "2.5", OCCASIONAL), (CHRONIC, 1, PROMPT),
            (NEW, "3.5", OCCASIONAL), (None, "3.5", OCCASIONAL),
        ]:
            with self.subTest(known=known, late=late):
                self.assertEqual(assess(paid(late), known=known).label, expected)

    def test_a_customer_is_new_until_enough_items_are_settled(self):
        for settled, expected in [(0, NEW), (2, NEW), (3, PROMPT)]:
            with self.subTest(settled=settled):
                self.assertEqual(assess(paid(1, settled)).label, expected)
        self.assertEqual(assess(paid(20, settled=2)).label, NEW)  # late once, but all is paid

    def test_a_new_customer_far_overdue_is_chronic(self):
        for days, expected in [(15, NEW), (16, CHRONIC), (90, CHRONIC)]:
            with self.subTest(days=days):
                unpaid = Payments(open_amount=Decimal(500), open_amount_days=Decimal(500 * days))
                self.assertEqual(assess(unpaid).label, expected)

    def test_a_tolerance_wider_than_a_class_never_turns_worse_into_better(self):
        wide = Rule(tolerance=Decimal(20))
        self.assertEqual(assess(paid("15.5"), wide, OCCASIONAL).label, OCCASIONAL)
        self.assertEqual(assess(paid(2), wide, OCCASIONAL).label, OCCASIONAL)

    def test_the_rule_is_a_setting(self):
        strict = Rule(prompt_days=Decimal(0), chronic_days=Decimal(1), tolerance=Decimal(0), min_items=1)
        self.assertEqual(assess(paid(2, settled=1), strict, PROMPT).label, CHRONIC)

    @given(LATE, st.sampled_from([None, NEW, *ORDER]))
    def test_assessing_again_changes_nothing(self, late, known):
        label = assess(paid(late), known=known).label
        self.assertEqual(assess(paid(late), known=label).label, label)

    @given(LATE, LATE, st.sampled_from([None, *ORDER]))
    def test_later_is_never_a_better_class(self, one, two, known):
        better, worse = (ORDER.index(assess(paid(late), known=known).label) for late in sorted((one, two)))
        self.assertLessEqual(better, worse)

    @given(st.integers(0, 10**6), st.integers(0, 60), st.integers(1, 10**6), st.integers(0, 200), st.integers(1, 50))
    def test_who_stops_paying_does_not_look_better_with_time(self, amount, late, unpaid, days, more):
        before, after = (
            assess(Payments(5, 0, Decimal(amount), Decimal(amount * late), Decimal(unpaid), Decimal(unpaid * age)))
            for age in (days, days + more))
        self.assertLessEqual(before.days_late, after.days_late)
