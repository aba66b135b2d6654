"""Special days: when they are, when a greeting leaves, and why it does not."""
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from .workday import Calendar

SEND = "greeting_ready"
BEFORE, AFTER, SAME = "before", "after", "same"
MOST_DAYS_LATE = 2  # later than that a greeting says that somebody forgot


class Facts(NamedTuple):
    """What is known of a contact and its customer on the day of the greeting.

    ``stop`` is why nothing at all goes to the person, ``silent`` what stands between the customer and us;
    both are codes of sentences. ``days_late`` is the age of the oldest overdue item; ``reminded``: a
    reminder left today or is on its way.
    """

    active: bool = True
    stop: str | None = None
    opted_out: bool = False
    reachable: bool = True
    blacklisted: bool = False
    silent: str | None = None
    days_late: int = 0
    reminded: bool = False
    contacts: tuple[date, ...] = ()


class Rule(NamedTuple):
    """What a company wants kept in mind: days overdue that are too many (None = any are fine), and the contact cap (0 = none)."""

    most_late: int | None = None
    cap: int = 0
    cap_days: int = 0


class Verdict(NamedTuple):
    code: str
    detail: dict

    @property
    def sends(self) -> bool:
        return self.code == SEND


def in_year(month: int, day: int, year: int) -> date:
    """A special day in a year. Who was born on 29 February is greeted on the 28th of the other years."""
    if (month, day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)


def next_on(month: int, day: int, first: date) -> date:
    """The next time of a special day, from ``first`` on."""
    found = in_year(month, day, first.year)
    return found if found >= first else in_year(month, day, first.year + 1)


def is_day(month: int, day: int) -> bool:
    """Whether a month has such a day in some year."""
    try:
        return in_year(month, day, 2000) == date(2000, month, day)
    except ValueError:
        return False


def days_of(first: date, last: date) -> dict[tuple[int, int], date]:
    """The days of a year that are kept between two dates: ``{(month, day): date}``; a year's span at most."""
    found = {}
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        found.setdefault((on.month, on.day), on)
        if in_year(2, 29, on.year) == on:
            found.setdefault((2, 29), on)
    return found


def is_round(since: int | None, year: int, every: int) -> bool:
    """Whether it is so many years, and one to be greeted for: each, or every fifth. A year that nobody knows counts."""
    return since is None or year > since and (year - since) % max(1, every) == 0


def leaves_on(on: date, days_before: int, rule: str, calendar: Calendar) -> date:
    """The day on which a greeting leaves; one that would leave on a day off is moved to a working day."""
    day = on - timedelta(days=days_before)
    if rule == SAME or calendar.is_working(day):
        return day
    return calendar.add_working_days(day, -1) if rule == BEFORE else calendar.next_working_day(day)


def judge(facts: Facts, rule: Rule, today: date, leaves: date) -> Verdict:
    """Whether a greeting leaves, what weighs most first: the person, then the address, then how things stand."""
    if facts.stop or not facts.active:
        return Verdict(facts.stop or "greeting_archived", {})
    if facts.opted_out:
        return Verdict("greeting_opted_out", {})
    if not facts.reachable or facts.blacklisted:
        return Verdict("greeting_blacklisted" if facts.blacklisted else "greeting_no_address", {})
    if (today - leaves).days > MOST_DAYS_LATE:
        return Verdict("greeting_missed", {"on": leaves})
    if facts.silent:
        return Verdict(facts.silent, {})
    if rule.most_late is not None and facts.days_late > rule.most_late:
        return Verdict("greeting_overdue", {"days": facts.days_late, "most": rule.most_late})
    return _judge_contacts(facts, rule, today)


def _judge_contacts(facts, rule, today):
    """No greeting on the day of a reminder, and none beyond the cap where greetings count."""
    if facts.reminded:
        return Verdict("greeting_reminded", {})
    recent = count_since(facts.contacts, today - timedelta(days=rule.cap_days))
    if rule.cap and recent >= rule.cap:
        return Verdict("greeting_cap", {"count": recent, "within": rule.cap_days})
    return Verdict(SEND, {})


def count_since(days: Iterable[date], first: date) -> int:
    return sum(day > first for day in days)
