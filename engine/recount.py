"""What days that were charged come to when they are worked out once more, from what the ledger of charges kept of them."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .daycount import share
from .money import quantize


class Line(NamedTuple):
    """Days [start, end) charged at ``rate`` percent on ``balance``: a year by the convention ``count``, or a month without one.

    ``cut``: a ceiling took something off.
    """

    start: date
    end: date
    balance: Decimal
    rate: Decimal
    amount: Decimal
    count: str | None = None
    cut: bool = False


class Recount(NamedTuple):
    """What adjoining lines of one balance and rate were charged, and what they come to."""

    start: date
    end: date
    charged: Decimal
    due: Decimal
    holds: bool


def recount(lines: Iterable[Line], quantum: Decimal) -> list[Recount]:
    """Adjoining lines of one balance and rate, charged in one run or in several, come to the same as at once (I-6, R-43).

    A unit more or less is how the first and the last of them were rounded.
    """
    found = []
    for group in _adjoining(sorted(lines)):
        charged, due = sum((line.amount for line in group), Decimal(0)), quantize(sum(_cost(line) for line in group), quantum)
        holds = charged - due <= quantum and (due - charged <= quantum or any(line.cut for line in group))
        found.append(Recount(group[0].start, group[-1].end, charged, due, holds))
    return found


def _adjoining(lines):
    groups = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last and line.count and (last.end, last.balance, last.rate, last.count) == (line.start, line.balance, line.rate, line.count):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _cost(line):
    if line.count is None:
        return line.balance * line.rate / 100
    part = share(line.start, line.end, line.count)
    return line.balance * line.rate * part.numerator / (100 * part.denominator)
