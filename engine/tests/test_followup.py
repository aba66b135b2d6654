"""The rules of a follow-up, a sentence each (DESIGN section 5)."""
import unittest
from datetime import date
from decimal import Decimal

from engine.followup import AFTER, BEFORE, decide
from engine.policy import next_step
from engine.workday import Calendar

from .common import ALL, BASIC, EUR, USD, amounts, day, facts, item, level, pause, policy, positions, run

FIT = policy(fit=True)


class Case(unittest.TestCase):
    def assertSilent(self, decision, reason, **detail):
        self.assertIsNone(decision.contact)
        self.assertEqual(decision.reason, reason)
        self.assertEqual({key: decision.detail[key] for key in detail}, detail)

    def assertMoves(self, decision, expected):
        self.assertIsNotNone(decision.contact, decision)
        self.assertEqual(decision.reason, "contact")
        self.assertEqual(positions(decision), expected)

    def assertNext(self, decision, offset, position):
        """``offset`` in days from today, ``position`` of the level foretold."""
        expected = (None, None) if offset is None else (day(offset), 100 + position)
        self.assertEqual((decision.next_on, decision.next_level), expected)


class Clocks(Case):
    def test_due_today_is_not_overdue(self):
        self.assertSilent(run(item(1, 0, level=1, level_on=-7)), "nothing_due")
        self.assertMoves(run(item(1, 1, level=1, level_on=-7)), {1: 2})

    def test_a_level_is_reached_on_its_day_and_not_before(self):
        for late, expected in [(14, None), (15, {1: 3}), (16, {1: 3})]:
            with self.subTest(late=late):
                decision = run(item(1, late, level=2, level_on=-13))
                self.assertEqual(decision.contact and positions(decision), expected)

    def test_both_clocks_must_be_met_the_due_date_and_the_wait_since_the_previous_level(self):
        for late, ago, expected in [(20, 7, {1: 3}), (20, 6, None), (14, 13, None), (15, 7, {1: 3})]:
            with self.subTest(late=late, ago=ago):
                decision = run(item(1, late, level=2, level_on=-ago))
                self.assertEqual(decision.contact and positions(decision), expected)
                self.assertEqual(decision.reason, "contact" if expected else "nothing_due")

    def test_the_wait_is_since_the_items_own_previous_level(self):
        decision = run(item(1, 20, level=2, level_on=-6), item(2, 20, level=2, level_on=-7))
        self.assertMoves(decision, {2: 3})

    def test_working_days_count_only_working_days(self):
        rules = policy(level(1, 1, working=True))  # the item is due on Friday 13 March 2026
        for at, expected in [(-4, False), (-3, False), (-2, True)]:  # Saturday, Sunday, Monday
            with self.subTest(at=at):
                self.assertIs(bool(run(item(1, 5), at=at, rules=rules).contact), expected)

    def test_a_holiday_puts_a_level_in_working_days_off(self):
        monday = Calendar(holidays=frozenset({date(2026, 3, 16)}))
        rules = policy(level(1, 1, working=True), calendar=monday)
        self.assertSilent(run(item(1, 5), at=-2, rules=rules), "nothing_due")
        self.assertMoves(run(item(1, 5), at=-1, rules=rules), {1: 1})

    def test_working_days_before_the_due_date(self):
        rules = policy(level(1, -2, working=True))  # due on Monday 23 March: Thursday 19
        self.assertSilent(run(item(1, -5), rules=rules), "nothing_due")
        self.assertMoves(run(item(1, -5), at=1, rules=rules), {1: 1})


