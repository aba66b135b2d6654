"""Every figure with an example worked out by hand; those of F-11 and F-13 as they are written there."""
import unittest
from decimal import Decimal

from engine import metrics
from engine.metrics import Countback

D = Decimal


def rounded(value, digits="0.01"):
    return value.quantize(D(digits))


class TestOutstanding(unittest.TestCase):
    """Sales of 70,000, 80,000 and 100,000; 212,000 open, 150,000 of it not due."""

    sales = D(250_000)

    def test_simple(self):
        self.assertEqual(rounded(metrics.dso(D(212_000), self.sales, 90)), D("76.32"))

    def test_best_possible(self):
        self.assertEqual(rounded(metrics.dso(D(150_000), self.sales, 90)), D("54.00"))

    def test_average_days_delinquent(self):
        self.assertEqual(rounded(metrics.average_days_delinquent(D(212_000), D(150_000), self.sales, 90)), D("22.32"))

    def test_nothing_sold(self):
        self.assertIsNone(metrics.dso(D(100), D(0), 31))
        self.assertIsNone(metrics.dso(D(-100), D(-100), 31), "more credited than billed tells nothing")
        self.assertIsNone(metrics.average_days_delinquent(D(100), D(0), D(0), 31))


class TestCountback(unittest.TestCase):

    def _months(self, *days):
        return tuple(zip((D(100_000), D(80_000), D(70_000)), days))

    def _days(self, open_amount, months):
        found = metrics.countback(D(open_amount), months)
        return rounded(found.days), found.capped

    def test_months_of_30_days(self):
        self.assertEqual(self._days(212_000, self._months(30, 30, 30)), (D("73.71"), False))

    def test_calendar_months(self):
        """March 31, February 28, 32,000 of January's 70,000: 14.17 of 31 days."""
        self.assertEqual(self._days(212_000, self._months(31, 28, 31)), (D("73.17"), False))

    def test_history_is_used_up(self):
        self.assertEqual(self._days(300_000, self._months(31, 28, 31)), (D("90.00"), True))

    def test_history_is_just_enough(self):
        self.assertEqual(self._days(250_000, self._months(31, 28, 31)), (D("90.00"), False))

    def test_within_the_newest_month(self):
        self.assertEqual(self._days(25_000, self._months(30, 30, 30)), (D("7.50"), False))

    def test_nothing_open_or_in_credit(self):
        self.assertEqual(metrics.countback(D(0), self._months(30, 30, 30)), Countback(D(0)))
        self.assertEqual(metrics.countback(D(-5), self._months(30, 30, 30)), Countback(D(0)))

    def test_a_month_with_more_credited_than_billed_takes_its_days_only(self):
        """500 open: 31 days of the newest month, which sold nothing, and 15 of 30 of the one before."""
        self.assertEqual(self._days(500, ((D(-200), 31), (D(1_000), 30))), (D("46.00"), False))

    def test_no_history(self):
        self.assertEqual(metrics.countback(D(10), ()), Countback(D(0), True))


class TestEffectiveness(unittest.TestCase):
    """Opening 6,200, sales 10,890, closing 6,340, 3,590 of it not due."""

    def test_of_the_period(self):
        self.assertEqual(rounded(metrics.effectiveness(D(6_200), D(10_890), D(6_340), D(3_590))), D("79.63"))

    def test_the_variant_with_monthly_sales_differs(self):
        """3,490 of 6,240: why the variant is named."""
        self.assertEqual(rounded(metrics.effectiveness(D(6_200), D(10_890) / 3, D(6_340), D(3_590))), D("55.93"))

    def test_nothing_to_collect(self):
        self.assertIsNone(metrics.effectiveness(D(0), D(100), D(100), D(100)))
        self.assertIsNone(metrics.effectiveness(D(0), D(-100), D(-100), D(0)))


class TestShares(unittest.TestCase):

    def test_weighted_days(self):
        """140 paid 7 days late and 85 paid 55 days late: 5,655 / 225."""
        self.assertEqual(rounded(metrics.weighted_days(D(140 * 7 + 85 * 55), D(225))), D("25.13"))
        self.assertIsNone(metrics.weighted_days(D(0), D(0)))

    def test_share(self):
        """6 of 10 promises kept, 67,000 of 100,000 promised (F-7)."""
        self.assertEqual(metrics.share(D(6), D(10)), 60)
        self.assertEqual(metrics.share(D(67_000), D(100_000)), 67)
        self.assertIsNone(metrics.share(D(0), D(0)))

    def test_ratio(self):
        """Three disputes open for 30 days in all: 10 days each."""
        self.assertEqual(metrics.ratio(D(30), D(3)), 10)
        self.assertIsNone(metrics.ratio(D(30), D(0)))

    def test_roll(self):
        self.assertEqual(metrics.roll(D(50), D(1_000)), 5)
        self.assertEqual(metrics.roll(D(0), D(1_000)), 0)

    def test_roll_stays_between_none_and_all(self):
        """What was booked late may make a bucket grow by more than the one before held."""
        self.assertEqual(metrics.roll(D(1_200), D(1_000)), 100)
        self.assertEqual(metrics.roll(D(-10), D(1_000)), 0)
        self.assertIsNone(metrics.roll(D(10), D(0)))
