"""Who must be left alone, and who is written to instead."""
import unittest

from engine.followup import confirm, decide
from engine.stop import KINDS, RELAYED, Verdict, judge

from .common import day, facts, item, policy


class TestStop(unittest.TestCase):
    def test_nobody_is_left_alone_without_a_stop(self):
        self.assertEqual(judge(None, False), Verdict())
        self.assertEqual(judge(False, True), Verdict())

    def test_every_stop_has_its_own_reason(self):
        self.assertEqual([judge(kind, False).reason for kind in KINDS], ["stop_insolvent", "stop_deceased", "stop_lawyer", "stop_ceased"])
        self.assertFalse(any(judge(kind, False).relayed for kind in KINDS))

    def test_only_a_lawyer_is_written_to_in_place_of_the_customer(self):
        self.assertEqual([kind for kind in KINDS if judge(kind, True).relayed], ["lawyer"])
        self.assertEqual(judge("lawyer", True).reason, "stop_lawyer", "the customer itself is left alone all the same")
        self.assertEqual(set(RELAYED), {"email", "letter"}, "nobody telephones a lawyer")

    def test_a_stop_that_nobody_knows_is_an_error(self):
        with self.assertRaises(ValueError):
            judge("sad", False)

    def test_a_stop_silences_the_follow_up_and_calls_off_what_is_planned(self):
        known = facts(item(1, late=10))
        planned = decide(known, policy(), day(0)).contact
        self.assertIsNotNone(planned)
        stopped = known._replace(stop=judge("insolvent", False).reason)
        for decision in (decide(stopped, policy(), day(0)), confirm(stopped, planned, policy(), day(0))):
            self.assertIsNone(decision.contact)
            self.assertEqual(decision.reason, "stop_insolvent")
            self.assertEqual((decision.next_on, decision.next_level), (None, None), "nothing ends a stop by itself")