class Levels(Case):
    def test_each_item_has_its_own_level_and_the_message_is_that_of_the_highest(self):
        decision = run(item(1, 31, level=3, level_on=-16), item(2, 15, level=2, level_on=-14), item(3, 1))
        self.assertMoves(decision, {1: 4, 2: 3, 3: 2})
        self.assertEqual(decision.contact.level.position, 4)
        self.assertEqual(decision.contact.kind, AFTER)
        self.assertEqual(decision.contact.leading, 1)

    def test_all_overdue_items_are_in_the_message_also_those_that_reach_no_level_today(self):
        decision = run(item(1, 10, level=2, level_on=-9), item(2, 1), item(3, -3))
        self.assertMoves(decision, {2: 2})
        self.assertEqual(amounts(decision), {1: 100, 2: 100})
        resting = decision.contact.lines[0]
        self.assertEqual((resting.item, resting.level, resting.advances), (1, 2, False))

    def test_climbing_takes_one_level_at_a_time(self):
        self.assertMoves(run(item(1, 90)), {1: 2})
        self.assertMoves(run(item(1, 90, level=2, level_on=-7)), {1: 3})

    def test_fit_enters_at_the_level_that_fits(self):
        for late, expected in [(1, 2), (14, 2), (15, 3), (29, 3), (30, 4), (90, 4)]:
            with self.subTest(late=late):
                self.assertMoves(run(item(1, late), rules=FIT), {1: expected})

    def test_fit_keeps_the_wait_of_the_level_it_enters(self):
        self.assertSilent(run(item(1, 90, level=2, level_on=-6), rules=FIT), "nothing_due")
        self.assertMoves(run(item(1, 90, level=2, level_on=-7), rules=FIT), {1: 4})

    def test_the_leading_item_is_one_that_moves_to_the_level_of_the_message(self):
        decision = run(item(1, 1), item(2, 31, level=3, level_on=-16), item(3, 31, level=3, level_on=-16))
        self.assertEqual(decision.contact.leading, 2)
        self.assertEqual(decision.detail, {"item": 2, "days": 31, "level": 104})

    def test_a_level_inserted_in_the_middle_is_neither_skipped_nor_taken_backwards(self):
        rules = policy(level(10, 1), level(15, 8), level(20, 15), level(30, 30))
        self.assertMoves(run(item(1, 16, level=10, level_on=-15), rules=rules), {1: 15})
        self.assertMoves(run(item(1, 31, level=20, level_on=-15), rules=rules), {1: 30})

    def test_a_level_that_is_gone_does_not_stop_the_item(self):
        rules = policy(level(10, 1), level(30, 30))
        self.assertMoves(run(item(1, 31, level=20, level_on=-15), rules=rules), {1: 30})

    def test_a_bill_of_charges_does_not_climb_beyond_the_first_level_after_due(self):
        self.assertEqual(positions(run(item(1, 40, mild=True), rules=policy(fit=True))), {1: 2})
        self.assertIsNone(run(item(1, 40, level=2, level_on=-30, mild=True)).contact)

    def test_a_bill_of_charges_is_asked_for_with_the_others(self):
        decision = run(item(1, 40, level=2, level_on=-30, mild=True), item(2, 16, 50, level=2, level_on=-15))
        self.assertEqual((positions(decision), amounts(decision)), ({2: 3}, {1: 100, 2: 50}))

    def test_a_bill_of_charges_is_not_repeated(self):
        rules = policy(level(1, 1, repeat=5))
        self.assertIsNone(run(item(1, 40, level=1, level_on=-30, mild=True), rules=rules).contact)
        self.assertIsNotNone(run(item(1, 40, level=1, level_on=-30), rules=rules).contact)

    def test_after_the_last_level_there_is_silence(self):
        self.assertSilent(run(item(1, 90, level=4, level_on=-60)), "nothing_due")

    def test_the_last_level_repeats_with_a_round(self):
        rules = policy(*BASIC[:-1], level(4, 30, repeat=10))
        self.assertSilent(run(item(1, 50, level=4, level_on=-9), rules=rules), "nothing_due")
        for known, expected in [(0, 1), (4, 5)]:
            decision = run(item(1, 90, level=4, round=known, level_on=-10), rules=rules)
            self.assertMoves(decision, {1: 4})
            self.assertEqual(decision.contact.round, expected)
            self.assertEqual(decision.contact.lines[0].round, expected)

    def test_a_due_date_moved_later_holds_back_the_repetition_too(self):
        rules = policy(*BASIC[:-1], level(4, 30, repeat=10))
        self.assertSilent(run(item(1, 29, level=4, level_on=-20), rules=rules), "nothing_due")
        self.assertMoves(run(item(1, 30, level=4, level_on=-20), rules=rules), {1: 4})

    def test_only_the_last_level_repeats(self):
        rules = policy(level(1, 1, repeat=5), level(2, 30))
        self.assertSilent(run(item(1, 20, level=1, level_on=-15), rules=rules), "nothing_due")

    def test_a_reminder_before_the_due_date_never_repeats_after_it(self):
        rules = policy(level(1, -7, repeat=5))
        self.assertSilent(run(item(1, 20, level=1, level_on=-27), rules=rules), "nothing_due")

    def test_the_first_time_at_the_last_level_is_round_0_beside_a_repetition(self):
        rules = policy(*BASIC[:-1], level(4, 30, repeat=10))
        decision = run(item(1, 90, level=4, round=2, level_on=-10), item(2, 31, level=3, level_on=-16), rules=rules)
        self.assertEqual({line.item: line.round for line in decision.contact.lines}, {1: 3, 2: 0})
        self.assertEqual(decision.contact.round, 3)


