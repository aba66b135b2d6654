"""What of the items of a case is claimed, what stays here, and what was set off since the claim began."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .handover import Entry

ZERO = Decimal(0)


class Match(NamedTuple):
    """Something that is matched with an item: the journal item ``by`` which, and of what ``kind`` (None: a draft, which is nothing yet)."""

    by: int
    on: date
    amount: Decimal
    kind: str | None = "money"


class Stand(NamedTuple):
    """An item of a case: what is open of it, what stayed here of it, what is disputed, and what was credited or undone since."""

    residual: Decimal
    kept: Decimal = ZERO
    disputed: Decimal = ZERO
    credited: Decimal = ZERO
    undone: Decimal = ZERO


def since(matches: Iterable[Match], seen: dict[int, Decimal]) -> tuple[tuple[Entry, ...], Decimal]:
    """``(entries, undone)``: what was matched beyond what was ``seen`` when a claim began, and what of that is matched no more.

    A payment of before that is unmatched and matched again brought nothing in.
    """
    entries, left = [], dict(seen)
    for match in matches:
        known = min(match.amount, left.get(match.by, ZERO))
        left[match.by] = left.get(match.by, ZERO) - known
        if match.kind and match.amount > known:
            entries.append(Entry(match.on, match.amount - known, match.kind))
    return tuple(entries), sum(left.values(), ZERO)


def keep(amount: Decimal, stand: Stand) -> Decimal:
    """What stays here of an item of which ``amount`` is claimed now, to be measured by ``stays`` later on."""
    return stand.residual - amount + stand.credited - stand.undone


def stays(stand: Stand) -> Decimal:
    """What is open of an item and not claimed: credits take that down first, but nothing of it as long as it is disputed."""
    rest = max(ZERO, min(stand.disputed, stand.kept), stand.kept + stand.undone - stand.credited)
    return min(max(ZERO, stand.residual), rest)
