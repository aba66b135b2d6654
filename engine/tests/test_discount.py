"""Early-payment discounts: tiers, slides, part payments and costs (F-10)."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.discount import (
    DEFAULTED,
    DISPUTED,
    GRANTED,
    OVERDUE,
    PAID_FULL,
    PART,
    PART_PLAIN,
    TAKEN,
    TOO_LATE,
    Annual,
    Guard,
    Offer,
    Rule,
    Settled,
    Slide,
    Tier,
    agreed,
    annual_cost,
    effective_cost,
    offer,
    offers,
    refusal,
    settle,
)
from engine.workday import Calendar

CENT = Decimal("0.01")
QUANTA = [Decimal(1), CENT, Decimal("0.001")]
ISSUED = date(2026, 3, 18)  # a Wednesday
TIERS = Rule((Tier(10, Decimal(2)), Tier(20, Decimal(1))))
SLIDE = Rule(slide=Slide(Decimal(2), 10, 30))
ANNUAL = Rule(slide=Annual(Decimal(12), 30))
WEEKDAYS = Calendar()


def at(offset):
    return ISSUED + timedelta(days=offset)


def on_day(rule, offset, amount=10000, quantum=CENT, base=None, calendar=WEEKDAYS):
    return offer(rule, ISSUED, at(offset), Decimal(amount), quantum, calendar, None if base is None else Decimal(base))


class TestTiers(unittest.TestCase):
    def test_f10_numbers(self):
        for offset, to_pay, until, code in ((8, "9800", 10, GRANTED), (10, "9800", 10, GRANTED), (11, "9900", 20, GRANTED),
                                            (15, "9900", 20, GRANTED), (20, "9900", 20, GRANTED), (21, "10000", None, TOO_LATE),
                                            (25, "10000", None, TOO_LATE), (-3, "9800", 10, GRANTED)):
            with self.subTest(day=offset):
                found = on_day(TIERS, offset)
                self.assertEqual((found.to_pay, found.until, found.code), (Decimal(to_pay), None if until is None else at(until), code))
                self.assertEqual(found.discount + found.to_pay, 10000)

    def test_tiers_in_any_order(self):
        self.assertEqual(on_day(Rule(TIERS.tiers[::-1]), 8).percent, 2)

    def test_grace_is_given_and_not_told(self):
        rule = TIERS._replace(grace=2)
        self.assertEqual([(on_day(rule, day).percent, on_day(rule, day).until) for day in (12, 13)], [(2, at(10)), (1, at(20))])
        self.assertEqual(on_day(rule, 23).code, TOO_LATE)
        close = Rule((Tier(10, Decimal(2)), Tier(11, Decimal(1))), grace=2)
        self.assertEqual([one.percent for one in offers(close, ISSUED, Decimal(10000), CENT, WEEKDAYS)], [2, 1])

    def test_working_days(self):
        rule, easter = Rule((Tier(10, Decimal(2)),), working=True), Calendar(holidays=frozenset({at(14)}))
        self.assertEqual((on_day(rule, 14).code, on_day(rule, 15).code, on_day(rule, 0).until), (GRANTED, TOO_LATE, at(14)))
        self.assertEqual(on_day(rule, 0, calendar=easter).until, at(15))
        self.assertEqual((on_day(rule._replace(grace=1), 15).code, on_day(rule._replace(grace=1), 16).code), (GRANTED, TOO_LATE))

    def test_what_an_invoice_carries_needs_no_calendar(self):
        rule = Rule((Tier(10, Decimal(2)), Tier(20, Decimal(1))), working=True, grace=1)
        found = agreed(rule, ISSUED, at(30), Calendar(holidays=frozenset({at(14)})))
        self.assertEqual(found, Rule((Tier(15, Decimal(2)), Tier(29, Decimal(1))), grace=1))
        self.assertEqual(agreed(rule, ISSUED, at(25), WEEKDAYS).tiers, (Tier(14, Decimal(2)), Tier(25, Decimal(1))), "none after the due date")
        self.assertEqual(agreed(rule, ISSUED, at(12), WEEKDAYS).tiers, (Tier(12, Decimal(2)),), "the better of two on one day")
        self.assertEqual(agreed(ANNUAL, ISSUED, at(60), WEEKDAYS).slide.last, 60)
        self.assertEqual(agreed(SLIDE, ISSUED, at(60), WEEKDAYS), SLIDE)

    def test_what_the_invoice_says(self):
        said = offers(TIERS._replace(grace=3), ISSUED, Decimal(10000), CENT, WEEKDAYS)
        self.assertEqual([(one.to_pay, one.until) for one in said], [(9800, at(10)), (9900, at(20))])
        self.assertEqual([one.until for one in offers(SLIDE, ISSUED, Decimal(10000), CENT, WEEKDAYS)], [at(10)])
        self.assertEqual(offers(Rule(), ISSUED, Decimal(10000), CENT, WEEKDAYS), ())
        self.assertEqual(offers(TIERS, ISSUED, Decimal("0.10"), CENT, WEEKDAYS), (), "less than a cent is no offer")

    def test_cap_and_base(self):
        self.assertEqual(on_day(TIERS._replace(cap=Decimal("1.5")), 8).to_pay, 9850)
        self.assertEqual(on_day(TIERS, 8, amount=12100, base=10000).to_pay, 11900, "the tax is not discounted")
        self.assertEqual(on_day(TIERS, 8, amount="0.25").to_pay, Decimal("0.25"), "core rounds what is to be paid")
        self.assertEqual(on_day(TIERS, 8, amount=-100).code, TOO_LATE, "nothing on a credit note")


class TestSlides(unittest.TestCase):
    def test_linear(self):
        for offset, percent, until in ((0, "2.0", 10), (5, "2.0", 10), (10, "2.0", 10), (15, "1.5", 15), (18, "1.2", 18), (25, "0.5", 25)):
            with self.subTest(day=offset):
                found = on_day(SLIDE, offset)
                self.assertEqual((found.percent, found.until, found.to_pay),
                                 (Decimal(percent), at(until), 10000 - 100 * Decimal(percent)))
        for offset in (30, 31):
            self.assertEqual(on_day(SLIDE, offset), Offer(Decimal(0), Decimal(0), Decimal(10000), None, TOO_LATE))
        self.assertEqual(on_day(SLIDE._replace(grace=2), 17).percent, Decimal("1.5"))

    def test_annual(self):
        found = on_day(ANNUAL, 10)
        self.assertEqual((found.discount, found.to_pay, found.until), (Decimal("65.75"), Decimal("9934.25"), at(10)))
        self.assertEqual(on_day(Rule(slide=Annual(Decimal(12), 30, 360)), 0).percent, 1, "12 % / 360 × 30")
        self.assertEqual(on_day(ANNUAL, 30).code, TOO_LATE)

    @given(st.sampled_from([TIERS, SLIDE, ANNUAL, TIERS._replace(working=True, grace=3), SLIDE._replace(cap=Decimal(1))]),
           st.integers(-5, 40), st.integers(1, 10**9), st.sampled_from(QUANTA))
    def test_later_is_never_cheaper_and_the_day_told_is_true(self, rule, offset, units, quantum):
        amount = units * quantum
        today, tomorrow = (on_day(rule, day, amount, quantum) for day in (offset, offset + 1))
        self.assertLessEqual(today.to_pay, tomorrow.to_pay)
        self.assertEqual(today.to_pay % quantum, 0)
        self.assertEqual(today.to_pay + today.discount, amount)
        if today.until and today.until >= at(offset):
            self.assertEqual(offer(rule, ISSUED, today.until, amount, quantum, WEEKDAYS).to_pay, today.to_pay)


class TestPartPayments(unittest.TestCase):
    def test_table(self):
        for what, paid, to_pay, gross_up, expected in (
                ("F-10", 485, 9800, True, ("494.90", "9.90", PART)), ("not grossed up", 485, 9800, False, (485, 0, PART_PLAIN)),
                ("enough", 9800, 9800, False, (10000, 200, TAKEN)), ("more than enough", 9900, 9800, True, (10000, 100, TAKEN)),
                ("all of it", 10000, 9800, True, (10000, 0, PAID_FULL)), ("too much", 10100, 9800, True, (10000, 0, PAID_FULL)),
                ("too late", 485, 10000, True, (485, 0, TOO_LATE)), ("nothing", 0, 9800, True, (0, 0, PART_PLAIN)),
                ("a little", 1, 9800, True, ("1.02", "0.02", PART))):
            with self.subTest(what):
                settled, discount, code = expected
                self.assertEqual(settle(Decimal(10000), Decimal(paid), Decimal(to_pay), CENT, gross_up),
                                 Settled(Decimal(settled), Decimal(discount), code))

    @given(st.integers(1, 10**8), st.integers(0, 10**8), st.integers(0, 10**8), st.sampled_from(QUANTA), st.booleans())
    def test_never_more_than_is_open_nor_more_discount_than_offered(self, units, less, paid, quantum, gross_up):
        assume(less < units)
        amount, to_pay, paid = units * quantum, (units - less) * quantum, paid * quantum
        found = settle(amount, paid, to_pay, quantum, gross_up)
        self.assertTrue(min(paid, amount) <= found.settled <= amount)
        self.assertTrue(0 <= found.discount <= amount - to_pay + quantum)
        self.assertEqual(found.settled - found.discount, min(paid, amount))
        self.assertEqual(found.settled == amount, paid >= to_pay)
        self.assertEqual(found.settled % quantum, 0)


class TestCosts(unittest.TestCase):
    def test_f10_numbers(self):
        self.assertEqual([round(one, 2) for one in (annual_cost(Decimal(2), 20), annual_cost(Decimal(2), 20, 360), effective_cost(Decimal(2), 20))],
                         [Decimal("37.24"), Decimal("36.73"), Decimal("44.59")])


class TestRefusal(unittest.TestCase):
    def test_table(self):
        strict = Guard(Decimal(0), True, True)
        for what, guard, overdue, defaulted, disputed, expected in (
                ("nothing is refused", Guard(), 500, True, True, None), ("all is well", strict, 0, False, False, None),
                ("overdue", strict, 1, True, True, OVERDUE), ("a little overdue", Guard(Decimal(50)), 50, False, False, None),
                ("a broken plan", strict, 0, True, True, DEFAULTED), ("disputed", strict, 0, False, True, DISPUTED)):
            with self.subTest(what):
                self.assertEqual(refusal(guard, Decimal(overdue), defaulted, disputed), expected)


if __name__ == "__main__":
    unittest.main()
