"""The limit in force and what is left of it (F-1)."""
import unittest
from decimal import Decimal

from engine.limit import (
    BASE,
    DEFAULT,
    EXPIRED,
    GROUP,
    INSURED,
    KEEP,
    NO_LIMIT,
    TEMPORARY,
    UNLIMITED,
    WARN,
    ZERO,
    Grant,
    Limit,
    in_force,
    total,
)

from .common import TODAY, day


def grant(kind, amount, start=None, end=None):
    """A decision; days relative to TODAY, ``amount`` None takes back."""
    return Grant(kind, None if amount is None else Decimal(amount),
                 None if start is None else day(start), None if end is None else day(end))


def base(amount, start=None, end=None):
    return grant(BASE, amount, start, end)


def temporary(amount, start=0, end=0):
    return grant(TEMPORARY, amount, start, end)


def group(amount, start=None, end=None):
    return grant(GROUP, amount, start, end)


def insured(amount, start=None, end=None):
    return grant(INSURED, amount, start, end)


def limit(*grants, at=0, **values):
    return in_force(grants, day(at), **values)


class LimitCase(unittest.TestCase):
    def check(self, cases, **values):
        for name, grants, expected in cases:
            with self.subTest(name):
                found = limit(*grants, **values)
                self.assertEqual((found.amount, found.reason), expected)


class Formula(LimitCase):
    PARTS = {"receivable": Decimal(8000), "credits": Decimal(-500), "deliveries": Decimal(1200), "orders": Decimal(3300)}

    def test_f1(self):
        self.assertEqual(total(self.PARTS), 12000)
        decisions = (base(10000), temporary(15000, -10, 0))
        for at, amount, left, reason in [(-11, 10000, -2000, BASE), (-10, 15000, 3000, TEMPORARY),
                                         (0, 15000, 3000, TEMPORARY), (1, 10000, -2000, BASE)]:
            with self.subTest(at=at):
                found = limit(*decisions, at=at)
                self.assertEqual((found.amount, found.left(total(self.PARTS)), found.reason), (amount, left, reason))

    def test_nothing_taken_up_is_exactly_zero(self):
        self.assertEqual(total({}), Decimal(0))
        self.assertIsInstance(total({}), Decimal)

    def test_cents_add_up(self):
        self.assertEqual(total({str(number): Decimal("0.1") for number in range(10)}), 1)

    def test_more_credits_than_debt_leave_more_than_the_limit(self):
        self.assertEqual(limit(base(1000)).left(Decimal(-250)), 1250)


class Meanings(LimitCase):
    def test_none_zero_and_an_amount_are_kept_apart(self):
        self.check([
            ("nothing decided", [], (None, NO_LIMIT)),
            ("decided: no limit", [base(None)], (None, NO_LIMIT)),
            ("decided: prepayment only", [base(0)], (0, BASE)),
            ("decided: an amount", [base(700)], (700, BASE)),
        ])

    def test_the_default_is_for_those_without_a_base_of_their_own(self):
        self.check([
            ("nothing decided", [], (500, DEFAULT)),
            ("an equal amount of their own", [base(500)], (500, BASE)),
            ("no limit is a decision", [base(None)], (None, NO_LIMIT)),
            ("prepayment is a decision", [base(0)], (0, BASE)),
            ("a base that is still to come", [base(900, start=1)], (500, DEFAULT)),
            ("a base that ran out", [base(900, end=-1)], (900, EXPIRED)),
            ("something temporary", [temporary(900)], (900, TEMPORARY)),
            ("within a group", [group(300)], (300, GROUP)),
        ], default=Decimal(500))

    def test_a_default_of_zero_is_prepayment(self):
        self.check([("nothing decided", [], (0, DEFAULT))], default=Decimal(0))

    def test_what_is_left(self):
        for amount, exposure, expected in [(None, 10**9, None), (0, 0, 0), (0, 5, -5), (5, 5, 0), (5, 4, 1)]:
            with self.subTest(amount=amount, exposure=exposure):
                found = Limit(None if amount is None else Decimal(amount))
                self.assertEqual(found.left(Decimal(exposure)), expected)


