"""Handovers: what is proposed and why not, the agency's fee, what came of a claim."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from engine.handover import (
    AMOUNT,
    CLAIM,
    LEVEL,
    NOTHING,
    PROMISES,
    PROPOSE,
    SEGMENT,
    STOPPED,
    YOUNG,
    Band,
    Case,
    Entry,
    Item,
    Rule,
    Tally,
    fee,
    outcome,
    propose,
    tally,
)

TODAY = date(2026, 11, 23)
CENT = Decimal("0.01")


def item(number, days, amount, steps=3, **values):
    return Item(number, values.pop("currency", 1), TODAY - timedelta(days=days), Decimal(amount), steps, **values)


RULE = Rule(7, age=90, steps=3, amount={1: Decimal(500), 2: Decimal(600)})


class TestPropose(unittest.TestCase):
    def test_what_is_old_and_reminded_enough_is_proposed_the_oldest_first(self):
        verdict = propose(Case((item(1, 95, 400), item(2, 120, 300))), [RULE], TODAY)
        self.assertEqual(verdict.reason, PROPOSE)
        self.assertEqual(verdict.proposals[0].items, ((2, Decimal(300)), (1, Decimal(400))))
        self.assertEqual(verdict.proposals[0].detail, {"days": 120, "steps": 3, "broken": 0})

    def test_the_reason_when_nothing_is(self):
        old = item(1, 120, 700)
        cases = [
            (Case(()), RULE, NOTHING),
            (Case((old,), stop="excluded"), RULE, STOPPED),
            (Case((old,), stop="stop_deceased"), RULE, STOPPED),
            (Case((old,), stop="stop_insolvent"), RULE, CLAIM),
            (Case((item(1, 89, 700),)), RULE, YOUNG),
            (Case((item(1, 120, 700, steps=2),)), RULE, LEVEL),
            (Case((item(1, 120, "499.99"),)), RULE, AMOUNT),
            (Case((old,), credits={1: Decimal("200.01")}), RULE, AMOUNT),
            (Case((old,), broken=1), RULE._replace(broken=2), PROMISES),
            (Case((old,), segment=4), RULE._replace(segments=frozenset({5})), SEGMENT),
            (Case((item(1, 120, 700, silent=True),)), RULE, NOTHING),
            (Case((item(1, 120, 0),)), RULE, NOTHING),
        ]
        for case, rule, reason in cases:
            with self.subTest(reason=reason, case=case):
                verdict = propose(case, [rule], TODAY)
                self.assertEqual((verdict.proposals, verdict.reason), ((), reason))

    def test_who_wants_no_letters_from_us_may_still_be_handed_over(self):
        for stop in ("stop_lawyer", "stop_ceased", "no_policy"):
            self.assertEqual(propose(Case((item(1, 120, 700),), stop=stop), [RULE], TODAY).reason, PROPOSE)

    def test_what_is_young_stays_with_the_reminders(self):
        verdict = propose(Case((item(1, 95, 600), item(2, 20, 900))), [RULE], TODAY)
        self.assertEqual(verdict.proposals[0].items, ((1, Decimal(600)),))

    def test_a_bill_of_charges_goes_with_its_invoices_but_never_alone(self):
        charge = item(9, 5, 40, steps=0, charge=True)
        self.assertEqual(propose(Case((item(1, 95, 600), charge)), [RULE], TODAY).proposals[0].items, ((1, Decimal(600)), (9, Decimal(40))))
        self.assertEqual(propose(Case((charge,)), [RULE], TODAY).reason, YOUNG)

    def test_each_currency_by_itself_and_by_the_first_rule_that_fits(self):
        second = Rule(8, age=60, steps=0)
        verdict = propose(Case((item(1, 95, 600), item(2, 95, 599, currency=2))), [RULE, second], TODAY)
        self.assertEqual([(one.rule, one.currency) for one in verdict.proposals], [(7, 1), (8, 2)])

    def test_the_order_of_the_items_does_not_matter(self):
        items = (item(1, 95, 400), item(2, 120, 300), item(3, 100, 50))
        self.assertEqual(propose(Case(items), [RULE], TODAY), propose(Case(items[::-1]), [RULE], TODAY))


class TestFee(unittest.TestCase):
    BANDS = (Band(0, Decimal(15)), Band(180, Decimal(25)), Band(365, Decimal("33.33")))

    def test_the_band_of_the_age(self):
        for age, wanted in ((0, "15.00"), (179, "15.00"), (180, "25.00"), (364, "25.00"), (365, "33.33"), (9999, "33.33")):
            with self.subTest(age=age):
                self.assertEqual(fee(Decimal(100), age, self.BANDS, Decimal(0), CENT), Decimal(wanted))

    def test_rounded_with_the_fixed_part_and_never_more_than_what_came_in(self):
        self.assertEqual(fee(Decimal("10.01"), 400, self.BANDS, Decimal(5), CENT), Decimal("8.34"))  # 3.336333 → 3.34, + 5
        self.assertEqual(fee(Decimal(4), 400, self.BANDS, Decimal(5), CENT), Decimal(4))
        self.assertEqual(fee(Decimal(100), 10, (), Decimal(0), CENT), 0)


class TestTally(unittest.TestCase):
    def test_before_and_after_by_us_and_by_the_agency(self):
        day = TODAY
        entries = [Entry(day - timedelta(days=1), Decimal(10)), Entry(day, Decimal(20)), Entry(day, Decimal(30), "agency"),
                   Entry(day, Decimal(5), "credit"), Entry(day, Decimal(7), "write_off")]
        self.assertEqual(tally(entries, day), Tally(*map(Decimal, (10, 20, 30, 5, 7))))
        self.assertEqual(tally(entries, day).recovered, 60)
        self.assertEqual(tally(entries[:2], None).before, 30)  # nothing was handed over

    def test_how_it_ended(self):
        self.assertEqual(outcome(Tally(agency=Decimal(1))), "recovered")
        self.assertEqual(outcome(Tally(agency=Decimal(1), written_off=Decimal(1))), "written_off")
        self.assertEqual(outcome(Tally(credited=Decimal(1))), "settled")


if __name__ == "__main__":
    unittest.main()
