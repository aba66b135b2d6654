"""The last case before and the first case behind a boundary, where no other test stands on it.

Each was found by a mutant that nothing noticed; figures are computed by hand.
"""
import unittest
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine import (
    bureau,
    calling,
    dispute,
    experiment,
    forecast,
    handover,
    installment,
    interest,
    ladder,
    payrun,
    priority,
    proposal,
    provision,
    ranged,
    relation,
    score,
    segment,
    settlement,
    sizing,
)
from engine.ageing import BUCKETS
from engine.daycount import Grace
from engine.followup import confirm, decide
from engine.ledger import Item as OpenItem
from engine.limit import BASE, Grant
from engine.money import split
from engine.promise import KEPT, Entry, Part, Promise, credited_late, judge
from engine.succession import inherited
from engine.timeline import Timeline, events
from engine.workday import Calendar

from .common import EUR, TODAY, day, facts, item, level, policy

D = Decimal
CENT = D("0.01")


class Amounts(unittest.TestCase):
    """Less than one unit of a currency is money too."""

    def test_a_payment_on_an_item_of_eighty_cents(self):
        self.assertEqual(dispute.share_of_payment(D("0.5"), D("0.2"), D("0.8")), D("0.13"), "0.5 × 0.2 / 0.8 = 0.125")

    def test_a_part_of_a_plan_of_fifty_cents(self):
        self.assertEqual(forecast.divide([(TODAY, D("0.5"))], [(7, D("0.5"))]), {7: ((TODAY, D("0.5")),)})

    def test_ninety_days_are_old_enough_to_be_handed_over(self):
        for late, count in ((89, 0), (90, 1)):
            case = handover.Case((handover.Item(7, EUR, day(-late), D(100)),))
            self.assertEqual(len(handover.propose(case, [handover.Rule(1, age=90)], TODAY).proposals), count)

    def test_a_part_of_a_plan_of_nothing_pays_nothing(self):
        self.assertEqual(forecast.divide([(TODAY, D(0)), (day(1), D(5))], [(7, D(5))]), {7: ((day(1), D(5)),)})

    def test_a_debt_of_fifty_cents_is_proposed_by_a_rule_without_a_minimum(self):
        case = handover.Case((handover.Item(7, EUR, day(-90), D("0.5")),))
        self.assertEqual(len(handover.propose(case, [handover.Rule(1)], TODAY).proposals), 1)
        self.assertEqual(handover.propose(case._replace(credits={EUR: D("0.5")}), [handover.Rule(1)], TODAY).reason, handover.AMOUNT)

    def test_fifty_contested_cents_are_left_out_by_name(self):
        item = OpenItem(7, EUR, day(-9), D("10"), disputed=D("0.5"))
        found = priority.collectable([item], {EUR: D("0.5")}, {}, 3, TODAY)[7]
        self.assertEqual((found.amount, found.left_out), (D("9"), {"disputed": D("0.5"), "credit": D("0.5")}))

    def test_what_is_less_than_a_unit_is_in_the_last_part(self):
        self.assertEqual(split(D("0.105"), 2, CENT), [D("0.05"), D("0.055")])
        self.assertEqual(split(D("-0.105"), 2, CENT), [D("-0.05"), D("-0.055")])

    def test_loss_rates_of_eighty_cents_sold(self):
        """Half of it was paid at once, an eighth later, the rest never."""
        self.assertEqual(provision.loss_by_cohort(D("0.8"), [D("0.4")], D("0.1")), [D("37.5"), D(75)], "0.3 of 0.8 and of 0.4 were lost")


