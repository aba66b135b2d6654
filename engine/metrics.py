"""Figures of collections, each from sums, so that they are exact for any group (F-11, F-13, F-18).

Money in one currency, shares and rates in percent, 0 to 100; None where there is nothing to divide by.
``sales`` is what was billed less what was credited, with tax as the receivables have it.
"""
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

ZERO, WHOLE = Decimal(0), Decimal(100)


class Countback(NamedTuple):
    """Days that sales, the newest first, take to come to what is open; ``capped``: at least so many, the history is used up."""

    days: Decimal
    capped: bool = False


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` for each one of ``whole``."""
    return part / whole if whole else None


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` in percent of ``whole``: on time, promises kept by number or by money, liquidation, cost for each 100 collected."""
    return part * WHOLE / whole if whole else None


def dso(receivables: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """Days sales outstanding, simple: receivables at the end, over the sales of the period, times its days.

    With the part that is not due yet it is the best possible DSO.
    """
    return receivables * days / sales if sales > 0 else None


def countback(receivables: Decimal, months: Iterable[tuple[Decimal, int]]) -> Countback:
    """DSO by countback: take off the sales of the newest month, then of the one before, and of the last its fraction.

    ``months``: (sales, days), the newest first; the days are those of the calendar, or 30. A month with more credited than
    billed only takes its days.
    """
    rest, total = receivables, ZERO
    for sales, days in months:
        if rest <= 0:
            return Countback(total)
        if sales > rest:
            return Countback(total + rest * days / sales)
        rest -= max(sales, ZERO)
        total += days
    return Countback(total, rest > 0)


def average_days_delinquent(receivables: Decimal, not_due: Decimal, sales: Decimal, days: int) -> Decimal | None:
    """ADD: the DSO less the best possible one, the days that are owed to paying late."""
    return dso(receivables - not_due, sales, days)


def effectiveness(opening: Decimal, sales: Decimal, closing: Decimal, not_due: Decimal) -> Decimal | None:
    """Collection effectiveness index of a period, with the sales of all of it: of what could be collected, the percentage that was.

    The variant that divides the sales by the number of months gives other figures and is not this one (F-11).
    """
    collectable = opening + sales - not_due
    return share(opening + sales - closing, collectable) if collectable > 0 else None


def weighted_days(amount_days: Decimal, amount: Decimal) -> Decimal | None:
    """Average days late weighted by amount (WAD); ``amount_days`` sums amount times days, early counts 0."""
    return ratio(amount_days, amount)


def roll(now: Decimal, before: Decimal) -> Decimal | None:
    """What of a bucket was in the next one a month later, in percent; never more than all of it, nor less than nothing."""
    found = share(now, before) if before > 0 else None
    return None if found is None else min(max(found, ZERO), WHOLE)
