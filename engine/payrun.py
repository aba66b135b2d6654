"""Pay runs: the days on which a customer's payables department pays, and what follows from them (F-12)."""
import calendar as months
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from typing import NamedTuple

from .ledger import Ahead
from .workday import Calendar

WEEKLY, FORTNIGHTLY, MONTHLY, NTH = "weekly", "fortnightly", "monthly", "nth_weekday"
LAST = -1  # the last day of a month, or its last Friday
TRUST = 6  # as many own payments weigh as much as those of the whole class (F-12)
DAY = timedelta(days=1)
HALF = Decimal("0.5")
# Days reckoned from one within these exist; a due date beyond is a way to say "never", or a slip.
EARLIEST, LATEST = date(1000, 1, 1), date(9000, 1, 1)


class Rhythm(NamedTuple):
    """When a customer pays: ``weekday`` is ISO (Monday = 1), ``anchor`` a run of the right fortnight.

    ``days`` are the days of a month; one that a month does not have is its last, as is ``LAST``.
    ``nth`` is 1 to 4 or ``LAST``.
    """

    kind: str
    weekday: int = 0
    anchor: date | None = None
    days: tuple[int, ...] = ()
    nth: int = 0


class Upcoming(NamedTuple):
    """A run to come and its cut-off; ``moved`` when its own day is a day off.

    ``by_weekday`` tells that a weekday names the cut-off, since it is the same for every run.
    """

    until: date
    run: date
    moved: bool
    by_weekday: bool


def next_run(rhythm: Rhythm, day: date, calendar: Calendar) -> date:
    """The first run on or after ``day``; a run that falls on a day off moves to the next working day."""
    since = calendar.add_working_days(day, -1) + DAY  # runs that a long weekend moves to ``day`` or later
    return calendar.next_working_day(_planned(rhythm, since))


def last_run(rhythm: Rhythm, day: date, calendar: Calendar) -> date:
    """The last run on or before ``day``."""
    found, look = None, day
    while found is None or found > day:
        look -= timedelta(days=7)
        found = next_run(rhythm, look, calendar)
    while (later := next_run(rhythm, found + DAY, calendar)) <= day:
        found = later
    return found


def cut_off(run: date, days: int, calendar: Calendar) -> date:
    """The last day on which documents are in time for ``run``: so many working days before it."""
    return calendar.add_working_days(run, -days)


def contact_day(until: date, lead: int, calendar: Calendar) -> date:
    """The best day to write about a run that takes documents ``until`` then: so many working days before."""
    return calendar.add_working_days(until, -lead)


def next_open(rhythm: Rhythm, day: date, days: int, calendar: Calendar) -> tuple[date, date]:
    """The first run for which documents are still in time on ``day``: (cut-off, run)."""
    run = next_run(rhythm, day, calendar)
    while cut_off(run, days, calendar) < day:
        run = next_run(rhythm, run + DAY, calendar)
    return cut_off(run, days, calendar), run


def upcoming(rhythm: Rhythm, day: date, days: int, calendar: Calendar, by_weekday: bool) -> Upcoming:
    """The run to name to a person: the very next one of a week, else the first for which documents are still in time."""
    run = next_run(rhythm, day, calendar)
    moved = _planned(rhythm, run) != run
    if by_weekday and not moved:
        return Upcoming(cut_off(run, days, calendar), run, False, True)
    until, run = next_open(rhythm, day, days, calendar)
    return Upcoming(until, run, _planned(rhythm, run) != run, False)


def ahead(rhythm: Rhythm, due: date, days: int, lead: int, calendar: Calendar) -> Ahead:
    """When to write about what is due on ``due``: ahead of the last run that pays it in time."""
    run = last_run(rhythm, _within(due), calendar)
    until = cut_off(run, days, calendar)
    return Ahead(contact_day(until, lead, calendar), until, run)


def expected(due: date, own_median: Decimal | None, own_count: int, base_median: Decimal | None, k: int,
             rhythm: Rhythm | None, calendar: Calendar, earliest: date | None = None) -> date:
    """The day on which money for an item is expected (F-12).

    Days late are the customer's median, drawn towards that of its class by n/(n+k) and rounded half up;
    the money comes with the next run from then on, without runs on the next working day. Never before ``earliest``.
    """
    day = _within(due) + timedelta(days=_late(own_median, own_count, base_median, k))
    day = max(day, earliest) if earliest else day
    return next_run(rhythm, day, calendar) if rhythm else calendar.next_working_day(day)


def _within(day):
    return min(max(day, EARLIEST), LATEST)


def _late(own, count, base, k):
    own, base = (base if own is None else own) or 0, (own if base is None else base) or 0
    weight = count + k
    late = (count * Decimal(own) + k * Decimal(base)) / weight if weight else Decimal(base)
    return floor(late + HALF)


def _planned(rhythm, day):
    """The first day on or after ``day`` that the rhythm names, day off or not."""
    if rhythm.kind == WEEKLY:
        return day + timedelta(days=(rhythm.weekday - day.isoweekday()) % 7)
    if rhythm.kind == FORTNIGHTLY:
        return day + timedelta(days=(rhythm.anchor - day).days % 14)
    year, month = day.year, day.month
    while not (found := [one for one in _in_month(rhythm, year, month) if one >= day]):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return min(found)


def _in_month(rhythm, year, month):
    first, length = date(year, month, 1), months.monthrange(year, month)[1]
    if rhythm.kind == MONTHLY:
        return [first.replace(day=length if number == LAST else min(number, length)) for number in rhythm.days]
    if rhythm.nth == LAST:
        last = first.replace(day=length)
        return [last - timedelta(days=(last.isoweekday() - rhythm.weekday) % 7)]
    return [first + timedelta(days=(rhythm.weekday - first.isoweekday()) % 7 + 7 * (rhythm.nth - 1))]
