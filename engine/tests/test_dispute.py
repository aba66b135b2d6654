"""Disputes: what is still open of a contested amount, and what became of the rest (F-17)."""
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.dispute import (
    CLEARED,
    CREDIT,
    CREDITED,
    MONEY,
    OPEN,
    OTHER,
    PAID,
    WRITE_OFF,
    WRITTEN_OFF,
    Dispute,
    Entry,
    Item,
    days_excused,
    settle,
    share_of_payment,
)

from .common import day

CENT = Decimal("0.01")


def dispute(id=1, amount=100, opened=-10, **facts):
    return Dispute(id, Decimal(amount), day(opened), **{name: Decimal(value) for name, value in facts.items()})


def entry(amount, kind=MONEY, of=None, on=-5):
    return Entry(day(on), Decimal(amount), kind, of)


def item(total, *entries, others_paid=0, others_open=0):
    return Item(Decimal(total) - sum(one.amount for one in entries), entries, Decimal(others_paid), Decimal(others_open))


def settled(contested, *disputes, proportional=False):
    return settle(contested, disputes or (dispute(),), CENT, proportional)


class TestShare(unittest.TestCase):
    def test_f17_example(self):
        """2,200 paid against 1,000 disputed and 2,000 other."""
        self.assertEqual(share_of_payment(Decimal(2200), Decimal(1000), Decimal(3000)), Decimal("733.33"))

    def test_the_whole_payment_settles_the_whole_dispute(self):
        self.assertEqual(share_of_payment(Decimal(3000), Decimal(1000), Decimal(3000)), 1000)
        self.assertEqual(share_of_payment(Decimal(9000), Decimal(1000), Decimal(3000)), 1000)
        self.assertEqual(share_of_payment(Decimal(100), Decimal(0), Decimal(0)), 0)

    def test_two_items_of_which_one_is_disputed(self):
        """200 of the 2,200 went to the disputed item of 1,000, 2,000 settled the other one."""
        found = settled(item(1000, entry(200), others_paid=2000), dispute(amount=1000), proportional=True)[1]
        self.assertEqual((found.paid, found.open), (Decimal("733.33"), Decimal("266.67")))

    def test_no_more_stays_contested_than_is_open(self):
        """1,000 of the 2,200 settled the disputed item, 800 of the other one are open: the ledger has the last word."""
        found = settled(item(1000, entry(1000), others_paid=1200, others_open=800), dispute(amount=1000), proportional=True)[1]
        self.assertEqual((found.paid, found.open, found.code), (1000, 0, PAID))


class TestSettle(unittest.TestCase):
    """100 of an invoice of 300 are disputed."""

    def test_table_of_outcomes(self):
        for what, entries, facts, balance, code in (
                ("nothing happened", (), {}, (100, 0, 0, 0, 0), OPEN),
                ("a payment settles what is not contested first", (entry(200),), {}, (100, 0, 0, 0, 0), OPEN),
                ("and then the rest", (entry(250),), {}, (50, 50, 0, 0, 0), OPEN),
                ("all is paid", (entry(300),), {}, (0, 100, 0, 0, 0), PAID),
                ("its credit note", (entry(100, CREDIT, 1),), {}, (0, 0, 100, 0, 0), CREDITED),
                ("a credit note for a part", (entry(40, CREDIT, 1),), {}, (60, 0, 40, 0, 0), OPEN),
                ("a credit note that names no dispute", (entry(40, CREDIT),), {}, (60, 0, 40, 0, 0), OPEN),
                ("one from before", (entry(40, CREDIT),), {"credit_before": 40}, (100, 0, 0, 0, 0), OPEN),
                ("a larger one", (entry(140, CREDIT),), {}, (0, 0, 100, 0, 0), CREDITED),
                ("credited in part, paid the rest", (entry(60, CREDIT, 1), entry(240)), {}, (0, 40, 60, 0, 0), CREDITED),
                ("written off", (entry(100, WRITE_OFF, 1),), {}, (0, 0, 0, 0, 100), WRITTEN_OFF),
                ("settled in the books", (entry(300, OTHER),), {}, (0, 0, 0, 100, 0), CLEARED),
                ("rejected", (), {"decided": 100}, (0, 0, 0, 100, 0), CLEARED),
                ("rejected in part", (), {"decided": 30}, (70, 0, 0, 30, 0), OPEN),
                ("rejected after a part was paid", (entry(250),), {"decided": 50, "kept": 50}, (0, 50, 0, 50, 0), CLEARED),
                ("credited 60, the rest rejected", (entry(60, CREDIT, 1),), {"decided": 40}, (0, 0, 60, 40, 0), CREDITED),
                ("that credit note was taken back", (), {"decided": 40}, (60, 0, 0, 40, 0), OPEN)):
            with self.subTest(what):
                found = settled(item(300, *entries), dispute(**facts))[1]
                self.assertEqual((found.open, found.paid, found.credited, found.cleared, found.written_off), balance)
                self.assertEqual(found.code, code)

    def test_in_proportion(self):
        found = settled(item(300, entry(150)), proportional=True)[1]
        self.assertEqual((found.paid, found.open), (50, 50))
        credited = settled(item(300, entry(40, CREDIT, 1), entry(130)), proportional=True)[1]
        self.assertEqual((credited.credited, credited.paid, credited.open), (40, 30, 30), "130 of the 260 that were left")
        before = settled(item(300, entry(150)), dispute(money_before=150), proportional=True)[1]
        self.assertEqual((before.paid, before.open), (0, 100), "that money came before the dispute")

    def test_a_credit_without_a_reference_goes_by_age_and_amount(self):
        disputes = (dispute(1, 30, opened=-3), dispute(2, 50, opened=-9), dispute(3, 60, opened=-9))
        found = settled(item(300, entry(80, CREDIT)), *disputes)
        self.assertEqual([found[id].credited for id in (1, 2, 3)], [0, 20, 60])

    def test_a_credit_from_before_the_younger_one_is_not_for_it(self):
        found = settled(item(300, entry(90, CREDIT)), dispute(1, 40, opened=-9), dispute(2, 60, opened=-3, credit_before=70))
        self.assertEqual([found[id].credited for id in (1, 2)], [40, 20])

    def test_money_settles_the_oldest_dispute_first(self):
        found = settled(item(300, entry(240)), dispute(1, 50, opened=-3), dispute(2, 50, opened=-9))
        self.assertEqual([(found[id].paid, found[id].open) for id in (1, 2)], [(0, 50), (40, 10)])


