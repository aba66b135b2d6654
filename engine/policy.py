"""A follow-up policy, its levels, and the clocks that move an item along them."""
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .ledger import Item
from .workday import Calendar

BEFORE, AFTER = "before", "after"


class Level(NamedTuple):
    """A step of a policy. ``offset`` days from the due date, negative or 0 = not yet overdue.

    ``channels`` is ordered; ``fallback`` channels serve when none of them can.
    ``minimum`` maps a currency to the least total worth asking for.
    """

    id: int
    position: int
    offset: int
    working: bool = False
    wait: int = 0
    channels: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    minimum: dict[int, Decimal] = {}
    approval: bool = False
    repeat: int = 0

    @property
    def kind(self) -> str:
        return AFTER if self.offset > 0 else BEFORE

    def reached_on(self, due: date, calendar: Calendar) -> date:
        """The first day on which an item due on ``due`` is at this level."""
        if self.working:
            return calendar.add_working_days(due, self.offset)
        return due + timedelta(days=self.offset)


def reached_on(level: Level, item: Item, calendar: Calendar, today: date) -> date:
    """The first day on which ``item`` is at ``level``.

    Ahead of a pay run that is the day which is best for it, as long as documents are in time for the run: of
    several reminders before the due date the latest comes then. The one on the due date itself keeps its day.
    """
    if level.offset < 0 and item.ahead and item.ahead.holds(today):
        return item.ahead.on
    return level.reached_on(item.due, calendar)


class Policy(NamedTuple):
    """Levels by offset, and the guards that hold for all of them.

    ``fit`` enters at the level that fits; otherwise one level is climbed at a time.
    ``gap`` is the least number of days between two contacts (never twice on a day),
    ``cap`` the most contacts within ``cap_days`` (0 = no cap).
    """

    id: int
    levels: tuple[Level, ...]
    fit: bool = False
    gap: int = 5
    cap: int = 0
    cap_days: int = 30
    calendar: Calendar = Calendar()

    def of_kind(self, kind: str) -> list[Level]:
        return [level for level in self.levels if level.kind == kind]


class Step(NamedTuple):
    """What an item would do next: which level, which round, not before which day.

    ``lower`` are the levels that fit as well, highest first, should the minimum of ``level`` not be met.
    """

    level: Level
    round: int
    on: date
    lower: tuple[Level, ...] = ()

    def at_most(self, position: int) -> Level | None:
        """The highest level of this step up to ``position``."""
        return next((level for level in (self.level, *self.lower) if level.position <= position), None)


def kind_of(item: Item, today: date) -> str:
    """Whether the item is overdue; what is due today is not."""
    return AFTER if item.due < today else BEFORE


def next_step(item: Item, policy: Policy, today: date) -> Step | None:
    """The level the item takes next and the first day for it by the item's own clocks."""
    kind = kind_of(item, today)
    higher = _higher(item, policy, kind)
    if not higher:
        return _repetition(item, policy, kind) or _first_after_due(item, policy, kind, today)
    reached = [level for level in higher if reached_on(level, item, policy.calendar, today) <= today]
    if kind == BEFORE and reached:
        # Before the due date only the latest reminder makes sense; the missed ones are past.
        return Step(reached[-1], 0, _both_clocks(reached[-1], item, policy, today))
    if policy.fit and reached:
        lower = tuple(level for level in reversed(reached[:-1]) if _both_clocks(level, item, policy, today) <= today)
        return Step(reached[-1], 0, _both_clocks(reached[-1], item, policy, today), lower)
    return Step(higher[0], 0, _both_clocks(higher[0], item, policy, today))


def next_change(item: Item, policy: Policy, today: date) -> date | None:
    """The first day after ``today`` on which the item's clocks may let it take a step."""
    step, kind = next_step(item, policy, today), kind_of(item, today)
    days = [step.on] if step else []
    kinds = (kind, AFTER) if policy.fit else (BEFORE,) if kind == BEFORE else ()
    days += [reached_on(level, item, policy.calendar, today)
             for each in dict.fromkeys(kinds) for level in _higher(item, policy, each)]
    if kind == BEFORE and (not step or step.level.kind == BEFORE):
        days.append(item.due + timedelta(days=1))
    if item.ahead and item.ahead.holds(today):  # too late for the run, the policy's own day holds again
        days.append(item.ahead.until + timedelta(days=1))
    return min((day for day in days if day > today), default=None)


def _higher(item, policy, kind):
    levels = policy.of_kind(kind)
    return [level for level in (levels[:1] if item.mild and kind == AFTER else levels) if item.level is None or level.position > item.level]


def _both_clocks(level, item, policy, today):
    """The first day by the due date and by the wait since the item's previous level."""
    on = reached_on(level, item, policy.calendar, today)
    return max(on, item.level_on + timedelta(days=level.wait)) if item.level_on else on


def _repetition(item, policy, kind):
    last = policy.levels[-1]
    if kind == last.kind == AFTER and last.repeat and not item.mild and item.level == last.position and item.level_on:
        again = item.level_on + timedelta(days=last.repeat)
        return Step(last, item.round + 1, max(again, last.reached_on(item.due, policy.calendar)))
    return None


def _first_after_due(item, policy, kind, today):
    """An item reminded before its due date next meets the first level after it."""
    later = _higher(item, policy, AFTER)
    if kind == BEFORE and later:
        return Step(later[0], 0, _both_clocks(later[0], item, policy, today))
    return None
