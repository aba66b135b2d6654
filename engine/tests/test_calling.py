import unittest
from datetime import date, datetime

from engine.answers import Answer, order, rate
from engine.calling import Again, Retry, callable_from, retry, situation
from engine.workday import Calendar, Hours

FRIDAY = date(2026, 11, 20)
WORK = Calendar(holidays=frozenset({date(2026, 11, 24)}))  # a Tuesday


class TestRetry(unittest.TestCase):

    def test_nobody_in_the_morning_is_tried_in_the_afternoon_of_the_next_working_day(self):
        self.assertEqual(retry(1, datetime(2026, 11, 20, 9, 30), WORK, Retry()), Again(date(2026, 11, 23), "afternoon", False))

    def test_nobody_in_the_afternoon_is_tried_in_the_morning(self):
        self.assertEqual(retry(2, datetime(2026, 11, 23, 15, 0), WORK, Retry()), Again(date(2026, 11, 25), "morning", False))

    def test_the_third_in_a_row_pauses_and_doubts_the_number(self):
        self.assertEqual(retry(3, datetime(2026, 11, 20, 9, 0), WORK, Retry()), Again(date(2026, 11, 30), "afternoon", True))

    def test_after_the_pause_it_begins_again(self):
        self.assertFalse(retry(4, datetime(2026, 11, 20, 9, 0), WORK, Retry()).exhausted)
        self.assertTrue(retry(6, datetime(2026, 11, 20, 9, 0), WORK, Retry()).exhausted)

    def test_never_again_on_the_same_day(self):
        self.assertEqual(retry(1, datetime(2026, 11, 19, 9, 0), WORK, Retry(days=0)).on, FRIDAY)


class TestHours(unittest.TestCase):

    def test_within_the_hours_a_call_is_welcome(self):
        self.assertIsNone(callable_from(datetime(2026, 11, 20, 9, 0), Hours(9, 17), WORK))

    def test_too_early_too_late_and_on_a_holiday_it_waits(self):
        self.assertEqual(callable_from(datetime(2026, 11, 20, 8, 59), Hours(9, 17), WORK), datetime(2026, 11, 20, 9, 0))
        self.assertEqual(callable_from(datetime(2026, 11, 20, 17, 0), Hours(9, 17), WORK), datetime(2026, 11, 23, 9, 0))
        self.assertEqual(callable_from(datetime(2026, 11, 24, 10, 0), Hours(9, 17), WORK), datetime(2026, 11, 25, 9, 0))


class TestSituation(unittest.TestCase):

    def test_the_first_that_fits(self):
        for facts, expected in (((True, True, "chronic", True), "broken_promise"), ((False, True, "chronic", True), "callback"),
                                ((False, False, "chronic", False), "chronic"), ((False, False, "prompt", False), "first"),
                                ((False, False, "new", True), "default")):
            self.assertEqual(situation(*facts), expected)


class TestAnswers(unittest.TestCase):

    def test_the_answer_after_which_most_promises_were_kept_comes_first(self):
        self.assertEqual(order([Answer(1, 20, 8), Answer(2, 10, 9), Answer(3, 40, 22)], 10), [2, 3, 1])

    def test_with_too_few_cases_the_order_is_neutral(self):
        self.assertEqual(order([Answer(1, 9, 0), Answer(2, 9, 9), Answer(3, 10, 10)], 10), [1, 2, 3])

    def test_those_hardly_tried_come_after_those_known(self):
        self.assertEqual(order([Answer(1), Answer(2, 10, 1), Answer(3, 10, 2)], 10), [3, 2, 1])

    def test_a_rate_needs_cases(self):
        self.assertIsNone(rate(Answer(1, 9, 9), 10))
        self.assertIsNone(rate(Answer(1), 0))
        self.assertEqual(rate(Answer(1, 40, 30), 10) * 100, 75)


if __name__ == "__main__":
    unittest.main()