class Periods(LimitCase):
    def test_a_grant_covers_its_first_and_last_day(self):
        for start, end, expected in [(None, None, True), (0, 0, True), (0, None, True), (None, 0, True),
                                     (1, None, False), (None, -1, False), (-5, 5, True)]:
            with self.subTest(start=start, end=end):
                self.assertIs(base(1, start, end).covers(TODAY), expected)

    def test_the_newest_decision_counts(self):
        self.check([
            ("up", [base(100), base(200)], (200, BASE)),
            ("down", [base(200), base(100)], (100, BASE)),
            ("to prepayment", [base(200), base(0)], (0, BASE)),
            ("to no limit", [base(200), base(None)], (None, NO_LIMIT)),
            ("and back", [base(None), base(200)], (200, BASE)),
            ("backdated", [base(100, start=-3), base(200, start=-9)], (200, BASE)),
            ("two temporary ones", [base(1), temporary(20), temporary(10)], (10, TEMPORARY)),
            ("a newer temporary one has ended", [base(1), temporary(20, -9, 9), temporary(10, -5, -1)], (20, TEMPORARY)),
            ("of another kind, whatever came first", [temporary(20), base(30)], (20, TEMPORARY)),
        ])

    def test_what_is_still_to_come_does_not_count_yet(self):
        decisions = (base(100), base(200, start=1), temporary(900, 5, 6), group(50, start=10), insured(7, start=12))
        for at, amount in [(0, 100), (1, 200), (4, 200), (5, 900), (6, 900), (7, 200), (9, 200), (10, 50), (12, 57)]:
            with self.subTest(at=at):
                self.assertEqual(limit(*decisions, at=at).amount, amount)

    def test_what_is_taken_back_is_as_if_it_had_never_been(self):
        self.check([
            ("temporary", [base(10), temporary(20, -5, 5), temporary(None)], (10, BASE)),
            ("temporary, without a period", [base(10), temporary(20, -5, 5), grant(TEMPORARY, None)], (10, BASE)),
            ("group", [base(10), group(5), group(None)], (10, BASE)),
            ("insured", [base(10), insured(5), insured(None)], (10, BASE)),
            ("and granted again", [base(10), group(5), group(None), group(7)], (7, GROUP)),
            ("only later", [base(10), group(5), group(None, start=1)], (5, GROUP)),
        ])


class Expiry(LimitCase):
    def test_the_company_decides_what_an_expired_base_is(self):
        for policy, amount in [(KEEP, 100), (WARN, 100), (ZERO, 0)]:
            for end, expected in [(0, Limit(Decimal(100), BASE, day(0), False, {BASE: 100})),
                                  (-1, Limit(Decimal(amount), EXPIRED, day(-1), True, {BASE: amount}))]:
                with self.subTest(policy=policy, end=end):
                    self.assertEqual(limit(base(100, end=end), expired=policy), expected)

    def test_no_limit_runs_out_as_well(self):
        for policy, amount in [(KEEP, None), (WARN, None), (ZERO, 0)]:
            with self.subTest(policy=policy):
                found = limit(base(None, end=-1), expired=policy)
                self.assertEqual((found.amount, found.reason, found.until, found.expired), (amount, EXPIRED, day(-1), True))
        self.assertEqual(limit(base(None, end=0)), UNLIMITED._replace(until=day(0)))

    def test_an_expired_base_took_the_place_of_the_one_before(self):
        self.check([
            ("the older one has no end", [base(100), base(200, end=-1)], (0, EXPIRED)),
            ("a newer one", [base(200, end=-1), base(100)], (100, BASE)),
            ("a newer one is still to come", [base(200, end=-1), base(100, start=1)], (0, EXPIRED)),
            ("an older one begins after it", [base(200, start=0), base(100, start=-9, end=-1)], (200, BASE)),
            ("both ran out", [base(200, end=-1), base(100, end=-5)], (0, EXPIRED)),
        ], expired=ZERO)

    def test_what_else_has_ended_leaves_nothing(self):
        self.check([
            ("temporary", [base(10), temporary(20, -5, -1)], (10, BASE)),
            ("group", [base(10), group(5, end=-1)], (10, BASE)),
            ("insured", [base(10), insured(5, end=-1)], (10, BASE)),
        ], expired=ZERO)

    def test_a_temporary_limit_stands_in_for_an_expired_base(self):
        found = limit(base(100, end=-1), temporary(300, 0, 4), expired=ZERO)
        self.assertEqual((found.amount, found.reason, found.until, found.expired), (300, TEMPORARY, day(4), True))

    def test_under_a_group_limit_it_still_tells_when_the_base_ran_out(self):
        found = limit(base(100, end=-1), group(50, end=30), expired=KEEP)
        self.assertEqual((found.amount, found.reason, found.until, found.expired), (50, GROUP, day(-1), True))


