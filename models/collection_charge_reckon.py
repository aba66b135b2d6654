from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models

from ..engine import interest, ranged
from ..engine.daycount import Span
from ..engine.money import exact, quantize

ZERO = Decimal(0)
CANCELLED, BEFORE_START = "cancelled", "before_start"


class InForce(NamedTuple):
    """A rule prepared for one batch: its terms, and its amounts by currency."""

    record: models.Model
    terms: object
    basis: str
    bands: dict[int, tuple]
    minimum: dict[int, Decimal]
    fee_cap: dict[int, Decimal | None]
    fees: dict[int, dict[int, Decimal]]


class Facts(NamedTuple):
    """All that is known about one item when it is charged.

    ``fixed``: the invoices that bear their fixed sum by now, shared by all items: those of one invoice bear it once together.
    ``quantum``: the unit of its currency, None where that was archived. ``invoice``: all items of its invoice that were read.
    """

    row: object
    item: interest.Item
    charged: list
    reminders: list
    since: date
    fixed: set[int]
    quantum: Decimal | None
    invoice: list

    def lines(self, kind):
        """What was charged of a kind and is corrected with this item."""
        return [line for line in self.charged if line.kind == kind and line.own]


class Line(NamedTuple):
    """A line of the ledger to write, the amount rounded; ``code`` tells what else became of it (capped), ``basis`` what it was reckoned by."""

    kind: str
    row: object
    amount: Decimal
    segment: interest.Segment | None = None
    level: int | None = None
    action: int | None = None
    code: str | None = None
    basis: str | None = None


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
                lines, code = self._reckon_item(rule, one, until)
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
        """The facts of all items: ``{partner id: [Facts]}``; of customers without a rule only of what was charged before."""
        reader, since = self.env["collection.reader"], company.collection_charge_from or today
        owners = {profile.partner_id.id: rules.get(profile.id) for profile in profiles}
        rows = reader._read_charge_rows(company, list(owners), since, until, {partner for partner, rule in owners.items() if not rule})
        entries = reader._read_charge_entries([row.id for row in rows])
        stops, charged, reminders = reader._read_charge_stops(rows, today), reader._read_charged(rows), reader._read_reminders(rows)
        fixed = {line.move for lines in charged.values() for line in lines if line.kind == "fixed"}
        units = {one.id: exact(one.rounding) for one in self.env["res.currency"].search([])}
        facts, invoices = defaultdict(list), defaultdict(list)
        for row in rows:
            rule = owners[row.partner]
            item = interest.Item(row.due, row.amount, entries.get(row.id, ()), tuple(stops.get(row.id, ())),
                                 rule and rule.record._runs_from(reminders[row.id]), CANCELLED if row.cancelled else "no_followup" if row.exempt else None)
            invoices[row.move].append(item)
            facts[row.partner].append(Facts(row, item, charged[row.id], reminders[row.id], since, fixed, units.get(row.currency), invoices[row.move]))
        return facts

    # ------------------------------------------------------------------ one item

    @api.model
    def _reckon_item(self, rule, facts, until):
        """The new lines of an item, and the code of what came of its interest. Who has no rule is only given back what was too much."""
        row = facts.row
        if facts.quantum is None:  # a currency that was archived
            return [], "no_currency"
        if rule is None:
            return self._correct(None, facts, until), "no_rule"
        record, room = rule.record, self._room(rule, facts)
        bill = self._bill_interest(rule, facts, until, room)
        lines = [Line("interest", row, amount, segment, code=bill.code if bill.code == ranged.CAPPED else None, basis=rule.basis)
                 for segment, amount in bill.lines if amount]
        fixed = record._decide_fixed_sum(rule, facts, until)
        if fixed.amount:
            lines.append(Line("fixed", row, fixed.amount, basis=rule.basis))
        lines = self._fit(lines + record._decide_fees(rule, facts), room)
        if any(line.kind == "fixed" for line in lines):
            facts.fixed.add(row.move)
        lines += self._correct(rule, facts, until)
        return lines, bill.code if bill.code != ranged.CHARGED or not lines else "charged"

    @api.model
    def _room(self, rule, facts):
        """What all charges of the item may still come to; None without a cap. What was waived is used up as well."""
        if not rule.record.cap_percent:
            return None
        cap = quantize(facts.row.amount * exact(rule.record.cap_percent) / 100, facts.quantum)
        return max(ZERO, cap - sum((line.amount for line in facts.charged), ZERO))

    @api.model
    def _fit(self, lines, room):
        """The lines as far as there is room for them; the last one may be cut."""
        if room is None:
            return lines
        found = []
        for line in lines:
            amount = min(line.amount, room)
            if amount > 0:
                found.append(line if amount == line.amount else line._replace(amount=amount, code=ranged.CAPPED))
            room -= amount
        return found

    @api.model
    def _bill_interest(self, rule, facts, until, room):
        """What the days of an item cost that were not charged, as it goes on a document."""
        record, row = rule.record, facts.row
        if rule.terms is None:
            return ranged.Bill((), ZERO, "no_interest")
        if record.bill_when == "paid" and not row.reconciled:
            return ranged.Bill((), ZERO, "until_paid")
        taken = [line.span for line in facts.charged if line.kind == "interest" and line.taken]
        accrual = record._decide_accrual(rule, facts.item, until, [*taken, Span(date.min, facts.since)])
        if accrual.code == interest.CHARGED_BEFORE and not taken:
            return ranged.Bill((), ZERO, BEFORE_START)
        return record._decide_bill(accrual, facts.quantum, rule.minimum[row.currency], room, ZERO)

    # ------------------------------------------------------------------ what was charged before

    @api.model
    def _correct(self, rule, facts, until):
        """Lines for what was charged before and is too much or too little by what is known now (R-43)."""
        return [line for line in (self._correct_interest(rule, facts), self._correct_fixed(rule, facts, until)) if line]

    @api.model
    def _correct_interest(self, rule, facts):
        """For the days that are billed; drafts are reckoned anew before they are."""
        known = [line for line in facts.lines("interest") if line.billed and line.basis]
        if not known:
            return None
        decide = self.env["collection.charge.rule"]._decide_recharge
        difference = sum((decide(facts.item, line, facts.quantum) for line in known), ZERO) - self._settled(facts.lines("correction"))
        # a cent a line is how they were rounded
        if abs(difference) <= facts.quantum * len(known) or (difference > 0 and not self._may_raise(rule, facts, known)):
            return None
        start, end = min(line.start for line in known), max(line.end for line in known)
        segment = interest.Segment(start, end, (end - start).days, ZERO, ZERO, difference, ZERO, difference)
        return Line("correction", facts.row, difference, segment)

    @api.model
    def _correct_fixed(self, rule, facts, until):
        """For the sum of an invoice of which nothing was late after all."""
        line = next((line for line in facts.lines("fixed") if line.billed and line.basis), None)
        if not line:
            return None
        late = self.env["collection.charge.rule"]._decide_late(facts.invoice, line, until)
        difference = (ZERO if late else -line.amount) - self._settled(facts.lines("fixed_correction"))
        if not difference or (difference > 0 and not self._may_raise(rule, facts, [line])):
            return None
        return Line("fixed_correction", facts.row, difference)

    @api.model
    def _settled(self, corrections):
        """What was corrected already; a credit that was waived with its charge is not, a charge that was waived stays so."""
        return sum((line.amount for line in corrections if line.state != "waived" or line.amount > 0), ZERO)

    @api.model
    def _may_raise(self, rule, facts, known):
        """Whether more may be charged for billed days: not under a cap, nor what is spared or stands still for now."""
        held = facts.item.exempt or any(stop.last is None for stop in facts.item.stops)
        return bool(rule and not held and not rule.record.cap_percent and not any(line.code == ranged.CAPPED for line in known))
