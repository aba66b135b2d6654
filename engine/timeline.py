"""What happened to a customer over time, whatever the policy, and the facts of one of those days."""
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .ledger import ZERO, Facts, Item, Pause

DAY = timedelta(days=1)


class Span(NamedTuple):
    """What held of an item from ``first`` to ``last`` (None = still does): silence for a ``reason``, or an ``amount``.

    ``until`` is the day on which it was expected to end then, None if nobody knew.
    """

    first: date
    last: date | None
    reason: str = ""
    amount: Decimal = ZERO
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Thread(NamedTuple):
    """An item over time: ``item`` as it was issued, with the level it had before the first day.

    ``settled`` are the days on which parts of it were set off, and those parts.
    """

    item: Item
    issued: date
    settled: tuple[tuple[date, Decimal], ...] = ()
    disputes: tuple[Span, ...] = ()
    promises: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()


class Timeline(NamedTuple):
    """All that happened to one customer whatever the policy.

    ``credits`` are the days on which unapplied credits of a currency became more or less, ``contacts`` the days before the
    first one and those on which people contacted it by themselves, ``quiet`` the days off in the period.
    """

    customer: int
    threads: tuple[Thread, ...]
    credits: tuple[tuple[date, int, Decimal], ...] = ()
    contacts: tuple[date, ...] = ()
    reachable: frozenset[str] = frozenset()
    quiet: frozenset[date] = frozenset()
    stop: str | None = None


class Flight(NamedTuple):
    """A letter or call that nobody does: it keeps the customer silent ``until`` it is given up, or its items are settled."""

    kind: str
    until: date
    items: frozenset[int]


class Memory(NamedTuple):
    """What the walk itself has done so far: steps of items as (level, round, day), days of contacts, what is left undone."""

    steps: dict[int, tuple[int, int, date]]
    contacts: list[date]
    flights: list[Flight]


def facts_on(timeline: Timeline, memory: Memory, today: date) -> Facts:
    """What was known on the morning of ``today``, after the entries of that day."""
    items = tuple(item for thread in timeline.threads if (item := _item_on(thread, memory, today)))
    credits = {}
    for day, currency, amount in timeline.credits:
        if day <= today:
            credits[currency] = credits.get(currency, ZERO) + amount
    contacts = tuple(sorted({*memory.contacts, *(day for day in timeline.contacts if day < today)}))
    still = {item.id for item in items}
    flying = frozenset(flight.kind for flight in memory.flights if flight.until >= today and flight.items & still)
    return Facts(timeline.customer, items, credits, contacts, flying, timeline.reachable, None, timeline.stop, today in timeline.quiet)


def _item_on(thread, memory, today):
    """The item as it stood, or None when it was not open."""
    residual = thread.item.residual - sum((amount for day, amount in thread.settled if day <= today), ZERO)
    if thread.issued > today or residual <= 0:
        return None
    disputed = sum((span.amount for span in thread.disputes if span.holds(today)), ZERO)
    left = [(span, _unpaid(span, thread, today)) for span in thread.promises if span.holds(today)]
    pause = next((Pause(span.reason, span.until) for span in thread.pauses if span.holds(today)), None) \
        or next((Pause("promise", span.until) for span, amount in left if amount >= residual), None)
    level, round_, on = memory.steps.get(thread.item.id, (thread.item.level, thread.item.round, thread.item.level_on))
    return thread.item._replace(residual=residual, disputed=min(disputed, residual), pause=pause, level=level, round=round_, level_on=on,
                                promised=sum((amount for _span, amount in left if amount < residual), ZERO))


def _unpaid(promise, thread, today):
    """What was still to come of a promised amount."""
    paid = sum((amount for day, amount in thread.settled if promise.first < day <= today), ZERO)
    return max(ZERO, promise.amount - paid)


def events(timeline: Timeline, first: date) -> list[date]:
    """The days after ``first`` on which anything but the clocks changes; a contact of people only puts off what was foretold."""
    days = {day for day, _currency, _amount in timeline.credits}
    for thread in timeline.threads:
        days |= {thread.issued, thread.item.due + DAY} | {day for day, _amount in thread.settled}
        for span in (*thread.disputes, *thread.promises, *thread.pauses):
            days |= {span.first} | ({span.last + DAY} if span.last else set())
    return sorted(day for day in days if day > first)
