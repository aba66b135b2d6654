"""Promises: kept, partly kept or broken by what was really paid (F-7)."""
import unittest
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.promise import (
    BROKEN,
    KEPT,
    OPEN,
    PARTLY,
    WITHDRAWN,
    Entry,
    Part,
    Promise,
    Rates,
    judge,
    last_day,
    level,
    rates,
)
from engine.workday import Calendar

from .common import amounts, day, pause, run
from .common import item as open_item

CENT = Decimal("0.01")
MADE, UNTIL = -10, 0


def paid(on, amount):
    return Entry(day(on), Decimal(amount))


def credited(on, amount):
    return Entry(day(on), Decimal(amount), money=False)


def item(*entries, amount=100, total=100, before=0, contested=0):
    return Part(Decimal(amount), entries, Decimal(total), Decimal(before), Decimal(contested))


def balance(*entries, amount=100, contested=0):
    return Part(Decimal(amount), entries, contested=Decimal(contested))


def judged(*parts, at=1):
    return judge(Promise(day(MADE), day(UNTIL), parts), day(at), CENT)


class TestJudge(unittest.TestCase):
    """What becomes of a promise of 100, made ten days ago, that counts until today."""

    def test_table_of_outcomes(self):
        for what, part, at, state, came, missing in (
                ("nothing came, still time", item(), 0, OPEN, 0, 100),
                ("nothing came", item(), 1, BROKEN, 0, 100),
                ("all on the last day", item(paid(0, 100)), 1, KEPT, 100, 0),
                ("early: kept at once", item(paid(-9, 100)), -9, KEPT, 100, 0),
                ("on the day of the promise", item(paid(MADE, 100)), 1, KEPT, 100, 0),
                ("a day too late", item(paid(1, 100)), 2, BROKEN, 0, 100),
                ("several payments", item(paid(-5, 30), paid(-2, 30), paid(0, 40)), 1, KEPT, 100, 0),
                ("a part, still time", item(paid(-5, 30)), 0, OPEN, 30, 70),
                ("a part", item(paid(-5, 30)), 1, PARTLY, 30, 70),
                ("a part in time, the rest too late", item(paid(0, 30), paid(3, 70)), 5, PARTLY, 30, 70),
                ("a cent is missing", item(paid(-5, "99.99")), 1, KEPT, "99.99", "0.01"),
                ("two cents are missing", item(paid(-5, "99.98")), 1, PARTLY, "99.98", "0.02"),
                ("more than promised", item(paid(-5, 150), total=200), 1, KEPT, 150, 0),
                ("a part of the item was promised", item(paid(-5, 40), amount=40), 1, KEPT, 40, 0),
                ("dated after the day of judgment", item(paid(0, 100)), -1, OPEN, 0, 100),
                ("a credit note is no payment", item(credited(-5, 60)), 1, BROKEN, 0, 40),
                ("what was credited need not be paid", item(credited(-5, 60), paid(-5, 40)), 1, KEPT, 40, 0),
                ("a credit note of the rest of the item", item(credited(-5, 60), amount=40), 1, BROKEN, 0, 40),
                ("what is contested is not expected", item(paid(-5, 70), contested=30), 1, KEPT, 70, 0),
                ("less than what is not contested", item(paid(-5, 50), contested=30), 1, PARTLY, 50, 20),
                ("the promised part is not contested", item(paid(-5, 40), amount=40, contested=60), 1, KEPT, 40, 0),
                ("all contested, it may still be rejected", item(contested=100), 0, OPEN, 0, 0),
                ("all contested to the end", item(contested=100), 1, WITHDRAWN, 0, 0),
                ("nothing was left to pay", item(credited(-5, 100)), 1, WITHDRAWN, 0, 0),
                ("the invoice is a draft again", item(total=0), 1, WITHDRAWN, 0, 0),
                ("money from before is no payment", item(paid(-11, 60)), 1, BROKEN, 0, 40),
                ("the rest, after a payment that morning", item(paid(MADE, 40), amount=60, before=40), 1, BROKEN, 0, 60),
                ("the rest came too", item(paid(MADE, 40), paid(-2, 60), amount=60, before=40), 1, KEPT, 60, 0),
                ("balance: any payment", balance(paid(-5, 70), paid(-1, 30)), 1, KEPT, 100, 0),
                ("what was contested is credited after the window", item(paid(-5, 50), credited(3, 30), contested=30), 4, PARTLY, 50, 20),
                ("more than that is credited", item(paid(-5, 50), credited(3, 40), contested=30), 4, PARTLY, 50, 10),
                ("credited in time, and something else contested", item(paid(-5, 50), credited(-3, 20), contested=30), 1, KEPT, 50, 0),
                ("balance: nothing", balance(), 1, BROKEN, 0, 100),
                ("balance: what is contested is not expected", balance(paid(-5, 70), contested=30), 1, KEPT, 70, 0),
                ("balance: less than what is not contested", balance(paid(-5, 60), contested=30), 1, PARTLY, 60, 10),
                ("balance: all contested, it may still be rejected", balance(contested=120), 0, OPEN, 0, 0),
                ("balance: all contested to the end", balance(contested=120), 1, WITHDRAWN, 0, 0)):
            with self.subTest(what):
                verdict = judged(part, at=at)
                self.assertEqual((verdict.state, verdict.paid, verdict.missing), (state, Decimal(came), Decimal(missing)))

    def test_several_items_are_judged_together(self):
        verdict = judged(item(paid(-3, 100), total=150), item(amount=50, total=50), at=1)
        self.assertEqual((verdict.state, verdict.missing, verdict.parts), (PARTLY, 50, (100, 0)))
        whole = judged(item(paid(-3, 150), total=150), item(amount=50, total=50), at=1)
        self.assertEqual(whole.state, KEPT, "it is the bookkeeper who chose what the money was for")

    def test_the_day_of_the_last_payment_is_told(self):
        self.assertEqual(judged(item(paid(-5, 30), paid(-2, 70), paid(3, 5))).on, day(-2))
        self.assertIsNone(judged(item()).on)

    def test_a_coarse_currency_forgives_one_of_its_units(self):
        promise = Promise(day(MADE), day(UNTIL), (item(paid(-1, 99)),))
        self.assertEqual(judge(promise, day(1), Decimal(1)).state, KEPT)
        self.assertEqual(judge(Promise(day(MADE), day(UNTIL), (item(amount=1),)), day(1), Decimal(1)).state, BROKEN)

    @given(st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 80), st.booleans()), max_size=6), st.integers(-10, 20))
    def test_states_follow_from_the_entries_alone(self, rows, at):
        entries = tuple(Entry(day(on), Decimal(amount), money) for on, amount, money in rows)
        verdict = judged(item(*entries), at=at)
        self.assertEqual(verdict, judged(item(*entries[::-1]), at=at), "whatever their order")
        self.assertEqual(verdict.state == OPEN, at <= UNTIL and verdict.state not in (KEPT, WITHDRAWN))
        more = judged(item(*entries, paid(min(at, UNTIL), 500)), at=at)
        self.assertEqual(more.state, KEPT if at >= MADE else more.state)


