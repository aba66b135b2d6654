"""Promises to pay: what became of them, and how far a customer's word can be trusted (F-7)."""
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .workday import Calendar

ZERO = Decimal(0)
OPEN, KEPT, PARTLY, BROKEN, WITHDRAWN = "open", "kept", "partly", "broken", "withdrawn"
JUDGED = (KEPT, PARTLY, BROKEN)


class Entry(NamedTuple):
    """What was set off against a promised item on a day; ``money`` tells a payment from a credit note."""

    on: date
    amount: Decimal
    money: bool = True


class Part(NamedTuple):
    """A promised item: ``amount`` of its ``total``; without a ``total`` the promise is on the balance.

    ``before`` is what had come in already when the promise was made, later on its first day. ``contested`` is in dispute
    as the window ends, or today before that: a credit note after the window takes that off first.
    """

    amount: Decimal
    entries: tuple[Entry, ...] = ()
    total: Decimal | None = None
    before: Decimal = ZERO
    contested: Decimal = ZERO


class Promise(NamedTuple):
    """What was promised on ``made_on``; ``until`` is the last day on which a payment still keeps it."""

    made_on: date
    until: date
    parts: tuple[Part, ...]


class Verdict(NamedTuple):
    """What a promise came to: ``paid`` in its window, the last of it ``on`` a day, and what is ``missing``.

    ``parts`` is what was paid on each part. Withdrawn means that nothing was left to pay.
    """

    state: str
    paid: Decimal
    missing: Decimal
    on: date | None
    parts: tuple[Decimal, ...]


class Rates(NamedTuple):
    """The share of promises kept, by number and by amount, 0 to 1; None as long as none fell due."""

    count: Decimal | None
    amount: Decimal | None


def last_day(promised_on: date, tolerance: int, calendar: Calendar) -> date:
    """The promised day and ``tolerance`` days more; when that is a day off, the next working day."""
    return calendar.next_working_day(promised_on + timedelta(days=tolerance))


def judge(promise: Promise, today: date, quantum: Decimal) -> Verdict:
    """Judge by the payments in the window as of ``today``; ``quantum``, one unit of the currency, may be missing.

    A credit note is no payment, but what it took off cannot be paid any more; nor can what is contested be expected,
    which counts again once it is not contested any more in time. Money that came too late counts for nothing.
    """
    within = tuple(_within(part, promise, today) for part in promise.parts)
    parts = tuple(max(ZERO, sum((entry.amount for entry in found), ZERO) - part.before)
                  for part, found in zip(promise.parts, within))
    paid = sum(parts, ZERO)
    expected = sum((_expected(part, promise) for part in promise.parts), ZERO)
    missing = max(ZERO, expected - paid)
    on = max((entry.on for found in within for entry in found), default=None)
    return Verdict(_state(promise, today, paid, expected, missing <= quantum), paid, missing, on, parts)


def _within(part, promise, today):
    last = min(today, promise.until)
    return [entry for entry in part.entries if entry.money and promise.made_on <= entry.on <= last]


def _expected(part, promise):
    """The promised part of what can be paid at all: without credit notes, disputes and money from before the promise."""
    if part.total is None:
        return max(ZERO, part.amount - part.contested)
    taken = sum((entry.amount for entry in part.entries if not entry.money or entry.on < promise.made_on), ZERO)
    late = credited_late(part.entries, promise.until)
    return max(ZERO, min(part.amount, part.total - (taken - late) - part.before - max(late, part.contested)))


def credited_late(entries: Iterable[Entry], until: date) -> Decimal:
    """What was set off other than by money after the window."""
    return sum((entry.amount for entry in entries if not entry.money and entry.on > until), ZERO)


def _state(promise, today, paid, expected, complete):
    if not expected and not paid:
        contested = any(part.contested for part in promise.parts)
        return OPEN if contested and today <= promise.until else WITHDRAWN
    if paid > 0 and complete:
        return KEPT
    if today <= promise.until:
        return OPEN
    return PARTLY if paid > 0 else BROKEN


def rates(promises: Iterable[tuple[str, Decimal, Decimal]]) -> Rates:
    """How much of what was promised came: over (state, promised, paid in the window) of those judged (F-7)."""
    judged = [promise for promise in promises if promise[0] in JUDGED]
    promised = sum((amount for _state, amount, _paid in judged), ZERO)
    if not promised:
        return Rates(None, None)
    kept = sum(state == KEPT for state, _amount, _paid in judged)
    paid = sum((min(paid, amount) for _state, amount, paid in judged), ZERO)
    return Rates(Decimal(kept) / len(judged), paid / promised)


def level(previous: Iterable[tuple[str, int]]) -> int:
    """The level of a new promise, after (state, level) of the last ones on the same items.

    Whatever was not kept raises it, also when it was withdrawn in time; a kept one does not (F-7).
    """
    return max((was if state == KEPT else was + 1 for state, was in previous), default=1)
