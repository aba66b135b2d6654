"""A customer's past, lived through once more with a policy: which contacts there would have been.

Only days on which something can change are decided: those of an event, the day after a contact, and the one that the
last decision foretold. What people did then is not known: letters and calls are done at once, or left undone.
"""
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from .followup import Contact, Decision
from .ledger import Facts
from .policy import Policy, next_change
from .timeline import DAY, Flight, Memory, Timeline, events, facts_on

BY_HAND = ("letter", "call")


class Done(NamedTuple):
    """A contact that would have been made, over those of its channels that were used: none when only a person's work was left undone."""

    day: date
    contact: Contact
    channels: tuple[str, ...]


def walk(timeline: Timeline, policy: Policy, decide: Callable[[Facts, date], Decision], first: date, last: date,
         wait: int | None = None) -> Iterator[Done]:
    """The contacts from ``first`` to ``last``; letters and calls are given up after ``wait`` days, None = done at once."""
    memory, changes, day = Memory({}, [], []), events(timeline, first), first
    while day and day <= last:
        facts = facts_on(timeline, memory, day)
        decision = decide(facts, day)
        if decision.contact:
            yield _perform(decision.contact, memory, day, wait)
        day = _next_look(facts, policy, decision, changes, timeline.quiet, day)


def _perform(contact, memory, day, wait):
    """Remember a contact as made; what a person leaves undone counts as a step once it is given up."""
    done = contact.channels if wait is None else tuple(channel for channel in contact.channels if channel not in BY_HAND)
    moved = {line.item: (line.level, line.round, day) for line in contact.lines if line.advances}
    memory.steps.update(moved)
    if done:
        memory.contacts.append(day)
    if len(done) < len(contact.channels):
        memory.flights.append(Flight(contact.kind, day + wait * DAY, frozenset(moved)))
    return Done(day, contact, done)


def _next_look(facts, policy, decision, changes, quiet, today):
    """The next day to decide on, None when nothing can change any more."""
    at = bisect_right(changes, today)
    days = changes[at:at + 1]
    if decision.contact:
        days.append(today + DAY)
    elif decision.next_on:
        days.append(_day_off(policy, quiet, today, decision.next_on))
    else:  # nothing was foretold, or it was too far away
        days += [day for item in facts.items if (day := next_change(item, policy, today))]
    return min(days, default=None)


def _day_off(policy, quiet, today, foretold):
    """Contacts are foretold for working days; a policy that knows no quiet days makes some before."""
    days = (today + n * DAY for n in range(1, (foretold - today).days))
    return next((day for day in days if day not in quiet and not policy.calendar.is_working(day)), foretold)