class BeforeDue(Case):
    RULES = policy(level(1, -7), level(2, -2), level(3, 0), level(4, 1), level(5, 15))

    def test_a_reminder_before_the_due_date_is_about_what_reaches_its_level_only(self):
        decision = run(item(1, -7), item(2, -8), rules=self.RULES)
        self.assertMoves(decision, {1: 1})
        self.assertEqual(decision.contact.kind, BEFORE)
        self.assertEqual(amounts(decision), {1: 100})

    def test_a_missed_reminder_is_past_only_the_latest_is_sent(self):
        for late, expected in [(-7, 1), (-3, 1), (-2, 2), (-1, 2), (0, 3)]:
            with self.subTest(late=late):
                self.assertMoves(run(item(1, late), rules=self.RULES), {1: expected})

    def test_reminders_follow_one_another(self):
        self.assertMoves(run(item(1, -2, level=1, level_on=-5), rules=self.RULES), {1: 2})
        self.assertSilent(run(item(1, -1, level=2, level_on=-1), rules=self.RULES), "nothing_due")

    def test_an_item_reminded_before_its_due_date_moves_on_to_the_first_level_after_it(self):
        for known in (None, 1, 2, 3):
            with self.subTest(known=known):
                self.assertMoves(run(item(1, 1, level=known, level_on=-8), rules=self.RULES), {1: 4})

    def test_the_wait_holds_between_the_reminder_and_the_first_level_after_it(self):
        rules = policy(level(1, 0), level(2, 1, wait=5))
        decision = run(item(1, 1, level=1, level_on=-1), rules=rules)
        self.assertSilent(decision, "nothing_due")
        self.assertNext(decision, 5, 2)  # five days after yesterday is Sunday; Monday

    def test_after_due_comes_before_before_due_and_never_both_in_a_run(self):
        decision = run(item(1, -7), item(2, 1), rules=self.RULES)
        self.assertMoves(decision, {2: 4})
        self.assertEqual(amounts(decision), {2: 100})
        self.assertEqual(decision.contact.kind, AFTER)

    def test_a_policy_without_levels_after_the_due_date_falls_silent_then(self):
        self.assertSilent(run(item(1, 5, level=1, level_on=-12), rules=policy(level(1, -7))), "nothing_due")

    def test_a_due_date_moved_later_starts_no_lower_level(self):
        self.assertSilent(run(item(1, -7, level=4, level_on=-2), rules=self.RULES), "nothing_due")
        self.assertNext(run(item(1, -7, level=4, level_on=-2), rules=self.RULES), 22, 5)


