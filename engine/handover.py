"""Handing debts over: which are proposed and why, what an agency keeps, and what became of a case."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .money import quantize

ZERO, WHOLE = Decimal(0), Decimal(100)
PROPOSE, CLAIM = "handover_proposed", "handover_insolvent"
STOPPED, NOTHING, SEGMENT, PROMISES, YOUNG, LEVEL, AMOUNT = (
    f"handover_{name}" for name in ("stopped", "nothing", "segment", "promises", "young", "level", "amount"))
RECOVERED, WRITTEN_OFF, SETTLED = "recovered", "written_off", "settled"
INSOLVENT = "stop_insolvent"
# What silences our reminders and yet is no reason against an agency or a lawyer: rather one for it.
NO_BAR = frozenset({"stop_lawyer", "stop_ceased", "no_policy"})


class Item(NamedTuple):
    """An open item: what of it may be claimed, how many levels it was taken to after its due date.

    ``silent``: a plan, a promise, an offer or a person keeps it out. ``charge``: a bill of charges goes with what it is on.
    """

    id: int
    currency: int
    due: date
    amount: Decimal
    steps: int = 0
    silent: bool = False
    charge: bool = False


class Case(NamedTuple):
    """A customer: its open items, credits by currency, how many promises it broke, its segment, and what stops every contact."""

    items: tuple[Item, ...]
    credits: dict[int, Decimal] = {}
    broken: int = 0
    segment: int | None = None
    stop: str | None = None


class Rule(NamedTuple):
    """When to propose: every item late and reminded enough, together at least ``amount`` (by currency)."""

    id: int
    age: int = 0
    steps: int = 0
    amount: dict[int, Decimal] = {}
    broken: int = 0
    segments: frozenset[int] = frozenset()


class Proposal(NamedTuple):
    """What to hand over by a rule in one currency: ``((item id, amount), …)``, with what the sentence needs."""

    rule: int
    currency: int
    items: tuple[tuple[int, Decimal], ...]
    reason: str
    detail: dict


class Verdict(NamedTuple):
    """The proposals of a customer, or the ``reason`` why there is none."""

    proposals: tuple[Proposal, ...]
    reason: str


class Band(NamedTuple):
    """The ``percent`` kept of debts that are at least ``age`` days late."""

    age: int
    percent: Decimal


class Entry(NamedTuple):
    """What was set off against an item since it was claimed: money of the customer, of the agency (``by_agency``), a credit or a write-off."""

    on: date
    amount: Decimal
    kind: str = "money"  # money, agency, credit, write_off


class Tally(NamedTuple):
    """What came of a claim: recovered before the handover, afterwards directly and by the agency, credited, written off."""

    before: Decimal = ZERO
    direct: Decimal = ZERO
    agency: Decimal = ZERO
    credited: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def recovered(self) -> Decimal:
        return self.before + self.direct + self.agency


def propose(case: Case, rules: Iterable[Rule], today: date) -> Verdict:
    """Judge a customer by the first rule that fits in each currency. A debtor in insolvency is filed, not handed over."""
    barred = bar(case.stop)
    if barred:
        return Verdict((), barred)
    items = [item for item in case.items if item.amount > 0 and not item.silent and item.due < today]
    if not items:
        return Verdict((), NOTHING)
    found, reason = {}, NOTHING
    for rule in rules:
        for currency in sorted({item.currency for item in items} - set(found)):
            proposal, why = _by_rule(case, rule, currency, [item for item in items if item.currency == currency], today)
            if proposal:
                found[currency] = proposal
            elif reason == NOTHING:
                reason = why
    return Verdict(tuple(found.values()), PROPOSE if found else reason)


def bar(stop: str | None) -> str | None:
    """Why a customer that reminders do not reach is not handed over either, or None."""
    if not stop or stop in NO_BAR:
        return None
    return CLAIM if stop == INSOLVENT else STOPPED


def _by_rule(case, rule, currency, items, today):
    """``(proposal, None)`` or ``(None, why not)``."""
    if rule.segments and case.segment not in rule.segments:
        return None, SEGMENT
    if case.broken < rule.broken:
        return None, PROMISES
    old = [item for item in items if not item.charge and (today - item.due).days >= rule.age]
    if not old:
        return None, YOUNG
    ripe = [item for item in old if item.steps >= rule.steps]
    if not ripe:
        return None, LEVEL
    chosen = ripe + [item for item in items if item.charge]
    total = sum((item.amount for item in chosen), ZERO) - case.credits.get(currency, ZERO)
    if total <= 0 or total < rule.amount.get(currency, ZERO):
        return None, AMOUNT
    days = max((today - item.due).days for item in ripe)
    detail = {"days": days, "steps": max(item.steps for item in ripe), "broken": case.broken}
    chosen.sort(key=lambda item: (item.due, item.id))
    return Proposal(rule.id, currency, tuple((item.id, item.amount) for item in chosen), PROPOSE, detail), None


def fee(amount: Decimal, age: int, bands: Iterable[Band], fixed: Decimal, quantum: Decimal) -> Decimal:
    """What an agency keeps of ``amount``, rounded to ``quantum``, never more than it: the band of the age, and the fixed part."""
    reached = [band for band in bands if band.age <= age]
    percent = max(reached).percent if reached else ZERO
    return min(amount, quantize(amount * percent / WHOLE, quantum) + fixed)


def tally(entries: Iterable[Entry], handed_on: date | None) -> Tally:
    """Sum up what came of a claim. Money of the day of the handover came after it."""
    sums = dict.fromkeys(Tally._fields, ZERO)
    names = {"agency": "agency", "credit": "credited", "write_off": "written_off"}
    for entry in entries:
        late = handed_on is not None and entry.on >= handed_on
        sums[names.get(entry.kind) or ("direct" if late else "before")] += entry.amount
    return Tally(**sums)


def outcome(result: Tally) -> str:
    """How a case ended of which nothing is open: by money, by a write-off, or by credits and agreements."""
    if result.written_off > 0:
        return WRITTEN_OFF
    return RECOVERED if result.recovered > 0 else SETTLED
