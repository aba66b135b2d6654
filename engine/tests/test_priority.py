import unittest
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from engine.ledger import Item, Pause
from engine.priority import Bands, Case, Rank, Rule, Uplift, collectable, rank, value

D = Decimal
TODAY = date(2026, 11, 23)
LATE = TODAY - timedelta(days=20)


def item(number, residual, **values):
    return Item(number, 1, values.pop("due", LATE), D(residual), **values)


class TestRank(unittest.TestCase):
    """F-5: points fulfilled in percent of the points there are."""

    # the rules of the worked example: 30, 20, 25, 10, an information worth nothing, 15
    RULES = (Rule(1, "broken_promise", 30), Rule(2, "days_late", 20, days=15), Rule(3, "limit_used", 25, share=D(90)),
             Rule(4, "payer", 10, payer="chronic"), Rule(5, "pay_run", 0, days=3), Rule(6, "amount", 15, amount=D(1000)))

    def test_the_worked_example_is_75_percent_and_band_a(self):
        case = Case(D(2000), days_late=20, broken=1, limit_used=D(50), payer="chronic", cut_off=2)
        found = rank(case, self.RULES, Bands())
        self.assertEqual((found.percent, found.band), (75, "a"))
        self.assertEqual([rule.id for rule in found.met], [1, 2, 4, 5, 6])

    def test_of_rules_that_exclude_each_other_only_the_dearest_counts_for_the_maximum(self):
        rules = (Rule(1, "amount", 40, amount=D(10000), group="size"), Rule(2, "amount", 20, amount=D(1000), group="size"),
                 Rule(3, "days_late", 60, days=30))
        self.assertEqual(rank(Case(D(1500)), rules, Bands()).percent, 20)
        self.assertEqual(rank(Case(D(15000)), rules, Bands()).percent, 40)
        self.assertEqual([rule.id for rule in rank(Case(D(15000)), rules, Bands()).met], [1])
        self.assertEqual(rank(Case(D(15000), days_late=30), rules, Bands()).percent, 100)

    def test_bands_begin_at_their_percentage_and_less_than_band_c_is_not_listed(self):
        for points, band in ((70, "a"), (69, "b"), (40, "b"), (39, "c"), (15, "c"), (14, None)):
            rules = (Rule(1, "amount", points), Rule(2, "callback", 100 - points))
            self.assertEqual(rank(Case(D(1)), rules, Bands()).band, band, points)

    def test_nothing_to_collect_is_nothing_to_call_about(self):
        self.assertIsNone(rank(Case(D(0), days_late=90, broken=1), (Rule(1, "broken_promise", 1, first=True),), Bands()).band)

    def test_an_agreed_call_is_made_even_if_nothing_is_to_collect(self):
        found = rank(Case(D(0), callback=0), (Rule(1, "callback", 10, first=True), Rule(2, "amount", 90)), Bands())
        self.assertEqual((found.band, found.first), ("c", True))

    def test_a_rule_that_comes_first_lists_a_customer_whatever_its_points(self):
        found = rank(Case(D(5), broken=0), (Rule(1, "broken_promise", 1, first=True), Rule(2, "amount", 99, amount=D(10))), Bands())
        self.assertEqual(found, Rank(1, "c", True, found.met))

    def test_each_kind_of_rule(self):
        cases = (
            (Rule(1, "broken_promise", 1, days=7), Case(D(1), broken=7), Case(D(1), broken=8)),
            (Rule(1, "broken_promise", 1), Case(D(1), broken=400), Case(D(1))),
            (Rule(1, "callback", 1), Case(D(1), callback=0), Case(D(1))),
            (Rule(1, "call_due", 1), Case(D(1), call_due=0), Case(D(1))),
            (Rule(1, "days_late", 1, days=30), Case(D(1), days_late=30), Case(D(1), days_late=29)),
            (Rule(1, "amount", 1, amount=D(100)), Case(D(100)), Case(D("99.99"))),
            (Rule(1, "limit_used", 1, share=D(90)), Case(D(1), limit_used=D(90)), Case(D(1), limit_used=D("89.9"))),
            (Rule(1, "limit_used", 1), Case(D(1), limit_used=D(0)), Case(D(1))),
            (Rule(1, "silent", 1, days=30), Case(D(1), silent=30), Case(D(1), silent=29, days_late=99)),
            (Rule(1, "silent", 1, days=30), Case(D(1), days_late=30), Case(D(1), days_late=29)),
            (Rule(1, "no_reaction", 1, days=5), Case(D(1), unanswered=5), Case(D(1), unanswered=4)),
            (Rule(1, "payer", 1, payer="chronic"), Case(D(1), payer="chronic"), Case(D(1), payer="prompt")),
            (Rule(1, "pay_run", 1, days=3), Case(D(1), cut_off=3), Case(D(1), cut_off=4)),
        )
        for rule, meets, misses in cases:
            with self.subTest(rule=rule):
                self.assertEqual(rank(meets, (rule,), Bands()).percent, 100)
                self.assertEqual(rank(misses, (rule,), Bands()).percent, 0)