class Frequency(Case):
    def test_the_gap_between_two_contacts(self):
        for ago, expected in [(0, False), (1, False), (4, False), (5, True), (30, True)]:
            with self.subTest(ago=ago):
                decision = run(item(1, 5), contacts=[-40, -ago])
                self.assertIs(bool(decision.contact), expected)
                if not expected:
                    self.assertSilent(decision, "too_soon", days=ago, gap=5, last=day(-ago))

    def test_the_gap_counts_contacts_about_other_items_too(self):
        self.assertSilent(run(item(2, 20), contacts=[-2]), "too_soon")

    def test_never_twice_on_a_day_even_without_a_gap(self):
        rules = policy(gap=0)
        self.assertSilent(run(item(1, 90, level=2, level_on=0), item(2, 5), rules=rules, contacts=[0]), "too_soon")
        self.assertMoves(run(item(2, 5), rules=rules, contacts=[-1]), {2: 2})

    def test_the_cap_within_a_sliding_window(self):
        rules = policy(gap=1, cap=2, cap_days=10)
        for contacts, expected in [([-9, -5], False), ([-10, -5], True), ([-5], True), ([-9, -8, -5], False)]:
            with self.subTest(contacts=contacts):
                decision = run(item(1, 5), rules=rules, contacts=contacts)
                self.assertIs(bool(decision.contact), expected)
                if not expected:
                    self.assertSilent(decision, "cap_reached", count=len(contacts), days=10)

    def test_no_cap_is_no_cap(self):
        self.assertMoves(run(item(1, 5), rules=policy(gap=1, cap=0), contacts=range(-20, 0)), {1: 2})

    def test_nothing_is_planned_while_a_contact_is_on_its_way(self):
        for kind in (BEFORE, AFTER):
            self.assertSilent(run(item(1, 5), in_flight=frozenset({kind})), "in_flight")

    def test_quiet_days(self):
        self.assertSilent(run(item(1, 5), quiet=True), "quiet_day")


class Pauses(Case):
    def test_a_customer_paused_until_a_day_is_silent_on_that_day_and_not_after_it(self):
        for until, expected in [(5, False), (0, False), (-1, True)]:
            with self.subTest(until=until):
                decision = run(item(1, 5), pause=pause("paused", until))
                self.assertIs(bool(decision.contact), expected)
                if not expected:
                    self.assertSilent(decision, "paused", until=day(until))

    def test_a_customer_paused_without_end_is_silent_and_nothing_is_foretold(self):
        decision = run(item(1, 5), pause=pause("paused"))
        self.assertSilent(decision, "paused", until=None)
        self.assertNext(decision, None, None)

    def test_a_stop_silences_before_everything_else(self):
        decision = run(item(1, 5), stop="excluded", pause=pause("paused", 3), quiet=True)
        self.assertSilent(decision, "excluded")
        self.assertNext(decision, None, None)

    def test_a_paused_item_is_not_asked_for_and_the_others_are(self):
        decision = run(item(1, 5), item(2, 9, pause=pause("promise", 0)))
        self.assertEqual(amounts(decision), {1: 100})
        self.assertEqual(decision.items, {2: "promise"})

    def test_a_pause_that_ended_yesterday_is_over(self):
        self.assertMoves(run(item(1, 5, pause=pause("promise", -1))), {1: 2})

    def test_all_paused_gives_the_reason_that_ends_first(self):
        decision = run(item(1, 5, pause=pause("plan")), item(2, 9, pause=pause("promise", 6)),
                       item(3, 9, pause=pause("hardship", 2)), item(4, 9, disputed=100))
        self.assertSilent(decision, "hardship", until=day(2))
        self.assertEqual(decision.items, {1: "plan", 2: "promise", 3: "hardship", 4: "disputed"})
        self.assertNext(decision, 5, 2)  # Saturday 21 is skipped

    def test_pauses_without_end(self):
        decision = run(item(1, 5, pause=pause("plan")), item(2, 9, disputed=100))
        self.assertSilent(decision, "plan")
        self.assertNext(decision, None, None)

    def test_credits_are_not_spent_on_paused_items(self):
        decision = run(item(1, 9, pause=pause("promise")), item(2, 5), credits={EUR: 60})
        self.assertEqual(amounts(decision), {2: 40})


