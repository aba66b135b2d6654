from datetime import date
from unittest import TestCase

from engine.waiver import LAPSED, OPEN, WAIVE, judge

UNTIL = date(2026, 3, 31)


class TestWaiver(TestCase):

    def test_all_paid_on_the_last_day_is_forgiven(self):
        self.assertEqual(judge([(False, date(2026, 3, 20)), (False, UNTIL)], UNTIL, date(2026, 4, 2)), WAIVE)

    def test_one_still_open_waits_until_the_last_day(self):
        self.assertEqual(judge([(False, date(2026, 3, 20)), (True, None)], UNTIL, UNTIL), OPEN)

    def test_one_still_open_afterwards_has_lapsed(self):
        self.assertEqual(judge([(False, date(2026, 3, 20)), (True, None)], UNTIL, date(2026, 4, 1)), LAPSED)

    def test_paid_a_day_late_has_lapsed(self):
        self.assertEqual(judge([(False, date(2026, 4, 1))], UNTIL, date(2026, 4, 1)), LAPSED)

    def test_without_items_there_is_nothing_to_pay_for(self):
        self.assertEqual(judge([], UNTIL, date(2026, 4, 1)), LAPSED)