class Claims(unittest.TestCase):

    def test_all_contested_beside_a_credit_is_a_dispute(self):
        items = [bureau.Item(1, BUCKETS[-1], D(100), D(100), disputed=True), bureau.Item(2, BUCKETS[0], D(-50), D(-50))]
        customer, rule = bureau.Customer(True, None, True), bureau.Rule(False, True)
        self.assertEqual(bureau.decide(customer, rule, items).code, bureau.DISPUTED)

    def test_paid_before_the_promise_on_its_day_is_not_promised(self):
        """100 were owed; 30 came in the morning, then 100 were promised, and the other 70 came."""
        part = Part(D(100), (Entry(day(-10), D(30)), Entry(TODAY, D(70))), D(100), before=D(30))
        found = judge(Promise(day(-10), TODAY, (part,)), TODAY, CENT)
        self.assertEqual((found.state, found.paid, found.missing), (KEPT, D(70), D(0)))

    def test_a_credit_on_the_last_day_of_a_promise_is_in_time(self):
        self.assertEqual([credited_late([Entry(day(late), D(5), money=False)], TODAY) for late in (0, 1)], [D(0), D(5)])

    def test_five_days_of_grace_and_not_one_more(self):
        item = interest.Item(TODAY, D(100))
        self.assertFalse(interest.ever_late(item, Grace(5), day(6)), "five days late")
        self.assertTrue(interest.ever_late(item, Grace(5), day(7)), "six days late")

    def test_no_day_late_counts_of_what_is_exempt_or_contested(self):
        item = interest.Item(day(-30), D(100))
        self.assertEqual(interest.days_late(item, Grace(), TODAY), 29)
        self.assertEqual(interest.days_late(item._replace(exempt="charge"), Grace(), TODAY), 0)
        self.assertEqual(interest.days_late(item._replace(stops=(interest.Stop(day(-20)),)), Grace(), TODAY), 0)

    def test_a_plan_that_is_paid_is_no_day_late(self):
        found = installment.default(installment.Standing((), D(0)), installment.Rules(late=0, missed=1, shortfall=D(0), current=0), TODAY)
        self.assertEqual((found.code, found.late), (None, 0))

    def test_what_suffices_is_not_too_much_and_the_next_payment_is(self):
        self.assertEqual(settlement.too_much(D(100), [D(60), D(40), D(5)]), (2,))

    def test_no_reminder_is_free_unless_it_is_said(self):
        self.assertEqual(ranged.level_fee(1, {1: D(7)}, ()).amount, D(7))
        self.assertEqual(ranged.level_fee(1, {1: D(7)}, (), free=1).amount, D(0), "no reminder was sent before")


