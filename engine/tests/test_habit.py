"""Habits of paying at their boundaries; test_payrun has the many payers."""
import unittest
from datetime import date, timedelta

from engine import habit, payrun
from engine.workday import Calendar

from .common import day


class Habits(unittest.TestCase):
    """What just makes a habit, and what just does not; without days off, so that a run is its day."""

    EVERY_DAY = Calendar(weekend=frozenset())

    def learn(self, days, today=date(2026, 6, 15)):
        found = habit.learn(days, today, self.EVERY_DAY)
        return found and (found.rhythm.days, found.hits, found.of)

    def months(self, *months, of=15):
        return [date(2026, month, of) for month in months]

    def test_six_payments_with_that_of_today(self):
        self.assertEqual(self.learn(self.months(1, 2, 3, 4, 5, 6)), ((15,), 6, 6))
        self.assertEqual(self.learn(self.months(1, 2, 3, 4, 5, 6, 7)), ((15,), 6, 6), "that of next month is not known")
        self.assertIsNone(self.learn(self.months(2, 3, 4, 5, 6)))

    def test_a_hundred_and_twenty_days_of_silence(self):
        paid = self.months(1, 2, 3, 4, 5, 6)
        self.assertEqual(self.learn(paid, date(2026, 6, 15) + timedelta(days=120)), ((15,), 6, 6))
        self.assertIsNone(self.learn(paid, date(2026, 6, 15) + timedelta(days=121)))

    def test_a_year_back_and_not_a_day_more(self):
        paid = [date(2025, 6, 15), *self.months(1, 2, 3, 4, 5)]
        self.assertEqual(self.learn(paid, date(2026, 6, 14)), ((15,), 6, 6), "364 days ago")
        self.assertIsNone(self.learn(paid, date(2026, 6, 15)), "365 days ago")

    def test_half_a_year_back_and_not_a_day_more(self):
        before = [date(2025, 7, 3), date(2025, 8, 20), date(2025, 9, 8), date(2025, 10, 27), date(2025, 11, 11), date(2025, 11, 22)]
        paid = [*before, date(2025, 12, 15), *self.months(1, 2, 3, 4, 5)]
        self.assertEqual(self.learn(paid, date(2026, 6, 14)), ((15,), 6, 6), "181 days ago")
        self.assertIsNone(self.learn(paid, date(2026, 6, 15)), "182 days ago")

    def test_what_falls_on_a_weekend_is_booked_on_monday_by_chance(self):
        share = {one.rhythm.weekday: round(one.share, 2) for one in habit._hypotheses(date(2026, 6, 15), 365, Calendar())
                 if one.rhythm.kind == payrun.WEEKLY}
        self.assertEqual(share, {1: 0.43, 2: 0.2, 3: 0.2, 4: 0.2, 5: 0.2}, "three days of seven, and one working day of five")

    def test_either_of_two_days_bears_a_quarter(self):
        elsewhere = [date(2026, 2, 5), date(2026, 3, 8)]
        days = self.months(1, 2, 3, 4, 5, 6) + [date(2025, 12, 15)]
        self.assertEqual(self.learn(days + self.months(1, 3, 5, of=25) + elsewhere), ((15, 25), 10, 12))
        self.assertIsNone(self.learn(days + self.months(1, 3, of=25) + elsewhere + [date(2026, 5, 20)]), "2 of 9")

    def test_every_day_of_the_month_and_every_week_of_it(self):
        today = date(2026, 6, 16)
        for days in [(1,), (2,), (29,), (30,), (payrun.LAST,)]:
            with self.subTest(days=days):
                self.assertEqual(self.found(payrun.Rhythm(payrun.MONTHLY, days=days), today), (days, 0))
        for nth in (1, 2, 3, 4, payrun.LAST):
            for weekday in (1, 5):
                with self.subTest(nth=nth, weekday=weekday):
                    self.assertEqual(self.found(payrun.Rhythm(payrun.NTH, weekday, nth=nth), today), (weekday, nth))
        for back in (0, 6, 7, 13):
            first = today - timedelta(days=back)
            with self.subTest(fortnightly=first):
                self.assertEqual(self.found(payrun.Rhythm(payrun.FORTNIGHTLY, first.isoweekday(), first), today), (first.isoweekday(), 0))
        for weekday in (1, 7):
            self.assertEqual(self.found(payrun.Rhythm(payrun.WEEKLY, weekday), today), (weekday, 0))

    def found(self, rhythm, today):
        """What is learnt of who pays on every run of a year, in a word."""
        year = [today - timedelta(days=back) for back in range(365)]
        paid = [one for one in year if payrun.next_run(rhythm, one, self.EVERY_DAY) == one]
        learnt = habit.learn(paid, today, self.EVERY_DAY)
        self.assertEqual((learnt.rhythm.kind, learnt.hits, learnt.of), (rhythm.kind, len(paid), len(paid)))
        return learnt.rhythm.days or learnt.rhythm.weekday, learnt.rhythm.nth or 0

    def test_half_on_the_day_three_quarters_beside_it_and_half_of_the_last(self):
        paid = frozenset(map(day, range(8)))
        for exact, near, recent, covers in ((4, 6, 2, True), (3, 6, 2, False), (4, 5, 2, False), (4, 6, 3, False)):
            with self.subTest(exact=exact, near=near, recent=recent):
                one = habit.Hypothesis(None, frozenset(map(day, range(exact))), frozenset(map(day, range(near))), 0, 1)
                last = frozenset({day(0), *map(day, range(9 - recent, 8))})
                self.assertEqual(habit._covers(one, paid, last), covers)

    def test_the_last_eight_and_not_the_ninth(self):
        """Fridays, but one week on Wednesday, and in the last four weeks on both."""
        fridays = [date(2026, 6, 12) - timedelta(days=7 * back) for back in range(16)]
        paid = fridays[:4] + fridays[5:] + [friday - timedelta(days=2) for friday in fridays[:5]]
        found = habit.learn(paid, date(2026, 6, 15), Calendar())
        self.assertEqual((found.rhythm, found.hits, found.of), (payrun.Rhythm(payrun.WEEKLY, 5), 15, 20))
        self.assertIsNone(habit.learn(paid[1:] + [date(2026, 6, 15)], date(2026, 6, 15), Calendar()), "3 of the last 8")

    def test_the_chance_of_all_and_of_the_last_one(self):
        self.assertAlmostEqual(habit.tail(3, 3, 0.5), 0.125)
        self.assertAlmostEqual(habit.tail(1, 3, 0.5), 0.875)
