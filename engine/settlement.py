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


class Terms(NamedTuple):
    """How the floor comes about, one after the other: what is ``expected`` of the debt, what the agency leaves us ``kept``,
    what that is worth ``today``, and the ``floor``, without the handling.
    """

    expected: Decimal
    kept: Decimal
    today: Decimal
    floor: Decimal


class Answer(NamedTuple):
    """Whether to accept an amount, why, and what was the least to accept."""

    accept: bool
    code: str
    floor: Decimal


class Offer(NamedTuple):
    """Pay ``amount`` of a ``debt`` from ``made_on`` to ``until``, both included, and the rest is forgiven."""

    made_on: date
    until: date
    amount: Decimal
    debt: Decimal | None = None


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


def terms(debt: Decimal, prospect: Prospect, quantum: Decimal) -> Terms:
    """D × p × (1 − fee) / (1 + r)^t − handling, never below 0: 10,000 → 3,444.43 − 150 = 3,294.43 (F-16).

    Only what is shown is rounded: the floor comes from the exact terms.
    """
    expected = debt * prospect.chance
    kept = expected * (ONE - prospect.fee / WHOLE)
    today = kept / (ONE + prospect.interest / WHOLE) ** prospect.years
    least = max(ZERO, quantize(today - prospect.handling, quantum))
    return Terms(quantize(expected, quantum), quantize(kept, quantum), quantize(today, quantum), least)


def chance(points: Iterable[tuple[int, Decimal]], age: int) -> Decimal:
    """The chance of a debt so many days late, after (from days on, chance), as the last of them reached says; certain before the first."""
    return next((share for since, share in sorted(points, reverse=True) if since <= age), ONE)


def judge_amount(amount: Decimal, debt: Decimal, prospect: Prospect, quantum: Decimal) -> Answer:
    """Whether an amount, the customer's or ours, may be agreed on for a ``debt`` with its charges."""
    least = terms(debt, prospect, quantum).floor
    if amount >= debt:
        return Answer(True, NOTHING_GIVEN, least)
    return Answer(amount >= least, ACCEPTABLE if amount >= least else BELOW_FLOOR, least)


def given_up(principal: Decimal, charges: Decimal, amount: Decimal) -> Concession:
    """What is forgiven of a debt of ``principal`` and ``charges`` when ``amount`` settles it."""
    waived = min(charges, max(ZERO, principal + charges - amount))
    return Concession(waived, max(ZERO, principal - amount))


def on_account(missing: Decimal, payments: Iterable[Decimal], owes_more: bool) -> tuple[int, ...]:
    """Which payments that nobody has matched yet belong to an offer, by their places.

    All of them when the customer owes nothing else in the currency and they suffice. Else only what comes to the missing
    amount exactly, one alone before all together: whoever pays another invoice has not taken an offer.
    """
    amounts = tuple(payments)
    if not amounts or missing <= 0:
        return ()
    if missing in amounts:
        return (amounts.index(missing),)
    total = sum(amounts, ZERO)
    return tuple(range(len(amounts))) if total == missing or (total > missing and not owes_more) else ()


def shares(given: Decimal, open_amounts: Iterable[Decimal]) -> list[Decimal]:
    """How much of ``given`` comes off each of these amounts, the first of them first, none below 0."""
    found = []
    for amount in open_amounts:
        part = min(given, max(ZERO, amount))
        found.append(part)
        given -= part
    return found


def judge(offer: Offer, entries: Iterable[Entry], today: date) -> Verdict:
    """What became of an offer by ``today``: it is taken by money in its time, all of it, else it lapses by itself.

    An entry counts on its own day, so a payment entered late may still take an offer that had lapsed; one that bounced is
    no entry any more. Nobody pays more than is owed: what was credited otherwise leaves less to pay.
    """
    found = [one for one in entries if one.on <= min(offer.until, today)]

    def missing_by(day: date) -> tuple[Decimal, Decimal]:
        paid = sum((one.amount for one in found if one.on <= day and _answers(offer, one)), ZERO)
        relief = sum((one.amount for one in found if one.on <= day and not _answers(offer, one)), ZERO)
        wanted = offer.amount if offer.debt is None else max(ZERO, min(offer.amount, offer.debt - relief))
        return paid, max(ZERO, wanted - paid)

    paid, missing = missing_by(today)
    on = None
    for day in sorted({max(one.on, offer.made_on) for one in found}, reverse=True):
        if missing_by(day)[1]:
            break
        on = day
    return Verdict(TAKEN if not missing else OPEN if today <= offer.until else LAPSED, paid, on, missing)


def _answers(offer: Offer, entry: Entry) -> bool:
    """Whether an entry is money paid for the offer, not a credit and nothing from before."""
    return entry.money and entry.on >= offer.made_on


def too_much(amount: Decimal, payments: Iterable[Decimal]) -> tuple[int, ...]:
    """The places of the payments, in the order in which they came, that came when ``amount`` was there already."""
    total, found = ZERO, []
    for place, payment in enumerate(payments):
        if total >= amount:
            found.append(place)
        total += payment
    return tuple(found)
