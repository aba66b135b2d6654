"""What a request for credit comes to, and whether it needs anybody's authority at all."""
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .limit import BASE, INSURED, TEMPORARY, Grant

BOUNDLESS = Decimal("Infinity")


class Request(NamedTuple):
    """A grant that is asked for, and the ceiling that comes with it; none, or 0, is no ceiling."""

    grant: Grant
    cap: Decimal | None = None


def lowers(request: Request, base: Request | None, today: date) -> bool:
    """Whether a request gives less than the ``base`` in force: no higher amount or ceiling, and no later end.

    Less credit needs no authority; what leaves a gap, or begins later, is not simply less.
    """
    wanted = request.grant
    if wanted.kind in (TEMPORARY, INSURED):
        return wanted.amount is None  # taken back
    if wanted.kind != BASE or wanted.amount is None or base is None or base.grant.amount is None:
        return False
    until = base.grant.end or date.max
    return (wanted.start or today) <= today <= until and (wanted.end or date.max) <= until \
        and wanted.amount <= base.grant.amount and (request.cap or BOUNDLESS) <= (base.cap or BOUNDLESS)


def reach(request: Request, own: Decimal | None, top: Decimal) -> Decimal | None:
    """The most credit a request may lead to: None for credit without a limit.

    A base grows to its ceiling, without one to the ``top`` of the customer's ladder; an
    insured amount comes on top of the ``own`` limit.
    """
    amount = request.grant.amount
    if amount is None:
        return None
    if request.grant.kind == INSURED:
        return amount + (own or 0)
    return max(amount, request.cap or top) if request.grant.kind == BASE else amount
