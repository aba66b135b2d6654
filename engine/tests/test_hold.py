"""Warn, hold or stop a document, and the cheapest way out."""
import unittest
from decimal import Decimal

from engine.hold import (
    BROKEN_PROMISES,
    EXPIRED,
    HOLD,
    LEVEL,
    OVER_LIMIT,
    OVERDUE,
    STOP,
    STOPPED,
    WARN,
    Open,
    Rule,
    Standing,
    Verdict,
    check,
)
from engine.limit import BASE, GROUP, TEMPORARY, Limit

from .common import day

OVER = Rule(OVER_LIMIT, HOLD)
LATE = Rule(OVERDUE, HOLD)
LEVELS = Rule(LEVEL, HOLD)
RAN_OUT = Rule(EXPIRED, HOLD)
CENT = Decimal("0.01")


def rule(kind, outcome=HOLD, **values):
    for name in ("amount", "share"):
        if name in values:
            values[name] = Decimal(values[name])
    return Rule(kind, outcome, **values)


def owed(id, due, days=-10, level=""):
    """An open item, not due for ten days unless told; oldest due first is the caller's word."""
    return Open(id, f"INV{id}", Decimal(due), days, level)


def expired(amount=1000, reason=EXPIRED, until=-3, **parts):
    return Limit(Decimal(amount), reason, day(until), True, parts or {BASE: Decimal(amount)})


def standing(*items, limit=1000, exposure=None, receivable=None, credits=0, group=None, stopped="", broken=()):
    """A customer who owes ``items`` and nothing else, unless told otherwise."""
    open_sum = sum((one.due for one in items), Decimal(0))
    if not isinstance(limit, Limit):
        limit = Limit(None if limit is None else Decimal(limit), BASE)
    return Standing(limit, Decimal(open_sum - credits if exposure is None else exposure), items, Decimal(credits),
                    Decimal(open_sum if receivable is None else receivable),
                    group and (None if group[0] is None else Decimal(group[0]), Decimal(group[1])), stopped, broken)


def judge(*items, amount=100, rules=(OVER,), deposit=False, **values):
    return check(standing(*items, **values), Decimal(amount), rules, deposit)


def ways(verdict):
    """[(kind, amount, ids)] as proposed."""
    return [(way.kind, way.amount, [id for id, _name, _amount in way.items]) for way in verdict.ways]


class HoldCase(unittest.TestCase):
    def outcomes(self, cases, rules):
        for name, values, expected in cases:
            with self.subTest(name):
                items = values.get("items", ())
                found = judge(*items, rules=rules, **{key: value for key, value in values.items() if key != "items"})
                self.assertEqual(found.outcome, expected)


class OverLimit(HoldCase):
    def test_up_to_the_limit_and_not_a_cent_more(self):
        self.outcomes([
            ("below", {"exposure": 800}, "pass"),
            ("exactly", {"exposure": 900}, "pass"),
            ("a cent over", {"exposure": "900.01"}, HOLD),
            ("over before", {"exposure": 5000}, HOLD),
            ("no limit", {"limit": None, "exposure": 10**9}, "pass"),
            ("credit balance", {"exposure": -500, "amount": 1500}, "pass"),
            ("beyond the credit balance", {"exposure": -500, "amount": "1500.01"}, HOLD),
        ], [OVER])

    def test_prepayment_lets_nothing_pass_that_is_not_paid(self):
        self.outcomes([
            ("nothing paid", {"limit": 0}, HOLD),
            ("paid in full", {"limit": 0, "exposure": -100}, "pass"),
            ("a cent short", {"limit": 0, "exposure": "-99.99"}, HOLD),
        ], [OVER])

    def test_what_adds_nothing_is_never_over(self):
        self.outcomes([(f"{amount}", {"exposure": 5000, "amount": amount}, "pass") for amount in (0, -1, -10000)], [OVER])
        self.assertEqual(judge(group=(1, 5000), amount=-1), Verdict())

    def test_a_share_of_the_limit(self):
        for share, exposure, expected in [("0.9", 800, "pass"), ("0.9", "800.01", HOLD), ("1", 900, "pass"), ("0", 900, "pass"),
                                          ("0", "900.01", HOLD), ("1.1", 1000, "pass"), ("1.1", "1000.01", HOLD)]:
            with self.subTest(share=share, exposure=exposure):
                self.assertEqual(judge(exposure=exposure, rules=[rule(OVER_LIMIT, share=share)]).outcome, expected)

    def test_the_figures(self):
        finding = judge(exposure=1100, rules=[rule(OVER_LIMIT, share="0.9")]).findings[0]
        self.assertEqual(finding.detail, {"over": 300, "limit": 1000, "used": 1200})

    def test_the_group_counts_what_all_its_members_use(self):
        self.outcomes([
            ("both fit", {"exposure": 0, "group": (5000, 4900)}, "pass"),
            ("the group is over", {"exposure": 0, "group": (5000, "4900.01")}, HOLD),
            ("the group without a limit", {"exposure": 0, "group": (None, 10**6)}, "pass"),
            ("a group that prepays", {"exposure": 0, "group": (0, 0)}, HOLD),
            ("no limit of its own", {"limit": None, "group": (5000, 5000)}, HOLD),
            ("its own limit all the same", {"exposure": 950, "group": (5000, 950)}, HOLD),
        ], [OVER])

    def test_the_larger_excess_is_told(self):
        for group, expected in [((5000, 5200), {"over": 300, "limit": 5000, "used": 5300}),
                                ((5000, 4950), {"over": 200, "limit": 1000, "used": 1200})]:
            with self.subTest(group=group):
                self.assertEqual(judge(exposure=1100, group=group).findings[0].detail, expected)


