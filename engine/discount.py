"""What paying early is worth: discounts in tiers or on a slide, part payments, and what not taking one costs (F-10).

Amounts are in the currency of the invoice, percentages of its amount. What is to be paid is rounded, as core does it.
"""
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .money import quantize
from .workday import Calendar

ZERO, ONE, WHOLE = Decimal(0), Decimal(1), Decimal(100)
DAY = timedelta(days=1)
# what of an offer, and of a payment, comes
GRANTED, TOO_LATE = "discount", "too_late"
TAKEN, PART, PART_PLAIN, PAID_FULL = "taken", "part", "part_plain", "paid_full"
OVERDUE, DEFAULTED, DISPUTED = "overdue", "plan_default", "disputed"  # why there is none


class Tier(NamedTuple):
    """``percent`` for a payment within so many days of the invoice."""

    days: int
    percent: Decimal


class Slide(NamedTuple):
    """``percent`` up to day ``first``, then less every day, nothing from day ``last`` on."""

    percent: Decimal
    first: int
    last: int


class Annual(NamedTuple):
    """``percent`` a year for every day earlier than day ``last``, which is the due date; the year has ``basis`` days."""

    percent: Decimal
    last: int
    basis: int = 365


class Rule(NamedTuple):
    """Tiers, or a slide. ``working``: the days of tiers are working days. ``cap``: the most in percent, by the margin.

    ``grace``: calendar days by which a payment may be later than the day the customer was told.
    """

    tiers: tuple[Tier, ...] = ()
    slide: Slide | Annual | None = None
    working: bool = False
    grace: int = 0
    cap: Decimal | None = None


class Offer(NamedTuple):
    """``to_pay`` ``until`` a day, the last on which it is so little, instead of ``to_pay + discount``; None: too late."""

    percent: Decimal
    discount: Decimal
    to_pay: Decimal
    until: date | None
    code: str


class Settled(NamedTuple):
    """What of the open amount a payment settles, and what of that is discount."""

    settled: Decimal
    discount: Decimal
    code: str


class Guard(NamedTuple):
    """When a customer gets no discount: more than ``overdue`` overdue (None: never mind), a defaulted plan, a disputed item."""

    overdue: Decimal | None = None
    defaulted: bool = False
    disputed: bool = False


def agreed(rule: Rule, issued: date, due: date, calendar: Calendar) -> Rule:
    """The rule as one invoice carries it: its days counted out in calendar days, none after the due date."""
    days: dict[int, Decimal] = {}
    for until, percent in _deadlines(rule, issued, calendar):
        day = (min(until, due) - issued).days
        days[day] = max(percent, days.get(day, ZERO))
    slide = rule.slide._replace(last=(due - issued).days) if isinstance(rule.slide, Annual) else rule.slide
    return rule._replace(tiers=tuple(Tier(*pair) for pair in sorted(days.items())), slide=slide, working=False)


def offer(rule: Rule, issued: date, paid_on: date, amount: Decimal, quantum: Decimal, calendar: Calendar,
          base: Decimal | None = None) -> Offer:
    """What is to be paid on a day. ``base``: the part of ``amount`` that is discounted, where the tax is not."""
    percent, until = _in_force(rule, issued, paid_on, calendar)
    if rule.cap is not None:
        percent = min(percent, rule.cap)
    to_pay = quantize(amount - (amount if base is None else base) * percent / WHOLE, quantum)
    if to_pay >= amount:
        return Offer(ZERO, ZERO, amount, None, TOO_LATE)
    return Offer(percent, amount - to_pay, to_pay, until, GRANTED)


def offers(rule: Rule, issued: date, amount: Decimal, quantum: Decimal, calendar: Calendar,
           base: Decimal | None = None) -> tuple[Offer, ...]:
    """What an invoice says: an offer for each tier, the first day's of a slide; without the grace."""
    exact = rule._replace(grace=0)
    on = sorted(_deadlines(exact, issued, calendar)) if rule.tiers else [(issued, None)]
    found = (offer(exact, issued, day, amount, quantum, calendar, base) for day, _percent in on)
    return tuple(one for one in found if one.code == GRANTED)


def settle(open_amount: Decimal, paid: Decimal, to_pay: Decimal, quantum: Decimal, gross_up: bool) -> Settled:
    """What a payment in time settles of an item, of which ``to_pay`` would have been enough.

    A part is grossed up, if at all, in proportion: 485 / (1 − 2 %) = 494.90, of which 9.90 is discount (F-10). Who pays
    more than ``to_pay`` gets what is missing, never money back.
    """
    if paid >= open_amount or to_pay >= open_amount:
        return Settled(min(paid, open_amount), ZERO, PAID_FULL if paid >= open_amount else TOO_LATE)
    if paid >= to_pay:
        return Settled(open_amount, open_amount - paid, TAKEN)
    if not gross_up or paid <= 0:
        return Settled(max(ZERO, paid), ZERO, PART_PLAIN)
    settled = quantize(paid * open_amount / to_pay, quantum)
    return Settled(settled, settled - paid, PART)


def refusal(guard: Guard, overdue: Decimal, defaulted: bool, disputed: bool) -> str | None:
    """Why a customer gets no discount now: the first reason, None when he does. ``overdue`` as the ``guard`` in its currency."""
    found = ((OVERDUE, guard.overdue is not None and overdue > guard.overdue),
             (DEFAULTED, guard.defaulted and defaulted), (DISPUTED, guard.disputed and disputed))
    return next((code for code, holds in found if holds), None)


def annual_cost(percent: Decimal, early: int, basis: int = 365) -> Decimal:
    """What it costs in percent a year not to pay ``early`` days earlier for a discount: 2/98 × 365/20 = 37.24 % (F-10)."""
    return WHOLE * percent / (WHOLE - percent) * basis / early


def effective_cost(percent: Decimal, early: int, basis: int = 365) -> Decimal:
    """The same with interest on interest: (1 + 2/98)^(365/20) − 1 = 44.59 % (F-10)."""
    return ((ONE + percent / (WHOLE - percent)) ** (Decimal(basis) / early) - ONE) * WHOLE


def _in_force(rule, issued, paid_on, calendar):
    """(percent, last day with it) of the first tier that is not over, or of the slide on this day."""
    if rule.tiers:
        return next(((percent, until) for until, percent in sorted(_deadlines(rule, issued, calendar))
                     if paid_on <= until + DAY * rule.grace), (ZERO, None))
    day = max(0, (paid_on - issued).days - rule.grace)
    if rule.slide is None or day >= rule.slide.last:
        return ZERO, None
    if isinstance(rule.slide, Annual):
        return rule.slide.percent * (rule.slide.last - day) / rule.slide.basis, paid_on
    slide = rule.slide
    if day <= slide.first:
        return slide.percent, issued + DAY * slide.first
    return slide.percent * (slide.last - day) / (slide.last - slide.first), paid_on


def _deadlines(rule, issued, calendar):
    """(last day, percent) of each tier."""
    return [(calendar.add_working_days(issued, tier.days) if rule.working else issued + DAY * tier.days, tier.percent)
            for tier in rule.tiers]
