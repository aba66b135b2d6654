"""When money for open items is expected, and on whose word: a promise, a plan, or how the customer pays (F-12)."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .ledger import ZERO

TRANSIT, PROMISE, PLAN, HABIT, OVERDUE = "transit", "promise", "plan", "habit", "overdue"


class Owing(NamedTuple):
    """An open item: what of it is contested, on its way, promised by days and to be paid by a plan, and the day by habit.

    ``missed`` is the part of installments that did not come within their grace: the plan is no word to go by for it any more.
    ``usual`` is that day as it was foretold before anything was late: once it has passed, the customer is later than usual.
    """

    id: int
    currency: int
    amount: Decimal
    usual: date
    habit: date
    contested: Decimal = ZERO
    transit: Decimal = ZERO
    promised: tuple[tuple[date, Decimal], ...] = ()
    planned: tuple[tuple[date, Decimal], ...] = ()
    missed: Decimal = ZERO


class Expected(NamedTuple):
    """A part of an item and the day on which it is expected."""

    item: int
    day: date
    amount: Decimal
    source: str


def expect(items: Iterable[Owing], credits: dict[int, Decimal], today: date) -> list[Expected]:
    """What one customer will pay and when; ``credits`` by currency are taken off what comes first.

    Contested parts are not expected. The rest comes as it is on its way, promised or planned, and what nobody spoke of by
    habit; never before ``today``. The parts of an item sum to what is open of it and not contested; it has one part for
    each day and source.
    """
    found = _merged(part for item in items for part in _parts(item, today))
    return _net(found, {item.id: item.currency for item in items}, dict(credits))


def divide(parts: Iterable[tuple[date, Decimal]], owed: Iterable[tuple[int, Decimal]]) -> dict[int, tuple[tuple[date, Decimal], ...]]:
    """Which item each part of a plan pays, the oldest first: ``{item: ((day, amount), …)}``."""
    left, found = [[day, amount] for day, amount in parts if amount > 0], {}
    for item, amount in owed:
        taken = []
        while amount > 0 and left:
            part = min(amount, left[0][1])
            taken.append((left[0][0], part))
            amount -= part
            left[0][1] -= part
            if not left[0][1]:
                left.pop(0)
        found[item] = tuple(taken)
    return found


def _parts(item, today):
    """The parts of an item, the most certain first, until nothing is left of it."""
    left = max(ZERO, item.amount - item.contested)
    known = [(TRANSIT, today, item.transit)]
    known += [(PROMISE, day, amount) for day, amount in sorted(item.promised)]
    known += [(PLAN, day, amount) for day, amount in sorted(item.planned)]
    known.append((OVERDUE, item.habit, item.missed))
    known.append((OVERDUE if item.usual < today else HABIT, item.habit, left))
    for source, day, amount in known:
        part = min(left, amount)
        if part > 0:
            left -= part
            yield Expected(item.id, max(day, today), part, source)


def _merged(parts):
    """Parts of an item on the same day for the same reason as one, such as two late installments."""
    found = {}
    for part in parts:
        key = (part.item, part.day, part.source)
        found[key] = part._replace(amount=part.amount + found[key].amount) if key in found else part
    return list(found.values())


def _net(parts, currencies, credits):
    """Without what credits already pay: a customer sets them off against what it pays first."""
    found = []
    for part in sorted(parts, key=lambda part: (part.day, part.item)):
        currency = currencies[part.item]
        taken = min(part.amount, credits.get(currency, ZERO))
        if taken:
            credits[currency] -= taken
        if part.amount > taken:
            found.append(part._replace(amount=part.amount - taken))
    return found
