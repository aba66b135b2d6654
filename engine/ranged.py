"""Charges that do not go by the day: rates by the month late, with ranges or compounding, fixed sums and fees, and what of
all charges of an item goes on a document (F-9).

Amounts are in the currency of the item, rates in percent a month. A month is charged once and whole.
"""
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .daycount import Grace, Span, days
from .interest import (
    CHARGED_BEFORE,
    NOT_LATE,
    WAITING,
    Accrual,
    Item,
    Segment,
    bearing,
    first_day,
    not_yet,
    why_nothing,
)
from .money import quantize
from .rate import DAY, ZERO

FULL, BEGUN = "full", "begun"
WHOLE = Decimal(100)
CHARGED, BELOW_MINIMUM, CAPPED, CAP_REACHED = "charged", "below_minimum", "capped", "cap_reached"
FREE, NO_FEE = "free", "no_fee"


class Range(NamedTuple):
    """``percent`` a month up to and with month number ``until``, without it for all that follow."""

    percent: Decimal
    until: int | None = None


class Monthly(NamedTuple):
    """Rates by the number of the month late. A month counts when it is ``full``, or as soon as it is ``begun``.

    ``compound``: interest of earlier months bears interest too, paid or not, as long as something else is open.
    """

    ranges: tuple[Range, ...]
    compound: bool = False
    counts: str = FULL
    grace: Grace = Grace()


class Bill(NamedTuple):
    """The lines to charge with their rounded amounts, the total and its code."""

    lines: tuple[tuple[Segment, Decimal], ...]
    total: Decimal
    code: str


class Band(NamedTuple):
    """A fixed sum for invoices ``below`` an amount, without it for all others, and ``percent`` of what is ``above``.

    Belgium, consumers: 30 and 10 % of what is above 150 for invoices up to 500.
    """

    amount: Decimal
    below: Decimal | None = None
    percent: Decimal = ZERO
    above: Decimal = ZERO

    def sum_for(self, amount: Decimal) -> Decimal:
        return self.amount + self.percent * max(ZERO, amount - self.above) / WHOLE


class Fee(NamedTuple):
    amount: Decimal
    code: str


def percent_of(month: int, ranges: Iterable[Range]) -> Decimal:
    """The rate of the month with this number, the first being 1; 0 after the last range."""
    return next((one.percent for one in ranges if one.until is None or month <= one.until), ZERO)


def percent_after(months: int, terms: Monthly) -> Decimal:
    """What so many months cost in percent: 3 × 1.5 + 3 × 2.0 + 2 × 2.5 = 15.5; 1.015^8 − 1 = 12.649 % (F-9)."""
    factor, total = Decimal(1), ZERO
    for month in range(1, months + 1):
        percent = percent_of(month, terms.ranges)
        factor, total = factor * (1 + percent / WHOLE), total + percent
    return (factor - 1) * WHOLE if terms.compound else total


def accrue(item: Item, terms: Monthly, until: date, charged: Iterable[Span] = ()) -> Accrual:
    """A segment for each month late that was not ``charged`` before, nor waived, as of the days before ``until``.

    A full month costs its rate on what was open to its last day, a begun one on what was open on its first.
    """
    charged = tuple(charged)
    code = not_yet(item, terms.grace, until, charged)
    if code:
        return Accrual(code=code)
    months = list(_months(item, terms, until))
    new = [month for month in months if not any(span.start < month.end and month.start < span.end for span in charged)]
    if not new:
        return Accrual(code=CHARGED_BEFORE if months else WAITING)
    segments = tuple(month for month in new if month.balance)
    decisive = [_decisive(terms, month.start, month.end) for month in new]
    return Accrual(segments) if segments else Accrual(code=why_nothing(item, terms.grace, [Span(day, day + DAY) for day in decisive]))


def bill(accrual: Accrual, quantum: Decimal, minimum: Decimal = ZERO, cap: Decimal | None = None, posted: Decimal = ZERO) -> Bill:
    """The document lines of an item. Below the ``minimum`` nothing is charged, and its days wait for more to come (F-9).

    ``cap``: the most that all charges of the item may come to, of which ``posted`` were charged before.
    """
    if not accrual.segments:
        return Bill((), ZERO, accrual.code)
    wanted = [(segment, segment.line(quantum)) for segment in accrual.segments]
    full = sum((amount for _segment, amount in wanted), ZERO)
    total = full if cap is None else min(full, max(ZERO, cap - posted))
    if not total or total < minimum:
        return Bill((), ZERO, CAP_REACHED if total < full else BELOW_MINIMUM)
    return Bill(_up_to(wanted, total), total, CAPPED) if total < full else Bill(tuple(wanted), total, CHARGED)


def correction(item: Item, terms: Monthly, month: Span, balance: Decimal, posted: Decimal, quantum: Decimal) -> Decimal:
    """What a month charged on ``balance`` costs by what is known now, less what was ``posted`` for it; never more.

    With compounding a month costs all of it as long as anything is open, as earlier interest is part of its balance.
    """
    day = _decisive(terms, month.start, month.end)
    owed = not item.exempt and day >= first_day(item, terms.grace)
    now = min(balance, bearing(item, day, terms.grace)) if owed else ZERO
    if terms.compound and now:
        now = balance
    return (quantize(posted * now / balance, quantum) if balance else posted) - posted


def fixed_sum(amount: Decimal, bands: Iterable[Band], late: int, charged: bool, quantum: Decimal | None = None) -> Fee:
    """The sum for an invoice of ``amount`` paid too late, once in its life (UK: 40 below 1,000, 70 below 10,000, else 100).

    ``quantum``: the unit of the currency, where a band has a percentage.
    """
    if charged or late <= 0:
        return Fee(ZERO, CHARGED_BEFORE if charged else NOT_LATE)
    total = next((band.sum_for(amount) for band in bands if band.below is None or amount < band.below), ZERO)
    return _fee(total if quantum is None else quantize(total, quantum))


def level_fee(level: int, amounts: dict[int, Decimal], charged: Collection[int], reminders: int = 0, free: int = 0,
              cap: Decimal | None = None) -> Fee:
    """The fee of a follow-up level, once a level; the first ``free`` reminders, after ``reminders`` sent before, cost nothing.

    ``cap``: the most a law allows for one (Belgium, consumers: 7.50).
    """
    if level in charged or reminders < free:
        return Fee(ZERO, CHARGED_BEFORE if level in charged else FREE)
    return _fee(amounts.get(level, ZERO), cap)


def _months(item, terms, until):
    first = first_day(item, terms.grace)
    number, gathered = 0, ZERO
    while True:
        start, end = (first - DAY + relativedelta(months=number + step) + DAY for step in (0, 1))
        if (end if terms.counts == FULL else start + DAY) > until:
            return
        number += 1
        base = bearing(item, _decisive(terms, start, end), terms.grace)
        capital = base + gathered if terms.compound and base else base
        rate = percent_of(number, terms.ranges)
        amount = capital * rate / WHOLE
        yield Segment(start, end, days(start, end), capital, rate, amount, gathered, gathered + amount)
        gathered += amount


def _decisive(terms, start, end):
    """The day of a month on which it counts what is open."""
    return end - DAY if terms.counts == FULL else start


def _up_to(lines, room):
    """The lines until there is no room for more; the last one may be cut."""
    found = []
    for segment, amount in lines:
        if not room:
            break
        found.append((segment, min(amount, room)))
        room -= found[-1][1]
    return tuple(found)


def _fee(amount, cap=None):
    if cap is not None and amount > cap:
        return Fee(cap, CAPPED)
    return Fee(amount, CHARGED if amount else NO_FEE)
