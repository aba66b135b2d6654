"""Whether an order or an invoice goes on, goes on with a warning, is held, or stops; and the cheapest way out."""
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from .limit import TEMPORARY, Limit

ZERO = Decimal(0)
WARN, HOLD, STOP = "warn", "hold", "stop"
SEVERITY = ("pass", WARN, HOLD, STOP)
OVER_LIMIT, OVERDUE, EXPIRED, LEVEL, STOPPED = "over_limit", "overdue", "expired", "level", "stopped"
BROKEN_PROMISES = "broken_promises"


class Rule(NamedTuple):
    """What leads to which outcome. Amounts in company currency, ``share`` as a fraction.

    over_limit: exposure beyond ``share`` (1 = all) of the limit. overdue: items more
    than ``days`` late sum up to more than ``amount`` and to more than ``share`` of the
    limit (of the receivable where there is none). broken_promises: at least ``count``
    were broken in the last ``days``. Zero asks for nothing.
    """

    kind: str
    outcome: str
    days: int = 0
    amount: Decimal = ZERO
    share: Decimal = ZERO
    count: int = 0


class Open(NamedTuple):
    """An open item: ``due`` part of it that may be asked for, ``days`` past due, a level of follow-up that holds orders."""

    id: int
    name: str
    due: Decimal
    days: int
    level: str = ""


class Standing(NamedTuple):
    """A customer as of now, company currency. ``group`` is (limit, exposure) of all its members together.

    ``items`` come oldest due first; ``credits`` are payments and credit notes not yet
    matched, positive. ``stopped`` is the reason a person gave for serving no more,
    ``broken`` holds for each broken promise how many days ago that was.
    """

    limit: Limit
    exposure: Decimal = ZERO
    items: tuple[Open, ...] = ()
    credits: Decimal = ZERO
    receivable: Decimal = ZERO
    group: tuple[Decimal, Decimal] | None = None
    stopped: str = ""
    broken: tuple[int, ...] = ()


class Finding(NamedTuple):
    """A rule that speaks: its outcome and the figures of its sentence."""

    kind: str
    outcome: str
    detail: dict


class Way(NamedTuple):
    """How the customer gets free: pay the ``items`` [(id, name, amount)], or a deposit of ``share`` percent."""

    kind: str
    amount: Decimal
    items: tuple[tuple[int, str, Decimal], ...] = ()
    share: int = 0


