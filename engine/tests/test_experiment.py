"""Arms, sample sizes and intervals, with published and hand-computed figures."""
import unittest
from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.experiment import ARMS, CHALLENGER, CHAMPION, HOLDOUT, Shares, assign, difference, entries, size


def share(text):
    return Decimal(text)


class Size(unittest.TestCase):
    def test_the_examples_of_the_formula(self):
        # (1.96 + 0.8416)² = 7.84896…; 60 → 66 %: 0.24 + 0.2244 = 0.4644, over 0.0036; 60 → 70 %: 0.24 + 0.21 = 0.45, over 0.01
        self.assertEqual(size(share("0.60"), share("0.66")), 1013)
        self.assertEqual(size(share("0.60"), share("0.70")), 354)

    def test_worse_is_as_hard_to_tell_as_better_is_from_there(self):
        self.assertEqual(size(share("0.70"), share("0.60")), 354)

    def test_no_difference_is_never_told(self):
        self.assertIsNone(size(share("0.60"), share("0.60")))

    def test_the_smaller_arm_needs_its_number(self):
        self.assertEqual(entries(354, Shares(50)), 708)
        self.assertEqual(entries(354, Shares(10)), 3540)
        self.assertEqual(entries(354, Shares(60, 10)), 1180)  # the champion keeps 30 %


class Arms(unittest.TestCase):
    def test_a_customer_stays_in_its_arm_and_gets_a_new_draw_in_the_next_experiment(self):
        shares = Shares(50)
        first, second = ([assign(partner, experiment, shares) for partner in range(200)] for experiment in (1, 2))
        self.assertEqual(first, [assign(partner, 1, shares) for partner in range(200)])
        self.assertTrue(60 < sum(one == other for one, other in zip(first, second)) < 140)

    def test_the_draw_does_not_depend_on_the_process(self):
        # sha256("7:42") mod 100 = 65: held out are the first places, then come the challenger's
        self.assertEqual([assign(42, 7, Shares(65)), assign(42, 7, Shares(66)), assign(42, 7, Shares(10, 65)), assign(42, 7, Shares(10, 66))],
                         [CHAMPION, CHALLENGER, CHALLENGER, HOLDOUT])

    @given(st.integers(1, 90), st.integers(0, 10), st.integers(1, 10**6))
    def test_the_shares_are_met(self, challenger, holdout, experiment):
        shares = Shares(challenger, holdout)
        self.assertEqual(sum(shares.of(arm) for arm in ARMS), 100)
        found = Counter(assign(partner, experiment, shares) for partner in range(2000))
        for arm in ARMS:
            self.assertAlmostEqual(found[arm] / 20, shares.of(arm), delta=6)


class Differences(unittest.TestCase):
    def test_the_published_example(self):
        # Newcombe 1998, Statistics in Medicine 17, table II (a): 56/70 against 48/80 is 0.2000, method 10: 0.0524 to 0.3339
        found = difference(56, 70, 48, 80)
        self.assertEqual([round(part, 4) for part in found], [share("0.2"), share("0.0524"), share("0.3339")])
        self.assertTrue(found.certain)

    def test_few_customers_prove_nothing(self):
        self.assertFalse(difference(6, 10, 4, 10).certain)

    def test_all_against_none(self):
        # Newcombe 1998, table II (h): 10/10 against 0/10, method 10: 0.6075 to 1
        found = difference(10, 10, 0, 10)
        self.assertEqual([round(part, 4) for part in found], [1, share("0.6075"), 1])

    def test_an_empty_arm_tells_nothing(self):
        self.assertIsNone(difference(0, 0, 1, 2))

    @given(st.integers(0, 50), st.integers(0, 50), st.integers(50, 90), st.integers(50, 90))
    def test_the_interval_holds_the_difference_and_turns_with_it(self, cured, other, of, of_other):
        one, two = difference(cured, of, other, of_other), difference(other, of_other, cured, of)
        self.assertTrue(-1 <= one.low <= one.rate <= one.high <= 1)
        self.assertEqual([round(part, 12) for part in one], [round(-part, 12) for part in (two.rate, two.high, two.low)])
