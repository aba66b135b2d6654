"""Whom to call next: what can still be collected, and how pressing it is (F-5), and what a call is worth (F-6)."""
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .ledger import ZERO, Item, net

AMOUNT, DAYS_LATE, BROKEN, CALLBACK, CALL_DUE, LIMIT_USED, SILENT, NO_REACTION, PAYER, PAY_RUN = (
    "amount", "days_late", "broken_promise", "callback", "call_due", "limit_used", "silent", "no_reaction", "payer", "pay_run")
# Why part of what is overdue is not called about, the first reason first.
LEFT_OUT = ("paused", "noticed", "disputed", "promised", "in_transit")


class Share(NamedTuple):
    """What can be collected of an item, in its currency, and what is left out by reason."""

    amount: Decimal
    left_out: dict[str, Decimal] = {}


class Rule(NamedTuple):
    """A reason to call, worth ``points``. Of rules with the same ``group`` only one can be met, so only the dearest counts.

    ``first`` puts a customer on top of everything else. What of the rest is compared depends on the kind.
    """

    id: int
    kind: str
    points: int
    amount: Decimal = ZERO
    days: int = 0
    share: Decimal = ZERO
    payer: str | None = None
    group: str | None = None
    first: bool = False


class Case(NamedTuple):
    """What speaks for calling a customer now. Days are counted back from today, None where there was nothing.

    ``amount`` can be collected, company currency; ``broken`` days since a promise was broken that nobody called about;
    ``callback`` since the day a call was agreed for, ``call_due`` since a level asked for a call; ``limit_used`` in percent;
    ``silent`` since the last contact of any kind; ``unanswered`` since the last reminder without a payment after it;
    ``cut_off`` days ahead of the customer's next pay run.
    """

    amount: Decimal
    days_late: int = 0
    broken: int | None = None
    callback: int | None = None
    call_due: int | None = None
    limit_used: Decimal | None = None
    silent: int | None = None
    unanswered: int | None = None
    payer: str | None = None
    cut_off: int | None = None


class Bands(NamedTuple):
    """From which percentage on a customer is in band a, b or c; below c it is not listed."""

    a: int = 70
    b: int = 40
    c: int = 15


class Rank(NamedTuple):
    """``percent`` of the points there are, its ``band`` (None: not listed), the rules met in their order."""

    percent: int
    band: str | None
    first: bool
    met: tuple[Rule, ...]


class Uplift(NamedTuple):
    """What a call changes: the chance of payment without and with it, 0 to 1, and the minutes it takes."""

    without: Decimal
    with_call: Decimal
    minutes: int = 8


def collectable(items: Iterable[Item], credits: dict[int, Decimal], noticed: dict[int, date], notice_days: int,
                today: date) -> dict[int, Share]:
    """What can be collected of each overdue item (F-5): not what is promised, disputed, on its way or paused.

    ``noticed`` tells when an item was last asked for: within ``notice_days`` the customer still has the word.
    Credits settle the oldest first.
    """
    overdue = [item for item in items if item.due < today]
    silent = {item.id: reason for item in overdue if (reason := _silent(item, noticed, notice_days, today))}
    left = net([item for item in overdue if item.id not in silent], credits)
    return {item.id: _share(item, left.get(item.id, ZERO), silent.get(item.id)) for item in overdue}


def _silent(item, noticed, notice_days, today):
    """Why an item as a whole is not called about, if so."""
    if item.pause and item.pause.holds(today):
        return "paused"
    on = noticed.get(item.id)
    return "noticed" if on and (today - on).days < notice_days else None


def _share(item, amount, silent):
    """The parts of an item that are left out, each counted once; credits are the rest."""
    left_out, rest = {}, item.residual - amount
    if silent:
        return Share(ZERO, {silent: rest})
    for name in ("disputed", "promised", "in_transit"):
        part = min(rest, getattr(item, name))
        if part > 0:
            left_out[name] = part
            rest -= part
    if rest > 0:
        left_out["credit"] = rest
    return Share(amount, left_out)


def rank(case: Case, rules: Iterable[Rule], bands: Bands) -> Rank:
    """How pressing a customer is: the points met in percent of all there are (F-5).

    Without anything to collect only an agreed call is on the list.
    """
    rules = tuple(rules)
    met = _strongest([rule for rule in rules if _meets(case, rule)])
    whole = _points(rules)
    percent = int((Decimal(100 * _points(met)) / whole).quantize(Decimal(1), ROUND_HALF_UP)) if whole else 0
    first = any(rule.first for rule in met)
    if case.amount <= 0 and case.callback is None:
        return Rank(percent, None, False, met)
    band = next((name for name, least in zip("abc", bands) if percent >= least), None)
    return Rank(percent, band or ("c" if first else None), first, met)


def _strongest(rules):
    """Of rules that exclude each other only the dearest is a reason."""
    best = {}
    for rule in rules:
        key = rule.group or rule.id
        if key not in best or rule.points > best[key].points:
            best[key] = rule
    return tuple(best.values())


def _points(rules):
    """The sum of points, of rules that exclude each other the most that one of them gives."""
    groups = {}
    for rule in rules:
        key = rule.group or rule.id
        groups[key] = max(groups.get(key, 0), rule.points)
    return sum(groups.values())


def _meets(case, rule):
    return TESTS[rule.kind](case, rule)


TESTS = {
    AMOUNT: lambda case, rule: case.amount > 0 and case.amount >= rule.amount,
    DAYS_LATE: lambda case, rule: case.days_late >= rule.days and case.amount > 0,
    BROKEN: lambda case, rule: case.broken is not None and (not rule.days or case.broken <= rule.days),
    CALLBACK: lambda case, rule: case.callback is not None,
    CALL_DUE: lambda case, rule: case.call_due is not None,
    LIMIT_USED: lambda case, rule: case.limit_used is not None and case.limit_used >= rule.share,
    SILENT: lambda case, rule: (case.days_late if case.silent is None else case.silent) >= rule.days,
    NO_REACTION: lambda case, rule: case.unanswered is not None and case.unanswered >= rule.days,
    PAYER: lambda case, rule: case.payer == rule.payer,
    PAY_RUN: lambda case, rule: case.cut_off is not None and 0 <= case.cut_off <= rule.days,
}


def value(amount: Decimal, uplift: Uplift) -> Decimal:
    """What a minute of calling brings (F-6): only what would not be paid without the call counts."""
    return amount * (uplift.with_call - uplift.without) / uplift.minutes
