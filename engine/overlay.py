"""A payment plan over the ledger: what of its entries belongs to the plan, and when the plan pays each item (F-15)."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .installment import Standing
from .promise import Entry
from .schedule import ZERO


def since(entries: Iterable[Entry], money: Decimal, credit: Decimal) -> list[Entry]:
    """What was set off since a plan was made: without the ``money`` and ``credit`` that were set off before, the oldest of each."""
    left, found = {True: money, False: credit}, []
    for entry in sorted(entries):
        old = max(ZERO, min(left[entry.money], entry.amount))
        left[entry.money] -= old
        if entry.amount != old:
            found.append(entry._replace(amount=entry.amount - old))
    return found


def within(entries: Iterable[Entry], amount: Decimal) -> list[Entry]:
    """The oldest entries up to ``amount``: of an item that grew since, the rest is outside the plan."""
    found = []
    for entry in sorted(entries):
        mine = min(entry.amount, amount)
        amount -= mine
        if mine:
            found.append(entry._replace(amount=mine))
    return found


def cover(standing: Standing, owed: Iterable[tuple[int, Decimal]]) -> dict[int, tuple[date, date]]:
    """When each item is paid by a plan, oldest first: the day of the first installment that pays some of it, and of the last."""
    ahead, found = [(one.installment.due, one.open) for one in standing.installments if one.open > 0], {}
    for item, amount in owed:
        first = last = None
        while amount > 0 and ahead:
            due, left = ahead[0]
            first, last = first or due, due
            ahead[:1] = [(due, left - amount)] if left > amount else []
            amount -= left
        if first:
            found[item] = (first, last)
    return found
