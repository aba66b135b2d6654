"""Settlement offers: the least to accept, and what became of an offer (F-16)."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.promise import Entry
from engine.settlement import (
    ACCEPTABLE,
    BELOW_FLOOR,
    LAPSED,
    NOTHING_GIVEN,
    OPEN,
    TAKEN,
    Answer,
    Concession,
    Offer,
    Prospect,
    Terms,
    chance,
    given_up,
    judge,
    judge_amount,
    on_account,
    shares,
    terms,
)

CENT = Decimal("0.01")
MADE = date(2026, 3, 18)
F16 = Prospect(Decimal("0.5"), Decimal(25), Decimal(12), Decimal("0.75"), Decimal(150))
DEBT = Decimal(10000)


def at(offset):
    return MADE + timedelta(days=offset)


AGES = ((0, Decimal("0.9")), (90, Decimal("0.73")), (180, Decimal("0.5")), (365, Decimal("0.25")))
OFFER = Offer(MADE, at(14), Decimal(4000))


def paid(on, amount, money=True):
    return Entry(at(on), Decimal(amount), money)


class TestFloor(unittest.TestCase):
    def test_f16_numbers(self):
        self.assertEqual(terms(DEBT, F16._replace(handling=Decimal(0)), CENT).floor, Decimal("3444.43"))
        self.assertEqual(terms(DEBT, F16, CENT), Terms(*map(Decimal, ("5000", "3750", "3444.43", "3294.43"))))

    def test_chance_by_age(self):
        for age, expected in ((-5, "1"), (0, "0.9"), (89, "0.9"), (90, "0.73"), (183, "0.5"), (364, "0.5"), (365, "0.25"), (4000, "0.25")):
            with self.subTest(age=age):
                self.assertEqual(chance(reversed(AGES), age), Decimal(expected))
        self.assertEqual(chance((), 900), 1)

    def test_table(self):
        for what, prospect, quantum, expected in (
                ("sure and at once", Prospect(Decimal(1)), CENT, "10000.00"), ("hopeless", Prospect(Decimal(0), handling=Decimal(9)), CENT, "0"),
                ("handling costs more", Prospect(Decimal("0.01"), handling=Decimal(150)), CENT, "0"), ("no cents", F16, Decimal(1), "3294")):
            with self.subTest(what):
                self.assertEqual(terms(DEBT, prospect, quantum).floor, Decimal(expected))

    def test_what_to_accept(self):
        least = Decimal("3294.43")
        for amount, expected in (("3294.43", (True, ACCEPTABLE)), ("3294.42", (False, BELOW_FLOOR)), ("9999.99", (True, ACCEPTABLE)),
                                 ("10000", (True, NOTHING_GIVEN)), ("10001", (True, NOTHING_GIVEN)), ("0", (False, BELOW_FLOOR))):
            with self.subTest(amount=amount):
                self.assertEqual(judge_amount(Decimal(amount), DEBT, F16, CENT), Answer(*expected, least))

    def test_what_is_given_up(self):
        for amount, charges, discount in ((1100, 0, 0), (1050, 50, 0), (1000, 100, 0), (900, 100, 100), (0, 100, 1000), (1200, 0, 0)):
            with self.subTest(amount=amount):
                self.assertEqual(given_up(Decimal(1000), Decimal(100), Decimal(amount)), Concession(Decimal(charges), Decimal(discount)))


class TestPosting(unittest.TestCase):
    def test_money_on_account(self):
        for what, missing, payments, owes_more, expected in (
                ("exactly one", 100, (30, 100), True, (1,)), ("exactly all", 100, (30, 70), True, (0, 1)),
                ("something else", 100, (30, 80), True, ()), ("a cent more", 100, (101,), True, ()),
                ("nothing else owed", 100, (101,), False, (0,)), ("not enough", 100, (30, 60), False, ()),
                ("nothing missing", 0, (0, 5), False, ()), ("no payment", 100, (), False, ())):
            with self.subTest(what):
                self.assertEqual(on_account(Decimal(missing), map(Decimal, payments), owes_more), expected)

    def test_shares(self):
        for given_amount, amounts, expected in ((300, (0, 0, 300), [0, 0, 300]), (250, (100, 100, 100), [100, 100, 50]),
                                                (0, (10,), [0]), (50, (-10, 20), [0, 20]), (5, (), [])):
            with self.subTest(amounts=amounts):
                self.assertEqual(shares(Decimal(given_amount), map(Decimal, amounts)), expected)

    @given(st.integers(0, 500), st.lists(st.integers(-50, 200), max_size=6))
    def test_nothing_is_given_twice_nor_below_zero(self, given_amount, amounts):
        found = shares(Decimal(given_amount), map(Decimal, amounts))
        self.assertEqual(sum(found), min(given_amount, sum(max(0, amount) for amount in amounts)))
        self.assertTrue(all(0 <= part <= max(0, amount) for part, amount in zip(found, amounts)))


class TestOffer(unittest.TestCase):
    """4,000 until day 14."""

    def test_table(self):
        for what, entries, today, expected in (
                ("nothing yet", (), 14, (OPEN, 0, None, 4000)), ("nothing came", (), 15, (LAPSED, 0, None, 4000)),
                ("on the first day", (paid(0, 4000),), 0, (TAKEN, 4000, at(0), 0)), ("on the last day", (paid(14, 4000),), 30, (TAKEN, 4000, at(14), 0)),
                ("a day too late", (paid(15, 4000),), 30, (LAPSED, 0, None, 4000)), ("before it was made", (paid(-1, 4000),), 30, (LAPSED, 0, None, 4000)),
                ("in parts", (paid(9, 1000), paid(3, 3000)), 10, (TAKEN, 4000, at(9), 0)), ("more", (paid(9, 9000),), 10, (TAKEN, 9000, at(9), 0)),
                ("a cent is missing", (paid(9, "3999.99"),), 15, (LAPSED, Decimal("3999.99"), None, CENT)),
                ("a part, still time", (paid(9, 1000),), 10, (OPEN, 1000, None, 3000)), ("a credit note", (paid(9, 4000, False),), 15, (LAPSED, 0, None, 4000)),
                ("not yet there", (paid(9, 4000),), 8, (OPEN, 0, None, 4000)),
                ("bounced", (paid(3, 4000), paid(5, -4000)), 10, (OPEN, 0, None, 4000)),
                ("bounced, paid again", (paid(3, 4000), paid(5, -4000), paid(7, 4000)), 10, (TAKEN, 4000, at(7), 0))):
            with self.subTest(what):
                self.assertEqual(tuple(judge(OFFER, entries, at(today))), expected)

    @given(st.lists(st.tuples(st.integers(-5, 20), st.integers(-100, 4000), st.booleans()), max_size=6), st.integers(0, 25), st.data())
    def test_the_order_of_payments_does_not_matter(self, rows, today, data):
        entries = [paid(*row) for row in rows]
        verdict = judge(OFFER, entries, at(today))
        self.assertEqual(judge(OFFER, data.draw(st.permutations(entries)), at(today)), verdict)
        self.assertEqual((verdict.state == TAKEN, verdict.on is not None), (verdict.missing == 0,) * 2)
        self.assertEqual(verdict.missing, max(0, 4000 - verdict.paid))


if __name__ == "__main__":
    unittest.main()
