"""Counting the days of a half-open period [start, end) and its share of a year (F-8), and the days late that count (F-9).

All four conventions are additive: a period cut in two comes to the same as the whole.
"""
import calendar
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

# Actual/365 Fixed, Actual/360, Actual/Actual ISDA (days of a leap year by 366, others by 365) and 30E/360
# (Eurobond basis, ISDA 2006 4.16(g): a 31st counts as the 30th, the end of February as it is).
ACT_365, ACT_360, ACT_ACT, THIRTY_360 = "365", "360", "actual", "30_360"
YEARS = {ACT_365: 365, ACT_360: 360, THIRTY_360: 360}
CLIFF, TOLERANCE = "cliff", "tolerance"


class Span(NamedTuple):
    """The days from ``start`` on, without ``end``."""

    start: date
    end: date


class Grace(NamedTuple):
    """Days late that cost nothing: up to so many and not one more (cliff), or so many in any case (tolerance)."""

    days: int = 0
    kind: str = CLIFF


def days(start: date, end: date, basis: str = ACT_365) -> int:
    """Days of [start, end) as the convention counts them; 0 for an empty period."""
    if end <= start:
        return 0
    return _thirty(end) - _thirty(start) if basis == THIRTY_360 else (end - start).days


def share(start: date, end: date, basis: str = ACT_365) -> Fraction:
    """The share of a year in [start, end), exact."""
    if basis == ACT_ACT:
        return sum((Fraction(days(max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))), 365 + calendar.isleap(year))
                    for year in range(start.year, end.year + 1)), Fraction(0))
    return Fraction(days(start, end, basis), YEARS[basis])


def chargeable_days(late: int, grace: Grace) -> int:
    """Days late that count (F-9)."""
    if late <= grace.days:
        return 0
    return late - grace.days if grace.kind == TOLERANCE else late


def subtract(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of ``span`` without the ``taken`` ones, which may overlap and come in any order."""
    left, start = [], span.start
    for hole in sorted(taken):
        if hole.start >= hole.end:
            continue
        if start < min(hole.start, span.end):
            left.append(Span(start, min(hole.start, span.end)))
        start = max(start, hole.end)
    if start < span.end:
        left.append(Span(start, span.end))
    return left


def clip(span: Span, windows: Iterable[Span]) -> list[Span]:
    """The parts of ``span`` that lie in the ``windows``, each of its own."""
    parts = (Span(max(span.start, one.start), min(span.end, one.end)) for one in windows)
    return [part for part in parts if part.start < part.end]


def _thirty(day):
    return 360 * day.year + 30 * day.month + min(day.day, 30)
