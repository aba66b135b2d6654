from datetime import date, timedelta

from odoo import api, models

from ..engine import interest, ranged
from ..engine.money import exact, quantize
from .collection_charge_reckon import CANCELLED, ZERO, InForce, Line
from .collection_charge_rule import read_basis

LETTER_DAYS = 5  # a letter has arrived and the third working day has come


class CollectionChargeRule(models.Model):
    """Where the engine is asked what an item costs; another addon hooks in here."""

    _inherit = "collection.charge.rule"

    def _in_force(self, company):
        """This rule prepared for all active currencies."""
        self.ensure_one()
        currencies = self.env["res.currency"].search([])
        levels = self.env["collection.level"].with_context(active_test=False).search([("company_id", "=", company.id), ("fee_amount", ">", 0)])
        convert = _Converter(self.env, company, currencies)
        own = self.currency_id
        return InForce(
            self, self._to_engine(), self._basis(),
            {one.id: tuple(band._replace(amount=convert(band.amount, own, one), below=band.below and convert(band.below, own, one), above=convert(band.above, own, one))
                    for band in self._bands())
             for one in currencies},
            {one.id: convert(self.minimum, own, one) for one in currencies},
            {one.id: convert(self.fee_cap, own, one) if self.fee_cap else None for one in currencies},
            {one.id: {level.id: convert(level.fee_amount, company.currency_id, one) for level in levels} for one in currencies})

    def _runs_from(self, reminders):
        """The first day that may bear interest where the law wants a reminder first; None where it runs from the due date."""
        if self.wait_after != "reminder":
            return None
        if not reminders:
            return date.max
        first = reminders[0]
        return first.on + timedelta(days=1 + self.wait_days + (LETTER_DAYS if first.post else 0))

    def _decide_accrual(self, rule, item, until, charged):
        """What the days before ``until`` cost that were not charged before."""
        if isinstance(rule.terms, ranged.Monthly):
            return ranged.accrue(item, rule.terms, until, charged)
        return interest.accrue(item, rule.terms, until, charged)

    def _decide_bill(self, accrual, quantum, minimum, cap, posted):
        """What of that goes on a document."""
        return ranged.bill(accrual, quantum, minimum, cap, posted)

    def _decide_fixed_sum(self, rule, facts, until):
        """The sum for an invoice paid late, once in its life; not for one that was late before charges began."""
        row, taken = facts.row, facts.row.move in facts.fixed
        late = interest.days_late(facts.item, self._grace(), until) if row.due + timedelta(days=1) >= facts.since else 0
        return ranged.fixed_sum(row.total, rule.bands[row.currency], late, taken, facts.quantum)

    def _decide_fees(self, rule, facts):
        """The fees of the reminders that were sent about an item since charges began, once a level.

        A reminder of what was not owed, or stood still, on its day costs nothing.
        """
        row, charged, lines = facts.row, {line.level for line in facts.charged if line.kind == "fee"}, []
        amounts = rule.fees[row.currency]
        days = sorted({reminder.on for reminder in facts.reminders})
        for reminder in facts.reminders:
            if not reminder.leads or reminder.level not in amounts or reminder.on < facts.since or not self._decide_owed(facts.item, reminder.on):
                continue
            fee = ranged.level_fee(reminder.level, amounts, charged, days.index(reminder.on), self.free_reminders, rule.fee_cap[row.currency])
            if fee.amount:
                charged.add(reminder.level)
                lines.append(Line("fee", row, fee.amount, level=reminder.level, action=reminder.action))
        return lines

    def _decide_owed(self, item, day):
        """Whether something of an item was late on a day."""
        return not item.exempt and day > item.due and bool(interest.bearing(item, day, self._grace()))

    @api.model
    def _decide_recharge(self, item, line, quantum):
        """What a line's days cost more or less now, by what the line was reckoned by: what was paid or credited to an earlier day since."""
        item, terms = _as_of(item, line, line.start), read_basis(line.basis, line.rate)
        if isinstance(terms, ranged.Monthly):
            return ranged.correction(item, terms, line.span, line.balance, line.amount, quantum)
        return interest.correction(item, terms, [line.span], line.amount, quantum) or ZERO

    @api.model
    def _decide_late(self, items, line, until):
        """Whether an invoice was late at all, looked at up to the day on which its fixed sum was charged, or later."""
        until = max(until, line.seen or until)
        return any(interest.ever_late(_as_of(item, line, until), read_basis(line.basis).grace, until) for item in items)


def _as_of(item, line, start):
    """An item as a line charged before is looked at again.

    What still stands still, such as an open dispute, is decided when it ends; whom a rule spares now, or until a reminder,
    was charged by another one then; and of an invoice that was written anew a line bears what it was on at most.
    """
    return item._replace(
        stops=tuple(stop for stop in item.stops if stop.last), since=item.since if item.since and item.since <= start else None,
        exempt=item.exempt if item.exempt == CANCELLED else None, most=line.balance if line.rewritten and line.kind == "interest" else None)


class _Converter:
    """Amounts of a rule in other currencies, at today's rate, to their unit; currencies are read once."""

    def __init__(self, env, company, currencies):
        self.rates = currencies._get_rates(company, company._collection_today())
        self.quantum = {one.id: exact(one.rounding) for one in currencies}

    def __call__(self, amount, own, currency):
        amount = exact(amount)
        if own == currency:
            return amount
        return quantize(amount * exact(self.rates.get(currency.id) or 1) / exact(self.rates.get(own.id) or 1), self.quantum[currency.id])