class Verdict(NamedTuple):
    """The strictest outcome of all rules, what they found, and the ways out of it."""

    outcome: str = "pass"
    findings: tuple[Finding, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def waits(self) -> bool:
        return self.outcome in (HOLD, STOP)


def check(standing: Standing, amount: Decimal, rules: Iterable[Rule], deposit: bool = False) -> Verdict:
    """Judge a document that adds ``amount`` to the exposure; ``deposit`` tells that one may be asked for."""
    rules = tuple(rules)
    standing = standing._replace(items=tuple(_net(standing)), credits=ZERO)
    found, pay = _findings(standing, rules, amount)
    if standing.stopped:
        found.append(Finding(STOPPED, STOP, {"why": standing.stopped}))
    outcome = max((finding.outcome for finding in found), key=SEVERITY.index, default="pass")
    ways = _ways(standing, rules, found, pay, amount, deposit) if outcome in (HOLD, STOP) and not standing.stopped else ()
    return Verdict(outcome, tuple(_strictest(found)), ways)


def _net(standing):
    """The items with unmatched credits taken off, oldest first; what is covered disappears."""
    left, found = max(standing.credits, ZERO), []
    for item in standing.items:
        used = min(left, item.due)
        left -= used
        if item.due > used:
            found.append(item._replace(due=item.due - used))
    return found


def _findings(standing, rules, amount):
    """The rules that speak, and {item: amount} to pay for those that hold to fall silent."""
    found, pay = [], {}
    for rule in rules:
        finding, must = _judge(rule, standing, amount)
        if finding:
            found.append(finding)
            if rule.outcome != WARN:
                pay.update(must)
    return found, pay


def _judge(rule, standing, amount):
    """The finding of a rule, or None, with the items to pay for it to fall silent."""
    if rule.kind == OVER_LIMIT:
        return _over_limit(rule, standing, amount), {}
    if rule.kind == OVERDUE:
        return _overdue(rule, standing)
    # as long as a temporary limit stands in for the base, it does not matter that the base ran out
    if rule.kind == EXPIRED and standing.limit.expired and TEMPORARY not in standing.limit.parts:
        return Finding(EXPIRED, rule.outcome, {"on": standing.limit.until}), {}
    if rule.kind == LEVEL:
        reached = [item for item in standing.items if item.level]
        if reached:
            return Finding(LEVEL, rule.outcome, {"document": reached[0].name, "level": reached[0].level}), \
                {item.id: item.due for item in reached}
    if rule.kind == BROKEN_PROMISES:
        return _broken(rule, standing), {}
    return None, {}


def _broken(rule, standing):
    """Promises broken lately; what was not kept is not made good by paying, so only a person or time helps."""
    lately = [days for days in standing.broken if not rule.days or days <= rule.days]
    if len(lately) < max(1, rule.count):
        return None
    return Finding(BROKEN_PROMISES, rule.outcome, {"count": len(lately), "days": rule.days})


def _over_limit(rule, standing, amount):
    """Over the customer's own limit, or the group's over that of all its members."""
    if amount <= 0:
        return None
    worst = None
    for limit, used in ((standing.limit.amount, standing.exposure), standing.group or (None, ZERO)):
        allowed = None if limit is None else limit * (rule.share or 1)
        over = None if allowed is None else used + amount - allowed
        if over is not None and over > 0 and (worst is None or over > worst["over"]):
            worst = {"over": over, "limit": limit, "used": used + amount}
    return worst and Finding(OVER_LIMIT, rule.outcome, worst)


def _overdue(rule, standing):
    late = [item for item in standing.items if item.days > rule.days]
    owed = sum((item.due for item in late), ZERO)
    whole = standing.receivable if standing.limit.amount is None else standing.limit.amount
    most = max(rule.amount, rule.share * whole)
    if not late or owed <= most:
        return None, {}
    must, rest = {}, owed
    for item in late:  # the oldest first, until the rule falls silent
        if rest <= most:
            break
        must[item.id] = item.due
        rest -= item.due
    return Finding(OVERDUE, rule.outcome, {"amount": owed, "days": late[0].days, "document": late[0].name}), must


def _strictest(findings):
    """One finding per kind, the strictest; the first of equals."""
    best = {}
    for finding in findings:
        known = best.get(finding.kind)
        if known is None or SEVERITY.index(finding.outcome) > SEVERITY.index(known.outcome):
            best[finding.kind] = finding
    return sorted(best.values(), key=lambda finding: -SEVERITY.index(finding.outcome))


def _ways(standing, rules, findings, pay, amount, deposit):
    """What the customer can do, the cheapest first; nothing where only a person can help."""
    holding = [finding for finding in findings if finding.outcome in (HOLD, STOP)]
    if any(finding.kind in (EXPIRED, BROKEN_PROMISES) for finding in holding):
        return ()
    gap = max((finding.detail["over"] for finding in holding if finding.kind == OVER_LIMIT), default=ZERO)
    chosen = _payment(standing, rules, amount, pay, gap)
    ways = []
    if chosen:
        ways.append(Way("pay", sum((part for _id, _name, part in chosen), ZERO), chosen))
    if deposit and not pay and ZERO < gap <= amount:
        share = int((gap * 100 / amount).to_integral_value(ROUND_CEILING))
        ways.append(Way("deposit", gap, share=share))
    return tuple(sorted(ways, key=lambda way: way.amount))


def _payment(standing, rules, amount, pay, gap):
    """The items to pay, those in ``pay`` and what closes ``gap``; () if that is not possible.

    Paying makes the receivable smaller and what is overdue a greater share of it, so the rules are asked again.
    """
    while chosen := _choose(standing.items, pay, gap - sum(pay.values(), ZERO)):
        pay = {id: part for id, _name, part in chosen}
        rest = tuple(item for item in standing.items if item.id not in pay)
        paid = standing._replace(items=rest, receivable=standing.receivable - sum(pay.values(), ZERO))
        more = _findings(paid, rules, amount)[1]
        if not more:
            break
        pay.update(more)
    return chosen


def _choose(items, pay, gap):
    """The items in ``pay``, with the smallest one that closes ``gap``, else the oldest until it is closed; () if none can."""
    free = [item for item in items if item.id not in pay]
    extra = []
    if gap > 0:
        closing = min((item for item in free if item.due >= gap), key=lambda item: item.due, default=None)
        for item in [closing] if closing else free:
            if gap <= 0:
                break
            extra.append(item)
            gap -= item.due
    wanted = set(pay) | {item.id for item in extra}
    return () if gap > 0 else tuple((item.id, item.name, item.due) for item in items if item.id in wanted)