class Amounts(Case):
    def test_the_disputed_part_is_not_asked_for(self):
        self.assertEqual(amounts(run(item(1, 5, disputed=30))), {1: 70})

    def test_what_is_disputed_in_full_is_left_out(self):
        self.assertSilent(run(item(1, 5, disputed=100)), "disputed")
        decision = run(item(1, 5, disputed=100), item(2, 5))
        self.assertEqual(amounts(decision), {2: 100})
        self.assertEqual(decision.items, {1: "disputed"})

    def test_payments_in_transit_are_not_asked_for_again(self):
        self.assertEqual(amounts(run(item(1, 5, in_transit=40))), {1: 60})
        self.assertSilent(run(item(1, 5, in_transit=100)), "in_transit")

    def test_credits_that_exceed_what_is_overdue_mean_no_message(self):
        for credit, expected in [(99, {1: 1}), (100, None), (500, None)]:
            with self.subTest(credit=credit):
                decision = run(item(1, 5), credits={EUR: credit})
                self.assertEqual(decision.contact and amounts(decision), expected)
                if not expected:
                    self.assertSilent(decision, "covered_by_credit")
                    self.assertEqual(decision.items, {1: "covered_by_credit"})

    def test_credits_go_to_the_oldest_item(self):
        decision = run(item(1, 5), item(2, 9), credits={EUR: 130})
        self.assertEqual(amounts(decision), {1: 70})
        self.assertEqual(decision.items, {2: "covered_by_credit"})

    def test_credits_in_another_currency_do_not_net(self):
        self.assertEqual(amounts(run(item(1, 5), credits={USD: 500})), {1: 100})

    def test_each_currency_is_netted_on_its_own(self):
        decision = run(item(1, 5), item(2, 5, 80, USD), credits={USD: 30})
        self.assertEqual(amounts(decision), {1: 100, 2: 50})
        self.assertEqual({line.currency for line in decision.contact.lines}, {EUR, USD})

    def test_nothing_open(self):
        self.assertSilent(run(), "nothing_open")
        self.assertSilent(run(credits={EUR: 50}), "nothing_open")

    def test_a_policy_without_levels(self):
        self.assertSilent(run(item(1, 5), rules=policy()._replace(levels=())), "no_level")


class Minimums(Case):
    def test_the_minimum_is_of_the_sum_after_netting_and_inclusive(self):
        rules = policy(level(1, 1, minimum={EUR: 150}))
        for items, credits, expected in [
            ([item(1, 5)], {}, False), ([item(1, 5), item(2, 3, 50)], {}, True),
            ([item(1, 5), item(2, 3, 50)], {EUR: "0.01"}, False), ([item(1, 5), item(2, -3, 50)], {}, False),
        ]:
            with self.subTest(items=items, credits=credits):
                decision = run(*items, rules=rules, credits=credits)
                self.assertIs(bool(decision.contact), expected)
                if not expected:
                    self.assertSilent(decision, "below_minimum")

    def test_the_minimum_is_in_the_currency_of_the_item(self):
        rules = policy(level(1, 1, minimum={EUR: 50, USD: 500}))
        decision = run(item(1, 5), item(2, 9, 400, USD), rules=rules)
        self.assertEqual(amounts(decision), {1: 100})
        self.assertEqual(decision.items, {2: "below_minimum"})

    def test_a_currency_without_a_minimum_has_none(self):
        self.assertMoves(run(item(1, 5, 1), rules=policy(level(1, 1, minimum={USD: 500}))), {1: 1})

    def test_the_message_falls_back_to_the_lower_level_of_another_item(self):
        rules = policy(level(1, 1), level(2, 15, minimum={EUR: 500}))
        decision = run(item(1, 20, level=1, level_on=-19), item(2, 1), rules=rules)
        self.assertMoves(decision, {2: 1})
        self.assertEqual(decision.contact.level.position, 1)
        self.assertEqual(amounts(decision), {1: 100, 2: 100})
        self.assertEqual(decision.contact.leading, 2)

    def test_the_highest_level_may_be_worth_it_in_one_currency_only(self):
        rules = policy(level(1, 1), level(2, 15, minimum={EUR: 500}))
        decision = run(item(1, 20, level=1, level_on=-19), item(2, 20, 30, USD, level=1, level_on=-19), rules=rules)
        self.assertMoves(decision, {2: 2})
        self.assertEqual(decision.items, {1: "below_minimum"})

    def test_with_fit_an_item_falls_back_to_a_lower_level_that_fits_too(self):
        rules = policy(level(1, 1), level(2, 15, minimum={EUR: 80}), level(3, 30, minimum={EUR: 500}), fit=True)
        self.assertMoves(run(item(1, 90), rules=rules), {1: 2})
        self.assertMoves(run(item(1, 90, 20), rules=rules), {1: 1})
        self.assertSilent(run(item(1, 90, level=2, level_on=-30), rules=rules), "below_minimum")

    def test_the_lower_level_must_have_waited_as_well(self):
        rules = policy(level(1, 1), level(2, 15, wait=30), level(3, 30, minimum={EUR: 500}), fit=True)
        for ago, expected in [(29, None), (30, {1: 2})]:
            with self.subTest(ago=ago):
                decision = run(item(1, 90, level=1, level_on=-ago), rules=rules)
                self.assertEqual(decision.contact and positions(decision), expected)

    def test_below_the_minimum_after_due_does_not_stop_a_reminder_before_due(self):
        rules = policy(level(1, -7), level(2, 1, minimum={EUR: 500}))
        decision = run(item(1, 5), item(2, -7), rules=rules)
        self.assertMoves(decision, {2: 1})
        self.assertEqual(decision.items, {1: "below_minimum"})

    def test_the_reason_is_that_of_what_is_overdue(self):
        rules = policy(level(1, -7, minimum={EUR: 500}), level(2, 1, channels=("letter",)))
        silent = run(item(1, 5), item(2, -7), rules=rules, reachable=frozenset({"email"}))
        self.assertSilent(silent, "unreachable")