class TestWindow(unittest.TestCase):
    def test_the_last_day_waits_for_the_weekend_to_end(self):
        for promised, tolerance, until in (
                (date(2026, 3, 18), 2, date(2026, 3, 20)),
                (date(2026, 3, 20), 1, date(2026, 3, 23)),
                (date(2026, 3, 21), 0, date(2026, 3, 23)),
                (date(2026, 3, 18), 0, date(2026, 3, 18))):
            with self.subTest(promised=promised, tolerance=tolerance):
                self.assertEqual(last_day(promised, tolerance, Calendar()), until)

    def test_a_holiday_counts_as_a_weekend(self):
        self.assertEqual(last_day(date(2026, 4, 2), 1, Calendar(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))),
                         date(2026, 4, 7))


class TestRates(unittest.TestCase):
    def test_f7_example(self):
        """Ten promises of 100,000: six kept (55,000), two partly (12,000 of 30,000), two broken (15,000)."""
        promises = [(KEPT, 5000, 5000)] + [(KEPT, 10000, 10000)] * 5 + [(PARTLY, 10000, 2000), (PARTLY, 20000, 10000)]
        promises += [(BROKEN, 5000, 0), (BROKEN, 10000, 0), (OPEN, 7000, 0), (WITHDRAWN, 8000, 0)]
        found = rates((state, Decimal(amount), Decimal(came)) for state, amount, came in promises)
        self.assertEqual(found, Rates(Decimal("0.6"), Decimal("0.67")))

    def test_paying_more_than_promised_makes_up_for_no_other_promise(self):
        self.assertEqual(rates([(KEPT, Decimal(50), Decimal(500)), (BROKEN, Decimal(50), Decimal(0))]).amount, Decimal("0.5"))

    def test_without_a_judged_promise_there_is_no_rate(self):
        self.assertEqual(rates([(OPEN, Decimal(50), Decimal(0))]), Rates(None, None))


class TestLevel(unittest.TestCase):
    def test_only_a_kept_promise_does_not_raise_the_level(self):
        self.assertEqual(level([]), 1)
        for state, expected in ((OPEN, 3), (PARTLY, 3), (BROKEN, 3), (WITHDRAWN, 3), (KEPT, 2)):
            with self.subTest(state):
                self.assertEqual(level([(state, 2)]), expected)

    def test_the_worst_of_several_items_counts(self):
        self.assertEqual(level([(KEPT, 1), (BROKEN, 2), (BROKEN, 1)]), 3)


class TestFollowUp(unittest.TestCase):
    """What was promised is not asked for while the promise lasts."""

    def test_a_promised_item_is_silent_and_the_others_are_asked_for(self):
        found = run(open_item(1, 10, pause=pause("promise", 3)), open_item(2, 10))
        self.assertEqual((amounts(found), found.items), ({2: 100}, {1: "promise"}))

    def test_only_the_promised_part_is_silent(self):
        self.assertEqual(amounts(run(open_item(1, 10, promised=Decimal(60)))), {1: 40})
        found = run(open_item(1, 10, promised=Decimal(60), disputed=40))
        self.assertEqual((found.reason, found.items), ("disputed", {1: "disputed"}))
        self.assertEqual(run(open_item(1, 10, promised=Decimal(60), in_transit=40)).reason, "in_transit")

    def test_silence_ends_the_day_after(self):
        item_ = open_item(1, 10, pause=pause("promise", 3))
        self.assertEqual((run(item_).reason, run(item_).next_on), ("promise", day(5)), "the first working day after it")
        self.assertEqual([run(item_, at=at).contact is not None for at in (3, 4)], [False, True])


if __name__ == "__main__":
    unittest.main()
