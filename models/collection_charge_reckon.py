from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models

from ..engine import interest, ranged
from ..engine.daycount import Span
from ..engine.money import exact, quantize
from ..engine.rate import Terms

ZERO = Decimal(0)
LETTER_DAYS = 5  # a letter has arrived and the third working day has come


class InForce(NamedTuple):
    """A rule prepared for one batch: its terms, its amounts by currency, and the units of the currencies."""

    record: models.Model
    terms: object
    bands: dict[int, tuple]
    minimum: dict[int, Decimal]
    fee_cap: dict[int, Decimal | None]
    fees: dict[int, dict[int, Decimal]]
    quantum: dict[int, Decimal]


class Facts(NamedTuple):
    """All that is known about one item when it is charged.

    ``fixed``: the invoices that bear their fixed sum by now, shared by all items: those of one invoice bear it once together.
    """

    row: object
    item: interest.Item
    charged: list
    reminders: list
    since: date
    fixed: set[int]


class Line(NamedTuple):
    """A line of the ledger to write, the amount rounded; ``code`` tells what else became of it (capped)."""

    kind: str
    row: object
    amount: Decimal
    segment: interest.Segment | None = None
    level: int | None = None
    action: int | None = None
    code: str | None = None


class CollectionChargeReckoner(models.AbstractModel):
    """What customers are to be charged as of a day, by the facts of the ledger: nothing is written here."""

    _name = "collection.charge.reckoner"
    _description = "Reckoning of charges"

    @api.model
    def _reckon(self, company, profiles, until, today):
        """What the days before ``until`` cost customers of one company: ``({profile id: [Line]}, Counter of codes)``.

        A fixed number of queries for the batch.
        """
        rules = self._rules_of(company, profiles)
        facts, counts = self._gather(company, profiles, rules, until, today), Counter()
        found = {}
        for profile in profiles:
            rule = rules.get(profile.id)
            for one in facts.get(profile.partner_id.id, ()):
                lines, code = self._reckon_item(rule, one, until) if rule else ([], "no_rule")
                counts[code] += 1
                if lines:
                    found.setdefault(profile.id, []).extend(lines)
        return found, counts

    @api.model
    def _rules_of(self, company, profiles):
        """The rule of each customer, prepared once per rule: ``{profile id: InForce}``; none for who is not charged."""
        chosen = profiles._charge_rules()
        prepared = {rule: rule._in_force(company) for rule in set(chosen.values())}
        return {profile.id: prepared[rule] for profile, rule in chosen.items()}

    @api.model
    def _gather(self, company, profiles, rules, until, today):
        """The facts of all items of customers who have a rule: ``{partner id: [Facts]}``."""
        reader, since = self.env["collection.reader"], company.collection_charge_from or today
        rows = reader._read_charge_rows(company, profiles.filtered(lambda profile: profile.id in rules).partner_id.ids, since, until)
        entries = reader._read_charge_entries([row.id for row in rows])
        stops, charged, reminders = reader._read_charge_stops(rows, today), reader._read_charged(rows), reader._read_reminders(rows)
        owners = {profile.partner_id.id: rules.get(profile.id) for profile in profiles}
        fixed = {line.move for lines in charged.values() for line in lines if line.kind == "fixed"}
        facts = defaultdict(list)
        for row in rows:
            item = interest.Item(row.due, row.amount, entries.get(row.id, ()), tuple(stops.get(row.id, ())),
                                 owners[row.partner].record._runs_from(reminders[row.id]), "no_followup" if row.exempt else None)
            facts[row.partner].append(Facts(row, item, charged[row.id], reminders[row.id], since, fixed))
        return facts

    # ------------------------------------------------------------------ one item

    @api.model
    def _reckon_item(self, rule, facts, until):
        """The new lines of an item, and the code of what came of its interest."""
        row, record = facts.row, rule.record
        if row.currency not in rule.quantum:  # a currency that was archived
            return [], "no_currency"
        accrual, bill = self._bill_interest(rule, facts, until)
        lines = [Line("interest", row, amount, segment, code=bill.code if bill.code == ranged.CAPPED else None)
                 for segment, amount in bill.lines if amount]
        fixed = record._decide_fixed_sum(rule, facts, until)
        if fixed.amount:
            lines.append(Line("fixed", row, fixed.amount))
            facts.fixed.add(row.move)
        lines += record._decide_fees(rule, facts)
        lines += self._correct(rule, facts, until)
        return lines, bill.code if bill.code != ranged.CHARGED or not lines else "charged"

    @api.model
    def _bill_interest(self, rule, facts, until):
        """(accrual, bill) of an item: what its days cost that were not charged, and what of that goes on a document."""
        record, row = rule.record, facts.row
        if rule.terms is None:
            return None, ranged.Bill((), ZERO, "no_interest")
        if record.bill_when == "paid" and not row.reconciled:
            return None, ranged.Bill((), ZERO, "until_paid")
        taken = [line.span for line in facts.charged if line.kind == "interest"] + [Span(date.min, facts.since)]
        accrual = record._decide_accrual(rule, facts.item, until, taken)
        cap = quantize(row.amount * exact(record.cap_percent) / 100, rule.quantum[row.currency]) if record.cap_percent else None
        posted = sum((line.amount for line in facts.charged if line.state != "waived"), ZERO)
        return accrual, record._decide_bill(accrual, rule.quantum[row.currency], rule.minimum[row.currency], cap, posted)

    @api.model
    def _correct(self, rule, facts, until):
        """A line for what days charged before cost too much or too little by what is known now (R-43)."""
        known = [line for line in facts.charged if line.kind == "interest" and line.state in ("draft", "posted")]
        if not known or rule.record.compound or facts.item.exempt:
            return []
        quantum = rule.quantum[facts.row.currency]
        due = sum((rule.record._decide_recharge(rule, facts.item, line, quantum) for line in known), ZERO)
        corrected = sum((line.amount for line in facts.charged if line.kind == "correction" and line.state in ("draft", "posted")), ZERO)
        difference = due - corrected
        # a cent a line is how they were rounded, and what was capped is not charged after all
        if abs(difference) <= quantum * len(known) or (difference > 0 and rule.record.cap_percent):
            return []
        start, end = min(line.start for line in known), max(line.end for line in known)
        segment = interest.Segment(start, end, (end - start).days, ZERO, ZERO, difference, ZERO, difference)
        return [Line("correction", facts.row, difference, segment)]


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
            self, self._to_engine(),
            {one.id: tuple(band._replace(amount=convert(band.amount, own, one), below=band.below and convert(band.below, own, one), above=convert(band.above, own, one))
                    for band in self._bands())
             for one in currencies},
            {one.id: convert(self.minimum, own, one) for one in currencies},
            {one.id: convert(self.fee_cap, own, one) if self.fee_cap else None for one in currencies},
            {one.id: {level.id: convert(level.fee_amount, company.currency_id, one) for level in levels} for one in currencies},
            {one.id: exact(one.rounding) for one in currencies})

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
        return ranged.fixed_sum(row.total, rule.bands[row.currency], late, taken, rule.quantum[row.currency])

    def _decide_fees(self, rule, facts):
        """The fees of the reminders that were sent about an item since charges began, once a level."""
        row, charged, lines = facts.row, {line.level for line in facts.charged if line.kind == "fee"}, []
        amounts = rule.fees[row.currency]
        days = sorted({reminder.on for reminder in facts.reminders})
        for reminder in facts.reminders:
            if not reminder.leads or reminder.level not in amounts or reminder.on < facts.since or facts.item.exempt:
                continue
            fee = ranged.level_fee(reminder.level, amounts, charged, days.index(reminder.on), self.free_reminders, rule.fee_cap[row.currency])
            if fee.amount:
                charged.add(reminder.level)
                lines.append(Line("fee", row, fee.amount, level=reminder.level, action=reminder.action))
        return lines

    def _decide_recharge(self, rule, item, line, quantum):
        """What a line's days cost more or less now, at the rate of the line: by what was paid or credited to an earlier day since.

        What still stands still, such as an open dispute, is decided when it ends.
        """
        item = item._replace(stops=tuple(stop for stop in item.stops if stop.last))
        if isinstance(rule.terms, ranged.Monthly):
            return ranged.correction(item, rule.terms, line.span, line.balance, line.amount, quantum)
        terms = Terms(line.rate, basis=self.day_count, grace=self._grace())
        return interest.correction(item, terms, [line.span], line.amount, quantum) or ZERO


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
