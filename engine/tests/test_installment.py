"""Payment plans: amounts, days, what payments do to them and when they are broken (F-15)."""
import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.installment import (
    COSTS,
    DAYS_LATE,
    FEES,
    INTEREST,
    MISSED,
    NEW_OVERDUE,
    OPEN,
    PAID,
    PARTLY,
    PRINCIPAL,
    SHORTFALL,
    Claim,
    Rules,
    allocate,
    default,
    match,
    payoff,
    unearned,
)
from engine.overlay import cover, since, within
from engine.promise import Entry
from engine.schedule import (
    FORTNIGHTLY,
    MONTH_END,
    MONTHLY,
    WEEKLY,
    Installment,
    Part,
    Terms,
    annuity,
    build,
    by_amount,
    dates,
    down_payment,
    equal,
    schedule,
)
from engine.workday import Calendar

CENT = Decimal("0.01")
QUANTA = [Decimal(1), CENT, Decimal("0.001")]
FIRST = date(2026, 3, 18)  # a Wednesday
EVERY_DAY = Calendar(weekend=frozenset())


def at(offset):
    return FIRST + timedelta(days=offset)


def money(on, amount):
    return Entry(at(on), Decimal(amount))


def credit(on, amount):
    return Entry(at(on), Decimal(amount), money=False)


def amounts(parts):
    return [part.amount for part in parts]