class Overdue(HoldCase):
    def test_from_the_first_day_after_the_days_allowed(self):
        for allowed, days, expected in [(0, 0, "pass"), (0, 1, HOLD), (10, 10, "pass"), (10, 11, HOLD), (0, -5, "pass")]:
            with self.subTest(allowed=allowed, days=days):
                self.assertEqual(judge(owed(1, 50, days), rules=[rule(OVERDUE, days=allowed)]).outcome, expected)

    def test_more_than_the_amount_and_more_than_the_share(self):
        for values, due, expected in [
            ({"amount": 200}, 200, "pass"), ({"amount": 200}, "200.01", HOLD),
            ({"share": "0.1"}, 100, "pass"), ({"share": "0.1"}, "100.01", HOLD),
            ({"amount": 200, "share": "0.1"}, 150, "pass"), ({"amount": 50, "share": "0.1"}, 80, "pass"),
            ({"amount": 200, "share": "0.1"}, 201, HOLD), ({}, CENT, HOLD),
        ]:
            with self.subTest(values, due=due):
                self.assertEqual(judge(owed(1, due, 5), rules=[rule(OVERDUE, **values)]).outcome, expected)

    def test_the_share_is_of_the_receivable_without_a_limit(self):
        for receivable, expected in [(1000, "pass"), (999, HOLD)]:
            with self.subTest(receivable=receivable):
                found = judge(owed(1, 100, 5), limit=None, receivable=receivable, rules=[rule(OVERDUE, share="0.1")])
                self.assertEqual(found.outcome, expected)

    def test_prepayment_has_no_share_to_be_late_with(self):
        self.assertEqual(judge(owed(1, CENT, 5), limit=0, amount=0, rules=[rule(OVERDUE, share="0.5")]).outcome, HOLD)

    def test_only_what_is_late_counts_together(self):
        found = judge(owed(1, 60, 20), owed(2, 60, 11), owed(3, 60, 10), rules=[rule(OVERDUE, days=10, amount=100)])
        self.assertEqual(found.findings[0].detail, {"amount": 120, "days": 20, "document": "INV1"})
        self.assertEqual(judge(owed(1, 60, 20), owed(3, 60, 10), rules=[rule(OVERDUE, days=10, amount=100)]).outcome, "pass")

    def test_unmatched_credits_pay_the_oldest_first(self):
        items = owed(1, 60, 20), owed(2, 60, 10), owed(3, 60)
        for credits, expected in [
            (0, {"amount": 120, "days": 20, "document": "INV1"}), (10, {"amount": 110, "days": 20, "document": "INV1"}),
            (60, {"amount": 60, "days": 10, "document": "INV2"}), ("119.99", {"amount": CENT, "days": 10, "document": "INV2"}),
            (120, None), (5000, None), (-40, {"amount": 120, "days": 20, "document": "INV1"}),
        ]:
            with self.subTest(credits=credits):
                found = judge(*items, credits=Decimal(credits), rules=[LATE])
                self.assertEqual(found.findings[0].detail if found.findings else None, expected)

    def test_what_may_not_be_asked_for_is_not_overdue(self):
        """The caller leaves out of ``due`` what is disputed: nothing here, half there."""
        found = judge(owed(1, 0, 90), owed(2, 50, 20), rules=[LATE])
        self.assertEqual(found.findings[0].detail, {"amount": 50, "days": 20, "document": "INV2"})
        self.assertEqual(judge(owed(1, 0, 90, "Last notice"), rules=[LATE, LEVELS], credits=30), Verdict())

    def test_a_credit_takes_nothing_off_a_disputed_item(self):
        self.assertEqual(judge(owed(1, 0, 90), owed(2, 50, 20), credits=50, rules=[LATE]).outcome, "pass")