DISPUTES = st.lists(st.tuples(st.integers(1, 60), st.integers(-9, 0), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=3)
ENTRIES = st.lists(st.tuples(st.integers(-12, 5), st.integers(1, 90), st.sampled_from((MONEY, CREDIT, WRITE_OFF, OTHER)),
                             st.sampled_from((None, 1, 2))), max_size=7)


class TestProperties(unittest.TestCase):
    @given(DISPUTES, ENTRIES, st.booleans(), st.integers(0, 100), st.integers(0, 100))
    def test_nothing_is_lost_and_nothing_is_open_twice(self, rows, moves, proportional, others_paid, others_open):
        disputes = [dispute(number, amount, opened, decided=min(decided, amount), money_before=before)
                    for number, (amount, opened, decided, before) in enumerate(rows, 1)]
        entries = tuple(entry(amount, kind, of, on) for on, amount, kind, of in moves)
        contested = Item(Decimal(max(0, 180 - sum(one.amount for one in entries))), entries, Decimal(others_paid), Decimal(others_open))
        found = settled(contested, *disputes, proportional=proportional)
        for one in disputes:
            balance = found[one.id]
            self.assertEqual(balance.original, sum(balance[1:6]))
            self.assertTrue(all(part >= 0 for part in balance[1:6]), balance)
            self.assertEqual(balance.code == OPEN, balance.open > 0)
        self.assertLessEqual(sum(balance.open for balance in found.values()), contested.open)
        self.assertEqual(found, settled(contested._replace(entries=entries[::-1]), *disputes[::-1], proportional=proportional), "whatever their order")


class TestDaysExcused(unittest.TestCase):
    def test_table(self):
        for what, due, until, spans, days in (
                ("no dispute", -10, 0, (), 0),
                ("all the time", -10, 0, ((-20, 5),), 10),
                ("until a day before", -10, 0, ((-20, -1),), 9),
                ("within", -10, 0, ((-6, -3),), 4),
                ("on a single day", -10, 0, ((-6, -6),), 1),
                ("before it was due", -10, 0, ((-20, -10),), 0),
                ("after it was paid", -10, 0, ((1, 5),), 0),
                ("two after each other", -10, 0, ((-9, -8), (-4, -3)), 4),
                ("two at once count once", -10, 0, ((-9, -4), (-6, -3)), 7),
                ("one within the other", -10, 0, ((-9, -1), (-6, -3)), 9),
                ("paid in time", 0, -5, ((-9, 9),), 0)):
            with self.subTest(what):
                found = days_excused(day(due), day(until), [(day(first), day(last)) for first, last in spans])
                self.assertEqual(found, days)

    @given(st.integers(-30, 0), st.integers(0, 30), st.lists(st.tuples(st.integers(-40, 30), st.integers(0, 15)), max_size=5))
    def test_it_counts_days(self, due, late, spans):
        excused = {at for at in range(due + 1, due + late + 1) if any(first <= at <= first + length for first, length in spans)}
        found = days_excused(day(due), day(due + late), [(day(first), day(first + length)) for first, length in spans])
        self.assertEqual(found, len(excused))
