"""Decide whether a customer is contacted today, at which level, about what, and why not.

Two clocks must both be met: the days from an item's due date, and the days since
the customer was last contacted. An item climbs by its own clock; the customer gets
one message, at the highest level that an item reaches today, about all that is
overdue. A customer who gets nothing gets a reason.
"""
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .ledger import ZERO, Facts, Item, net
from .policy import AFTER, BEFORE, Level, Policy, Step, kind_of, next_change, next_step, reached_on

__all__ = ["AFTER", "BEFORE", "Contact", "Decision", "Level", "Line", "Policy", "Step", "confirm", "decide"]

COVERS = ("disputed", "in_transit", "promised")  # what may cover an item, the one to name first
LOOKS = 24  # days looked at to foretell a contact before giving up
DAY = timedelta(days=1)


class Line(NamedTuple):
    """An item in a message. ``advances`` when this contact moves the item to ``level``."""

    item: int
    currency: int
    asked: Decimal
    level: int | None
    round: int
    advances: bool


class Contact(NamedTuple):
    """One message to send. ``level`` is the highest level an item reaches with it."""

    kind: str
    level: Level
    round: int
    channels: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def leading(self) -> int:
        """The item that stands for this contact in its unique key."""
        return min(line.item for line in self.lines
                   if line.advances and line.level == self.level.position)


class Decision(NamedTuple):
    """The outcome for a customer: a contact, or the reason for silence.

    ``reason`` with ``detail`` explains it; ``items`` holds a reason per item that
    is left out; ``next_on`` and ``next_level`` foretell the next contact.
    """

    customer: int
    contact: Contact | None
    reason: str
    detail: dict
    items: dict[int, str]
    next_on: date | None = None
    next_level: int | None = None


class Silence(NamedTuple):
    """Why nothing is sent; ``until`` is the first day it may be different, None if only an event ends it."""

    reason: str
    detail: dict = {}
    until: date | None = None


def decide(facts: Facts, policy: Policy, today: date) -> Decision:
    """Decide on one customer. Pure: the same facts in any order give the same decision."""
    facts = facts._replace(items=tuple(sorted(facts.items, key=lambda item: (item.due, item.id))))
    contact, silence, left_out = _judge(facts, policy, today)
    if contact:
        return Decision(facts.customer, contact, "contact", _because(contact, facts.items, today), left_out)
    foretold = _foretell(facts, policy, silence)
    return Decision(facts.customer, None, silence.reason, dict(silence.detail), left_out, *foretold)


def _judge(facts, policy, today):
    """The contact of today or the silence instead of it, and the reasons of the items left out."""
    eligible, left_out = _sort_out(facts, today)
    asked = net(eligible, facts.credits)
    left_out |= {item.id: "covered_by_credit" for item in eligible if not asked[item.id]}
    silence = _silenced(facts, policy, eligible, today)
    if silence:
        return None, silence, left_out
    items = [item for item in eligible if asked[item.id]]
    contact, reason, detail, missed = _contact(facts, policy, items, asked, today)
    if contact:
        return contact, None, left_out | missed
    return None, Silence(reason, detail, _next_change(facts, policy, items, reason, today)), left_out


def _sort_out(facts: Facts, today: date) -> tuple[list[Item], dict[int, str]]:
    """Split items into those that may be asked for and those that may not, with the reason."""
    eligible, left_out = [], {}
    for item in facts.items:
        if item.pause and item.pause.holds(today):
            left_out[item.id] = item.pause.reason
        elif not item.claimable:
            left_out[item.id] = _covered_by(item)
        else:
            eligible.append(item)
    return eligible, left_out


def _covered_by(item):
    """Why nothing of an item may be asked for."""
    return next(reason for reason in COVERS if getattr(item, reason))