class TestParts(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(amounts(equal(Decimal(9600), 7, CENT)), [Decimal("1371.43")] * 6 + [Decimal("1371.42")])

    def test_annuity(self):
        parts = annuity(Decimal(9600), Decimal("0.75"), 6, CENT)
        self.assertEqual(amounts(parts), [Decimal("1642.26")] * 5 + [Decimal("1642.27")])
        self.assertEqual([part.interest for part in parts], [Decimal(text) for text in ("72.00", "60.22", "48.36", "36.40", "24.36", "12.23")])
        self.assertEqual((sum(part.interest for part in parts), sum(part.principal for part in parts)), (Decimal("253.57"), 9600))
        self.assertEqual(annuity(Decimal(9600), Decimal(0), 7, CENT), equal(Decimal(9600), 7, CENT))
        self.assertEqual(annuity(Decimal(1), Decimal(5), 4, Decimal(1)), [Part(Decimal(0), Decimal(0))] * 3 + [Part(Decimal(1), Decimal(0))])

    def test_by_amount(self):
        for total, amount, expected in ((1000, 300, [300, 300, 300, 100]), (900, 300, [300, 300, 300]), (100, 300, [100]), (0, 300, [])):
            with self.subTest(total=total):
                self.assertEqual(amounts(by_amount(Decimal(total), Decimal(amount))), expected)
        for amount in (0, -5):
            with self.assertRaises(ValueError):
                by_amount(Decimal(100), Decimal(amount))

    def test_by_amount_with_interest(self):
        """1,000 at 1 % a month in parts of 400: interest 10.00, 6.10 and 2.16."""
        parts = by_amount(Decimal(1000), Decimal(400), Decimal(1), CENT)
        self.assertEqual([(part.principal, part.interest) for part in parts], [
            (Decimal("390.00"), Decimal("10.00")), (Decimal("393.90"), Decimal("6.10")), (Decimal("216.10"), Decimal("2.16"))])
        with self.assertRaises(ValueError):
            by_amount(Decimal(1000), Decimal(10), Decimal(1), CENT)
        with self.assertRaises(ValueError):
            by_amount(Decimal(1000), Decimal(1))

    def test_down_payment(self):
        self.assertEqual(down_payment(Decimal("333.33"), Decimal(25), CENT), Decimal("83.33"))

    @given(st.integers(0, 10**9), st.integers(1, 120), st.sampled_from(QUANTA), st.sampled_from(["0", "0.01", "0.75", "2.5", "10"]))
    def test_nothing_is_lost(self, units, count, quantum, rate):
        principal, rate = units * quantum, Decimal(rate)
        parts = annuity(principal, rate, count, quantum)
        self.assertEqual((len(parts), sum(part.principal for part in parts)), (count, principal))
        self.assertTrue(all(value >= 0 and value % quantum == 0 for part in parts for value in part))
        if not rate:
            self.assertLessEqual(max(amounts(parts)) - min(amounts(parts)), quantum)
            self.assertEqual(amounts(parts), sorted(amounts(parts), reverse=True))
        exact = principal / count if not rate else principal * rate / 100 / (1 - (1 + rate / 100) ** -count)
        grown = quantum * sum((1 + rate / 100) ** power for power in range(count))  # a unit of rounding a period, with interest
        self.assertLessEqual(abs(parts[-1].amount - exact), grown + quantum)
        left = principal
        for part in parts:
            self.assertLessEqual(abs(part.interest - left * rate / 100), quantum / 2)
            left -= part.principal

    @given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(QUANTA))
    def test_by_amount_loses_nothing(self, units, each, quantum):
        each = max(each, units // 120)
        parts = amounts(by_amount(units * quantum, each * quantum))
        self.assertEqual(sum(parts), units * quantum)
        self.assertTrue(all(part == each * quantum for part in parts[:-1]) and all(0 < part <= each * quantum for part in parts))


class TestDates(unittest.TestCase):
    def test_rhythms(self):
        for rhythm, first, expected in (
                (WEEKLY, date(2026, 3, 18), [date(2026, 3, 18), date(2026, 3, 25), date(2026, 4, 1)]),
                (FORTNIGHTLY, date(2026, 3, 18), [date(2026, 3, 18), date(2026, 4, 1), date(2026, 4, 15)]),
                (MONTHLY, date(2026, 1, 31), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
                (MONTHLY, date(2026, 2, 28), [date(2026, 2, 28), date(2026, 3, 28), date(2026, 4, 28)]),
                (MONTHLY, date(2027, 12, 30), [date(2027, 12, 30), date(2028, 1, 30), date(2028, 2, 29)]),
                (MONTH_END, date(2026, 2, 10), [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)])):
            with self.subTest(rhythm=rhythm, first=first):
                self.assertEqual(dates(first, 3, rhythm, EVERY_DAY), expected)

    def test_a_day_off_moves_that_one_only(self):
        easter = Calendar(holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
        self.assertEqual(dates(date(2026, 3, 27), 3, WEEKLY, easter), [date(2026, 3, 27), date(2026, 4, 7), date(2026, 4, 10)])
        self.assertEqual(dates(date(2026, 1, 31), 3, MONTHLY, Calendar()), [date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 31)])


class TestSchedule(unittest.TestCase):
    def test_a_whole_plan(self):
        rows = schedule(equal(Decimal(100), 3, CENT), [at(10), at(17), at(24)], Decimal(20), at(0), Decimal(5))
        self.assertEqual([(row.number, row.due, row.part) for row in rows], [
            (0, at(0), Part(Decimal(20), fee=Decimal(5))), (1, at(10), Part(Decimal("33.34"))), (2, at(17), Part(Decimal("33.33"))),
            (3, at(24), Part(Decimal("33.33")))])

    def test_without_a_down_payment_and_parts_of_nothing(self):
        rows = schedule(equal(Decimal("0.02"), 3, CENT), [at(0), at(7), at(14)], fee=Decimal(5))
        self.assertEqual([(row.number, row.part.amount) for row in rows], [(1, Decimal("5.01")), (2, Decimal("0.01"))])
        self.assertEqual(schedule([], [], fee=Decimal(5)), [])


    def test_built_from_its_terms(self):
        """9,600 with 30 % down and the rest in 4; 9,600 at 9 % a year in 6 months; 1,000 in parts of 300 a week."""
        plain = build(Decimal(9600), Terms(at(10), count=4, down=Decimal(2880), down_on=at(0), fee=Decimal(30)), EVERY_DAY, CENT)
        self.assertEqual(amounts(row.part for row in plain), [2910, 1680, 1680, 1680, 1680])
        self.assertEqual(plain[0].due, at(0))
        loan = build(Decimal(9600), Terms(at(10), count=6, rate=Decimal(9)), EVERY_DAY, CENT)
        self.assertEqual(amounts(row.part for row in loan), [Decimal("1642.26")] * 5 + [Decimal("1642.27")])
        weekly = build(Decimal(1000), Terms(at(0), WEEKLY, amount=Decimal(300)), EVERY_DAY, CENT)
        self.assertEqual([(row.due, row.part.amount) for row in weekly], [(at(0), 300), (at(7), 300), (at(14), 300), (at(21), 100)])


    def test_the_first_period_costs_its_days(self):
        """9,600 at 9 % a year from 18 February: a month costs 72.00, one day of 31 of them 2.32, and 61 days 141.68."""
        for first, interest in ((date(2026, 3, 18), "72.00"), (date(2026, 2, 19), "2.32"), (date(2026, 4, 20), "141.68")):
            with self.subTest(first=first):
                rows = build(Decimal(9600), Terms(first, count=6, rate=Decimal(9), start=date(2026, 2, 18)), EVERY_DAY, CENT)
                self.assertEqual(rows[0].part.interest, Decimal(interest))
                self.assertEqual(sum(row.part.principal for row in rows), 9600)
                self.assertLessEqual(max(row.part.amount for row in rows) - min(row.part.amount for row in rows), Decimal("0.05"))
        parts = build(Decimal(1000), Terms(at(14), WEEKLY, amount=Decimal(400), rate=Decimal(52), start=at(0)), EVERY_DAY, CENT)
        self.assertEqual([row.part.interest for row in parts][0], 20, "two weeks at 1 %")

    def test_a_step_that_ends_on_a_day_off_is_one_step(self):
        calendar = Calendar()
        terms = Terms(date(2026, 4, 20), count=6, rate=Decimal(9), start=date(2026, 3, 18))  # 18 April 2026 is a Saturday
        self.assertEqual(build(Decimal(9600), terms, calendar, CENT)[0].part.interest, 72)


class TestWaterfall(unittest.TestCase):
    claims = (Claim(1, PRINCIPAL, at(-60), Decimal(100)), Claim(2, PRINCIPAL, at(-90), Decimal(50)), Claim(3, INTEREST, at(-5), Decimal(8)),
              Claim(4, FEES, at(-5), Decimal(40)), Claim(5, COSTS, at(-5), Decimal(12)))

    def test_table(self):
        other = (PRINCIPAL, COSTS, INTEREST, FEES)
        for what, payment, order, expected in (
                ("costs first", 10, None, {5: 10}), ("then fees", 30, None, {5: 12, 4: 18}), ("then interest", 57, None, {5: 12, 4: 40, 3: 5}),
                ("then the oldest principal", 100, None, {5: 12, 4: 40, 3: 8, 2: 40}),
                ("all and more", 300, None, {5: 12, 4: 40, 3: 8, 2: 50, 1: 100}), ("another law", 165, other, {2: 50, 1: 100, 5: 12, 3: 3}),
                ("nothing", 0, None, {})):
            with self.subTest(what):
                self.assertEqual(allocate(Decimal(payment), self.claims, *([order] if order else [])), expected)

    @given(st.lists(st.tuples(st.sampled_from([COSTS, FEES, INTEREST, PRINCIPAL]), st.integers(-99, 0), st.integers(0, 500)), max_size=8),
           st.integers(0, 3000), st.randoms(use_true_random=False))
    def test_the_order_of_claims_does_not_matter(self, rows, payment, random):
        claims = [Claim(number, kind, at(due), Decimal(amount)) for number, (kind, due, amount) in enumerate(rows)]
        given_ = allocate(Decimal(payment), claims)
        self.assertEqual(sum(given_.values()), min(payment, sum(claim.amount for claim in claims)))
        self.assertTrue(all(given_[claim.id] <= claim.amount for claim in claims if claim.id in given_))
        shuffled = list(claims)
        random.shuffle(shuffled)
        self.assertEqual(allocate(Decimal(payment), shuffled), given_)


PLAN = [Installment(number, at(10 * number), Part(Decimal(100))) for number in (1, 2, 3)]


class TestMatch(unittest.TestCase):
    """Three installments of 100, due on days 10, 20 and 30."""

    def test_table(self):
        for what, entries, today, expected, surplus in (
                ("nothing", (), 12, [(100, 0, OPEN, 2), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("due today", (), 10, [(100, 0, OPEN, 0), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("in time", (money(10, 100),), 15, [(100, 100, PAID, 0), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("late", (money(13, 100),), 15, [(100, 100, PAID, 3), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("a part", (money(10, 60),), 15, [(100, 60, PARTLY, 5), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("in two parts", (money(10, 60), money(12, 40)), 15, [(100, 100, PAID, 2), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("an extra payment", (money(5, 150),), 15, [(100, 100, PAID, 0), (100, 50, PARTLY, 0), (100, 0, OPEN, 0)], 0),
                ("early payoff", (money(5, 300),), 15, [(100, 100, PAID, 0), (100, 100, PAID, 0), (100, 100, PAID, 0)], 0),
                ("too much", (money(5, 320),), 15, [(100, 100, PAID, 0), (100, 100, PAID, 0), (100, 100, PAID, 0)], 20),
                ("not yet", (money(16, 100),), 15, [(100, 0, OPEN, 5), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("a credit note", (credit(5, 130),), 15, [(100, 0, OPEN, 5), (70, 0, OPEN, 0), (0, 0, PAID, 0)], 0),
                ("a credit note and the rest", (credit(5, 130), money(9, 170)), 15, [(100, 100, PAID, 0), (70, 70, PAID, 0), (0, 0, PAID, 0)], 0),
                ("all credited", (credit(5, 320),), 15, [(0, 0, PAID, 0), (0, 0, PAID, 0), (0, 0, PAID, 0)], 20),
                ("credited after it was paid", (money(5, 300), credit(9, 50)), 15, [(100, 100, PAID, 0), (100, 100, PAID, 0), (50, 50, PAID, 0)], 50),
                ("bounced", (money(9, 100), money(12, -100)), 15, [(100, 0, OPEN, 5), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0),
                ("bounced, paid again", (money(9, 100), money(12, -100), money(14, 100)), 15,
                 [(100, 100, PAID, 4), (100, 0, OPEN, 0), (100, 0, OPEN, 0)], 0)):
            with self.subTest(what):
                found = match(PLAN, entries, at(today))
                self.assertEqual([(one.amount, one.paid, one.state, one.late) for one in found.installments], expected)
                self.assertEqual(found.surplus, surplus)

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(-3000, 20000), st.booleans()), max_size=7), st.integers(0, 45),
           st.sampled_from(QUANTA), st.randoms(use_true_random=False))
    def test_every_unit_is_somewhere_whatever_the_order(self, rows, today, quantum, random):
        plan = schedule(equal(10000 * quantum, 3, quantum), [at(10), at(20), at(30)])
        entries = [Entry(at(on), amount * quantum, cash or amount < 0) for on, amount, cash in rows]
        found = match(plan, entries, at(today))
        came = sum((entry.amount for entry in entries if entry.on <= at(today)), Decimal(0))
        cash = sum((entry.amount for entry in entries if entry.on <= at(today) and entry.money), Decimal(0))
        if cash >= 0:
            self.assertEqual(found.open, 10000 * quantum - came + found.surplus)
            self.assertTrue(found.surplus == 0 or found.open == 0 or cash == 0)
        self.assertTrue(all(0 <= one.paid <= one.amount <= one.installment.part.amount for one in found.installments))
        states = [one.state for one in found.installments if one.amount]
        self.assertEqual(states, sorted(states, key=[PAID, PARTLY, OPEN].index), "the oldest first")
        random.shuffle(entries)
        self.assertEqual(match(plan[::-1], entries, at(today)), found)


class TestPayoff(unittest.TestCase):
    plan = schedule(annuity(Decimal(9600), Decimal("0.75"), 6, CENT), dates(date(2026, 4, 1), 6, MONTHLY, EVERY_DAY), fee=Decimal(30))

    def owed(self, on, *entries, plan=None):
        return payoff(plan or self.plan, entries, date(2026, 3, 1), on, CENT)

    def test_interest_counts_to_the_day(self):
        first = Entry(date(2026, 4, 1), Decimal("1672.26"))
        for what, on, entries, expected in (
                ("at once", date(2026, 3, 1), (), "9630.00"), ("on the first day due", date(2026, 4, 1), (), "9702.00"),
                ("after the first", date(2026, 4, 1), (first,), "8029.74"), ("half a month later", date(2026, 4, 16), (first,), "8059.85"),
                ("at the end", date(2026, 9, 1), (first,), "8211.31"), ("long after", date(2027, 9, 1), (first,), "8211.31"),
                ("more than all", date(2026, 4, 1), (first, first._replace(amount=Decimal(9000))), "0")):
            with self.subTest(what):
                self.assertEqual(self.owed(on, *entries), Decimal(expected))

    def test_what_is_credited_of_the_interest_is_no_principal(self):
        """Of 253.57 interest 200 were credited: on the first day 9,600 and the fee are owed all the same."""
        note = Entry(date(2026, 3, 1), Decimal(200), money=False)
        day = date(2026, 3, 1)
        self.assertEqual(payoff(self.plan, (note,), day, day, CENT, Decimal(200)), Decimal("9630.00"))
        self.assertEqual(unearned(self.plan, day, day, CENT, Decimal(200)), Decimal("53.57"))
        self.assertEqual(unearned(self.plan, day, day, CENT, Decimal(300)), 0)

    def test_a_payoff_some_days_late(self):
        """On 1 April 72.00 are earned; two days later 4.01 more, which a tolerance of two days spares."""
        paid, day = (Entry(date(2026, 4, 3), Decimal("9702.00")),), date(2026, 4, 3)
        self.assertEqual(payoff(self.plan, paid, date(2026, 3, 1), day, CENT), Decimal("4.01"))
        self.assertEqual(payoff(self.plan, paid, date(2026, 3, 1), day, CENT, tolerance=2), 0)

    def test_without_interest_it_is_what_is_open(self):
        for entries in ((), (money(3, 130),), (credit(3, 130), money(4, 50))):
            self.assertEqual(payoff(PLAN, entries, at(0), at(15), CENT), match(PLAN, entries, at(15)).open)


class TestOverlay(unittest.TestCase):
    def test_what_was_set_off_before_is_no_payment_of_the_plan(self):
        found = since([money(5, 60), credit(2, 20), money(1, 50)], Decimal(70), Decimal(5))
        self.assertEqual(found, [credit(2, 15), money(5, 40)])
        self.assertEqual(since([money(5, 60)], Decimal(60), Decimal(0)), [])

    def test_what_an_item_grew_by_is_outside(self):
        self.assertEqual(within([money(5, 60), credit(2, 20)], Decimal(50)), [credit(2, 20), money(5, 30)])
        self.assertEqual(within([money(5, 60)], Decimal(60)), [money(5, 60)])

    def test_the_oldest_items_are_paid_first(self):
        standing = match(PLAN, (money(3, 50),), at(3))  # 50 of the first are open, and 100 of each of the others
        self.assertEqual(cover(standing, [(1, Decimal(40)), (2, Decimal(60)), (3, Decimal(150))]), {
            1: (at(10), at(10)), 2: (at(10), at(20)), 3: (at(20), at(30))})
        self.assertEqual(cover(standing, [(1, Decimal(0)), (2, Decimal(9999))]), {2: (at(10), at(30))})


class TestDefault(unittest.TestCase):
    def test_table(self):
        late, twice, share = Rules(late=7), Rules(missed=2, grace=3), Rules(shortfall=Decimal(25), grace=3)
        for what, rules, entries, today, outside, code in (
                ("no rules", Rules(), (), 90, 99, None), ("in time", late, (), 10, 0, None), ("the last day of grace", late, (), 17, 0, None),
                ("a day more", late, (), 18, 0, DAYS_LATE), ("paid late, but paid", late, (money(19, 100),), 20, 0, None),
                ("one missed", twice, (), 23, 0, None), ("two missed", twice, (), 24, 0, MISSED),
                ("two missed, one paid since", twice, (money(15, 100),), 24, 0, MISSED),
                ("one missed, one late within the grace", twice, (money(15, 100), money(23, 100)), 24, 0, None),
                ("a part is missing", share, (money(10, 70),), 14, 0, SHORTFALL), ("a small part", share, (money(10, 75),), 14, 0, None),
                ("within the grace", share, (), 13, 0, None), ("half of two, then more", share, (money(10, 100), money(20, 60)), 24, 0, None),
                ("new invoices", Rules(current=10), (money(10, 100),), 15, 11, NEW_OVERDUE),
                ("new invoices, a little late", Rules(current=10), (money(10, 100),), 15, 10, None)):
            with self.subTest(what):
                self.assertEqual(default(match(PLAN, entries, at(today)), rules, at(today), outside).code, code)

    def test_how_it_stands(self):
        found = default(match(PLAN, (money(12, 150),), at(24)), Rules(grace=1), at(24))
        self.assertEqual((found.code, found.late, found.missed, found.shortfall), (None, 4, 2, 25))

    def test_what_was_credited_is_not_missed(self):
        found = default(match(PLAN, (credit(1, 300),), at(99)), Rules(late=0, missed=1, shortfall=Decimal(0)), at(99))
        self.assertEqual((found.code, found.missed), (None, 0))


if __name__ == "__main__":
    unittest.main()