class Customers(unittest.TestCase):

    def test_who_is_in_a_plan_is_said_to_be_before_any_praise(self):
        good = relation.Relation(payer="prompt", settled=20, since=day(-800), plan_active=True)
        self.assertEqual(relation.hint(good, TODAY).code, "hint_plan")

    def test_a_good_customer_of_two_years(self):
        good = relation.Relation(payer="prompt", settled=20)
        codes = [relation.hint(good._replace(since=day(-days)), TODAY).code for days in (729, 730)]
        self.assertEqual(codes, ["hint_good", "hint_good_years"])

    def test_praise_begins_with_the_fewest_items(self):
        good = relation.Relation(payer="prompt", settled=relation.FEW_ITEMS)
        self.assertEqual(relation.hint(good, TODAY).code, "hint_good")
        self.assertIsNone(relation.hint(good._replace(settled=relation.FEW_ITEMS - 1), TODAY))

    def test_one_wrong_band_among_good_ones(self):
        bands = (score.Band(None, D(0)), score.Band(D(5), D("1.01")))
        self.assertEqual(score.problem(score.Factor("age", D(1), bands)), score.POINTS)
        self.assertIsNone(score.problem(score.Factor("age", D(1), (bands[0], score.Band(D(5), D(1))))))

    def test_rules_with_the_same_grades_or_none_take_each_others_customers(self):
        for grades in ((0, 0), (1, 3), (2, 5)):
            with self.subTest(grades=grades):
                self.assertTrue(segment.covers(segment.Rule(1, grades=grades), segment.Rule(2, grades=grades)))
        self.assertFalse(segment.covers(segment.Rule(1, grades=(2, 5)), segment.Rule(2, grades=(1, 5))))
        self.assertFalse(segment.covers(segment.Rule(1, grades=(1, 3)), segment.Rule(2)))

    def test_thirty_days_of_silence_are_the_best_grade_and_one_more_is_not(self):
        self.assertEqual([sizing.grade(sizing.Figures(days=D(0), silent=silent)) for silent in (30, 31)], [1, 2], "(1 + 1) / 2 and (1 + 2) / 2")

    def test_thirty_days_late_are_the_fourth_grade_and_one_more_is_the_last(self):
        self.assertEqual([sizing.grade(sizing.Figures(days=D(days))) for days in (1, 2, 15, 16, 30, 31)], [1, 2, 3, 4, 4, 5])

    def test_of_two_reasons_of_a_group_with_the_same_points_the_first_is_told(self):
        rules = [priority.Rule(number, priority.DAYS_LATE, 10, group="late") for number in (1, 2)]
        self.assertEqual([rule.id for rule in priority.rank(priority.Case(D(5), days_late=9), rules, priority.Bands()).met], [1])

    def test_a_pay_run_that_closes_today_is_a_reason(self):
        rule = priority.Rule(1, priority.PAY_RUN, 10, days=2)
        met = [bool(priority.rank(priority.Case(D(5), cut_off=days), [rule], priority.Bands()).met) for days in (-1, 0, 2, 3)]
        self.assertEqual(met, [False, True, True, False])

    def test_without_a_risk_class_the_lowest_term_is_proposed(self):
        self.assertEqual(proposal.propose(proposal.Facts(requested=D(4000)), proposal.Rule()).amount, D(4000))

    def test_a_parent_takes_over_what_is_not_hidden_by_a_newer_base(self):
        long, short = Grant(BASE, D(900), day(-50), day(40), 1), Grant(BASE, D(500), day(-40), day(10), 2)
        self.assertEqual(inherited((long, short), TODAY), (long, short), "after ten days the older one counts again")
        older, newer = short._replace(id=1), long._replace(id=2, start=day(-40))
        self.assertEqual(inherited((older, newer), TODAY), (newer,))

    def test_of_whom_nothing_is_known_money_is_expected_when_it_is_due(self):
        self.assertEqual(payrun.expected(TODAY, None, 0, None, 3, None, Calendar()), TODAY)


    def test_a_ladder_that_asks_for_nothing_lifts_at_once_and_lets_nobody_fall(self):
        steps = ladder.Ladder((ladder.Stage(1, D(100)), ladder.Stage(2, D(200)), ladder.Stage(3, D(300))))
        moves = [ladder.evaluate(steps, ladder.Conduct(1, TODAY, worst=worst, broken=broken), None, TODAY).direction
                 for worst, broken in ((0, 0), (9, 0), (0, 9))]
        self.assertEqual(moves, [ladder.RISE] * 3)

    def test_a_difference_that_may_be_none_is_not_certain(self):
        self.assertEqual([experiment.Difference(D(0), D(low), D(high)).certain for low, high in ((-1, 0), (0, 1), (-2, -1), (1, 2))],
                         [False, False, True, True])


class Times(unittest.TestCase):

    def test_on_its_due_date_an_item_is_not_overdue_yet(self):
        """A reminder before the due date goes out on it; when its item is contested meanwhile, it says so."""
        rules, soon, other = policy(level(1, -7)), item(1, -1), item(2, -1)
        planned = decide(facts(soon), rules, TODAY).contact
        self.assertEqual(confirm(facts(soon._replace(disputed=D(100)), other), planned, rules, day(1)).reason, "disputed")

    def test_the_first_monday_may_be_the_first_of_the_month(self):
        mondays = [payrun.next_run(payrun.Rhythm(payrun.NTH, 1, nth=nth), date(2026, 6, 1), Calendar()).day for nth in (1, 2)]
        self.assertEqual(mondays, [1, 8])

    def test_at_noon_the_next_call_is_in_the_morning(self):
        tries = [calling.retry(1, datetime(2026, 3, 18, hour), Calendar(), calling.Retry()).half for hour in (11, 12)]
        self.assertEqual(tries, [calling.AFTERNOON, calling.MORNING])

    def test_what_happened_on_the_first_day_is_known_already(self):
        line = Timeline(7, (), ((TODAY, EUR, D(10)), (TODAY + timedelta(days=1), EUR, D(10))))
        self.assertEqual(events(line, TODAY), [TODAY + timedelta(days=1)])
