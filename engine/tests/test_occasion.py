from datetime import date, timedelta
from unittest import TestCase

from engine import occasion
from engine.occasion import AFTER, BEFORE, SAME, Facts, Rule, judge, leaves_on
from engine.workday import Calendar

MONDAY = date(2026, 11, 23)
NEW_YEAR = Calendar(holidays=frozenset({date(2027, 1, 1)}))


class TestDays(TestCase):

    def test_born_on_29_february_is_greeted_on_the_28th_of_other_years(self):
        self.assertEqual(occasion.in_year(2, 29, 2027), date(2027, 2, 28))
        self.assertEqual(occasion.in_year(2, 29, 2028), date(2028, 2, 29))

    def test_the_next_birthday_is_today_or_later(self):
        self.assertEqual(occasion.next_on(11, 23, MONDAY), MONDAY)
        self.assertEqual(occasion.next_on(11, 22, MONDAY), date(2027, 11, 22))
        self.assertEqual(occasion.next_on(2, 29, date(2027, 3, 1)), date(2028, 2, 29))

    def test_no_month_has_a_day_that_is_not(self):
        self.assertTrue(occasion.is_day(2, 29))
        self.assertTrue(occasion.is_day(12, 31))
        for month, day in ((2, 30), (4, 31), (13, 1), (0, 5), (6, 0)):
            with self.subTest(month=month, day=day):
                self.assertFalse(occasion.is_day(month, day))

    def test_the_days_of_a_week_over_the_end_of_a_year(self):
        found = occasion.days_of(date(2026, 12, 30), date(2027, 1, 2))
        self.assertEqual(found, {(12, 30): date(2026, 12, 30), (12, 31): date(2026, 12, 31),
                                 (1, 1): date(2027, 1, 1), (1, 2): date(2027, 1, 2)})

    def test_the_last_of_february_is_also_the_day_of_the_29th(self):
        self.assertEqual(occasion.days_of(date(2027, 2, 27), date(2027, 3, 1))[2, 29], date(2027, 2, 28))
        self.assertEqual(occasion.days_of(date(2028, 2, 27), date(2028, 3, 1))[2, 29], date(2028, 2, 29))
        self.assertNotIn((2, 29), occasion.days_of(date(2028, 2, 27), date(2028, 2, 28)))

    def test_every_fifth_year_and_never_the_first_day(self):
        self.assertEqual([year for year in range(2020, 2032) if occasion.is_round(2020, year, 5)], [2025, 2030])
        self.assertFalse(occasion.is_round(2026, 2026, 1))
        self.assertTrue(occasion.is_round(None, 2026, 5))


class TestLeaves(TestCase):

    def test_on_a_working_day_it_leaves_on_that_day(self):
        for rule in (BEFORE, AFTER, SAME):
            self.assertEqual(leaves_on(MONDAY, 0, rule, Calendar()), MONDAY)

    def test_a_sunday_is_moved_as_the_rule_says(self):
        sunday = MONDAY - timedelta(days=1)
        self.assertEqual(leaves_on(sunday, 0, BEFORE, Calendar()), date(2026, 11, 20))
        self.assertEqual(leaves_on(sunday, 0, AFTER, Calendar()), MONDAY)
        self.assertEqual(leaves_on(sunday, 0, SAME, Calendar()), sunday)

    def test_days_before_are_counted_first(self):
        self.assertEqual(leaves_on(date(2027, 1, 4), 3, BEFORE, NEW_YEAR), date(2026, 12, 31))  # 1 January is a holiday
        self.assertEqual(leaves_on(date(2027, 1, 4), 3, AFTER, NEW_YEAR), date(2027, 1, 4))  # Friday off, then a weekend


class TestJudge(TestCase):

    def _code(self, rule=None, leaves=MONDAY, today=MONDAY, **facts):
        return judge(Facts(**facts), rule or Rule(), today, leaves).code

    def test_who_is_well_is_greeted(self):
        self.assertTrue(judge(Facts(), Rule(), MONDAY, MONDAY).sends)

    def test_each_reason_by_itself(self):
        for facts, code in (({"active": False}, "greeting_archived"), ({"stop": "deceased"}, "deceased"),
                            ({"opted_out": True}, "greeting_opted_out"), ({"reachable": False}, "greeting_no_address"),
                            ({"blacklisted": True}, "greeting_blacklisted"), ({"silent": "greeting_dispute"}, "greeting_dispute"),
                            ({"reminded": True}, "greeting_reminded")):
            with self.subTest(code=code):
                self.assertEqual(self._code(**facts), code)

    def test_the_person_weighs_more_than_how_things_stand(self):
        self.assertEqual(self._code(stop="deceased", silent="greeting_dispute", opted_out=True), "deceased")
        self.assertEqual(self._code(opted_out=True, silent="greeting_dispute"), "greeting_opted_out")

    def test_as_many_days_late_as_allowed_are_fine_one_more_is_not(self):
        self.assertEqual(self._code(Rule(most_late=14), days_late=14), "greeting_ready")
        self.assertEqual(self._code(Rule(most_late=14), days_late=15), "greeting_overdue")
        self.assertEqual(self._code(Rule(most_late=None), days_late=900), "greeting_ready")
        self.assertEqual(self._code(Rule(most_late=0), days_late=1), "greeting_overdue")

    def test_the_cap_counts_the_days_within_it(self):
        days = tuple(MONDAY - timedelta(days=number) for number in (30, 29, 2))
        self.assertEqual(self._code(Rule(cap=3, cap_days=30), contacts=days), "greeting_ready")  # the oldest is 30 days ago
        self.assertEqual(self._code(Rule(cap=2, cap_days=30), contacts=days), "greeting_cap")
        self.assertEqual(self._code(Rule(), contacts=days), "greeting_ready")

    def test_two_days_late_is_still_nice_three_are_not(self):
        self.assertEqual(self._code(today=MONDAY + timedelta(days=2)), "greeting_ready")
        self.assertEqual(self._code(today=MONDAY + timedelta(days=3)), "greeting_missed")
