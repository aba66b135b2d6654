"""Payment plans: what payments do to them, and when a plan is broken (F-15).

An overlay: due dates and amounts of the ledger stay as they are. Amounts are in the currency of the plan.
"""
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .ledger import spread
from .money import quantize
from .promise import Entry
from .schedule import WHOLE, ZERO, Installment

COSTS, FEES, INTEREST, PRINCIPAL = "costs", "fees", "interest", "principal"
WATERFALL = (COSTS, FEES, INTEREST, PRINCIPAL)
OPEN, PARTLY, PAID = "open", "partly", "paid"
# why a plan is broken
DAYS_LATE, MISSED, SHORTFALL, NEW_OVERDUE = "days_late", "missed", "shortfall", "new_overdue"


class Claim(NamedTuple):
    """What a payment may go to: costs, fees, interest or principal of an item due on a day."""

    id: int
    kind: str
    due: date
    amount: Decimal


class Paid(NamedTuple):
    """What became of an installment: what is to pay of it after credit notes, what was paid, and since when it is paid in full.

    ``late``: days late, of one still open as of today.
    """

    installment: Installment
    amount: Decimal
    paid: Decimal
    on: date | None
    state: str
    late: int

    @property
    def open(self) -> Decimal:
        return self.amount - self.paid


class Standing(NamedTuple):
    """How a plan stands, oldest installment first; ``surplus`` is what was paid or credited beyond it."""

    installments: tuple[Paid, ...]
    surplus: Decimal

    @property
    def open(self) -> Decimal:
        return sum((one.open for one in self.installments), ZERO)


class Rules(NamedTuple):
    """What breaks a plan, None: never. An installment is missed when it is not paid in full ``grace`` days after it was due.

    ``late``: more days late than this. ``missed``: so many missed, those paid since included. ``shortfall``: more than this
    percent missing of what has been due for longer than the grace. ``current``: invoices outside the plan more days late.
    """

    late: int | None = None
    missed: int | None = None
    shortfall: Decimal | None = None
    current: int | None = None
    grace: int = 0


class Default(NamedTuple):
    """Why a plan is broken (None: it is not), and how it stands."""

    code: str | None
    late: int
    missed: int
    shortfall: Decimal


def allocate(payment: Decimal, claims: Iterable[Claim], order: tuple[str, ...] = WATERFALL) -> dict[int, Decimal]:
    """What each claim gets of a payment, by its id: costs, fees, interest, then the oldest principal, or in another
    ``order`` where the law or the contract has one (F-15). What is not needed is left out.
    """
    ordered = sorted(claims, key=lambda claim: (order.index(claim.kind), claim.due, claim.id))
    return spread(payment, {claim.id: claim.amount for claim in ordered})


def match(plan: Iterable[Installment], entries: Iterable[Entry], today: date) -> Standing:
    """What the payments and credit notes up to ``today`` made of a plan, in whatever order they came on a day.

    Money pays the oldest installments first, an extra payment the next ones. A credit note is no payment: it takes
    from the last ones, so that the plan goes on as agreed and ends sooner.
    """
    plan, entries = sorted(plan), [entry for entry in entries if entry.on <= today]
    credit = _sum(entries, money=False)
    taken = spread(credit, {row.number: row.part.amount for row in reversed(plan)})
    money, threshold, found = _sum(entries, money=True), ZERO, []
    for row in plan:
        amount = row.part.amount - taken.get(row.number, ZERO)
        paid = max(ZERO, min(amount, money - threshold))
        threshold += amount
        found.append(_paid(row, amount, paid, _reached(entries, threshold) if amount else None, today))
    return Standing(tuple(found), max(ZERO, money - threshold) + credit - sum(taken.values(), ZERO))


def payoff(plan: Iterable[Installment], entries: Iterable[Entry], agreed_on: date, on: date, quantum: Decimal,
           credited: Decimal = ZERO, tolerance: int = 0) -> Decimal:
    """What ends a plan on a day: what is open without the interest of days to come; see ``unearned`` for the rest."""
    plan = list(plan)
    spared = unearned(plan, agreed_on, on - timedelta(days=tolerance), quantum, credited)
    return max(ZERO, match(plan, entries, on).open - spared)


def unearned(plan: Iterable[Installment], agreed_on: date, on: date, quantum: Decimal, credited: Decimal = ZERO) -> Decimal:
    """The interest of days after ``on``; what was ``credited`` of interest and fee already is not given twice."""
    plan = list(plan)
    whole = sum((row.part.interest for row in plan), ZERO)
    return max(ZERO, whole - earned(plan, agreed_on, on, quantum) - credited)


def earned(plan: Iterable[Installment], agreed_on: date, on: date, quantum: Decimal) -> Decimal:
    """The interest of a plan up to a day; of the installment under way by days."""
    found, start = ZERO, agreed_on
    for row in sorted(plan):
        if row.due <= on:
            found += row.part.interest
        elif start < on:
            found += quantize(row.part.interest * (on - start).days / (row.due - start).days, quantum)
        if row.number:  # what is paid down bears no interest, the rest does from the first day
            start = max(start, row.due)
    return found


def default(standing: Standing, rules: Rules, today: date, outside: int = 0) -> Default:
    """Whether a plan is broken, by the first rule that says so; ``outside``: days late of the oldest invoice not in it."""
    late = max((one.late for one in standing.installments if one.open), default=0)
    missed = sum(one.late > rules.grace for one in standing.installments)
    expected = [one for one in standing.installments if (today - one.installment.due).days > rules.grace]
    amount = sum((one.amount for one in expected), ZERO)
    short = WHOLE * sum((one.open for one in expected), ZERO) / amount if amount else ZERO
    found = ((DAYS_LATE, rules.late, late), (SHORTFALL, rules.shortfall, short), (NEW_OVERDUE, rules.current, outside))
    code = MISSED if rules.missed and missed >= rules.missed else None
    code = next((code for code, most, value in found if most is not None and value > most), code)
    return Default(code, late, missed, short)


def _sum(entries, money):
    return sum((entry.amount for entry in entries if entry.money == money), ZERO)


def _reached(entries, threshold):
    """The day since which payments have come to ``threshold``."""
    found = None
    for day in sorted({entry.on for entry in entries if entry.money}, reverse=True):
        if _sum([entry for entry in entries if entry.on <= day], money=True) < threshold:
            break
        found = day
    return found


def _paid(row, amount, paid, on, today):
    state = PAID if paid == amount else PARTLY if paid else OPEN
    until = today if state != PAID else on or row.due
    return Paid(row, amount, paid, on, state, max(0, (until - row.due).days))