class Channels(Case):
    RULES = policy(level(1, 1, channels=("email", "sms"), fallback=("letter", "phone")))

    def test_channels(self):
        for reachable, failed, expected in [
            (ALL, (), ("email", "sms")),
            ({"sms", "letter"}, (), ("sms",)),
            ({"letter", "phone"}, (), ("letter",)),
            ({"phone"}, (), ("phone",)),
            (ALL, ("email",), ("sms",)),
            (ALL, ("email", "sms"), ("letter",)),
            (ALL | {"phone"}, ("email", "sms", "letter"), ("phone",)),
            ((), (), None),
            ({"email"}, ("email",), None),
            ({"fax"}, (), None),
        ]:
            with self.subTest(reachable=reachable, failed=failed):
                decision = run(item(1, 5, failed=failed), rules=self.RULES, reachable=frozenset(reachable))
                self.assertEqual(decision.contact and decision.contact.channels, expected)

    def test_an_unreachable_customer_is_said_to_be_and_nothing_is_foretold(self):
        decision = run(item(1, 5), rules=self.RULES, reachable=frozenset())
        self.assertSilent(decision, "unreachable", level=101, channels=("email", "sms"))
        self.assertNext(decision, None, None)

    def test_a_failure_at_another_item_than_the_leading_ones_does_not_count(self):
        rules = policy(level(1, 1), level(2, 15, channels=("email", "letter")))
        decision = run(item(1, 20, level=1, level_on=-19), item(2, 1, failed=("email",)), rules=rules)
        self.assertEqual(decision.contact.channels, ("email", "letter"))


