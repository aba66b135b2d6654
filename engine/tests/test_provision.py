"""The provision matrix of F-13."""
import unittest
from decimal import Decimal

from engine import provision

D = Decimal


class TestLossRates(unittest.TestCase):

    def test_by_rolls(self):
        """Rolls of 5, 20, 40 and 60 %: 0.24 %, 4.8 %, 24 % and 60 % are lost; what is over 90 days late is."""
        self.assertEqual(provision.loss_by_rolls([D(5), D(20), D(40), D(60)]), [D("0.24"), D("4.8"), 24, 60, 100])

    def test_by_cohort(self):
        """100,000 sold; 50 paid in time, 27, 15, 6 later, 2 never: 2/100, 2/50, 2/23, 2/8."""
        rates = provision.loss_by_cohort(D(100_000), [D(50_000), D(27_000), D(15_000), D(6_000)])
        self.assertEqual([rate.quantize(D("0.1")) for rate in rates], [D("2.0"), D("4.0"), D("8.7"), D("25.0"), 100])

    def test_what_was_paid_very_late_is_not_lost(self):
        """100 sold, 50 in time, 20 late, 10 more after 90 days, 20 never: 20/100, 20/50, 20/30 three times."""
        rates = provision.loss_by_cohort(D(100), [D(50), D(20), D(0), D(0)], D(10))
        self.assertEqual([rate.quantize(D("0.1")) for rate in rates], [D("20.0"), D("40.0"), D("66.7"), D("66.7"), D("66.7")])

    def test_a_roll_nobody_knows(self):
        """Nothing was 31 to 60 days late yet: what was less late cannot be told either."""
        self.assertEqual(provision.loss_by_rolls([D(5), D(20), None, D(60)]), [None, None, None, 60, 100])

    def test_all_paid_in_time(self):
        self.assertEqual(provision.loss_by_cohort(D(100), [D(100), D(0), D(0), D(0)]), [0, None, None, None, 100])

    def test_nothing_sold(self):
        self.assertEqual(provision.loss_by_cohort(D(0), [D(0)] * 4), [None] * 4 + [100])


class TestExpectedLoss(unittest.TestCase):

    def test_the_matrix(self):
        """300,000, 140,000, 60,000, 23,000 and 5,000 open: 6,000 + 5,600 + 5,217 + 5,750 + 5,000."""
        rates = provision.loss_by_cohort(D(100), [D(50), D(27), D(15), D(6)])
        amounts = [D(300_000), D(140_000), D(60_000), D(23_000), D(5_000)]
        found = [provision.expected_loss(amount, rate, D(1), D(1)) for amount, rate in zip(amounts, rates)]
        self.assertEqual(found, [6_000, 5_600, 5_217, 5_750, 5_000])
        self.assertEqual(sum(found), 27_567)

    def test_factor(self):
        """A segment that is expected to do half as bad again."""
        self.assertEqual(provision.expected_loss(D(1_000), D(4), D("1.5"), D("0.01")), 60)

    def test_never_more_than_all_of_it(self):
        self.assertEqual(provision.expected_loss(D(1_000), D(80), D(2), D("0.01")), 1_000)

    def test_credits_and_unknown_rates(self):
        self.assertEqual(provision.expected_loss(D(-50), D(100), D(1), D("0.01")), 0)
        self.assertEqual(provision.expected_loss(D(50), None, D(1), D("0.01")), 0)
