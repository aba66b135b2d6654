"""How a customer pays: figures over a trailing window, and the class they put it in.

Amount-weighted days late is F-11's WAD, with open overdue items valued at today,
so that a customer who stops paying does not look better for it.
"""
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

NEW, PROMPT, OCCASIONAL, CHRONIC = "new", "prompt", "occasional", "chronic"
ORDER = (PROMPT, OCCASIONAL, CHRONIC)


class Payments(NamedTuple):
    """Sums the database hands in, company currency, over the window.

    ``settled`` items paid in full and ``on_time`` of them not after the due date;
    ``amount`` and ``amount_days`` (amount × days late, early counts 0) over payments;
    ``open_amount`` and ``open_amount_days`` the same for what is overdue today.
    """

    settled: int = 0
    on_time: int = 0
    amount: Decimal = Decimal(0)
    amount_days: Decimal = Decimal(0)
    open_amount: Decimal = Decimal(0)
    open_amount_days: Decimal = Decimal(0)


class Rule(NamedTuple):
    """Boundaries: up to ``prompt_days`` late on average is prompt, above ``chronic_days`` chronic.

    ``tolerance`` is how many days beyond a boundary a known class survives.
    ``min_items`` settled items make a customer known.
    """

    prompt_days: Decimal = Decimal(3)
    chronic_days: Decimal = Decimal(15)
    tolerance: Decimal = Decimal(1)
    min_items: int = 3


DEFAULT = Rule()


class Behaviour(NamedTuple):
    """``on_time_share`` in percent or None, ``days_late`` weighted average or None, ``label`` the class."""

    on_time_share: Decimal | None
    days_late: Decimal | None
    label: str


def assess(payments: Payments, rule: Rule = DEFAULT, known: str | None = None) -> Behaviour:
    """Figures and class of a customer; ``known`` is the class it had before."""
    share = _round(Decimal(100 * payments.on_time) / payments.settled) if payments.settled else None
    weight = payments.amount + payments.open_amount
    late = _round((payments.amount_days + payments.open_amount_days) / weight) if weight else None
    return Behaviour(share, late, _classify(payments, late, rule, known))


def _classify(payments, late, rule, known):
    if late is None or payments.settled < rule.min_items:
        # An unknown customer who is far overdue is not a beginner to be spared.
        return CHRONIC if late is not None and late > rule.chronic_days and payments.open_amount else NEW
    label = _band(late, rule.prompt_days, rule.chronic_days)
    if known not in ORDER or known == label:
        return label
    worse = ORDER.index(label) > ORDER.index(known)
    shift = rule.tolerance if worse else -rule.tolerance
    shifted = _band(late, rule.prompt_days + shift, rule.chronic_days + shift)
    moved = ORDER.index(shifted) - ORDER.index(known)
    return shifted if (moved > 0 if worse else moved < 0) else known


def _band(late, prompt_days, chronic_days):
    if late <= prompt_days:
        return PROMPT
    return OCCASIONAL if late <= chronic_days else CHRONIC


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
