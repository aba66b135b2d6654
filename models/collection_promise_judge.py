from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models

from ..engine import promise
from ..engine.money import exact

UNKEPT = (promise.PARTLY, promise.BROKEN)


class CollectionPromise(models.Model):
    """What becomes of promises: a function of the payments, brought up to date every night and with each payment."""

    _inherit = "collection.promise"

    @api.model
    def _judge_about(self, item_ids):
        """Judge what was promised of journal items, or of the balance they belong to; they were just set off or no longer are."""
        found = self.env["collection.reader"]._read_promises_about(item_ids, fields.Date.today()) if item_ids else ()  # nosemgrep: day-of-the-server - a bound, weeks wide
        # sudo: whoever books a payment need not see promises
        for company, records in self.sudo().browse(found).grouped("company_id").items():
            records._judge(company._collection_today())

    def _judge(self, today):
        """Bring promises of one company to the state that the payments make them, in a fixed number of queries.

        What a person withdrew stays so, and so does what was promised of an item that is no more.
        """
        judged = self.filtered(lambda record: not record.withdrawn_by and all(line.item_id for line in record.line_ids))
        engine = judged._to_engine()
        verdicts = {record: record._decide(engine[record], today) for record in judged}
        closed = judged._superseded(verdicts)
        judged._keep_contested(engine, today)
        before = {record: record.state for record in judged}
        for record, verdict in verdicts.items():
            record._follow(verdict, record in closed, today)
        moved = judged.filtered(lambda record: record.state != before[record])
        moved.filtered(lambda record: before[record] in UNKEPT and record.state not in UNKEPT).profile_id._drop_promise_tasks()
        moved._note_moves({record: "settled" if record.state == promise.WITHDRAWN else record.state for record in moved})

    def _to_engine(self):
        """The promises with the payments there are: ``{promise: engine Promise}``."""
        Reader = self.env["collection.reader"]
        items = Reader._read_item_entries(self.line_ids.ids)
        balances = Reader._read_balance_entries(self.filtered("on_balance").ids)
        contested = self._contested(items)
        found = {}
        for record in self:
            parts = [promise.Part(exact(line.amount), items[line.id][1], items[line.id][0], exact(line.paid_before), contested[line])
                     for line in record.line_ids]
            if record.on_balance:
                parts = [promise.Part(exact(record.amount), balances.get(record.id, ()), None, exact(record.paid_before), contested[record])]
            found[record] = promise.Promise(record.made_on, record.grace_until, tuple(parts))
        return found

    def _contested(self, items):
        """What is contested of what was promised: ``{line or promise on the balance: amount}``, kept once the window is over."""
        Reader = self.env["collection.reader"]
        settled = self.filtered("is_settled")
        pending = self - settled
        lines = Reader._read_promised_disputes(pending.line_ids.ids)
        balances = Reader._read_balance_disputes(pending.filtered("on_balance").ids)
        found = {target: exact(target.contested_amount) for some in (settled, settled.line_ids) for target in some}
        found.update((record, balances.get(record.id, promise.ZERO)) for record in pending)
        for line in pending.line_ids:
            amount = lines.get(line.id, promise.ZERO)
            # what was credited by the time of the first judging is not contested any more, and is not expected besides
            found[line] = amount and amount + promise.credited_late(items[line.id][1], line.promise_id.grace_until)
        return found

    def _keep_contested(self, engine, today):
        """Once the window is over, what was contested as it ended stays so, whatever becomes of the disputes."""
        over = self.filtered(lambda record: record.grace_until < today and not record.is_settled)
        for record in over:
            for target, part in zip(record if record.on_balance else record.line_ids, engine[record].parts):
                if part.contested:
                    target.contested_amount = float(part.contested)
        over.is_settled = True

    def _decide(self, engine_promise, today):
        """One engine call: the place to hook another way to judge a promise."""
        return promise.judge(engine_promise, today, exact(self.currency_id.rounding))

    def _superseded(self, verdicts):
        """Those that would be open again although something later about the same is agreed on: what came counts, they stay closed."""
        back = [record for record in self.sorted("id", reverse=True)
                if verdicts[record].state == promise.OPEN and record.state != promise.OPEN]
        if not back:
            return self.browse()
        others = self.search([("state", "=", promise.OPEN), ("profile_id", "in", self.profile_id.ids)])
        taken = self.browse().union(*back)._agreed_otherwise().union(*(record._claims() for record in others))
        closed = self.browse()
        for record in back:
            if taken & record._subjects():
                closed += record
            else:
                taken |= record._claims()
        return closed

    def _agreed_otherwise(self):
        """What of these promises is paid in parts or under an offer by now."""
        found = set()
        for name, owner in (("collection.plan.line", "plan_id"), ("collection.settlement.line", "settlement_id")):
            lines = self.env[name].search([("is_live", "=", True), "|", ("item_id", "in", self.line_ids.item_id.ids),
                                           (f"{owner}.profile_id", "in", self.filtered("on_balance").profile_id.ids)])
            found |= set(lines.item_id) | {(one.profile_id, one.currency_id) for one in lines[owner]}
        return found

    def _subjects(self):
        """What a promise is about, as keys on which nothing else may be agreed: its items, no whole balance besides; see ``_check_free``."""
        key = (self.profile_id, self.currency_id)
        return {key} if self.on_balance else {*self.line_ids.item_id, (*key, "all")}

    def _claims(self):
        """What an open promise keeps others from, as such keys: a balance all its items, an item the whole balance."""
        key = (self.profile_id, self.currency_id)
        return {key, (*key, "all")} if self.on_balance else {*self.line_ids.item_id, key}

    def _follow(self, verdict, closed, today):
        """Write what the payments say; ``closed`` keeps a promise from being open again."""
        state = verdict.state
        if closed:
            state = promise.PARTLY if verdict.paid else promise.BROKEN
        for line, paid in zip(self.line_ids, verdict.parts):
            if line.currency_id.compare_amounts(line.paid_amount, float(paid)):
                line.paid_amount = float(paid)
        values = {"paid_amount": float(verdict.paid), "missing_amount": float(verdict.missing), "paid_on": verdict.on or False}
        if state != self.state:
            self._transition(state, judged_on=self._judged_on(state, today), **values)
        elif any(self[name] != value for name, value in values.items()):
            self.write(values)

    def _judged_on(self, state, today):
        """The day it came to its state: the first day too late, also when the job runs days after it."""
        if state == promise.OPEN:
            return False
        return min(today, self.grace_until + timedelta(days=1)) if self.state == promise.OPEN and state in UNKEPT else today

    def _note_paid_before(self):
        """What came in earlier on the day of the promise is not what was promised then."""
        fresh = self.filtered(lambda record: record.made_on == record.company_id._collection_today())
        for record, made in fresh._to_engine().items():
            sums = [sum((entry.amount for entry in part.entries if entry.money and entry.on >= made.made_on), Decimal(0))
                    for part in made.parts]
            for target, amount in zip(record if record.on_balance else record.line_ids, sums):
                if amount:
                    target.sudo().paid_before = float(amount)  # sudo: a fact of the ledger
