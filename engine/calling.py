"""When to call: the hours where the customer is, when to try again, and how to open."""
from datetime import date, datetime
from typing import NamedTuple

from .workday import Calendar, Hours, next_allowed

MORNING, AFTERNOON = "morning", "afternoon"
NOON = 12
# How a call is opened, the first that fits.
BROKEN, AGAIN, CHRONIC, FIRST, DEFAULT = "broken_promise", "callback", "chronic", "first", "default"


class Retry(NamedTuple):
    """After a call that nobody took: again ``days`` working days later, ``tries`` times, then a pause of ``pause`` working days."""

    days: int = 1
    tries: int = 3
    pause: int = 5


class Again(NamedTuple):
    """The day and half of the day of the next attempt; ``exhausted`` when the number itself is in doubt."""

    on: date
    half: str
    exhausted: bool


def retry(attempts: int, now: datetime, calendar: Calendar, rule: Retry) -> Again:
    """The next attempt after the ``attempts``-th call in a row that nobody took; at another time of day. ``now`` is local."""
    exhausted = attempts >= rule.tries and attempts % rule.tries == 0
    on = calendar.add_working_days(now.date(), max(1, rule.pause if exhausted else rule.days))
    return Again(on, AFTERNOON if now.hour < NOON else MORNING, exhausted)


def callable_from(now: datetime, hours: Hours, calendar: Calendar) -> datetime | None:
    """None when a call is welcome now, else the first moment from which it is; local to who is called."""
    allowed = next_allowed(now, hours, calendar)
    return None if allowed <= now else allowed


def situation(broken: bool, agreed: bool, payer: str | None, contacted: bool) -> str:
    """Which way of opening fits: a broken promise before an agreed call, a habit before a first word."""
    if broken:
        return BROKEN
    if agreed:
        return AGAIN
    if payer == "chronic":
        return CHRONIC
    return DEFAULT if contacted else FIRST
