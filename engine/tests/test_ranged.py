"""Charges by the month, fixed sums, fees, and what of them goes on a document (F-9)."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.daycount import CLIFF, TOLERANCE, Grace, Span
from engine.interest import CHARGED_BEFORE, IN_GRACE, NOT_LATE, NOTHING_OPEN, STOPPED, WAITING, Item, Stop
from engine.interest import accrue as by_day
from engine.promise import Entry
from engine.ranged import (
    BEGUN,
    BELOW_MINIMUM,
    CAP_REACHED,
    CAPPED,
    CHARGED,
    FREE,
    FULL,
    NO_FEE,
    Band,
    Bill,
    Fee,
    Monthly,
    Range,
    accrue,
    bill,
    correction,
    fixed_sum,
    level_fee,
    percent_after,
    percent_of,
)
from engine.rate import Terms

CENT = Decimal("0.01")
QUANTA = [Decimal(1), CENT, Decimal("0.001")]
DUE = date(2025, 1, 31)
RISING = Monthly((Range(Decimal("1.5"), 3), Range(Decimal("2.0"), 6), Range(Decimal("2.5"))))
PLAIN = Monthly((Range(Decimal("1.5")),))
COMPOUND = PLAIN._replace(compound=True)
UK = (Band(Decimal(40), Decimal(1000)), Band(Decimal(70), Decimal(10000)), Band(Decimal(100)))
EU = (Band(Decimal(40)),)


def at(offset):
    return DUE + timedelta(days=offset)


def item(*entries, amount=10000, **values):
    return Item(DUE, Decimal(amount), tuple(Entry(on, Decimal(money)) for on, money in entries), **values)


def spans(accrual):
    return [(segment.start, segment.end) for segment in accrual.segments]


def lines(accrual, quantum=CENT):
    return [segment.line(quantum) for segment in accrual.segments]


class TestMonths(unittest.TestCase):
    def test_f9_numbers(self):
        self.assertEqual(percent_after(8, RISING), Decimal("15.5"))
        self.assertEqual(round(percent_after(8, COMPOUND), 3), Decimal("12.649"))
        self.assertEqual(percent_after(8, PLAIN), 12)
        for terms, expected in ((RISING, "1550"), (COMPOUND, "1264.93"), (PLAIN, "1200")):
            with self.subTest(terms):
                self.assertEqual(sum(lines(accrue(item(), terms, date(2025, 10, 1)))), Decimal(expected))

    def test_ranges_end_or_not(self):
        limited = (Range(Decimal(1), 2), Range(Decimal(3), 3))
        self.assertEqual([percent_of(month, limited) for month in (1, 2, 3, 4)], [1, 1, 3, 0])
        self.assertEqual([percent_of(month, RISING.ranges) for month in (3, 4, 6, 7, 99)],
                         [Decimal(text) for text in ("1.5", "2.0", "2.0", "2.5", "2.5")])

    def test_months_keep_the_end_of_the_month(self):
        self.assertEqual(spans(accrue(item(), PLAIN, date(2025, 5, 1))), [
            (date(2025, 2, 1), date(2025, 3, 1)), (date(2025, 3, 1), date(2025, 4, 1)), (date(2025, 4, 1), date(2025, 5, 1))])

    def test_which_months_count(self):
        for what, one, counts, until, expected in (
                ("full: not over yet", item(), FULL, date(2025, 2, 28), []),
                ("full: over", item(), FULL, date(2025, 3, 1), [150]),
                ("full: paid on the last day", item((date(2025, 2, 28), 10000)), FULL, date(2025, 9, 1), [150]),
                ("full: paid the day before", item((date(2025, 2, 27), 10000)), FULL, date(2025, 9, 1), []),
                ("full: a part was paid", item((date(2025, 2, 27), 4000)), FULL, date(2025, 3, 1), [90]),
                ("begun", item(), BEGUN, date(2025, 2, 3), [150]), ("begun: the second", item(), BEGUN, date(2025, 3, 2), [150, 150]),
                ("begun: not yet the second", item(), BEGUN, date(2025, 3, 1), [150]),
                ("begun: paid", item((date(2025, 2, 2), 10000)), BEGUN, date(2025, 9, 1), [150]),
                ("begun: a part was paid", item((date(2025, 2, 2), 4000)), BEGUN, date(2025, 3, 2), [150, 90])):
            with self.subTest(what):
                self.assertEqual(lines(accrue(one, PLAIN._replace(counts=counts), until)), expected)

    def test_compounding_stops_when_nothing_else_is_open(self):
        paid = accrue(item((date(2025, 3, 31), 10000)), COMPOUND, date(2026, 1, 1))
        self.assertEqual(lines(paid), [Decimal("150.00"), Decimal("152.25")])

    def test_grace(self):
        for kind, until, expected in ((CLIFF, at(11), IN_GRACE), (CLIFF, at(12), WAITING), (TOLERANCE, at(30), WAITING)):
            with self.subTest(kind=kind, until=until):
                self.assertEqual(accrue(item(), PLAIN._replace(grace=Grace(10, kind)), until).code, expected)
        self.assertEqual(spans(accrue(item(), PLAIN._replace(grace=Grace(10, TOLERANCE)), date(2025, 4, 1))),
                         [(date(2025, 2, 11), date(2025, 3, 11))])

    def test_reasons(self):
        month = Span(date(2025, 2, 1), date(2025, 3, 1))
        for what, one, charged, until, code in (
                ("not late", item(), (), DUE, NOT_LATE), ("no full month", item(), (), at(10), WAITING),
                ("charged", item(), (month,), month.end, CHARGED_BEFORE), ("charged, none new", item(), (month,), at(40), CHARGED_BEFORE),
                ("paid since", item((at(30), 10000)), (month,), at(90), NOTHING_OPEN),
                ("stopped", item(stops=(Stop(DUE),)), (), at(90), STOPPED)):
            with self.subTest(what):
                found = accrue(one, PLAIN, until, charged)
                self.assertEqual((found.segments, found.code), ((), code))

    def test_a_month_is_not_charged_when_one_of_its_days_was(self):
        found = accrue(item(), PLAIN, date(2025, 5, 1), [Span(date(2025, 3, 31), date(2025, 4, 2))])
        self.assertEqual(spans(found), [(date(2025, 2, 1), date(2025, 3, 1))])
        beside = accrue(item(), PLAIN, date(2025, 4, 1), [Span(date(2025, 1, 1), date(2025, 2, 1)), Span(date(2025, 3, 1), date(2025, 4, 1))])
        self.assertEqual(spans(beside), [(date(2025, 2, 1), date(2025, 3, 1))])

    @given(st.integers(1, 10**8), st.sampled_from([RISING, COMPOUND, PLAIN._replace(counts=BEGUN)]), st.sampled_from(QUANTA),
           st.lists(st.integers(1, 700), min_size=1, max_size=8))
    def test_many_runs_come_to_the_same_as_one(self, units, terms, quantum, runs):
        one, ledger = item((at(500), units * quantum / 2), amount=units * quantum), {}
        for until in sorted(runs):
            for segment in accrue(one, terms, at(until), list(ledger)).segments:
                ledger[Span(segment.start, segment.end)] = segment.line(quantum)
        days = sorted(ledger)
        self.assertTrue(all(before.end <= after.start for before, after in zip(days, days[1:])))
        self.assertEqual(ledger, {Span(one.start, one.end): one.line(quantum) for one in accrue(one, terms, at(max(runs))).segments})


class TestBill(unittest.TestCase):
    """10,000 at 10 % a year for 30 and, after a part payment, 16 days: 82.19 + 26.30."""

    accrual = by_day(item((at(30), 4000)), Terms(Decimal(10)), at(47))

    def test_table(self):
        for what, minimum, cap, posted, code, amounts in (
                ("all", 0, None, 0, CHARGED, ["82.19", "26.30"]), ("just enough", "108.49", None, 0, CHARGED, ["82.19", "26.30"]),
                ("below the minimum", "108.50", None, 0, BELOW_MINIMUM, []),
                ("within the cap", 0, "108.49", 0, CHARGED, ["82.19", "26.30"]),
                ("cut by the cap", 0, "100", 0, CAPPED, ["82.19", "17.81"]),
                ("no room for the second", 0, "82.19", 0, CAPPED, ["82.19"]),
                ("some was charged before", 0, "100", "60", CAPPED, ["40"]),
                ("all was charged before", 0, "100", "100", CAP_REACHED, []), ("more than all", 0, "100", "120", CAP_REACHED, []),
                ("the room is below the minimum", 25, "100", "80", CAP_REACHED, [])):
            with self.subTest(what):
                found = bill(self.accrual, CENT, Decimal(minimum), None if cap is None else Decimal(cap), Decimal(posted))
                self.assertEqual((found.code, [amount for _segment, amount in found.lines]), (code, [Decimal(one) for one in amounts]))
                self.assertEqual(found.total, sum((Decimal(one) for one in amounts), Decimal(0)))

    def test_the_reason_of_an_accrual_without_segments_stays(self):
        self.assertEqual(bill(by_day(item(), Terms(Decimal(10)), DUE), CENT), Bill((), Decimal(0), NOT_LATE))

    def test_less_than_a_unit_waits(self):
        tiny = by_day(item(amount="0.10"), Terms(Decimal(10)), at(3))
        self.assertEqual(bill(tiny, CENT), Bill((), Decimal(0), BELOW_MINIMUM))

    @given(st.integers(1, 10**7), st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(QUANTA), st.integers(2, 900))
    def test_never_more_than_the_cap_and_always_whole_units(self, units, cap, posted, quantum, until):
        accrual = by_day(item((at(30), units * quantum / 3), amount=units * quantum), Terms(Decimal(12)), at(until))
        found = bill(accrual, quantum, cap=cap * quantum, posted=posted * quantum)
        self.assertEqual(sum((amount for _segment, amount in found.lines), Decimal(0)), found.total)
        self.assertTrue(found.total == 0 or found.total + posted * quantum <= cap * quantum)
        self.assertTrue(all(amount % quantum == 0 and 0 <= amount <= one.line(quantum) for one, amount in found.lines))


class TestFees(unittest.TestCase):
    def test_fixed_sums(self):
        for amount, bands, late, charged, expected in (
                ("999.99", UK, 1, False, Fee(40, CHARGED)), ("1000", UK, 1, False, Fee(70, CHARGED)), ("8500", UK, 1, False, Fee(70, CHARGED)),
                ("9999.99", UK, 1, False, Fee(70, CHARGED)), ("10000", UK, 1, False, Fee(100, CHARGED)), ("1", EU, 1, False, Fee(40, CHARGED)),
                ("8500", UK, 0, False, Fee(0, NOT_LATE)), ("8500", UK, 1, True, Fee(0, CHARGED_BEFORE)), ("8500", (), 1, False, Fee(0, NO_FEE)),
                ("8500", UK[:1], 1, False, Fee(0, NO_FEE))):
            with self.subTest(amount=amount, late=late, charged=charged):
                self.assertEqual(fixed_sum(Decimal(amount), bands, late, charged), expected)

    def test_a_percentage_of_what_is_above_an_amount(self):
        """Belgium, consumers: 20 up to 150, then 30 and 10 % of what is above 150, then 65 and 5 % of what is above 500, 2,000 at most."""
        bands = (Band(Decimal(20), Decimal("150.01")), Band(Decimal(30), Decimal("500.01"), Decimal(10), Decimal(150)),
                 Band(Decimal(65), Decimal(39200), Decimal(5), Decimal(500)), Band(Decimal(2000)))
        for amount, expected in (("1", "20"), ("150", "20"), ("150.01", "30"), ("150.05", "30.01"), ("300", "45"), ("333.33", "48.33"), ("500", "65"),
                                 ("500.01", "65"), ("1000", "90"), ("39199.99", "2000"), ("39200", "2000"), ("100000", "2000")):
            with self.subTest(amount):
                self.assertEqual(fixed_sum(Decimal(amount), bands, 1, False, CENT), Fee(Decimal(expected), CHARGED))
        self.assertEqual(fixed_sum(Decimal("333.33"), bands, 1, False).amount, Decimal("48.333"), "exact without a unit")
        self.assertEqual(fixed_sum(Decimal("333.33"), bands, 0, False, CENT), Fee(0, NOT_LATE))

    def test_level_fees(self):
        amounts = {2: Decimal(5), 3: Decimal("12.50")}
        for what, level, charged, reminders, free, cap, expected in (
                ("a level without", 1, (), 0, 0, None, Fee(0, NO_FEE)), ("a level with", 2, (), 1, 0, None, Fee(5, CHARGED)),
                ("once a level", 2, {2}, 1, 0, None, Fee(0, CHARGED_BEFORE)), ("the first is free", 2, (), 0, 1, None, Fee(0, FREE)),
                ("the second is not", 2, (), 1, 1, None, Fee(5, CHARGED)),
                ("just what a law says", 2, (), 1, 0, Decimal(5), Fee(5, CHARGED)), ("a law says how much", 3, {2}, 3, 1, Decimal("7.50"), Fee(Decimal("7.50"), CAPPED))):
            with self.subTest(what):
                self.assertEqual(level_fee(level, amounts, charged, reminders, free, cap), expected)


class TestCorrection(unittest.TestCase):
    def test_table(self):
        """The month from 1 to 28 February on 10,000 at 1.5 %."""
        month, posted = Span(at(1), date(2025, 3, 1)), Decimal(150)
        for what, one, terms, expected in (
                ("nothing new", item(), PLAIN, "0"), ("half was paid before its last day", item((at(9), 5000)), PLAIN, "-75"),
                ("all was paid", item((at(9), 10000)), PLAIN, "-150"), ("due later than that", item()._replace(due=at(60)), PLAIN, "-150"),
                ("cancelled", item(exempt="cancelled"), PLAIN, "-150"), ("half was paid, compounding", item((at(9), 5000)), COMPOUND, "0"),
                ("all was paid, compounding", item((at(9), 10000)), COMPOUND, "-150")):
            with self.subTest(what):
                self.assertEqual(correction(one, terms, month, Decimal(10000), posted, CENT), Decimal(expected))


if __name__ == "__main__":
    unittest.main()
