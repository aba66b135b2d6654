"""What an overdue amount costs a year: a fixed rate, or a reference rate and a margin, as laws and contracts put it (F-8).

Rates are in percent a year; what depends on the law is an argument.
"""
from bisect import bisect_right
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from .daycount import ACT_365, Grace

ZERO = Decimal(0)
DAY = timedelta(days=1)
SPLIT, AT_DEFAULT, AT_PAYMENT = "split", "at_default", "at_payment"  # which day's rate counts
DAILY, HALF_YEAR, BEFORE_HALF_YEAR = "daily", "half_year", "before_half_year"  # when a reference rate is looked up


class Quote(NamedTuple):
    """A reference rate in percent, in force from a day on."""

    since: date
    percent: Decimal


class Series(NamedTuple):
    """Reference rates, oldest first, and when they are looked up: each day, on the first day of a half-year or the day before.

    ``checked_on``: the day on which somebody last saw that the newest is still in force.
    """

    quotes: tuple[Quote, ...]
    taken: str = DAILY
    checked_on: date | None = None


class Terms(NamedTuple):
    """What an overdue amount costs: ``percent`` a year, on top of a reference rate where there is a ``series``.

    ``step``: the rate is rounded up to a multiple of it (Belgium: 0.5). A ``contract`` rate is never below ``times``
    the rate of ``floor`` (France: 3 × the legal rate); a statutory one is what it is. ``ceiling``: never above.
    """

    percent: Decimal
    series: Series | None = None
    mode: str = SPLIT
    basis: str = ACT_365
    step: Decimal | None = None
    contract: bool = False
    floor: Series | None = None
    times: Decimal = Decimal(1)
    ceiling: Decimal | None = None
    grace: Grace = Grace()


def rate_on(terms: Terms, day: date) -> Decimal | None:
    """The rate of a day in percent a year, None when no reference rate is known: (reference + margin) up to the step,
    not below the floor of a contract, not above the ceiling, not below 0. BE: 4.25 + 8 → 12.5, 2.15 + 8 → 10.5 (F-8).
    """
    rate = terms.percent
    if terms.series:
        quote = _quote(terms.series, day)
        if quote is None:
            return None
        rate += quote.percent
    if terms.step:
        rate = (rate / terms.step).to_integral_value(ROUND_CEILING) * terms.step
    if terms.contract and terms.floor:
        quote = _quote(terms.floor, day)
        if quote is None:
            return None
        rate = max(rate, terms.times * quote.percent)
    if terms.ceiling is not None:
        rate = min(rate, terms.ceiling)
    return max(rate, ZERO)


def is_outdated(series: Series, day: date) -> bool:
    """Whether nobody entered or checked a rate since the day on which that of ``day`` is looked up; every day: in its half-year."""
    known = max((quote.since for quote in series.quotes), default=date.min)
    needed = half_year(day) if series.taken == DAILY else _looked_up(series, day)
    return max(known, series.checked_on or date.min) < needed


def half_year(day: date) -> date:
    return date(day.year, 1 if day.month < 7 else 7, 1)


def _looked_up(series, day):
    if series.taken == DAILY:
        return day
    return half_year(day) - (DAY if series.taken == BEFORE_HALF_YEAR else timedelta(0))


def _quote(series, day):
    place = bisect_right(series.quotes, _looked_up(series, day), key=lambda quote: quote.since)
    return series.quotes[place - 1] if place else None


def used(terms: Terms) -> list[Series]:
    """The series of reference rates that terms look at."""
    return [series for series in (terms.series, terms.floor if terms.contract else None) if series]
