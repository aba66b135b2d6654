"""The parts of a payment plan and the days they are due (F-15).

An overlay: due dates and amounts of the ledger stay as they are. Amounts are in the currency of the plan.
"""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .money import quantize, split
from .workday import Calendar

ZERO, ONE, WHOLE = Decimal(0), Decimal(1), Decimal(100)
WEEKLY, FORTNIGHTLY, MONTHLY, MONTH_END = "weekly", "fortnightly", "monthly", "month_end"
STEPS = {WEEKLY: relativedelta(weeks=1), FORTNIGHTLY: relativedelta(weeks=2), MONTHLY: relativedelta(months=1),
         MONTH_END: relativedelta(months=1, day=31)}
PERIODS = {WEEKLY: 52, FORTNIGHTLY: 26, MONTHLY: 12, MONTH_END: 12}  # of a year
MOST = 600  # parts; with more an amount was mistyped


class Part(NamedTuple):
    """What one installment pays: ``principal``, ``interest`` and ``fee``."""

    principal: Decimal
    interest: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return self.principal + self.interest + self.fee


class Installment(NamedTuple):
    """A part and the day it is due; number 0 is the down payment."""

    number: int
    due: date
    part: Part


class Terms(NamedTuple):
    """How an amount is paid: in so many parts (``count``) or in parts of ``amount``, at ``rate`` percent a year.

    Interest runs from the ``start``; None: one step of the rhythm before the first part.
    """

    first: date
    rhythm: str = MONTHLY
    count: int | None = None
    amount: Decimal | None = None
    down: Decimal = ZERO
    down_on: date | None = None
    rate: Decimal = ZERO
    fee: Decimal = ZERO
    start: date | None = None


def equal(principal: Decimal, count: int, quantum: Decimal) -> list[Part]:
    """Equal parts; the last one is the smallest: 9,600 / 7 = 6 × 1,371.43 + 1,371.42 (F-15)."""
    return [Part(piece) for piece in split(principal, count, quantum)]


def by_amount(principal: Decimal, amount: Decimal, rate: Decimal = ZERO, quantum: Decimal = ONE, begun: Decimal = ONE) -> list[Part]:
    """Parts of ``amount`` with interest at ``rate`` percent a period in them, and a last one of what remains.

    The first period is ``begun`` times as long as the others.
    """
    if amount <= 0:
        raise ValueError("an installment needs an amount")
    left, parts = principal, []
    while left > 0:
        interest = quantize(left * rate * (ONE if parts else begun) / WHOLE, quantum) if rate else ZERO
        if interest >= amount or len(parts) == MOST:
            raise ValueError("installments too small to end")
        paid = min(left, amount - interest)
        parts.append(Part(paid, interest))
        left -= paid
    return parts


def annuity(principal: Decimal, rate: Decimal, count: int, quantum: Decimal, begun: Decimal = ONE) -> list[Part]:
    """Equal amounts with interest at ``rate`` percent a period: A = P r / (1 − (1 + r)^−n); the last one takes the cents.

    9,600 at 0.75 % in 6: 5 × 1,642.26 + 1,642.27, interest 253.57 (F-15). Where the first period is ``begun`` times as
    long as the others, all amounts follow: × (1 + r begun) / (1 + r).
    """
    if not rate:
        return equal(principal, count, quantum)
    rate /= WHOLE
    exact = principal * rate / (ONE - (ONE + rate) ** -count) * (ONE + rate * begun) / (ONE + rate)
    amount, left, parts = quantize(exact, quantum), principal, []
    for number in range(1, count + 1):
        interest = quantize(left * rate * (begun if number == 1 else ONE), quantum)
        paid = left if number == count else min(left, max(ZERO, amount - interest))
        parts.append(Part(paid, interest))
        left -= paid
    return parts


def down_payment(total: Decimal, percent: Decimal, quantum: Decimal) -> Decimal:
    """The first payment as a share of what is owed."""
    return quantize(total * percent / WHOLE, quantum)


def dates(first: date, count: int, rhythm: str, calendar: Calendar) -> list[date]:
    """The days of the installments. Each is counted from the ``first``, so 31 January is followed by 28 February and
    31 March; what falls on a day off moves to the next working day by itself.
    """
    step = STEPS[rhythm]
    return [calendar.next_working_day(first + step * number) for number in range(count)]


def schedule(parts: Iterable[Part], on: Iterable[date], down: Decimal = ZERO, down_on: date | None = None,
             fee: Decimal = ZERO) -> list[Installment]:
    """The installments of a plan; its ``fee`` comes with the first payment. A part of nothing is none."""
    rows = [Installment(0, down_on, Part(down))] if down else []
    rows += [Installment(number, due, part) for number, (part, due) in enumerate(zip(parts, on), 1) if part.amount]
    if fee and rows:
        rows[0] = rows[0]._replace(part=rows[0].part._replace(fee=fee))
    return rows


def periods_ahead(terms: Terms, calendar: Calendar) -> Decimal:
    """How many periods the first part is away, by days; one that is a step away but for days off is just one."""
    step = STEPS[terms.rhythm]
    if terms.start is None or calendar.next_working_day(terms.start + step) == calendar.next_working_day(terms.first):
        return ONE
    return Decimal(max(0, (terms.first - terms.start).days)) / (terms.first - (terms.first - step)).days


def build(principal: Decimal, terms: Terms, calendar: Calendar, quantum: Decimal) -> list[Installment]:
    """The whole plan for an amount; the down payment bears no interest."""
    rest, rate, share = principal - terms.down, terms.rate / PERIODS[terms.rhythm], periods_ahead(terms, calendar)
    parts = annuity(rest, rate, terms.count, quantum, share) if terms.amount is None else by_amount(rest, terms.amount, rate, quantum, share)
    down_on = terms.down_on and calendar.next_working_day(terms.down_on)
    return schedule(parts, dates(terms.first, len(parts), terms.rhythm, calendar), terms.down, down_on, terms.fee)
