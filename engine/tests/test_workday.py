"""Working days, holidays and contact hours."""
import unittest
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.workday import Calendar, Hours, next_allowed

GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)
EASTER = Calendar(holidays=frozenset({GOOD_FRIDAY, EASTER_MONDAY}))
FRI_SAT = Calendar(weekend=frozenset({5, 6}))
NEVER = Calendar(weekend=frozenset(range(1, 8)))
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
CALENDARS = st.builds(Calendar, st.frozensets(st.integers(1, 7), max_size=5),
                      st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20))


class WorkingDays(unittest.TestCase):
    def test_is_working(self):
        for calendar, day, expected in [
            (Calendar(), date(2026, 3, 20), True),
            (Calendar(), date(2026, 3, 21), False),
            (Calendar(), date(2026, 3, 22), False),
            (EASTER, GOOD_FRIDAY, False),
            (EASTER, date(2026, 4, 7), True),
            (FRI_SAT, date(2026, 3, 20), False),
            (FRI_SAT, date(2026, 3, 22), True),
        ]:
            with self.subTest(day=day):
                self.assertIs(calendar.is_working(day), expected)

    def test_next_working_day(self):
        for calendar, day, expected in [
            (Calendar(), date(2026, 3, 18), date(2026, 3, 18)),
            (Calendar(), date(2026, 3, 21), date(2026, 3, 23)),
            (EASTER, GOOD_FRIDAY, date(2026, 4, 7)),
            (Calendar(), date(2028, 2, 26), date(2028, 2, 28)),
        ]:
            with self.subTest(day=day):
                self.assertEqual(calendar.next_working_day(day), expected)

    def test_add_working_days(self):
        for calendar, day, count, expected in [
            (Calendar(), date(2026, 3, 20), 1, date(2026, 3, 23)),  # Friday + 1 = Monday
            (Calendar(), date(2026, 3, 21), 1, date(2026, 3, 23)),  # from a Saturday as well
            (Calendar(), date(2026, 3, 23), -1, date(2026, 3, 20)),
            (Calendar(), date(2026, 3, 21), 0, date(2026, 3, 21)),  # 0 moves nothing
            (Calendar(), date(2026, 3, 18), 5, date(2026, 3, 25)),
            (EASTER, date(2026, 4, 2), 1, date(2026, 4, 7)),
            (EASTER, date(2026, 4, 7), -1, date(2026, 4, 2)),
            (FRI_SAT, date(2026, 3, 19), 1, date(2026, 3, 22)),
            (Calendar(), date(2028, 2, 28), 1, date(2028, 2, 29)),  # leap day
            (Calendar(), date(2026, 3, 27), 1, date(2026, 3, 30)),  # the clock changes in the EU between the two
        ]:
            with self.subTest(day=day, count=count):
                self.assertEqual(calendar.add_working_days(day, count), expected)

    def test_a_calendar_without_working_days_is_an_error_not_an_endless_loop(self):
        for call in (lambda: NEVER.next_working_day(date(2026, 3, 18)),
                     lambda: NEVER.add_working_days(date(2026, 3, 18), 1),
                     lambda: NEVER.add_working_days(date(2026, 3, 18), -1)):
            with self.assertRaises(ValueError):
                call()

    @given(CALENDARS, DAYS, st.integers(1, 40))
    def test_adding_counts_exactly_the_working_days_between(self, calendar, day, count):
        for sign in (1, -1):
            end = calendar.add_working_days(day, sign * count)
            span = range(1, abs((end - day).days) + 1)
            worked = sum(calendar.is_working(day + timedelta(days=sign * step)) for step in span)
            self.assertEqual(worked, count)
            self.assertTrue(calendar.is_working(end))

    @given(CALENDARS, DAYS)
    def test_next_working_day_skips_only_days_off(self, calendar, day):
        found = calendar.next_working_day(day)
        self.assertTrue(calendar.is_working(found))
        self.assertFalse(any(calendar.is_working(day + timedelta(days=n)) for n in range((found - day).days)))


class ContactHours(unittest.TestCase):
    def test_next_allowed(self):
        wednesday, thursday, monday = "2026-03-18", "2026-03-19", "2026-03-23"
        for moment, expected in [
            (f"{wednesday} 07:59", f"{wednesday} 08:00"),
            (f"{wednesday} 07:59:59", f"{wednesday} 08:00"),
            (f"{wednesday} 08:00", f"{wednesday} 08:00"),
            (f"{wednesday} 17:59", f"{wednesday} 17:59"),
            (f"{wednesday} 17:59:59.999999", f"{wednesday} 17:59:59.999999"),
            (f"{wednesday} 18:00", f"{thursday} 08:00"),
            (f"{wednesday} 23:59", f"{thursday} 08:00"),
            (f"{wednesday} 00:00", f"{wednesday} 08:00"),
            ("2026-03-20 18:00", f"{monday} 08:00"),  # Friday evening
            ("2026-03-21 10:00", f"{monday} 08:00"),  # Saturday in hours
            ("2026-03-22 07:00", f"{monday} 08:00"),  # Sunday before hours
            ("2026-04-02 18:00", "2026-04-07 08:00"),  # over Easter
            ("2026-03-29 02:30", "2026-03-30 08:00"),  # an hour that EU clocks skip: naive local time, a Sunday
            ("2026-10-23 19:00", "2026-10-26 08:00"),
            ("2028-02-28 18:00", "2028-02-29 08:00"),
        ]:
            with self.subTest(moment=moment):
                found = next_allowed(datetime.fromisoformat(moment), Hours(8, 18), EASTER)
                self.assertEqual(found, datetime.fromisoformat(expected))

    def test_half_hours(self):
        hours = Hours(8.5, 17.75)
        for clock, expected in [("08:29", "08:30"), ("08:30", "08:30"), ("17:44", "17:44")]:
            with self.subTest(clock=clock):
                found = next_allowed(datetime.fromisoformat(f"2026-03-18 {clock}"), hours, Calendar())
                self.assertEqual(found, datetime.fromisoformat(f"2026-03-18 {expected}"))
        self.assertEqual(next_allowed(datetime(2026, 3, 18, 17, 45), hours, Calendar()), datetime(2026, 3, 19, 8, 30))

    def test_an_empty_or_inverted_or_impossible_window_means_any_hour(self):
        moment = datetime(2026, 3, 18, 3, 7, 5)
        for hours in (Hours(0, 0), Hours(18, 8), Hours(9, 9), Hours(-1, 8), Hours(8, 25), Hours(9, 9.001),
                      Hours(23.999, 24)):
            with self.subTest(hours=hours):
                self.assertEqual(next_allowed(moment, hours, Calendar()), moment)
                self.assertEqual(next_allowed(datetime(2026, 3, 21, 12), hours, Calendar()), datetime(2026, 3, 23))

    def test_a_window_to_midnight(self):
        late = datetime(2026, 3, 18, 23, 59, 59)
        self.assertEqual(next_allowed(late, Hours(0, 24), Calendar()), late)

    @given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
           st.floats(-1, 25), st.floats(-1, 25), CALENDARS)
    def test_never_earlier_always_allowed_and_settled(self, moment, start, end, calendar):
        hours = Hours(start, end)
        found = next_allowed(moment, hours, calendar)
        self.assertGreaterEqual(found, moment)
        self.assertTrue(calendar.is_working(found.date()))
        self.assertEqual(next_allowed(found, hours, calendar), found)
