from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine import handover, handover_case
from ..engine.handover_case import Stand
from ..engine.money import exact
from .collection_handover import LIVE

# A case this long closed is history: what happens to its payments then changes it no more.
SETTLED_DAYS = timedelta(days=180)
# So long what was approved or announced stays silent while nobody goes on with it.
WAIT = timedelta(days=30)
# What came off the debt without the agency.
HERE = ("recovered_before", "recovered_direct", "credited")
# So long before that silence ends a manager is asked.
WARN = timedelta(days=7)


class CollectionHandover(models.Model):
    """What became of handovers: a function of what is matched with their items, every night and with each payment."""

    _inherit = "collection.handover"

    @api.model
    def _judge_about(self, item_ids):
        """Judge the handovers of journal items that were just set off, or no longer are."""
        found = self.env["collection.reader"]._read_handovers_about(item_ids, fields.Date.today()) if item_ids else ()  # nosemgrep: day-of-the-server - a bound, weeks wide
        # sudo: whoever books a payment need not see handovers
        for company, records in self.sudo().browse(found).grouped("company_id").items():
            records._judge(company._collection_today())

    @api.model
    def _judge_all(self, profiles, today):
        """The handovers of a batch of customers of one company, every night."""
        # sudo: what becomes of a handover is written by no person
        records = self.sudo().search([("profile_id", "in", profiles.ids), "|", ("state", "in", LIVE), "&", ("state", "=", "closed"),
                                      ("ended_on", ">=", today - SETTLED_DAYS)])
        records._judge(today)
        records._remind(today)

    def _judge(self, today):
        """Bring figures and states to what the ledger says, in a fixed number of queries."""
        stands = self._stands(today)
        for record in self:
            record._follow(record._decide_tally([entry for line in record.line_ids for entry in stands[line][0]]), record._claimed(stands), today)

    def _stands(self, today):
        """What came of each item and how it stands: ``{line: (entries, Stand)}``."""
        reader = self.env["collection.reader"]
        matches, disputed = reader._read_handover_matches(self.ids), reader._read_disputes(self.line_ids.item_id.ids, today)
        return {line: self._to_stand(line, matches.get(line.id, ()), disputed.get(line.item_id.id, 0)) for line in self.line_ids}

    @api.model
    def _to_stand(self, line, matches, disputed):
        item = line.item_id
        entries, undone = self._decide_since(matches, {int(by): Decimal(amount) for by, amount in (line.seen or {}).items()})
        credited = sum((entry.amount for entry in entries if entry.kind == "credit"), Decimal(0))
        # what was cancelled is not owed
        residual = exact(item.amount_residual_currency) if item.parent_state != "cancel" else Decimal(0)
        return entries, Stand(residual, exact(line.kept), disputed, credited, undone)

    @api.model
    def _decide_since(self, matches, seen):
        """One engine call: the place to hook another way to tell what came in since."""
        return handover_case.since(matches, seen)

    @api.model
    def _decide_stays(self, stand):
        """One engine call: the place to hook another way to tell what is not the agency's."""
        return handover_case.stays(stand)

    def _decide_tally(self, entries):
        """One engine call: the place to hook another way to count what came in."""
        return handover.tally(entries, self.handed_on or None)

    def _decide_end(self, tally):
        """One engine call: the place to hook another way to name how a case ended."""
        return handover.outcome(tally)

    def _claimed(self, stands=None):
        """What is open of what is claimed, by item: what stays here of it is not the agency's."""
        stands = stands or self._stands(self.company_id._collection_today())
        claimed = {line.item_id: stands[line][1].residual - self._decide_stays(stands[line][1]) for line in self.line_ids if line.item_id}
        return {item: float(amount) for item, amount in claimed.items() if amount > 0}

    def _still_open(self):
        return self.currency_id.round(sum(self._claimed().values()))

    def _follow(self, tally, claimed, today):
        costs = self._costs_paid()
        values = {
            "recovered_before": float(tally.before), "recovered_direct": float(tally.direct), "recovered_agency": float(tally.agency) + costs,
            "recovered": float(tally.recovered) + costs, "credited": float(tally.credited), "written_off": float(tally.written_off),
            "fee": self._fee_booked(), "open_amount": self.currency_id.round(sum(claimed.values()))}
        changed = {name: value for name, value in values.items() if self.currency_id.compare_amounts(self[name], value)}
        came, given_up = self._came_to_us(changed), self.state == "handed" and tally.written_off
        if changed:
            self.write(changed)
        if self.state in LIVE and not self.open_amount:
            self._end_by_itself(tally, today)
        elif self.state == "closed" and not self.open_amount:
            self.outcome = self._decide_end(tally)
        elif self.state == "closed" and not self.env["collection.handover.line"]._live_ones(self.line_ids.item_id):
            self._open_again()
        if came:
            self._ask_to_tell(self.env._("Paid or credited here: %(amount)s. Open: %(open)s.", amount=self.currency_id.format(came),
                                         open=self.currency_id.format(self.open_amount)), came)
        elif given_up and self.state == "closed":
            self._ask_to_tell(self.env._("The rest is written off: it collects this no more."))

    def _came_to_us(self, changed):
        """By how much the debt fell without the agency, which does not know."""
        if not self.handed_on or self.state == "handed" and self.end_reason:  # just being written off, which tells at its end
            return 0.0
        return max(0.0, sum(value - self[name] for name, value in changed.items() if name in HERE))

    def _end_by_itself(self, tally, today):
        """Nothing is open any more: a mere proposal is dropped, everything else is closed."""
        if self.state == "proposed":
            self._transition("cancelled", ended_on=today, end_reason=self.env._("Nothing is open any more"))
            self._drop_tasks()
            return
        self._transition("closed", back_state=self.state, outcome=self._decide_end(tally), ended_on=today)
        self._log("step", self._say("closed"))
        self._tell({self: "closed"})
        self._drop_tasks()
        self._give_back()

    def _give_back(self):
        """What was not claimed of the items is ours to collect again."""
        left = {item: item.amount_residual_currency for item in self.line_ids.item_id if item.amount_residual_currency > 0 and item.parent_state == "posted"}
        if left:
            self._log("step", self.env._("Back with us, %(amount)s that was not claimed: %(items)s", amount=self.currency_id.format(sum(left.values())),
                                         items=", ".join(sorted({item.move_name or item.name or "/" for item in left}))))

    def _open_again(self):
        """A payment was taken back, or a write-off reversed: the case goes on where it was."""
        self._transition(self.back_state or "handed", outcome=False, ended_on=False, ended_by=False, end_reason=False)
        self._log("step", self._say("open_again"))
        self._tell({self: "open_again"})
        self._ask(self.env._("open again"), note=self.env._("A payment was taken back, or a write-off reversed. Tell the agency."))

    def _remind(self, today):
        """The customer had its days: a person hands over, or thinks again. Before the silence ends unused, a manager is asked."""
        over = self.filtered(lambda record: record.state == "announced" and record.deadline < today and not record.task_given)
        for record in over:
            record._ask(record._letter_lacks() or self.env._("the last day is over: hand over"))
        over.task_given = True
        idle = self.filtered(lambda record: not record.warned and record._silent_until() and record._silent_until() - today <= WARN)
        for record in idle:
            record._warn_manager()
        idle.warned = True

    def _silent_until(self):
        """The last day on which what is about to leave is silent; None for what is silent without an end, or not at all."""
        begun = {"approved": self.approved_on, "announced": self.deadline}.get(self.state)
        return begun + WAIT if begun else None
