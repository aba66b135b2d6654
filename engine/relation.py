"""What a salesperson should know before the next word with a customer: one sentence, without amounts."""
from datetime import date
from typing import NamedTuple

LONG_SILENCE = 120  # days without a word from us
DORMANT = 180  # days without an invoice
SOON = 7  # days ahead in which a special day is worth a word
NEARLY_USED = 85  # percent of the limit
FEW_ITEMS = 5  # fewer paid items tell nothing of a payer
GOOD_PAYERS = ("prompt",)
LATE_PAYERS = ("occasional", "chronic")


class Relation(NamedTuple):
    """What is known of a customer. ``stop`` is the code of a sentence about who must not be written to, or a legal step."""

    stop: str | None = None
    disputed: bool = False
    refused: bool = False
    days_late: int = 0
    payer: str = "new"
    settled: int = 0
    since: date | None = None
    limit_used: int = 0
    plan_kept_on: date | None = None
    plan_active: bool = False
    last_invoice: date | None = None
    last_touch: date | None = None
    special: tuple[date, str, str] | None = None  # day, kind, who


class Hint(NamedTuple):
    code: str
    detail: dict


def hint(relation: Relation, today: date) -> Hint | None:
    """The one thing to know, trouble before opportunity before praise; None where there is nothing to tell."""
    return _trouble(relation) or _special(relation, today) or _opportunity(relation, today) or _praise(relation, today)


def _trouble(relation):
    if relation.stop:
        return Hint(relation.stop, {})
    if relation.disputed:
        return Hint("hint_dispute", {})
    if relation.refused:
        return Hint("hint_refused", {})
    if relation.days_late > 0:
        return Hint("hint_plan" if relation.plan_active else "hint_late" if relation.payer in LATE_PAYERS else "hint_late_once", {})
    if relation.limit_used >= NEARLY_USED:
        return Hint("hint_limit", {})
    return None


def _special(relation, today):
    if not relation.special or not 0 <= (relation.special[0] - today).days <= SOON:
        return None
    on, kind, who = relation.special
    return Hint(f"hint_{kind}_today" if on == today else f"hint_{kind}", {"on": on, "who": who})


def _opportunity(relation, today):
    good = relation.payer in GOOD_PAYERS and relation.settled >= FEW_ITEMS
    if good and relation.last_invoice and (today - relation.last_invoice).days > DORMANT:
        return Hint("hint_dormant", {"on": relation.last_invoice})
    if relation.plan_kept_on:
        return Hint("hint_plan_kept", {"on": relation.plan_kept_on})
    if good and relation.last_touch and (today - relation.last_touch).days > LONG_SILENCE:
        return Hint("hint_silence", {"on": relation.last_touch})
    return None


def _praise(relation, today):
    if relation.plan_active:
        return Hint("hint_plan", {})
    if relation.settled < FEW_ITEMS:
        return None
    if relation.payer in GOOD_PAYERS:
        years = (today - relation.since).days // 365 if relation.since else 0
        return Hint("hint_good_years", {"years": years}) if years >= 2 else Hint("hint_good", {})
    return Hint("hint_was_late", {}) if relation.payer in LATE_PAYERS else None
