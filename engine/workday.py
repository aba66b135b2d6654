"""Working days, holidays and the hours in which a person may be contacted."""
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

MAX_SEARCH = 366  # a calendar without a working day in a year is a mistake in the data
DAY_END = 24 * 60


class Calendar(NamedTuple):
    """Days off: ``weekend`` as ISO weekdays (Monday = 1), ``holidays`` as dates."""

    weekend: frozenset[int] = frozenset({6, 7})
    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.isoweekday() not in self.weekend and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """``day`` itself when it is a working day, else the next one."""
        for _step in range(MAX_SEARCH):
            if self.is_working(day):
                return day
            day += timedelta(days=1)
        raise ValueError("calendar has no working day within a year")

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it when negative, ``day`` when 0)."""
        step = timedelta(days=1 if count > 0 else -1)
        found = idle = 0
        while found < abs(count):
            day += step
            idle += 1
            if self.is_working(day):
                found, idle = found + 1, 0
            elif idle > MAX_SEARCH:
                raise ValueError("calendar has no working day within a year")
        return day


class Hours(NamedTuple):
    """Contact hours of a local day, as hours since midnight (8.5 = half past eight)."""

    start: float = 8.0
    end: float = 18.0


def next_allowed(moment: datetime, hours: Hours, calendar: Calendar) -> datetime:
    """The first moment from ``moment`` on that lies in contact hours of a working day.

    ``moment`` is naive and local to the recipient; so is the result. An empty or
    inverted window means "at any hour".
    """
    opening, closing = _minutes(hours.start), _minutes(hours.end)
    if not 0 <= opening < closing <= DAY_END:
        opening, closing = 0, DAY_END
    minute = moment.hour * 60 + moment.minute
    if calendar.is_working(moment.date()):
        if opening <= minute < closing:
            return moment
        if minute < opening:
            return datetime.combine(moment.date(), _clock(opening))
    day = calendar.next_working_day(moment.date() + timedelta(days=1))
    return datetime.combine(day, _clock(opening))


def _minutes(hour: float) -> int:
    return round(hour * 60)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
