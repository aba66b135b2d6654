"""Segments of customers: the first that fits takes a customer, and keeps it until another one fits for some time (F-19)."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

ZERO = Decimal(0)


class Facts(NamedTuple):
    """What segments ask of a customer."""

    size: str = "c"
    payer: str = "new"
    grade: int = 0
    risk: str | None = None
    billing: Decimal = ZERO
    days: Decimal = ZERO
    country: int | None = None
    tags: frozenset = frozenset()


class Rule(NamedTuple):
    """A segment: all that is asked has to be met; what is empty is not asked. Ranges end below their second figure."""

    key: int
    sizes: frozenset = frozenset()
    payers: frozenset = frozenset()
    grades: tuple[int, int] = (0, 0)
    risks: frozenset = frozenset()
    billing: tuple[Decimal, Decimal] = (ZERO, ZERO)
    days: tuple[Decimal, Decimal] = (ZERO, ZERO)
    countries: frozenset = frozenset()
    tags: frozenset = frozenset()

    def asks(self) -> list[str]:
        """The names of what is asked."""
        return [name for name, value in zip(self._fields[1:], self[1:]) if (any(value) if isinstance(value, tuple) else value)]


def match(facts: Facts, rules: Iterable[Rule]) -> tuple[Rule, list[str]] | tuple[None, list[str]]:
    """The first segment that fits, and what it asked for and found; (None, []) where none fits."""
    for rule in rules:
        if _fits(facts, rule):
            return rule, rule.asks()
    return None, []


def _fits(facts, rule):
    return ((not rule.sizes or facts.size in rule.sizes)
            and (not rule.payers or facts.payer in rule.payers)
            and (rule.grades == (0, 0) or _graded(facts.grade, rule.grades))
            and (not rule.risks or facts.risk in rule.risks)
            and _within(facts.billing, rule.billing) and _within(facts.days, rule.days)
            and (not rule.countries or facts.country in rule.countries)
            and (not rule.tags or not rule.tags.isdisjoint(facts.tags)))


def _graded(value, grades):
    """Whoever has no grade yet is in no range of grades."""
    return bool(value) and max(grades[0], 1) <= value <= (grades[1] or 5)


def _within(value, span):
    return (not span[0] or value >= span[0]) and (not span[1] or value < span[1])


def covers(earlier: Rule, later: Rule) -> bool:
    """Whether ``earlier`` takes everybody that ``later`` could take, whatever the customers are like."""
    sets = all(not one or (two and two <= one) for one, two in (
        (earlier.sizes, later.sizes), (earlier.payers, later.payers), (earlier.risks, later.risks),
        (earlier.countries, later.countries), (earlier.tags, later.tags)))
    grades = earlier.grades == (0, 0) or (later.grades != (0, 0) and max(earlier.grades[0], 1) <= max(later.grades[0], 1)
                                          and (later.grades[1] or 5) <= (earlier.grades[1] or 5))
    return sets and grades and all(_spans(one, two) for one, two in ((earlier.billing, later.billing), (earlier.days, later.days)))


def _spans(one, two):
    return (not one[0] or two[0] >= one[0]) and (not one[1] or (two[1] and two[1] <= one[1]))


class Standing(NamedTuple):
    """In which segment a customer is ``since`` when, and which other one it fits ``next_since`` when."""

    segment: int | None = None
    since: date | None = None
    next: int | None = None
    next_since: date | None = None


def settle(standing: Standing, found: int | None, today: date, wait: int, at_once: bool = False) -> Standing:
    """Where a customer is today, when the segment ``found`` fits it today.

    Another segment has to fit for ``wait`` days without a break, against flapping. Who is in none enters
    at once, and so does everybody ``at_once``, where a person redefined the segments.
    """
    if found == standing.segment:
        return Standing(standing.segment, standing.since or today)
    since = standing.next_since if standing.next_since and standing.next == found else today
    if at_once or standing.segment is None or (today - since).days >= wait:
        return Standing(found, today)
    return Standing(standing.segment, standing.since, found, since)


def left_to_automation(key: int, share: int) -> bool:
    """Whether a customer is of the ``share`` percent that no person works on; always the same ones, more as it grows."""
    return int.from_bytes(sha256(b"automation %d" % key).digest()[:8], "big") % 100 < share