class Forecast(Case):
    def test_the_next_contact_when_nothing_is_due(self):
        self.assertNext(run(item(1, 10, level=2, level_on=-9)), 5, 3)
        self.assertNext(run(item(1, 0, level=1, level_on=-7)), 1, 2)
        self.assertNext(run(item(1, -9)), 2, 1)

    def test_it_falls_on_a_working_day(self):
        self.assertNext(run(item(1, 12, level=2, level_on=-11)), 5, 3)  # Saturday: Monday
        friday = policy(calendar=Calendar(holidays=frozenset({day(2)})))
        self.assertNext(run(item(1, -9), rules=friday), 5, 1)

    def test_it_is_after_the_gap_and_after_the_cap(self):
        self.assertNext(run(item(1, 5), contacts=[-4]), 1, 2)
        capped = policy(gap=5, cap=2, cap_days=30)
        self.assertNext(run(item(1, 5), rules=capped, contacts=[-22, -4]), 8, 2)
        self.assertNext(run(item(1, 10, level=2, level_on=-1), contacts=[-1]), 6, 3)  # a week from yesterday, in wait

    def test_it_is_after_the_pause(self):
        self.assertNext(run(item(1, 5), pause=pause("paused", 5)), 6, 2)
        self.assertNext(run(item(1, 5, pause=pause("promise", 5))), 6, 2)
        self.assertNext(run(item(1, 5, pause=pause("promise", 5)), item(2, -30)), 6, 2)

    def test_a_reminder_put_off_beyond_the_due_date_becomes_a_dunning(self):
        rules = policy(level(1, -2), level(2, 1))
        self.assertNext(run(item(1, -1), rules=rules, contacts=[-1]), 5, 2)  # the gap ends on Sunday

    def test_the_level_is_the_one_reached_on_that_day(self):
        self.assertNext(run(item(1, 14), rules=FIT, contacts=[-3]), 2, 3)
        self.assertNext(run(item(1, 14), contacts=[-3]), 2, 2)

    def test_on_a_quiet_day_it_is_the_next_working_day(self):
        self.assertNext(run(item(1, 5), quiet=True), 1, 2)

    def test_below_the_minimum_it_is_when_more_falls_due(self):
        rules = policy(level(1, 1, minimum={EUR: 150}), gap=1)
        self.assertNext(run(item(1, 5), item(2, -5), rules=rules), 6, 1)
        self.assertNext(run(item(1, 5), rules=rules), None, None)

    def test_what_falls_due_adds_to_the_total_before_its_own_level(self):
        rules = policy(level(1, 10, minimum={EUR: 150}), gap=1)
        self.assertNext(run(item(1, 12), item(2, -5), rules=rules), 6, 1)

    def test_a_reminder_that_waits_beyond_the_due_date_becomes_a_dunning(self):
        rules = policy(level(1, -3), level(2, 0, wait=10), level(3, 1))
        self.assertNext(run(item(1, -1, level=1, level_on=-2), rules=rules), 2, 3)

    def test_who_cannot_be_reached_about_one_item_may_be_about_another(self):
        rules = policy(level(1, -2), level(2, 1, channels=("letter",)))
        known = {"rules": rules, "reachable": frozenset({"email"})}
        decision = run(item(1, 5), item(2, -7), **known)
        self.assertSilent(decision, "unreachable")
        self.assertNext(decision, 5, 1)

    def test_there_is_none_when_only_an_event_helps(self):
        for silent in (run(), run(item(1, 5), credits={EUR: 100}), run(item(1, 5, disputed=100)),
                       run(item(1, 90, level=4, level_on=-30))):
            with self.subTest(reason=silent.reason):
                self.assertIsNone(silent.contact)
                self.assertNext(silent, None, None)

    def test_with_a_contact_there_is_none_yet(self):
        self.assertNext(run(item(1, 5)), None, None)


class Steps(unittest.TestCase):
    """What the profile shows as an item's own next step."""

    def test_next_step(self):
        rules = policy(level(1, -7), level(2, 1), level(3, 15, repeat=9))
        only_before = policy(level(1, -7, repeat=9))
        for name, one, rules_, expected in [
            ("reminded: the first level after due", item(1, -2, level=1, level_on=-5), rules, (2, 0, 3)),
            ("the last level again", item(1, 20, level=3, level_on=-5), rules, (3, 1, 4)),
            ("moved to the future: nothing lower", item(1, -2, level=2, level_on=-5), rules, (3, 0, 17)),
            ("moved to the future after the last level", item(1, -2, level=3, level_on=-5), rules, None),
            ("a reminder is not repeated after due", item(1, 9, level=1, level_on=-16), only_before, None),
            ("without levels after due", item(1, -2, level=1, level_on=-5), only_before, None),
        ]:
            with self.subTest(name):
                step = next_step(one, rules_, day(0))
                self.assertEqual(step and (step.level.position, step.round, (step.on - day(0)).days), expected)


class Values(Case):
    def test_money_stays_decimal(self):
        asked = run(item(1, 5, "0.10", disputed="0.03")).contact.lines[0].asked
        self.assertIsInstance(asked, Decimal)
        self.assertEqual(asked, Decimal("0.07"))

    def test_the_facts_are_left_alone(self):
        known = facts(item(2, 5), item(1, 9), credits={EUR: 130})
        copy = facts(item(2, 5), item(1, 9), credits={EUR: 130})
        policy_ = policy()
        self.assertEqual(decide(known, policy_, day(0)), decide(known, policy_, day(0)))
        self.assertEqual(known, copy)