class Others(HoldCase):
    def test_an_item_at_a_level_that_holds(self):
        found = judge(owed(1, 60, 20), owed(2, 60, 10, "Last notice"), owed(3, 9, 5, "Notice"), rules=[LEVELS])
        self.assertEqual((found.outcome, found.findings[0].detail), (HOLD, {"document": "INV2", "level": "Last notice"}))
        self.assertEqual(judge(owed(1, 60, 90), rules=[LEVELS]).outcome, "pass")
        self.assertEqual(judge(owed(1, 60, 20, "Last notice"), credits=60, rules=[LEVELS]).outcome, "pass")

    def test_a_limit_that_ran_out(self):
        found = judge(limit=expired(), rules=[RAN_OUT])
        self.assertEqual((found.outcome, found.findings[0].detail), (HOLD, {"on": day(-3)}))
        self.assertEqual(judge(limit=expired(100, GROUP, BASE=1000, group=100), rules=[RAN_OUT]).outcome, HOLD)
        self.assertEqual(judge(limit=1000, rules=[RAN_OUT]).outcome, "pass")

    def test_a_temporary_limit_stands_in_for_one_that_ran_out(self):
        standing_in = expired(1000, TEMPORARY, 5, temporary=Decimal(1000))
        self.assertEqual(judge(limit=standing_in, rules=[RAN_OUT]), Verdict())
        capped = expired(500, GROUP, 5, temporary=Decimal(1000), group=Decimal(500))
        self.assertEqual(judge(limit=capped, rules=[RAN_OUT]), Verdict())

    def test_promises_broken_lately(self):
        for broken, values, count in [
            ((), {}, 0), ((3,), {}, 1), ((3,), {"count": 2}, 0), ((3, 400), {"count": 2}, 2), ((3, 400), {"count": 2, "days": 180}, 0),
            ((180, 3, 181), {"count": 2, "days": 180}, 2), ((0,), {"count": 1, "days": 1}, 1),
        ]:
            with self.subTest(broken=broken, values=values):
                found = judge(broken=broken, rules=[rule(BROKEN_PROMISES, **values)])
                self.assertEqual([finding.detail for finding in found.findings],
                                 [{"count": count, "days": values.get("days", 0)}] if count else [])
                self.assertEqual(found.outcome, HOLD if count else "pass")

    def test_stopped_by_a_person_needs_no_rule(self):
        for amount in (100, 0):
            with self.subTest(amount=amount):
                found = judge(amount=amount, rules=[], stopped="insolvent")
                self.assertEqual(found, Verdict(STOP, ((STOPPED, STOP, {"why": "insolvent"}),)))

    def test_without_rules_everything_passes(self):
        self.assertEqual(judge(owed(1, 9999, 400, "Last notice"), limit=expired(0), rules=[]), Verdict())

    def test_what_adds_nothing_to_the_exposure_is_still_held_by_the_other_rules(self):
        for amount in (0, 100):
            self.assertEqual(judge(owed(1, 50, 5), amount=amount, rules=[LATE]).outcome, HOLD)