class TestCollectable(unittest.TestCase):
    """F-5: overdue, less what is promised, disputed, on its way, just asked for, or covered by credits."""

    def total(self, items, credits=None, noticed=None):
        shares = collectable(items, credits or {}, noticed or {}, 3, TODAY)
        return sum((share.amount for share in shares.values()), D(0))

    def test_what_is_not_overdue_is_not_collected(self):
        self.assertEqual(collectable([item(1, 100, due=TODAY)], {}, {}, 3, TODAY), {})

    def test_promised_disputed_and_paid_parts_are_left_out(self):
        items = [item(1, 1000, promised=D(300), disputed=D(200), in_transit=D(100)), item(2, 500)]
        shares = collectable(items, {1: D(50)}, {}, 3, TODAY)
        self.assertEqual(shares[1].amount, D(350))
        self.assertEqual(shares[1].left_out, {"disputed": D(200), "promised": D(300), "in_transit": D(100), "credit": D(50)})
        self.assertEqual(shares[2].amount, D(500))

    def test_within_three_days_after_a_notice_the_customer_has_the_word(self):
        asked = {1: TODAY - timedelta(days=2)}
        self.assertEqual(self.total([item(1, 100), item(2, 40)], noticed=asked), D(40))
        self.assertEqual(self.total([item(1, 100), item(2, 40)], noticed={1: TODAY - timedelta(days=3)}), D(140))

    def test_what_is_paused_is_left_out_until_the_pause_ends(self):
        self.assertEqual(self.total([item(1, 100, pause=Pause("plan_asked", TODAY))]), D(0))
        self.assertEqual(self.total([item(1, 100, pause=Pause("plan_asked", TODAY - timedelta(days=1)))]), D(100))

    def test_credits_settle_the_oldest_first_and_never_more_than_there_is(self):
        items = [item(1, 100), item(2, 100, due=LATE + timedelta(days=1))]
        shares = collectable(items, {1: D(150)}, {}, 3, TODAY)
        self.assertEqual([shares[1].amount, shares[2].amount], [D(0), D(50)])
        self.assertEqual(self.total(items, credits={1: D(500)}), D(0))

    @given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900), st.integers(1, 900)), min_size=1, max_size=4),
           st.integers(0, 2000))
    def test_what_is_collected_and_what_is_left_out_is_the_whole(self, parts, credit):
        items = [item(number, residual, promised=D(promised), disputed=D(disputed), in_transit=D(transit))
                 for number, (promised, disputed, transit, residual) in enumerate(parts)]
        shares = collectable(items, {1: D(credit)}, {}, 3, TODAY)
        for one in items:
            share = shares[one.id]
            self.assertGreaterEqual(share.amount, 0)
            self.assertEqual(share.amount + sum(share.left_out.values()), one.residual)

    def test_the_order_of_items_does_not_matter(self):
        items = [item(1, 100, promised=D(10)), item(2, 60, due=LATE - timedelta(days=3)), item(3, 80, disputed=D(80))]
        results = [collectable(order, {1: D(70)}, {2: TODAY}, 3, TODAY) for order in permutations(items)]
        self.assertTrue(all(found == results[0] for found in results))


class TestValue(unittest.TestCase):
    """F-6: a minute is worth what would not have come without the call."""

    def test_the_largest_debt_is_not_the_most_worth_a_call(self):
        a = value(D(20000), Uplift(D("0.60"), D("0.75"), 8))
        b = value(D(5000), Uplift(D("0.15"), D("0.55"), 8))
        c = value(D(60000), Uplift(D("0.94"), D("0.95"), 8))
        self.assertEqual((a, b, c), (D(375), D(250), D(75)))


if __name__ == "__main__":
    unittest.main()
