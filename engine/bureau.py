"""What of a customer's month a credit bureau is told, and why nothing.

Only what nobody contests is told, and credits take off the oldest debt first: in doubt for the customer.
"""
from decimal import Decimal
from typing import NamedTuple

from .ageing import BUCKETS, CREDIT

ZERO = Decimal(0)
REPORTED = "bureau_reported"
STOPPED, NO_CONSENT, CONSUMER, COUNTRY = "bureau_stopped", "bureau_no_consent", "bureau_consumer", "bureau_country"
DISPUTED, NOTHING, BELOW = "bureau_disputed", "bureau_nothing", "bureau_below"
OLDEST_FIRST = tuple(code for code in reversed(BUCKETS) if code != CREDIT)


class Customer(NamedTuple):
    """Who is reported on; ``stopped``: insolvent, deceased, represented by a lawyer, or no longer contacted."""

    is_company: bool
    country: int | None
    consent: bool
    stopped: bool = False


class Rule(NamedTuple):
    """What a bureau takes; no countries: all. ``minimum`` is in the currency of the company."""

    consent_needed: bool
    consumers: bool
    countries: frozenset[int] = frozenset()
    minimum: Decimal = ZERO


class Item(NamedTuple):
    """An item open at the end of the month: ``amount`` in its currency (credits below 0), ``worth`` in that of the company."""

    id: int
    bucket: str
    amount: Decimal
    worth: Decimal
    disputed: bool = False


class Report(NamedTuple):
    """``code`` says whether and why; ``ages`` what is told by class, after ``credit`` was taken off; ``items`` those told of."""

    code: str
    ages: dict[str, Decimal]
    total: Decimal
    credit: Decimal
    items: tuple[int, ...]


def decide(customer: Customer, rule: Rule, items: list[Item], settled: bool = False, elsewhere: Decimal = ZERO) -> Report:
    """One customer's month in one currency.

    ``settled``: invoices were paid in it, which is worth telling by itself. ``elsewhere``: what it owes in other currencies, in that of the company.
    """
    told = [item for item in items if not item.disputed]
    owed = {code: sum((item.amount for item in told if item.bucket == code), ZERO) for code in BUCKETS}
    credit = -owed.pop(CREDIT)
    ages, left = _net(owed, credit)
    report = Report(REPORTED, ages, sum(ages.values(), ZERO), credit - left, tuple(item.id for item in told))
    code = _refusal(customer, rule) or _too_little(rule, items, told, report, settled, elsewhere)
    return Report(code, dict.fromkeys(ages, ZERO), ZERO, ZERO, ()) if code else report


def _net(owed, credit):
    """The classes after credits were taken off the oldest, and what is left of the credits."""
    ages = dict(owed)
    for code in OLDEST_FIRST:
        taken = min(credit, ages[code])
        ages[code], credit = ages[code] - taken, credit - taken
    return ages, credit


def _refusal(customer, rule):
    """Why nothing is told of this customer, whatever it owes."""
    if customer.stopped:
        return STOPPED
    if rule.consent_needed and not customer.consent:
        return NO_CONSENT
    if not customer.is_company and not rule.consumers:
        return CONSUMER
    if rule.countries and customer.country not in rule.countries:
        return COUNTRY
    return None


def _too_little(rule, items, told, report, settled, elsewhere):
    """Why there is nothing worth telling."""
    if report.total <= 0 and not settled:
        contested = any(item.disputed and item.amount > 0 for item in items)
        return DISPUTED if contested and not any(item.amount > 0 for item in told) else NOTHING
    if sum((item.worth for item in told), elsewhere) < rule.minimum and not (settled and report.total <= 0):
        return BELOW
    return None