class Base(LimitCase):
    def test_ceiling_and_ladder_go_by_the_base_that_covers_the_day_else_by_the_last_that_began(self):
        for name, grants, expected in [
            ("nothing decided", [], None),
            ("nothing but a temporary amount", [temporary(5)], None),
            ("still to come", [base(5, start=1)], None),
            ("the newest", [base(5), base(6)], 1),
            ("no limit is a base too", [base(5), base(None)], 1),
            ("under a temporary amount and a group", [base(5), temporary(9), group(2)], 0),
            ("the newest has run out, an older one holds", [base(5), base(6, end=-1)], 0),
            ("all have run out", [base(5, end=-1), base(6, -9, -3)], 1),
            ("all have run out, the next is to come", [base(5, end=-1), base(6, start=1)], 0),
            ("on its last day", [base(5), base(6, end=0)], 1),
        ]:
            with self.subTest(name):
                self.assertEqual(limit(*(one._replace(id=place) for place, one in enumerate(grants))).base, expected)


class Composition(LimitCase):
    def test_the_smaller_of_group_and_own_then_what_is_insured(self):
        self.check([
            ("the group is less", [base(100), group(60)], (60, GROUP)),
            ("the group is more", [base(100), group(160)], (100, BASE)),
            ("the group is equal", [base(100), group(100)], (100, BASE)),
            ("no limit of their own", [base(None), group(60)], (60, GROUP)),
            ("nothing of their own", [group(60)], (60, GROUP)),
            ("a group that prepays", [base(100), group(0)], (0, GROUP)),
            ("prepayment within a group", [base(0), group(60)], (0, BASE)),
            ("the group caps what is temporary", [base(100), temporary(500), group(60)], (60, GROUP)),
            ("temporary, less than the base", [base(100), temporary(40)], (40, TEMPORARY)),
            ("temporary prepayment", [base(100), temporary(0)], (0, TEMPORARY)),
            ("insured on top", [base(100), insured(25)], (125, BASE)),
            ("insured after the minimum", [base(100), group(60), insured(25)], (85, GROUP)),
            ("the order of kinds does not matter", [insured(25), group(60), base(100)], (85, GROUP)),
            ("insured for nothing", [base(100), insured(0)], (100, BASE)),
            ("insured, no limit", [insured(25)], (None, NO_LIMIT)),
            ("insured, prepayment", [base(0), insured(25)], (25, BASE)),
            ("all at once", [base(100), temporary(200), group(150), insured(25)], (175, GROUP)),
        ])

    def test_the_parts_are_what_entered(self):
        for name, grants, expected in [
            ("base", [base(100)], {BASE: 100}),
            ("temporary instead of base", [base(100), temporary(200)], {TEMPORARY: 200}),
            ("group, though it is more", [base(100), group(160)], {BASE: 100, GROUP: 160}),
            ("all", [temporary(200), group(150), insured(25)], {TEMPORARY: 200, GROUP: 150, INSURED: 25}),
            ("insured has nothing to add to", [insured(25)], {}),
            ("no limit", [base(None)], {}),
        ]:
            with self.subTest(name):
                self.assertEqual(limit(*grants).parts, expected)
        self.assertEqual(UNLIMITED.parts, {}, "shared by all, so never written to")

    def test_the_last_day_is_that_of_what_decides(self):
        for name, grants, expected in [
            ("open", [base(100)], None), ("base", [base(100, end=9)], day(9)),
            ("temporary", [base(100, end=9), temporary(200, 0, 3)], day(3)),
            ("group", [base(100, end=9), group(50, end=5)], day(5)),
            ("group without end", [base(100, end=9), group(50)], None),
            ("group that does not decide", [base(100, end=9), group(500, end=5)], day(9)),
        ]:
            with self.subTest(name):
                self.assertEqual(limit(*grants).until, expected)


if __name__ == "__main__":
    unittest.main()
