"""What was charged, worked out once more; figures are computed by hand."""
import unittest
from decimal import Decimal

from engine import recount

from .common import TODAY, day

D = Decimal
CENT = D("0.01")


class Charged(unittest.TestCase):
    """A year of 100 at 10 percent, worked out once more: 10.00."""

    def recounted(self, *amounts, cut=False, gap=0):
        """Charged in one part, or in two of 100 and 265 days."""
        days = [0, 365] if len(amounts) == 1 else [0, 100, 365]
        return recount.recount([recount.Line(day(start + gap * (start > 0)), day(end), D(100), D(10), D(amount), "365", cut)
                                for start, end, amount in zip(days, days[1:], amounts)], CENT)

    def test_a_cent_more_or_less_and_not_two(self):
        self.assertEqual([self.recounted(amount)[0].holds for amount in ("9.98", "9.99", "10.00", "10.01", "10.02")],
                         [False, True, True, True, False])

    def test_less_holds_where_a_ceiling_took_something_off_and_more_does_not(self):
        self.assertEqual([self.recounted(amount, cut=True)[0].holds for amount in ("5.00", "10.02")], [True, False])

    def test_a_month_costs_its_rate_and_stands_by_itself(self):
        months = [recount.Line(day(start), day(start + 30), D(100), D("1.5"), D("1.50")) for start in (0, 30)]
        self.assertEqual([(one.due, one.holds) for one in recount.recount(months, CENT)], [(D("1.50"), True)] * 2)

    def test_adjoining_parts_are_one_and_others_are_not(self):
        found = self.recounted("2.74", "7.26")
        self.assertEqual([(one.start, one.end, one.charged, one.due) for one in found], [(TODAY, day(365), D(10), D(10))])
        self.assertEqual([one.due for one in self.recounted("2.74", "7.23", gap=1)], [D("2.74"), D("7.23")], "264 days")
