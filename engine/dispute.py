"""Disputes: what of a contested amount is still open, and what became of the rest (F-17)."""
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .money import quantize

ZERO = Decimal(0)
DAY = timedelta(days=1)
MONEY, CREDIT, WRITE_OFF, OTHER = "money", "credit", "write_off", "other"
# what a dispute came to
OPEN, CREDITED, PAID, WRITTEN_OFF, CLEARED = "open", "credited", "paid", "written_off", "cleared"


class Entry(NamedTuple):
    """What was set off against a contested item on a day; ``dispute`` is the one it was made for, if any."""

    on: date
    amount: Decimal
    kind: str = MONEY
    dispute: int | None = None


class Item(NamedTuple):
    """A contested item: what is ``open`` of it after all ``entries``.

    ``others_paid`` is what the same payments settled of other items, of which ``others_open`` is open still.
    """

    open: Decimal
    entries: tuple[Entry, ...] = ()
    others_paid: Decimal = ZERO
    others_open: Decimal = ZERO


class Dispute(NamedTuple):
    """A dispute of ``amount``, its original one.

    ``money_before`` and ``credit_before`` had been set off against the item when it was opened (or last decided on).
    ``decided`` is what a person said is not contested any more, ``kept`` what had been paid of it by then.
    """

    id: int
    amount: Decimal
    opened_on: date
    money_before: Decimal = ZERO
    credit_before: Decimal = ZERO
    decided: Decimal = ZERO
    kept: Decimal = ZERO


class Balance(NamedTuple):
    """Original = open + paid + credited + cleared + written off, always; ``code`` is what ended it, or "open"."""

    original: Decimal
    open: Decimal
    paid: Decimal
    credited: Decimal
    cleared: Decimal
    written_off: Decimal
    code: str


def share_of_payment(payment: Decimal, disputed: Decimal, total: Decimal, quantum: Decimal = Decimal("0.01")) -> Decimal:
    """What of a payment counts for the disputed part of the ``total`` it was made on (F-17).

    2,200 paid on 1,000 disputed and 2,000 other: 2,200 × 1,000 / 3,000 = 733.33.
    """
    return quantize(min(payment, total) * disputed / total, quantum) if total > 0 else ZERO


def settle(item: Item, disputes: Iterable[Dispute], quantum: Decimal, proportional: bool = False) -> dict[int, Balance]:
    """What became of the disputes of one item, by their id.

    What was credited or written off for a dispute is taken from it. A credit note that names none goes to the oldest
    one, of the same day to the largest. A payment settles what is not contested first, or all in ``proportion``.
    """
    ordered = sorted(disputes, key=lambda one: (one.opened_on, -one.amount, one.id))
    written, credited, left, place = {}, {}, {}, ZERO
    for one in ordered:
        room = one.amount - one.decided - one.kept
        written[one.id] = min(room, _sum(item, WRITE_OFF, one.id))
        room -= written[one.id]
        credited[one.id] = min(room, _sum(item, CREDIT, one.id))
        room -= credited[one.id]
        place = max(place, one.credit_before)
        found = max(ZERO, min(room, _sum(item, CREDIT, None) - place))
        place += found
        credited[one.id] += found
        left[one.id] = room - found
    paid, cleared = _spread_payments(item, ordered, left, quantum, proportional)
    balances = {}
    for one in ordered:
        parts = (one.kept + paid[one.id], credited[one.id], one.decided + cleared[one.id], written[one.id])
        rest = left[one.id] - paid[one.id] - cleared[one.id]
        balances[one.id] = Balance(one.amount, rest, *parts, _code(rest, *parts))
    return balances


def _sum(item, kind, dispute):
    return sum((entry.amount for entry in item.entries if entry.kind == kind and entry.dispute == dispute), ZERO)


def _spread_payments(item, ordered, left, quantum, proportional):
    """Paid of each dispute, and settled in the books otherwise: no more stays contested than is open of the item."""
    money = sum((entry.amount for entry in item.entries if entry.kind == MONEY), ZERO)
    since = {one.id: max(ZERO, money - one.money_before) for one in ordered}
    paid, cleared = dict.fromkeys(left, ZERO), dict.fromkeys(left, ZERO)
    for one in ordered:
        came = since[one.id]
        if proportional and came:
            total = item.open + came + item.others_paid + item.others_open
            paid[one.id] = min(left[one.id], share_of_payment(came + item.others_paid, left[one.id], total, quantum))
    excess = sum(left.values(), ZERO) - sum(paid.values(), ZERO) - max(ZERO, item.open)
    for one in ordered:
        gone = max(ZERO, min(excess, left[one.id] - paid[one.id]))
        by_money = max(ZERO, min(gone, since[one.id] - paid[one.id]))
        paid[one.id] += by_money
        cleared[one.id] = gone - by_money
        excess -= gone
    return paid, cleared


def _code(rest, paid, credited, cleared, written):
    """What ended it: the larger part of what became of it."""
    if rest:
        return OPEN
    return max(((credited, CREDITED), (written, WRITTEN_OFF), (cleared, CLEARED), (paid, PAID)), key=lambda pair: pair[0])[1]


def days_excused(due: date, until: date, spans: Iterable[tuple[date, date]]) -> int:
    """Days late, after ``due`` up to ``until``, on which a dispute at our fault was open; ``spans`` include both ends.

    The last day of a dispute still belongs to it: the clock goes on the day after.
    """
    count, last = 0, due
    for first, end in sorted(spans):
        begin, end = max(last, first - DAY), min(end, until)
        count += max(0, (end - begin).days)
        last = max(last, end)
    return count
