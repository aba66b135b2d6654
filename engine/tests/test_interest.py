"""Late interest: every worked example of F-8, rates by law, stops, and that no day is charged twice."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.daycount import ACT_360, ACT_365, ACT_ACT, CLIFF, THIRTY_360, TOLERANCE, Grace, Span
from engine.interest import (
    ACCRUED,
    CHARGED_BEFORE,
    IN_GRACE,
    NO_RATE,
    NOT_LATE,
    NOTHING_OPEN,
    OUTDATED,
    PAID_IN_TIME,
    PROVISIONAL,
    STOPPED,
    WAITING,
    Item,
    Stop,
    accrue,
    correction,
    ever_late,
)
from engine.promise import Entry
from engine.rate import (
    AT_DEFAULT,
    AT_PAYMENT,
    BEFORE_HALF_YEAR,
    DAILY,
    HALF_YEAR,
    SPLIT,
    Quote,
    Series,
    Terms,
    half_year,
    is_outdated,
    rate_on,
)

CENT = Decimal("0.01")
QUANTA = [Decimal(1), CENT, Decimal("0.001")]
DUE = date(2024, 5, 15)


def series(*quotes, taken=DAILY, checked_on=None):
    return Series(tuple(Quote(date.fromisoformat(since), Decimal(percent)) for since, percent in quotes), taken, checked_on)


ECB = series(("2023-09-20", "4.50"), ("2024-06-12", "4.25"), ("2024-09-18", "3.65"), ("2025-06-11", "2.15"), taken=HALF_YEAR)
BOE = series(("2023-08-03", "5.25"), ("2024-08-01", "5.00"), taken=BEFORE_HALF_YEAR)
BUBA = series(("2016-07-01", "-0.88"), ("2024-01-01", "3.62"), ("2024-07-01", "3.37"), taken=HALF_YEAR)
EU = Terms(Decimal(8), ECB)
FLAT = Terms(Decimal(10))


def at(offset, start=DUE):
    return start + timedelta(days=offset)


def paid(on, amount, money=True):
    return Entry(on, Decimal(amount), money)


def item(*entries, amount=10000, due=DUE, **values):
    return Item(due, Decimal(amount), entries, **values)


def lines(accrual, quantum=CENT):
    return [segment.line(quantum) for segment in accrual.segments]


def total(accrual, quantum=CENT):
    return sum(lines(accrual, quantum), Decimal(0))


def exact(accrual):
    return sum((segment.amount for segment in accrual.segments), Decimal(0))


ALL_PAID = item(paid(date(2024, 9, 30), 10000))
IN_PARTS = item(paid(date(2024, 6, 14), 4000), paid(date(2024, 9, 30), 6000))
UNTIL = date(2024, 12, 1)


class TestF8(unittest.TestCase):
    def test_a_part_payment_and_a_change_of_the_rate(self):
        accrual = accrue(IN_PARTS, EU, UNTIL)
        self.assertEqual([(one.start, one.end, one.days, one.balance, one.rate) for one in accrual.segments], [
            (date(2024, 5, 16), date(2024, 6, 15), 30, 10000, Decimal("12.5")),
            (date(2024, 6, 15), date(2024, 7, 1), 16, 6000, Decimal("12.5")),
            (date(2024, 7, 1), date(2024, 10, 1), 92, 6000, Decimal("12.25"))])
        self.assertEqual([round(one.amount, 4) for one in accrual.segments],
                         [Decimal("102.7397"), Decimal("32.8767"), Decimal("185.2603")])
        self.assertEqual((total(accrual), accrual.code, accrual.warnings), (Decimal("320.88"), ACCRUED, ()))

    def test_what_counts_is_a_setting(self):
        for what, terms, amounts in (
                ("split at rate changes", EU, ["157.53", "308.77"]),  # 466.30
                ("fixed at the default date", EU._replace(mode=AT_DEFAULT), ["472.60"]),
                ("rate at the payment date", EU._replace(mode=AT_PAYMENT), ["463.15"]),
                ("year of 366 days", EU._replace(basis=ACT_ACT), ["157.10", "307.92"]),  # 465.02
                ("year of 360 days", EU._replace(basis=ACT_360), ["159.72", "313.06"]),
                ("30/360", EU._replace(basis=THIRTY_360), ["156.25", "306.25"])):  # 45 and 90 days
            with self.subTest(what):
                self.assertEqual(lines(accrue(ALL_PAID, terms, UNTIL)), [Decimal(amount) for amount in amounts])

    def test_laws(self):
        for what, amount, due, on, terms, expected in (
                ("UK: fixed for the life of the debt", 8500, DUE, date(2024, 9, 30), Terms(Decimal(8), BOE, AT_DEFAULT), "425.82"),
                ("DE: business", 10000, date(2024, 3, 31), date(2024, 6, 30), Terms(Decimal(9), BUBA), "314.64"),
                ("DE: consumer", 10000, date(2024, 3, 31), date(2024, 6, 30), Terms(Decimal(5), BUBA), "214.91"),
                ("IE: rate of the payment date", 10000, DUE, date(2024, 9, 30), Terms(Decimal(8), ECB, AT_PAYMENT), "463.15"),
                ("BE: up to the next half point", 10000, date(2024, 6, 30), date(2024, 9, 30),
                 Terms(Decimal(8), ECB, step=Decimal("0.5")), "315.07"),
                ("1.5 % a month", 10000, DUE, date(2024, 9, 30), Terms(Decimal(18)), "680.55")):
            with self.subTest(what):
                self.assertEqual(total(accrue(item(paid(on, amount), amount=amount, due=due), terms, UNTIL)), Decimal(expected))


class TestRate(unittest.TestCase):
    def test_table(self):
        legal = series(("2024-01-01", "5.07"), ("2024-07-01", "4.92"), taken=HALF_YEAR)
        french = Terms(Decimal(10), ECB, floor=legal, times=Decimal(3))
        for what, terms, on, expected in (
                ("fixed", FLAT, "1990-01-01", "10"),
                ("as published, day by day", EU._replace(series=ECB._replace(taken=DAILY)), "2024-06-12", "12.25"),
                ("the half-year begins with", EU, "2024-06-30", "12.5"), ("and the next one", EU, "2024-07-01", "12.25"),
                ("Belgium H2 2024", EU._replace(step=Decimal("0.5")), "2024-07-01", "12.5"),
                ("Belgium H2 2025", EU._replace(step=Decimal("0.5")), "2025-07-01", "10.5"),
                ("Belgium, just right", EU._replace(step=Decimal("0.5")), "2024-01-01", "12.5"),
                ("UK before 1 July", Terms(Decimal(8), BOE), "2024-07-01", "13.25"),
                ("UK before 1 January", Terms(Decimal(8), BOE), "2025-01-01", "13.00"),
                ("UK, not what begins on 1 July", Terms(Decimal(8), series(("2024-06-30", "5"), ("2024-07-01", "4"), taken=BEFORE_HALF_YEAR)),
                 "2024-07-01", "13"),
                ("below zero", Terms(Decimal(9), BUBA), "2020-01-01", "8.12"), ("never negative", Terms(Decimal(0), BUBA), "2020-01-01", "0"),
                ("FR: the rate of the law has no floor", french, "2024-07-01", "14.25"),
                ("FR: a contract has", Terms(Decimal(12), contract=True, floor=legal, times=Decimal(3)), "2024-07-01", "14.76"),
                ("FR: a dear contract", Terms(Decimal(15), contract=True, floor=legal, times=Decimal(3)), "2024-07-01", "15"),
                ("ceiling", EU._replace(ceiling=Decimal(12)), "2024-07-01", "12"),
                ("before the first quote", EU, "2023-07-01", None),
                ("before the first half-year", EU, "2023-12-31", None),
                ("floor unknown", Terms(Decimal(12), contract=True, floor=legal), "2023-07-01", None)):
            with self.subTest(what):
                self.assertEqual(rate_on(terms, date.fromisoformat(on)), None if expected is None else Decimal(expected))

    def test_half_years(self):
        for day, first in (("2024-01-01", "2024-01-01"), ("2024-06-30", "2024-01-01"), ("2024-07-01", "2024-07-01"), ("2024-12-31", "2024-07-01")):
            self.assertEqual(half_year(date.fromisoformat(day)), date.fromisoformat(first))

    def test_the_floor_of_a_contract_changes_too(self):
        legal = series(("2024-01-01", "5.07"), ("2024-07-01", "4.92"), taken=HALF_YEAR)
        terms = Terms(Decimal(12), contract=True, floor=legal, times=Decimal(3))
        accrual = accrue(ALL_PAID, terms, UNTIL)
        self.assertEqual([(one.days, one.rate) for one in accrual.segments], [(46, Decimal("15.21")), (92, Decimal("14.76"))])
        self.assertEqual((accrual.warnings, accrue(item(due=date(2025, 1, 1)), terms, UNTIL.replace(year=2025)).warnings), ((), (OUTDATED,)))

    def test_the_years_between(self):
        accrual = accrue(item(due=date(2023, 12, 31)), EU, date(2026, 1, 1))
        self.assertEqual([(one.start, one.rate) for one in accrual.segments], [
            (date(2024, 1, 1), Decimal("12.5")), (date(2024, 7, 1), Decimal("12.25")), (date(2025, 1, 1), Decimal("11.65")),
            (date(2025, 7, 1), Decimal("10.15"))])

    def test_without_a_rate_nothing_is_charged_and_the_day_is_told(self):
        accrual = accrue(item(due=date(2023, 12, 1)), EU, date(2024, 3, 1))
        self.assertEqual((accrual.segments, accrual.code, accrual.missing), ((), NO_RATE, date(2023, 12, 2)))
        known = accrue(item(due=date(2023, 12, 1)), EU, date(2024, 3, 1), [Span(date(2023, 12, 2), date(2024, 1, 1))])
        self.assertEqual((known.code, total(known)), (ACCRUED, Decimal("205.48")), "days without a rate were charged before")

    def test_outdated_when_nobody_looked_in_the_half_year(self):
        for on, checked, expected in (("2025-06-30", None, False), ("2025-07-01", None, True), ("2025-07-01", date(2025, 7, 1), False),
                                      ("2026-01-01", date(2025, 7, 1), True)):
            with self.subTest(on=on, checked=checked):
                self.assertEqual(is_outdated(ECB._replace(checked_on=checked), date.fromisoformat(on)), expected)
        self.assertTrue(is_outdated(Series(()), DUE))
        for taken, checked, expected in ((BEFORE_HALF_YEAR, "2025-06-29", True), (BEFORE_HALF_YEAR, "2025-06-30", False), (HALF_YEAR, "2025-06-30", True),
                                         (DAILY, "2025-06-30", True), (DAILY, "2025-07-01", False)):
            with self.subTest(taken=taken, checked=checked):
                self.assertEqual(is_outdated(ECB._replace(taken=taken, checked_on=date.fromisoformat(checked)), date(2025, 9, 1)), expected)
        late = item(due=date(2025, 6, 20))
        self.assertEqual(accrue(late, EU, date(2025, 7, 1)).warnings, ())
        self.assertEqual(accrue(late, EU, date(2025, 7, 2)).warnings, (OUTDATED,))
        self.assertEqual(accrue(late, EU._replace(mode=AT_DEFAULT), date(2025, 9, 1)).warnings, (), "its rate is known for good")

    def test_the_rate_of_the_payment_is_provisional_until_it_comes(self):
        terms = EU._replace(mode=AT_PAYMENT)
        accrual = accrue(item(), terms, date(2024, 7, 1))
        self.assertEqual((accrual.segments[0].rate, accrual.warnings), (Decimal("12.5"), (PROVISIONAL,)))
        parts = accrue(IN_PARTS, terms, UNTIL)
        self.assertEqual([(one.days, one.rate) for one in parts.segments], [(30, Decimal("12.5")), (108, Decimal("12.25"))])
        credited = accrue(item(paid(date(2024, 6, 1), 4000, money=False), paid(date(2024, 9, 30), 6000)), terms, UNTIL)
        self.assertEqual([one.rate for one in credited.segments], [Decimal("12.25")] * 2, "a credit note is no payment")
        bounced = accrue(item(paid(date(2024, 6, 1), 10000), paid(date(2024, 6, 20), -10000), paid(date(2024, 9, 30), 10000)), terms, UNTIL)
        self.assertEqual([one.rate for one in bounced.segments], [Decimal("12.5"), Decimal("12.25")], "nor is one that bounced")
        self.assertEqual(accrue(item(paid(at(1), 10000)), terms, UNTIL).warnings, (), "paid on the first day")
        cent = accrue(item(paid(date(2024, 6, 14), "0.50"), paid(date(2024, 9, 30), "9999.50")), terms, UNTIL)
        self.assertEqual([one.rate for one in cent.segments], [Decimal("12.5"), Decimal("12.25")])


class TestBalance(unittest.TestCase):
    """10 % of 10,000: 2.739726 a day."""

    def days(self, what, found, expected):
        with self.subTest(what):
            self.assertEqual([(one.days, int(one.balance)) for one in found.segments], expected)

    def test_table(self):
        for what, one, until, expected in (
                ("the first day", item(), 2, [(1, 10000)]),
                ("paid the day after", item(paid(at(1), 10000)), 50, [(1, 10000)]),
                ("a part before it was due", item(paid(at(-5), 4000)), 11, [(10, 6000)]),
                ("a part on the due date", item(paid(at(0), 4000)), 11, [(10, 6000)]),
                ("a credit note", item(paid(at(5), 4000, money=False)), 11, [(5, 10000), (5, 6000)]),
                ("a credit note from the beginning", item(paid(DUE, 4000, money=False)), 11, [(10, 6000)]),
                ("a payment that bounced", item(paid(at(3), 10000), paid(at(6), -10000)), 11, [(3, 10000), (4, 10000)]),
                ("paid and bounced on a day", item(paid(at(3), 10000), paid(at(3), -10000)), 11, [(10, 10000)]),
                ("paid too much", item(paid(at(3), 12000)), 11, [(3, 10000)]),
                ("disputed at our fault", item(stops=(Stop(at(3), at(5)),)), 11, [(2, 10000), (5, 10000)]),
                ("disputed for a day", item(stops=(Stop(at(3), at(3)),)), 11, [(2, 10000), (7, 10000)]),
                ("a part disputed", item(stops=(Stop(at(3), at(5), Decimal(4000)),)), 11, [(2, 10000), (3, 6000), (5, 10000)]),
                ("disputed still", item(stops=(Stop(at(3)),)), 11, [(2, 10000)]),
                ("disputed, the rest was paid", item(paid(at(2), 6000), stops=(Stop(at(3), None, Decimal(4000)),)), 11, [(2, 10000)]),
                ("two stops at once", item(stops=(Stop(at(3), None, Decimal(7000)), Stop(at(3), None, Decimal(6000)))), 11, [(2, 10000)]),
                ("in a plan, later broken", item(stops=(Stop(at(-3), at(4)),)), 11, [(6, 10000)]),
                ("a law wants a notice first", item(since=at(6)), 11, [(5, 10000)])):
            self.days(what, accrue(one, FLAT, at(until)), expected)

    def test_grace(self):
        cliff, tolerance = (FLAT._replace(grace=Grace(5, kind)) for kind in (CLIFF, TOLERANCE))
        for what, one, terms, until, expected in (
                ("cliff, paid within", item(paid(at(5), 10000)), cliff, 50, []),
                ("cliff, a day more", item(paid(at(6), 10000)), cliff, 50, [(6, 10000)]),
                ("cliff, not over yet", item(), cliff, 6, []), ("cliff, over", item(), cliff, 7, [(6, 10000)]),
                ("cliff, a part was in time", item(paid(at(5), 9000)), cliff, 7, [(6, 1000)]),
                ("tolerance, paid within", item(paid(at(5), 10000)), tolerance, 50, []),
                ("tolerance, a day more", item(paid(at(6), 10000)), tolerance, 50, [(1, 10000)]),
                ("tolerance, over", item(), tolerance, 11, [(5, 10000)])):
            self.days(what, accrue(one, terms, at(until)), expected)

    def test_reasons(self):
        grace = FLAT._replace(grace=Grace(5))
        for what, one, terms, until, charged, code in (
                ("due in future", item(), FLAT, -5, (), NOT_LATE), ("due today", item(), FLAT, 1, (), NOT_LATE),
                ("in grace", item(), grace, 6, (), IN_GRACE), ("paid in grace", item(paid(at(5), 10000)), grace, 50, (), PAID_IN_TIME),
                ("paid in time", item(paid(at(0), 10000)), FLAT, 50, (), PAID_IN_TIME),
                ("waiting for the notice", item(since=at(20)), FLAT, 20, (), WAITING),
                ("stopped", item(stops=(Stop(at(0)),)), FLAT, 50, (), STOPPED),
                ("a little stopped", item(paid(at(0), "9999.50"), stops=(Stop(at(0)),)), FLAT, 50, (), STOPPED),
                ("charged before", item(), FLAT, 50, (Span(at(1), at(50)),), CHARGED_BEFORE),
                ("paid, and charged before", item(paid(at(9), 10000)), FLAT, 50, (Span(at(1), at(10)),), NOTHING_OPEN),
                ("a charge bears no interest", item(exempt="charge"), FLAT, 50, (), "charge")):
            with self.subTest(what):
                accrual = accrue(one, terms, at(until), charged)
                self.assertEqual((accrual.segments, accrual.code), ((), code))

    def test_what_was_charged_is_left_out(self):
        accrual = accrue(item(), FLAT, at(31), [Span(at(11), at(21)), Span(at(1), at(6))])
        self.assertEqual([(one.start, one.end) for one in accrual.segments], [(at(6), at(11)), (at(21), at(31))])

    def test_lines_of_many_runs_come_to_the_same_as_of_one(self):
        """20.00 at 8 %: rounded day by day it would be 0.00 a year (R-43)."""
        small, terms = item(amount=20), Terms(Decimal(8))
        daily = [accrue(small, terms, at(until), [Span(at(1), at(until - 1))] if until > 2 else []) for until in range(2, 367)]
        self.assertEqual(sum(total(one) for one in daily), Decimal("1.60"))
        self.assertEqual(total(accrue(small, terms, at(366))), Decimal("1.60"))

    def test_ties_go_up(self):
        self.assertEqual(total(accrue(item(amount="18.25"), FLAT, at(2))), Decimal("0.01"), "0.005 exactly")
        cut = accrue(item(amount="18.25"), FLAT._replace(basis=ACT_365), at(4), [Span(at(2), at(3))])
        self.assertEqual(lines(cut), [Decimal("0.01"), Decimal("0.01")], "0.005, and from 0.010 to 0.015")


class TestCorrection(unittest.TestCase):
    def test_table(self):
        charged, posted = [Span(at(1), at(11)), Span(at(11), at(31))], Decimal("82.19")
        for what, one, expected in (
                ("nothing new", item(), "0"), ("paid since", item(paid(at(30), 10000)), "0"),
                ("a payment entered late", item(paid(at(20), 10000)), "-27.40"),
                ("a credit note from the beginning", item(paid(DUE, 10000, money=False)), "-82.19"),
                ("a dispute at our fault", item(stops=(Stop(at(1), at(10)),)), "-27.40"),
                ("an item that should have had none", item(exempt="charge"), "-82.19")):
            with self.subTest(what):
                self.assertEqual(correction(one, FLAT, charged, posted, CENT), Decimal(expected))
        self.assertEqual(correction(item(), FLAT, charged, Decimal(50), CENT, cap=Decimal(50)), 0)
        self.assertEqual(correction(item(), FLAT, [], Decimal(0), CENT), 0)
        self.assertIsNone(correction(item(due=date(2020, 1, 1)), EU, [Span(date(2020, 1, 2), date(2020, 2, 1))], posted, CENT))

    def test_a_part_bears_no_more_than_it_is(self):
        """3,000 of 10,000: 20 days at 10 %."""
        self.assertEqual(correction(item()._replace(most=Decimal(3000)), FLAT, [Span(at(1), at(21))], Decimal(20), CENT), Decimal("-3.56"))

    def test_ever_late(self):
        for what, one, grace, expected in (
                ("open", item(), Grace(), True), ("paid in time", item(paid(DUE, 10000)), Grace(), False),
                ("paid the day after", item(paid(at(1), 10000)), Grace(), True), ("paid in the days of grace", item(paid(at(5), 10000)), Grace(5), False),
                ("not due yet", item(due=at(40)), Grace(), False), ("cancelled", item(exempt="cancelled"), Grace(), False),
                ("in dispute at our fault until it was paid", item(paid(at(9), 10000), stops=(Stop(at(1), at(9)),)), Grace(), False),
                ("in dispute at our fault at first", item(stops=(Stop(at(1), at(9)),)), Grace(), True)):
            with self.subTest(what):
                self.assertEqual(ever_late(one, grace, at(30)), expected)



OFFSETS = st.integers(-10, 400)
AMOUNTS = st.integers(1, 900000).map(lambda cents: cents * CENT)


@st.composite
def histories(draw):
    entries = draw(st.lists(st.builds(Entry, OFFSETS.map(at), AMOUNTS | AMOUNTS.map(lambda amount: -amount / 10), st.booleans()), max_size=5))
    stops = []
    for first, length, part in draw(st.lists(st.tuples(OFFSETS, st.none() | st.integers(0, 60), st.none() | AMOUNTS), max_size=2)):
        stops.append(Stop(at(first), None if length is None else at(first + length), part))
    return item(*entries, amount=draw(AMOUNTS), stops=tuple(stops))


@st.composite
def conditions(draw, modes=(SPLIT, AT_DEFAULT)):
    source = draw(st.sampled_from([None, ECB, ECB._replace(taken=DAILY), BOE, BUBA]))
    return Terms(Decimal(draw(st.sampled_from(["8", "9.25", "18"]))), source, draw(st.sampled_from(modes)),
                 draw(st.sampled_from([ACT_365, ACT_360, ACT_ACT, THIRTY_360])), draw(st.sampled_from([None, Decimal("0.5")])),
                 grace=draw(st.builds(Grace, st.sampled_from([0, 5, 30]), st.sampled_from([CLIFF, TOLERANCE]))))


class TestProperties(unittest.TestCase):
    @given(histories(), conditions((SPLIT, AT_DEFAULT, AT_PAYMENT)), st.integers(1, 400), st.integers(1, 400))
    def test_a_period_cut_in_two_is_the_whole(self, one, terms, cut, until):
        """[a, c] = [a, b] + [b, c] before rounding, and on the lines too."""
        cut, until = at(min(cut, until)), at(max(cut, until))
        whole = accrue(one, terms, until)
        first, second = (accrue(one, terms, until, [span]) for span in (Span(cut, until), Span(at(0), cut)))
        self.assertAlmostEqual(exact(first) + exact(second), exact(whole), places=18)
        for quantum in QUANTA:
            self.assertEqual(total(first, quantum) + total(second, quantum), total(whole, quantum))

    @given(histories(), conditions(), st.data())
    def test_the_order_of_events_does_not_matter(self, one, terms, data):
        entries = tuple(data.draw(st.permutations(one.entries)))
        stops = tuple(data.draw(st.permutations(one.stops)))
        split = [half for entry in entries for half in (entry._replace(amount=entry.amount * 2), entry._replace(amount=-entry.amount))]
        expected = accrue(one, terms, at(300))
        self.assertEqual(accrue(one._replace(entries=entries, stops=stops), terms, at(300)), expected)
        self.assertEqual(accrue(one._replace(entries=tuple(split)), terms, at(300)), expected, "paid twice, one given back that day")

    @given(histories(), conditions(), OFFSETS, AMOUNTS)
    def test_a_payment_never_makes_it_dearer(self, one, terms, on, amount):
        more = one._replace(entries=(*one.entries, Entry(at(on), amount)))
        self.assertLessEqual(exact(accrue(more, terms, at(300))), exact(accrue(one, terms, at(300))) + Decimal("1e-18"))

    @given(histories(), conditions())
    def test_segments_are_what_they_say(self, one, terms):
        found = accrue(one, terms, at(300))
        for before, after in zip(found.segments, found.segments[1:]):
            self.assertLessEqual(before.end, after.start)
            self.assertTrue(before.end < after.start or before[3:5] != after[3:5], "as long as can be")
        for segment in found.segments:
            self.assertTrue(DUE < segment.start < segment.end <= at(300) and 0 < segment.balance <= one.amount + 10**6)
            for day in (segment.start, segment.end - timedelta(days=1)):
                self.assertTrue(terms.mode == AT_DEFAULT or rate_on(terms, day) == segment.rate)
            for quantum in QUANTA:
                self.assertEqual(segment.line(quantum) % quantum, 0)
                self.assertLessEqual(abs(segment.line(quantum) - segment.amount), quantum)
        self.assertEqual(bool(found.segments), found.code == ACCRUED)

    @settings(max_examples=200)
    @given(AMOUNTS, conditions(), st.lists(st.tuples(
        st.sampled_from(["pay", "run", "waive", "undo"]), st.integers(0, 400), AMOUNTS), max_size=14))
    def test_no_day_is_charged_twice(self, amount, terms, moves):
        """Whatever the order of payments (also late entered), runs (also for the past), waivers and reversals."""
        entries, ledger, waived, today = [], {}, [], 0
        for move, number, money in moves:
            if move == "pay":
                entries.append(Entry(at(number), min(money, amount)))
            elif move == "waive" and ledger:
                span = sorted(ledger)[number % len(ledger)]
                del ledger[span]
                waived.append(span)
            elif move == "undo" and ledger:
                del ledger[sorted(ledger)[number % len(ledger)]]
            elif move == "run":
                today = max(today, number)
                one = item(*entries, amount=amount)
                for segment in accrue(one, terms, at(number), [*ledger, *waived]).segments:
                    ledger[Span(segment.start, segment.end)] = segment.line(CENT)
            spans = sorted([*ledger, *waived])
            self.assertTrue(all(before.end <= after.start for before, after in zip(spans, spans[1:])), spans)
        one = item(*entries, amount=amount)
        for segment in accrue(one, terms, at(today), [*ledger, *waived]).segments:
            ledger[Span(segment.start, segment.end)] = segment.line(CENT)
        posted = sum(ledger.values(), Decimal(0))
        settled = posted + correction(one, terms, ledger, posted, CENT)
        whole = accrue(one, terms, at(today), waived)
        if whole.code not in (IN_GRACE, NOT_LATE):
            self.assertEqual(settled, total(whole), "after correction as if all had been known from the beginning")


if __name__ == "__main__":
    unittest.main()
