"""Deciding again, just before sending, on a contact planned earlier."""
import unittest

from hypothesis import assume, given

from engine.followup import confirm, decide

from .common import EUR, TODAY, amounts, day, facts, item, level, pause, policy
from .test_properties import cases

RULES = policy(level(1, -7), level(2, 1), level(3, 15, minimum={EUR: 80}))
OLD, NEW = item(1, 20, level=2, level_on=-19), item(2, 5)
PLANNED = decide(facts(OLD, NEW), RULES, TODAY).contact


def again(*items, at=0, planned=PLANNED, **values):
    return confirm(facts(*items, **values), planned, RULES, day(at))


class Confirm(unittest.TestCase):
    def test_unchanged_facts_confirm_the_contact(self):
        self.assertEqual(again(OLD, NEW).contact, PLANNED)

    def test_what_is_settled_or_paused_leaves_the_message_and_amounts_are_those_of_now(self):
        for name, items, values, expected in [
            ("paid in part", [OLD._replace(residual=90), NEW], {}, {1: 90, 2: 100}),
            ("the other is paid", [OLD], {}, {1: 100}),
            ("the other is promised", [OLD, NEW._replace(pause=pause("promise", 3))], {}, {1: 100}),
            ("disputed in part", [OLD._replace(disputed=10), NEW], {}, {1: 90, 2: 100}),
            ("a credit came in", [OLD, NEW], {"credits": {EUR: 30}}, {1: 70, 2: 100}),
        ]:
            with self.subTest(name):
                self.assertEqual(amounts(again(*items, **values)), expected)

    def test_nothing_is_added(self):
        self.assertEqual(amounts(again(OLD, NEW, item(3, 9))), {1: 100, 2: 100})

    def test_without_its_leading_item_the_contact_is_off_and_says_why(self):
        for expected, items, values in [
            ("settled", [], {}),
            ("settled", [NEW], {}),
            ("promise", [OLD._replace(pause=pause("promise", 3)), NEW], {}),
            ("disputed", [OLD._replace(disputed=100), NEW], {}),
            ("in_transit", [OLD._replace(in_transit=100), NEW], {}),
            ("covered_by_credit", [OLD, NEW], {"credits": {EUR: 100}}),
            ("covered_by_credit", [OLD._replace(disputed=10), NEW], {"credits": {EUR: 90}}),
            ("below_minimum", [OLD._replace(residual=79)], {}),
            ("excluded", [OLD, NEW], {"stop": "excluded"}),
            ("paused", [OLD, NEW], {"pause": pause("paused", 1)}),
            ("too_soon", [OLD, NEW], {"contacts": [0]}),
        ]:
            with self.subTest(expected, items=items):
                decision = again(*items, **values)
                self.assertIsNone(decision.contact)
                self.assertEqual(decision.reason, expected)

    def test_a_reminder_whose_item_became_overdue_is_off(self):
        soon = item(1, -1)
        planned = decide(facts(soon), RULES, TODAY).contact
        self.assertEqual(again(soon, at=1, planned=planned).contact, planned)
        self.assertEqual(again(soon, at=2, planned=planned).reason, "now_overdue")

    @given(cases(silent=False))
    def test_what_was_decided_is_confirmed_on_the_same_facts(self, case):
        known, rules = case
        contact = decide(known, rules, TODAY).contact
        assume(contact)
        self.assertEqual(confirm(known, contact, rules, TODAY).contact, contact)