def _silenced(facts, policy, eligible, today):
    """The first reason that silences the whole customer, or None."""
    if facts.stop:
        return Silence(facts.stop)
    if facts.pause and facts.pause.holds(today):
        until = facts.pause.until
        return Silence(facts.pause.reason, {"until": until}, until and until + DAY)
    if not policy.levels:
        return Silence("no_level")
    if not facts.items:
        return Silence("nothing_open")
    if not eligible:
        return _all_left_out(facts, today)
    if facts.in_flight:
        return Silence("in_flight", {}, today + DAY)
    return _too_often(facts, policy, today) or (Silence("quiet_day", {}, today + DAY) if facts.quiet else None)


def _all_left_out(facts, today):
    """The reason when no item may be asked for: the one that ends first, if it ends."""
    pauses = [item.pause for item in facts.items if item.pause and item.pause.holds(today)]
    dated = [pause for pause in pauses if pause.until]
    if dated:
        first = min(dated, key=lambda pause: pause.until)
        return Silence(first.reason, {"until": first.until}, first.until + DAY)
    if pauses:
        return Silence(pauses[0].reason)
    return Silence(min((_covered_by(item) for item in facts.items), key=COVERS.index))


def _too_often(facts, policy, today):
    """The silence that the gap or the cap demands, or None."""
    gap = max(1, policy.gap)  # never twice on a day, whatever the setting
    last = facts.contacts[-1] if facts.contacts else None
    if last and (today - last).days < gap:
        detail = {"last": last, "days": (today - last).days, "gap": gap}
        return Silence("too_soon", detail, last + timedelta(days=gap))
    recent = [day for day in facts.contacts if (today - day).days < policy.cap_days]
    if policy.cap and len(recent) >= policy.cap:
        free = recent[-policy.cap] + timedelta(days=policy.cap_days)
        return Silence("cap_reached", {"count": len(recent), "days": policy.cap_days}, free)
    return None


def _contact(facts, policy, items, asked, today):
    """The contact due today, after-due before before-due: (contact, reason, detail, items it misses)."""
    reason, detail = ("nothing_due" if items else "covered_by_credit"), {}
    steps = {item.id: step for item in items if (step := next_step(item, policy, today)) and step.on <= today}
    overdue = {}
    for kind in (AFTER, BEFORE):
        of_kind = [item for item in items if kind_of(item, today) == kind]
        moving = {item.id: steps[item.id] for item in of_kind
                  if item.id in steps and steps[item.id].level.kind == kind}
        if kind == BEFORE:
            of_kind = [item for item in of_kind if item.id in moving]
        contact, why, more = _compose(facts, kind, of_kind, asked, moving) if moving else (None, None, {})
        if contact:
            sent = {line.item for line in contact.lines}
            return contact, None, {}, overdue | {i.id: "below_minimum" for i in of_kind if i.id not in sent}
        if why and reason == "nothing_due":
            reason, detail = why, more
        if kind == AFTER:
            overdue = {item.id: reason for item in of_kind}
    return None, reason, detail, {}


def _compose(facts, kind, items, asked, moving):
    """Build the message at the highest level whose minimum is met: (contact, reason, detail)."""
    totals = {}
    for item in items:
        totals[item.currency] = totals.get(item.currency, ZERO) + asked[item.id]
    levels = {level.position: level for step in moving.values() for level in (step.level, *step.lower)}
    for position, level in sorted(levels.items(), reverse=True):
        lines = tuple(_line(item, asked, moving, position) for item in items
                      if totals[item.currency] >= level.minimum.get(item.currency, ZERO))
        leading = {line.item: line for line in lines if line.advances and line.level == position}
        if not leading:
            continue
        failed = {channel for item in items if item.id in leading for channel in item.failed}
        channels = _channels(level, facts.reachable - failed)
        if not channels:
            return None, "unreachable", {"level": level.id, "channels": level.channels}
        # The key of the contact names the leading item: the round must be that item's own.
        return Contact(kind, level, leading[min(leading)].round, channels, lines), None, {}
    return None, "below_minimum", {}


def _line(item, asked, moving, position):
    step = moving.get(item.id)
    level = step and step.at_most(position)
    if level:
        return Line(item.id, item.currency, asked[item.id], level.position, step.round, True)
    return Line(item.id, item.currency, asked[item.id], item.level, item.round, False)


