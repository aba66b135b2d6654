"""What the ledger says about one customer, as plain values.

All amounts are ``Decimal`` in the currency of the item, positive when the
customer owes; dates are ``datetime.date``; ids are opaque integers.
"""
from datetime import date
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


class Pause(NamedTuple):
    """Silence for a reason; ``until`` is the last silent day, ``None`` while the cause is open."""

    reason: str
    until: date | None = None

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until


class Ahead(NamedTuple):
    """The contact ahead of a customer's pay run: best ``on`` a day; documents are in time for ``run`` ``until`` then."""

    on: date
    until: date
    run: date

    def holds(self, today: date) -> bool:
        return today <= self.until


class Item(NamedTuple):
    """One open receivable item (an installment of an invoice).

    ``disputed``, ``in_transit`` and ``promised`` are the parts of ``residual`` that must
    not be asked for. ``level`` is the position of the last level that counted, ``level_on``
    its day, ``round`` how often that level was repeated (0 = first time).
    ``failed`` names the channels on which the next level could not be delivered.
    ``ahead`` says when the contact before the due date is best, for a customer with pay runs.
    ``mild``: a bill of charges, which by itself is asked for at the first level after due only (edge case 31).
    """

    id: int
    currency: int
    due: date
    residual: Decimal
    disputed: Decimal = ZERO
    in_transit: Decimal = ZERO
    pause: Pause | None = None
    level: int | None = None
    round: int = 0
    level_on: date | None = None
    failed: tuple[str, ...] = ()
    promised: Decimal = ZERO
    ahead: Ahead | None = None
    mild: bool = False

    @property
    def claimable(self) -> Decimal:
        """What may be asked for today before credits are netted."""
        return max(ZERO, self.residual - self.disputed - self.in_transit - self.promised)


class Facts(NamedTuple):
    """All that decides whether, how and why one customer is contacted.

    ``credits`` sums unapplied payments and credit notes by currency.
    ``contacts`` are the days of past contacts about debts, newest last.
    ``in_flight`` holds the kinds ("before", "after") of contacts not yet finished.
    ``reachable`` are the channels with a usable address.
    ``stop`` is a reason code that silences the customer altogether.
    ``quiet`` tells that today is a day off where the company or the customer is.
    """

    customer: int
    items: tuple[Item, ...]
    credits: dict[int, Decimal] = {}
    contacts: tuple[date, ...] = ()
    in_flight: frozenset[str] = frozenset()
    reachable: frozenset[str] = frozenset()
    pause: Pause | None = None
    stop: str | None = None
    quiet: bool = False


def net(items: list[Item], credits: dict[int, Decimal]) -> dict[int, Decimal]:
    """Spread each currency's credits over its items, oldest due first.

    Returns ``{item id: amount still to ask}``; the sum per currency is
    ``max(0, claimable - credits)``, so a customer in credit is asked for nothing.
    """
    left = dict(credits)
    asked = {}
    for item in sorted(items, key=lambda i: (i.due, i.id)):
        amount = item.claimable
        used = min(amount, max(ZERO, left.get(item.currency, ZERO)))
        left[item.currency] = left.get(item.currency, ZERO) - used
        asked[item.id] = amount - used
    return asked


def spread(amount: Decimal, targets: dict[int, Decimal]) -> dict[int, Decimal]:
    """Give ``amount`` to the targets in their order, each at most what it takes; the rest is dropped."""
    given = {}
    for target, takes in targets.items():
        part = min(amount, max(ZERO, takes))
        if part:
            given[target] = part
            amount -= part
    return given
