"""F-3: the limit that is proposed, each term with its inputs, and which one binds.

C = min(requested, purchases a month × (days of the terms + days late) ÷ 30 × (1 + buffer),
share × net worth, mean of the references' high credit) × risk factor, rounded down to a unit.
What is not known is no term.
"""
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

REQUESTED, PURCHASES, NET_WORTH, REFERENCES = "requested", "purchases", "net_worth", "references"
CENT = Decimal("0.01")
DAYS = Decimal(30)


class Facts(NamedTuple):
    """What is known, in one currency; None for what is not. ``days_late`` is the customer's own average, 0 for a new one."""

    requested: Decimal | None = None
    purchases: Decimal | None = None
    term_days: int = 30
    days_late: Decimal = Decimal(0)
    net_worth: Decimal | None = None
    references: tuple[Decimal, ...] = ()


class Rule(NamedTuple):
    """``buffer`` and ``net_worth_share`` in percent, ``unit`` the amount to round down to."""

    buffer: Decimal = Decimal(10)
    net_worth_share: Decimal = Decimal(10)
    unit: Decimal = Decimal(500)


class Term(NamedTuple):
    code: str
    amount: Decimal
    inputs: dict


class Proposal(NamedTuple):
    """``amount`` None when nothing is known; ``lowest`` before the risk factor; ``binding`` the code of its term."""

    amount: Decimal | None
    terms: tuple[Term, ...]
    binding: str | None
    lowest: Decimal | None
    risk_factor: Decimal


def propose(facts: Facts, rule: Rule, risk_factor: Decimal = Decimal(1)) -> Proposal:
    """The limit to propose for ``facts``; on a tie the term named first binds."""
    terms = tuple(term for term in (_requested(facts), _purchases(facts, rule), _net_worth(facts, rule), _references(facts)) if term)
    if not terms:
        return Proposal(None, (), None, None, risk_factor)
    lowest = min(terms, key=lambda term: term.amount)
    amount = lowest.amount * risk_factor // rule.unit * rule.unit
    return Proposal(amount, terms, lowest.code, lowest.amount, risk_factor)


def _requested(facts):
    return None if facts.requested is None else Term(REQUESTED, facts.requested, {})


def _purchases(facts, rule):
    if facts.purchases is None:
        return None
    days = facts.term_days + max(Decimal(0), facts.days_late)
    amount = facts.purchases * days / DAYS * (1 + rule.buffer / 100)
    return Term(PURCHASES, _round(amount), {
        "purchases": facts.purchases, "term_days": facts.term_days, "days_late": max(Decimal(0), facts.days_late), "buffer": rule.buffer})


def _net_worth(facts, rule):
    if facts.net_worth is None:
        return None
    # A company that owes more than it has is worth no credit, not a negative one.
    amount = max(Decimal(0), facts.net_worth) * rule.net_worth_share / 100
    return Term(NET_WORTH, _round(amount), {"net_worth": facts.net_worth, "share": rule.net_worth_share})


def _references(facts):
    if not facts.references:
        return None
    mean = sum(facts.references, Decimal(0)) / len(facts.references)
    return Term(REFERENCES, _round(mean), {"count": len(facts.references)})


def _round(amount):
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