def _channels(level, usable):
    """The level's channels that can be used, else its first usable fallback."""
    main = tuple(channel for channel in level.channels if channel in usable)
    if main:
        return main
    return tuple(channel for channel in level.fallback if channel in usable)[:1]


def _because(contact, items, today):
    """The item that caused the contact, in words' raw material."""
    leading = next(item for item in items if item.id == contact.leading)
    detail = {"item": leading.id, "days": (today - leading.due).days, "level": contact.level.id}
    if contact.kind == BEFORE and contact.level.offset < 0 and leading.ahead and leading.ahead.holds(today):
        detail |= {"run": leading.ahead.run, "until": leading.ahead.until}
    return detail


def _foretell(facts, policy, silence):
    """The first working day on which these facts bring a contact: (day, level id), else (None, None)."""
    facts = facts._replace(in_flight=frozenset(), quiet=False)
    for _look in range(LOOKS):
        if not silence.until:
            break
        day = policy.calendar.next_working_day(silence.until)
        contact, silence, _left_out = _judge(facts, policy, day)
        if contact:
            return day, contact.level.id
    return None, None


def _next_change(facts, policy, items, reason, today):
    """The first day after ``today`` that may bring a contact by the calendar alone."""
    days = [item.pause.until + DAY for item in facts.items
            if item.pause and item.pause.until and item.pause.holds(today)]
    days += [day for item in items if (day := next_change(item, policy, today))]
    if reason == "below_minimum":  # what falls due adds to the total
        days += [item.due + DAY for item in items if kind_of(item, today) == BEFORE]
    return min(days, default=None)


def confirm(facts: Facts, planned: Contact, policy: Policy, today: date) -> Decision:
    """Decide again, just before sending, on a contact planned earlier.

    The same rules apply to the facts of now. What was settled or paused meanwhile
    leaves the message, amounts are asked as they stand; nothing is added, since a
    person may have approved the list. Without its leading item the contact is off.
    """
    claimable, left_out = _sort_out(facts, today)
    silence = _silenced(facts, policy, claimable, today)
    if silence:
        code, detail, on = silence
        return Decision(facts.customer, None, "settled" if code == "nothing_open" else code, detail, left_out, on)
    eligible = [item for item in claimable if (item.due < today) == (planned.kind == AFTER)]
    asked = net(claimable, facts.credits)
    by_id = {item.id: item for item in eligible}
    lines = [_as_it_stands(line, by_id[line.item], asked, policy, today) for line in planned.lines
             if line.item in by_id and asked[line.item]]
    totals = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, ZERO) + line.asked
    kept = tuple(line for line in lines
                 if totals[line.currency] >= planned.level.minimum.get(line.currency, ZERO))
    if not any(line.advances and line.level == planned.level.position for line in kept):
        return Decision(facts.customer, None, _gone(planned, facts, left_out, asked, lines, today), {}, left_out)
    contact = planned._replace(lines=kept)
    return Decision(facts.customer, contact, "contact", _because(contact, eligible, today), left_out)


def _as_it_stands(line, item, asked, policy, today):
    """A planned line with the amount of now; it advances only while its item is still at the level."""
    level = next((level for level in policy.levels if level.position == line.level), None)
    due = level is not None and reached_on(level, item, policy.calendar, today) <= today
    return line._replace(asked=asked[line.item], advances=line.advances and due)


def _gone(planned, facts, left_out, asked, lines, today):
    """Why the leading items are no longer asked for."""
    leading = {line.item for line in planned.lines if line.advances and line.level == planned.level.position}
    if any(line.item in leading for line in lines):
        return "below_minimum" if any(line.item in leading and line.advances for line in lines) else "nothing_due"
    items = [item for item in facts.items if item.id in leading]
    if planned.kind == BEFORE and any(item.due < today for item in items):
        return "now_overdue"
    reasons = [left_out[item.id] for item in items if item.id in left_out]
    if reasons:
        return reasons[0]
    return "covered_by_credit" if any(item.id in asked for item in items) else "settled"
