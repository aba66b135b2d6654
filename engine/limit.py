"""The credit limit in force, and what is left of it (F-1).

Three meanings are kept apart everywhere: ``None`` is no limit at all, 0 is
prepayment only, any other amount is a limit in company currency.
"""
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

BASE, TEMPORARY, INSURED, GROUP = "base", "temporary", "insured", "group"
KEEP, WARN, ZERO = "keep", "warn", "zero"
# why the limit is what it is
NO_LIMIT, DEFAULT, EXPIRED = "no_limit", "default", "expired"


class Grant(NamedTuple):
    """A decision of the journal: ``amount`` of a ``kind`` from ``start`` to ``end``, both included.

    ``amount`` None takes back what was granted of that kind before. ``id`` is the line of the journal,
    ``decided`` the moment of the decision.
    """

    kind: str
    amount: Decimal | None
    start: date | None = None
    end: date | None = None
    id: int | None = None
    decided: datetime | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Limit(NamedTuple):
    """What is in force: ``amount`` (see above), the code of what decided it, its last day, what it is made of.

    ``parts`` holds the amounts that entered, by kind. ``expired`` tells that the base
    limit has run out, whatever the company makes of that. ``base`` is the id of the base
    that covers the day, else of the last one that began: what ceiling and ladder go by.
    """

    amount: Decimal | None
    reason: str = NO_LIMIT
    until: date | None = None
    expired: bool = False
    parts: dict[str, Decimal] = {}
    base: int | None = None

    def left(self, exposure: Decimal) -> Decimal | None:
        """What may still be taken up; negative when over, None without a limit."""
        return None if self.amount is None else self.amount - exposure


UNLIMITED = Limit(None)


def in_force(grants: Iterable[Grant], today: date, expired: str = KEEP, default: Decimal | None = None) -> Limit:
    """``min(group, temporary or base) + insured``, each the newest decision that covers ``today``.

    ``grants`` come oldest first. ``default`` is the company's limit for customers
    without a base of their own. An expired base counts on (``keep``, ``warn``) or as
    prepayment (``zero``).
    """
    grants = tuple(grants)
    newest = last_word(grants, today)
    own = _own(newest, today, expired, default)
    amount, parts = own.amount, dict(own.parts)
    group = newest.get(GROUP)
    if group and group.amount is not None:
        parts[GROUP] = group.amount
        if amount is None or group.amount < amount:
            # a base that ran out keeps its last day: that is what the expired rule tells
            own = own._replace(reason=GROUP, until=own.until if own.expired else group.end)
            amount = group.amount
    insured = newest.get(INSURED)
    if insured and insured.amount and amount is not None:
        parts[INSURED] = insured.amount
        amount += insured.amount
    return own._replace(amount=amount, parts=parts, base=_base(grants, today))


def last_word(grants: Iterable[Grant], today: date) -> dict[str, Grant]:
    """The newest decision of each kind that speaks today, by kind."""
    newest = {}
    for grant in grants:
        known = newest.get(grant.kind)
        # what ran out before the known one began was never meant to take its place
        over = _has_run_out(grant, today) and not (known and known.start and known.start > grant.end)
        if grant.covers(today) or over:
            newest[grant.kind] = grant
    return newest


def _has_run_out(grant, today):
    """An expired base still speaks; whatever else has ended is as if it had never been."""
    return grant.kind == BASE and grant.end is not None and grant.end < today


def _own(newest, today, expired, default):
    base = newest.get(BASE)
    has_expired = bool(base and _has_run_out(base, today))
    temporary = newest.get(TEMPORARY)
    if temporary and temporary.amount is not None:
        return Limit(temporary.amount, TEMPORARY, temporary.end, has_expired, {TEMPORARY: temporary.amount})
    if base is None:
        return UNLIMITED if default is None else Limit(default, DEFAULT, parts={DEFAULT: default})
    amount = Decimal(0) if has_expired and expired == ZERO else base.amount
    reason = EXPIRED if has_expired else BASE if amount is not None else NO_LIMIT
    return Limit(amount, reason, base.end, has_expired, {} if amount is None else {BASE: amount})


def _base(grants, today):
    started = [grant for grant in grants if grant.kind == BASE and (grant.start is None or grant.start <= today)]
    covering = [grant for grant in started if grant.covers(today)]
    return (covering or started)[-1].id if started else None


def total(parts: dict[str, Decimal]) -> Decimal:
    """Exposure: the sum of its named parts, credits being negative."""
    return sum(parts.values(), Decimal(0))
