"""Settlement offers: the least to accept of a debt, what is given up for it, and what became of an offer (F-16)."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .money import quantize
from .promise import Entry

ZERO, ONE, WHOLE = Decimal(0), Decimal(1), Decimal(100)
ACCEPTABLE, BELOW_FLOOR, NOTHING_GIVEN = "acceptable", "below_floor", "nothing_given"
OPEN, TAKEN, LAPSED = "open", "taken", "lapsed"


class Prospect(NamedTuple):
    """What a debt brings otherwise: the ``chance`` at its age, 0 to 1; the agency's ``fee`` and the yearly ``interest`` in
    percent; the ``years`` it takes; what the ``handling`` costs, in the currency of the debt.
    """

    chance: Decimal
    fee: Decimal = ZERO
    interest: Decimal = ZERO
    years: Decimal = ZERO
    handling: Decimal = ZERO


class Answer(NamedTuple):
    """Whether to accept an amount, why, and what was the least to accept."""

    accept: bool
    code: str
    floor: Decimal


class Offer(NamedTuple):
    """Pay ``amount`` from ``made_on`` to ``until``, both included, and the rest is forgiven."""

    made_on: date
    until: date
    amount: Decimal


class Verdict(NamedTuple):
    """What became of an offer: ``paid`` in its time, on what day that was enough (None: not yet), what is ``missing``."""

    state: str
    paid: Decimal
    on: date | None
    missing: Decimal


class Concession(NamedTuple):
    """What is given up when an offer is taken: charges first, then a discount on the invoices."""

    charges: Decimal
    discount: Decimal


def floor(debt: Decimal, prospect: Prospect, quantum: Decimal) -> Decimal:
    """D × p × (1 − fee) / (1 + r)^t − handling, never below 0: 10,000 → 3,444.43 − 150 = 3,294.43 (F-16)."""
    expected = debt * prospect.chance * (ONE - prospect.fee / WHOLE)
    today = expected / (ONE + prospect.interest / WHOLE) ** prospect.years
    return max(ZERO, quantize(today - prospect.handling, quantum))


def judge_amount(amount: Decimal, debt: Decimal, prospect: Prospect, quantum: Decimal) -> Answer:
    """Whether an amount, the customer's or ours, may be agreed on for a ``debt`` with its charges."""
    least = floor(debt, prospect, quantum)
    if amount >= debt:
        return Answer(True, NOTHING_GIVEN, least)
    return Answer(amount >= least, ACCEPTABLE if amount >= least else BELOW_FLOOR, least)


def given_up(principal: Decimal, charges: Decimal, amount: Decimal) -> Concession:
    """What is forgiven of a debt of ``principal`` and ``charges`` when ``amount`` settles it."""
    waived = min(charges, max(ZERO, principal + charges - amount))
    return Concession(waived, max(ZERO, principal - amount))


def judge(offer: Offer, entries: Iterable[Entry], today: date) -> Verdict:
    """What became of an offer by ``today``: it is taken by money in its time, all of it, else it lapses by itself.

    An entry counts on its own day, so a payment entered late may still take an offer that had lapsed; one that bounced is
    no entry any more.
    """
    found = [one for one in entries if one.money and offer.made_on <= one.on <= min(offer.until, today)]
    paid = sum((one.amount for one in found), ZERO)
    missing = max(ZERO, offer.amount - paid)
    on = None
    for day in sorted({one.on for one in found}, reverse=True):
        if sum((one.amount for one in found if one.on <= day), ZERO) < offer.amount:
            break
        on = day
    return Verdict(TAKEN if not missing else OPEN if today <= offer.until else LAPSED, paid, on, missing)
