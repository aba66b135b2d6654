"""The proposed limit and its terms (F-3)."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.proposal import NET_WORTH, PURCHASES, REFERENCES, REQUESTED, Facts, Rule, propose

AMOUNT = st.decimals(0, 10_000_000, places=2)
RISK = Decimal("0.8")


def facts(**values):
    return Facts(**{key: value if key == "term_days" else tuple(map(Decimal, value)) if key == "references"
                    else None if value is None else Decimal(str(value)) for key, value in values.items()})


ALL = {"requested": 30000, "purchases": 24200, "term_days": 30, "days_late": 8, "net_worth": 400000, "references": (20000, 30000)}


class Proposals(unittest.TestCase):
    def test_f3_the_lowest_term_binds_times_the_risk_factor(self):
        found = propose(facts(**ALL), Rule(), RISK)
        self.assertEqual({term.code: term.amount for term in found.terms},
                         {REQUESTED: 30000, PURCHASES: Decimal("33718.67"), NET_WORTH: 40000, REFERENCES: 25000})
        self.assertEqual((found.binding, found.lowest, found.amount), (REFERENCES, 25000, 20000))

    def test_each_term_shows_what_it_was_made_of(self):
        terms = {term.code: term.inputs for term in propose(facts(**ALL), Rule()).terms}
        self.assertEqual(terms[PURCHASES], {"purchases": 24200, "term_days": 30, "days_late": 8, "buffer": 10})
        self.assertEqual(terms[NET_WORTH], {"net_worth": 400000, "share": 10})
        self.assertEqual(terms[REFERENCES], {"count": 2})

    def test_what_is_missing_is_no_term(self):
        for missing, binding, amount in [("references", REQUESTED, 24000), ("requested", REFERENCES, 20000), ("net_worth", REFERENCES, 20000)]:
            with self.subTest(missing=missing):
                left = {key: value for key, value in ALL.items() if key != missing}
                found = propose(facts(**left), Rule(), RISK)
                self.assertNotIn(missing, [term.code for term in found.terms])
                self.assertEqual((found.binding, found.amount), (binding, amount))

    def test_nothing_known_proposes_nothing(self):
        self.assertEqual(propose(Facts(), Rule(), RISK)[:4], (None, (), None, None))

    def test_rounds_down_to_the_unit(self):
        for requested, unit, risk, amount in [(30499, 500, 1, 30000), (30500, 500, 1, 30500), (499, 500, 1, 0), (1000, 1, ".333", 333),
                                              (30000, 500, 0, 0)]:
            with self.subTest(requested=requested, unit=unit):
                found = propose(facts(requested=requested), Rule(unit=Decimal(unit)), Decimal(str(risk)))
                self.assertEqual(found.amount, amount)

    def test_who_owes_more_than_it_has_is_worth_nothing_not_less(self):
        self.assertEqual(propose(facts(net_worth=-5000), Rule()).amount, 0)

    def test_paying_early_is_no_shorter_term(self):
        on_time = propose(facts(purchases=30000, days_late=0), Rule())
        self.assertEqual(propose(facts(purchases=30000, days_late=-10), Rule()), on_time)

    @given(AMOUNT, AMOUNT, AMOUNT, st.decimals(0, 1, places=2))
    def test_never_more_than_any_term(self, requested, purchases, worth, risk):
        found = propose(Facts(requested, purchases, 30, Decimal(5), worth), Rule(), risk)
        self.assertTrue(all(found.amount <= term.amount for term in found.terms))
        self.assertEqual(found.amount % 500, 0)