class Severity(HoldCase):
    def test_the_strictest_outcome_wins(self):
        late, ran_out = owed(1, 50, 5), expired()
        for outcomes, expected in [((WARN, WARN, WARN), WARN), ((WARN, HOLD, WARN), HOLD), ((HOLD, WARN, STOP), STOP),
                                   ((STOP, HOLD, WARN), STOP)]:
            with self.subTest(outcomes):
                kinds = zip((OVER_LIMIT, OVERDUE, EXPIRED), outcomes)
                found = judge(late, limit=ran_out, exposure=5000, rules=[rule(kind, outcome) for kind, outcome in kinds])
                self.assertEqual(found.outcome, expected)
                self.assertEqual(len(found.findings), 3)
                self.assertEqual(found.findings[0].outcome, expected)  # the strictest first

    def test_one_finding_per_kind_the_strictest_of_them(self):
        warn = rule(OVER_LIMIT, WARN, share="0.8")
        for rules, exposure, expected in [
            ([warn, OVER], 750, (WARN, 50)), ([warn, OVER], 950, (HOLD, 50)), ([OVER, warn], 950, (HOLD, 50)),
            ([warn, rule(OVER_LIMIT, WARN)], 950, (WARN, 250)),  # of equals the first
            ([warn, OVER, rule(OVER_LIMIT, STOP, share="1.5")], 1450, (STOP, 50)),
        ]:
            with self.subTest(exposure=exposure, rules=rules):
                found = judge(exposure=exposure, rules=rules)
                self.assertEqual([(one.outcome, one.detail["over"]) for one in found.findings], [expected])

    def test_a_warning_shows_no_way_out(self):
        found = judge(owed(1, 950, 5), rules=[rule(OVER_LIMIT, WARN), rule(OVERDUE, WARN)], deposit=True)
        self.assertEqual((found.outcome, found.ways), (WARN, ()))

    def test_rules_may_come_from_a_generator(self):
        self.assertEqual(judge(owed(1, 950, 5), rules=(one for one in [OVER, LATE])).outcome, HOLD)


class WaysToPay(unittest.TestCase):
    def test_the_smallest_single_invoice_that_closes_the_gap(self):
        """The limit is 1,000, all of it used, and 100 more is wanted."""
        for name, dues, expected in [
            ("exactly", [500, 100, 400], [2]), ("the smallest that suffices", [500, 150, 350], [2]),
            ("not the oldest", [700, 200, 100], [3]), ("only one is enough", [950, 30, 20], [1]),
        ]:
            with self.subTest(name):
                items = [owed(index, due) for index, due in enumerate(dues, 1)]
                self.assertEqual(ways(judge(*items)), [("pay", sum(dues[id - 1] for id in expected), expected)])

    def test_else_several_the_oldest_first(self):
        items = [owed(1, 40), owed(2, 30), owed(3, 50), owed(4, 60)]
        self.assertEqual(ways(judge(*items, exposure=1000)), [("pay", 120, [1, 2, 3])])
        self.assertEqual(ways(judge(*items, exposure=970)), [("pay", 70, [1, 2])])  # to the cent
        self.assertEqual(ways(judge(*items, exposure=1080)), [("pay", 180, [1, 2, 3, 4])])
        self.assertEqual(ways(judge(*items, exposure="1080.01")), [])  # all together do not suffice

    def test_what_is_proposed_is_what_is_open_after_credits(self):
        found = judge(owed(1, 300), owed(2, 500), credits=200, exposure=950)
        self.assertEqual(found.ways[0].items, ((1, "INV1", 100),))
        self.assertEqual(judge(owed(1, 300), credits=300, exposure=950).ways, ())

    def test_orders_alone_cannot_be_paid(self):
        self.assertEqual(ways(judge(exposure=1000)), [])

    def test_overdue_is_paid_until_the_rule_falls_silent(self):
        items = owed(1, 60, 30), owed(2, 70, 20), owed(3, 80, 10), owed(4, 90)
        for values, expected in [
            ({}, [1, 2, 3]), ({"amount": 80}, [1, 2]), ({"amount": "79.99"}, [1, 2, 3]), ({"amount": 150}, [1]),
            ({"share": "0.15"}, [1]), ({"days": 10}, [1, 2]), ({"days": 20, "amount": 10}, [1]),
        ]:
            with self.subTest(values):
                self.assertEqual(ways(judge(*items, rules=[rule(OVERDUE, **values)]))[0][2], expected)

    def test_paying_makes_the_receivable_smaller_of_which_a_share_may_be_late(self):
        """600 paid would leave 2,500 late of 9,400: still more than a quarter."""
        items = owed(1, 600, 30), owed(2, 200, 20), owed(3, 2300, 10), owed(4, 6900)
        self.assertEqual(ways(judge(*items, limit=None, rules=[rule(OVERDUE, share="0.25")])), [("pay", 800, [1, 2])])

    def test_paying_what_is_not_late_makes_the_rest_a_greater_share(self):
        """The gap of the group needs item 3; without it 240 of 900 are late, more than a quarter."""
        items = owed(1, 30, 30), owed(2, 210, 20), owed(3, 100), owed(4, 660)
        found = judge(*items, limit=None, group=(5000, 5000), rules=[OVER, rule(OVERDUE, share="0.25")])
        self.assertEqual([finding.kind for finding in found.findings], [OVER_LIMIT])
        self.assertEqual(ways(found), [("pay", 130, [1, 3])])

    def test_every_item_at_a_level_that_holds(self):
        items = owed(1, 60, 30), owed(2, 70, 20, "Notice"), owed(3, 80, 10, "Notice"), owed(4, 90)
        self.assertEqual(ways(judge(*items, rules=[LEVELS])), [("pay", 150, [2, 3])])
        self.assertEqual(ways(judge(*items, rules=[LEVELS, rule(OVERDUE, amount=150)])), [("pay", 210, [1, 2, 3])])

    def test_what_must_be_paid_counts_towards_the_gap(self):
        items = owed(1, 60, 30), owed(2, 70, -1), owed(3, 200, -2), owed(4, 90, -3)
        for name, exposure, expected in [
            ("covers it", 960, [1]), ("a cent is left: the smallest", "960.01", [1, 2]), ("more is left", 1035, [1, 4]),
            ("the large one", 1055, [1, 3]), ("several", 1200, [1, 2, 3]), ("not even all", 1321, []),
        ]:
            with self.subTest(name):
                found = ways(judge(*items, exposure=exposure, rules=[OVER, LATE]))
                self.assertEqual(found[0][2] if found else [], expected)

    def test_two_overdue_rules_and_one_that_only_warns(self):
        items = owed(1, 60, 30), owed(2, 70, 20), owed(3, 80, 10)
        rules = [rule(OVERDUE, days=25), rule(OVERDUE, amount=200), rule(OVERDUE, WARN)]
        self.assertEqual(ways(judge(*items, rules=rules)), [("pay", 60, [1])])

    def test_only_a_person_can_help(self):
        items = [owed(1, 1000, 5)]
        for name, values in [
            ("the limit ran out", {"limit": expired(), "rules": [OVER, RAN_OUT]}),
            ("stopped", {"stopped": "fraud"}),
            ("promises were broken", {"broken": (1, 2), "rules": [OVER, rule(BROKEN_PROMISES, count=2)]}),
        ]:
            with self.subTest(name):
                self.assertEqual(judge(*items, deposit=True, **values).ways, ())
        found = judge(*items, limit=expired(), rules=[OVER, rule(EXPIRED, WARN)])
        self.assertEqual(ways(found), [("pay", 1000, [1])])  # a warning is no reason to wait for a person

    def test_payment_helps_against_a_rule_that_stops(self):
        found = judge(owed(1, 1000, 5), rules=[rule(OVERDUE, STOP)])
        self.assertEqual((found.outcome, ways(found)), (STOP, [("pay", 1000, [1])]))


