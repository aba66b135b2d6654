import unittest
from datetime import date
from decimal import Decimal

from ..ageing import BUCKETS, bucket, days_late

DAY = date(2025, 3, 31)


class TestAgeing(unittest.TestCase):

    def test_an_item_is_late_from_the_day_after_its_due_date(self):
        for due, late in ((date(2025, 4, 1), 0), (DAY, 0), (date(2025, 3, 30), 1), (date(2025, 3, 1), 30), (date(2024, 12, 31), 90)):
            with self.subTest(due):
                self.assertEqual(days_late(due, DAY), late)

    def test_each_class_ends_with_its_last_day(self):
        for late, code in ((0, "not_due"), (1, "b30"), (30, "b30"), (31, "b60"), (60, "b60"), (61, "b90"), (90, "b90"), (91, "over"), (4000, "over")):
            with self.subTest(late):
                self.assertEqual(bucket(Decimal("0.01"), late), code)

    def test_what_is_to_the_customers_credit_is_never_late(self):
        self.assertEqual({bucket(Decimal(-1), late) for late in (0, 31, 91)}, {"credit"})

    def test_six_classes_in_their_order(self):
        self.assertEqual(BUCKETS, ("not_due", "b30", "b60", "b90", "over", "credit"))
