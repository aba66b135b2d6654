from datetime import date, timedelta
from unittest import TestCase

from engine.relation import Relation, hint

TODAY = date(2026, 11, 23)
GOOD = Relation(payer="prompt", settled=40, since=date(2019, 1, 1), last_invoice=TODAY - timedelta(days=20))


class TestHint(TestCase):

    def _code(self, relation):
        found = hint(relation, TODAY)
        return found and found.code

    def test_nothing_is_said_of_who_is_not_known(self):
        self.assertIsNone(hint(Relation(), TODAY))
        self.assertIsNone(hint(Relation(payer="prompt", settled=4), TODAY))

    def test_trouble_comes_before_all_good_news(self):
        birthday = GOOD._replace(special=(TODAY, "birthday", "Ann"))
        self.assertEqual(self._code(birthday), "hint_birthday_today")
        self.assertEqual(self._code(birthday._replace(limit_used=85)), "hint_limit")
        self.assertEqual(self._code(birthday._replace(limit_used=85, days_late=1)), "hint_late_once")
        self.assertEqual(self._code(birthday._replace(refused=True, days_late=1)), "hint_refused")
        self.assertEqual(self._code(birthday._replace(disputed=True, refused=True)), "hint_dispute")
        self.assertEqual(self._code(birthday._replace(disputed=True, stop="hint_legal")), "hint_legal")

    def test_who_is_late_in_a_plan_has_agreed_on_it(self):
        self.assertEqual(self._code(GOOD._replace(days_late=40, plan_active=True)), "hint_plan")
        self.assertEqual(self._code(Relation(days_late=40, payer="chronic")), "hint_late")

    def test_a_special_day_within_a_week(self):
        for days, code in ((-1, "hint_good_years"), (1, "hint_anniversary"), (7, "hint_anniversary"), (8, "hint_good_years")):
            with self.subTest(days=days):
                self.assertEqual(self._code(GOOD._replace(special=(TODAY + timedelta(days=days), "anniversary", "Northwind"))), code)

    def test_a_good_customer_who_buys_no_more(self):
        self.assertEqual(self._code(GOOD._replace(last_invoice=TODAY - timedelta(days=180))), "hint_good_years")
        found = hint(GOOD._replace(last_invoice=TODAY - timedelta(days=181)), TODAY)
        self.assertEqual((found.code, found.detail), ("hint_dormant", {"on": TODAY - timedelta(days=181)}))
        self.assertEqual(self._code(Relation(payer="chronic", settled=9, last_invoice=TODAY - timedelta(days=400))), "hint_was_late")

    def test_a_plan_that_was_kept_and_a_long_silence(self):
        self.assertEqual(self._code(GOOD._replace(plan_kept_on=TODAY - timedelta(days=9))), "hint_plan_kept")
        self.assertEqual(self._code(GOOD._replace(last_touch=TODAY - timedelta(days=121))), "hint_silence")
        self.assertEqual(self._code(GOOD._replace(last_touch=TODAY - timedelta(days=120))), "hint_good_years")

    def test_years_are_told_from_the_second_on(self):
        self.assertEqual(hint(GOOD, TODAY).detail, {"years": 7})  # 2019-01-01 to 2026-11-23
        self.assertEqual(self._code(GOOD._replace(since=date(2025, 6, 1))), "hint_good")