class WaysToDeposit(unittest.TestCase):
    def test_the_share_is_rounded_up(self):
        for amount, exposure, gap, share in [(300, 800, 100, 34), (400, 700, 100, 25), (400, 600, 0, 0), (300, 1000, 300, 100),
                                             (1000, "0.01", CENT, 1), (1000, "10.01", "10.01", 2), (1000, 990, 990, 99),
                                             (1000, "990.01", "990.01", 100), (300, "1000.01", 0, 0)]:
            with self.subTest(amount=amount, exposure=exposure):
                found = judge(amount=amount, exposure=exposure, deposit=True).ways
                self.assertEqual([(way.kind, way.amount, way.share) for way in found],
                                 [("deposit", Decimal(gap), share)] if share else [])

    def test_prepayment_is_a_deposit_of_everything(self):
        self.assertEqual(judge(limit=0, deposit=True).ways[0].share, 100)

    def test_only_where_one_may_be_asked_for(self):
        self.assertEqual(judge(exposure=1000).ways, ())

    def test_for_the_limit_of_the_group_as_well(self):
        found = judge(amount=200, exposure=0, group=(5000, 4850), deposit=True).ways
        self.assertEqual([(way.amount, way.share) for way in found], [(50, 25)])

    def test_no_deposit_makes_good_for_what_must_be_paid(self):
        self.assertEqual(ways(judge(owed(1, 950, 5), rules=[OVER, LATE], deposit=True)), [("pay", 950, [1])])
        self.assertEqual(ways(judge(owed(1, 50, 5, "Notice"), exposure=950, rules=[OVER, LEVELS], deposit=True)),
                         [("pay", 50, [1])])

    def test_the_cheapest_way_comes_first(self):
        self.assertEqual(ways(judge(owed(1, 950), deposit=True)), [("deposit", 50, []), ("pay", 950, [1])])
        self.assertEqual(ways(judge(owed(1, 50), owed(2, 900), deposit=True)), [("pay", 50, [1]), ("deposit", 50, [])])


if __name__ == "__main__":
    unittest.main()
