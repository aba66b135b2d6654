from datetime import timedelta

from odoo import api, fields, models

from ..engine import settlement
from ..engine.money import exact
from .collection_payable_transaction import FLYING

# An offer this long past is history: what happens to its payments then changes it no more.
SETTLED_DAYS = 180
STATE = {settlement.OPEN: "offered", settlement.TAKEN: "taken", settlement.LAPSED: "lapsed"}
BOOK = "account_credit_collection.ir_cron_collection_settlement"


class CollectionSettlement(models.Model):
    """What becomes of offers: a function of the payments matched with their items, every night and with each payment.

    Money on account is matched at night first, where it is clear what it is for.
    """

    _inherit = "collection.settlement"

    @api.model
    def _judge_about(self, item_ids):
        """Judge the offers of journal items that were just set off, or no longer are."""
        found = self.env["collection.reader"]._read_settlements_about(item_ids, fields.Date.today()) if item_ids else ()  # nosemgrep: day-of-the-server - a bound, weeks wide
        # sudo: whoever books a payment need not see offers
        for company, records in self.sudo().browse(found).grouped("company_id").items():
            records._judge(company._collection_today())

    @api.model
    def _judge_all(self, profiles, today):
        """The offers of a batch of customers of one company, every night."""
        # sudo: what becomes of an offer is written by no person
        records = self.sudo().search([
            ("profile_id", "in", profiles.ids), ("state", "!=", "withdrawn"),
            # however long the job slept, what was going on then is ended
            "|", "|", ("until", ">=", today - timedelta(days=SETTLED_DAYS)), ("state", "in", ("draft", "to_approve", "offered")),
            "&", ("state", "=", "taken"), ("booked_on", "=", False)])
        made = records.filtered("made_on")
        (records - made).filtered(lambda record: record.until < today)._lapse_unmade(today)
        current = made.browse(self.env["collection.reader"]._read_current_settlements(made.ids))
        current._match_on_account()
        current._judge(today)
        if any(record.state == "taken" and not record.booked_on for record in current):
            self._wake_booking()

    def _lapse_unmade(self, today):
        """What nobody offered in time is not offered any more."""
        if self:
            self._transition("lapsed", ended_on=today)
            self._drop_tasks("account_credit_collection.mail_activity_collection_settlement_approve")

    def _judge(self, today):
        """Bring offers of one company to the state that the payments make them, in a fixed number of queries."""
        entries = self.env["collection.reader"]._read_settlement_entries(self.ids)
        before = {record: (record.state, bool(record.bounced_on)) for record in self}
        awaited = self._awaited(today)
        for record in self.sorted("id", reverse=True):  # of several that would come back the last one does
            verdict = record._decide_outcome(entries.get(record.id, ()), today)
            if record.state != "lapsed" or verdict.state == settlement.LAPSED or not record._is_replaced():
                record._follow(verdict, today, record in awaited)
        self._after_judging(self.filtered(lambda record: record.state != before[record][0]),
                            self.filtered(lambda record: record.bounced_on and not before[record][1]))

    def _decide_outcome(self, entries, today):
        """One engine call: the place to hook another way to judge an offer."""
        return settlement.judge(settlement.Offer(self.made_on, self.until, exact(self.amount), exact(self.debt)), entries, today)

    def _is_replaced(self):
        """Whether another offer about one of its items stands, or was taken: an item is in one offer at a time."""
        return bool(self.env["collection.settlement.line"].search_count([
            ("item_id", "in", self.line_ids.item_id.ids), ("settlement_id", "!=", self.id),
            ("settlement_id.state", "in", ("to_approve", "offered", "taken"))], limit=1))

    def _awaited(self, today):
        """Offers whose last day is over, while an online payment that was begun in time is on its way, for so many days at most."""
        over = self.filtered(lambda record: record.until < today <= record.until + FLYING)
        flying = self.env["payment.transaction"]._flying_for(over) if over else ()
        return self.browse(one.agreement_id for one in flying if one.agreement_on <= self.browse(one.agreement_id).until)

    def _follow(self, verdict, today, awaited=False):
        """Write what the payments say. What is booked stays so: a payment that is taken back is a person's to decide on."""
        held = awaited and verdict.state == settlement.LAPSED and self.until + FLYING
        state = "offered" if held else STATE[verdict.state]
        values = {"paid_amount": float(verdict.paid), "missing_amount": float(verdict.missing), "held_until": held}
        if self.booked_on:
            values["bounced_on"] = False if state == "taken" else self.bounced_on or today
            state = "taken"
        else:
            values["taken_on"] = verdict.on or False
        if state != self.state:
            self._transition(state, ended_on=state == "lapsed" and min(today, self.until + timedelta(days=1)), **values)
        elif any(self[name] != value for name, value in values.items()):
            self.write(values)

    def _judge_booked(self):
        """Whether what was booked is still in the books: an accountant may have set it to draft, or posted it again."""
        for record in self.filtered(lambda record: record.state == "taken" and record.booked_on):
            undone = record.move_ids.filtered(lambda move: move.state != "posted")
            if undone and not record.undone_on:
                record.undone_on = record.company_id._collection_today()
                record._tell({record: "undone"})
                record._ask(self.env._("a credit note or entry is not booked any more. Post it again, or take back the settlement"))
            elif record.undone_on and not undone:
                record.undone_on = False
                record._drop_tasks()

    def _after_judging(self, moved, bounced):
        """Tell whom it concerns, and have booked what was taken."""
        lapsed = moved.filtered(lambda record: record.state == "lapsed")
        taken = moved.filtered(lambda record: record.state == "taken")
        self._tell({record: "open_again" if record.state == "offered" else record.state for record in moved})
        lapsed.profile_id._may_be_called()._ask_once("settlement", self.env._("Settlement offer lapsed: call"))
        if taken:
            taken._drop_tasks()
            self._wake_booking()
        self._tell(dict.fromkeys(bounced, "bounced"))
        for record in bounced:
            record._ask(self.env._("the payment was taken back. Take back the settlement, or let it stand"))

    @api.model
    def _wake_booking(self):
        """Soon, in a transaction of its own: whoever books a payment does not wait for it, nor fails with it."""
        job = self.env.ref(BOOK, raise_if_not_found=False)
        if job:
            job.sudo()._trigger()  # sudo: a job is started for whoever pays

    # ------------------------------------------------------------------ money on account

    def _match_on_account(self):
        """Set off what came in time and nobody matched, where it is clear that it is for an offer."""
        waiting = self.filtered(lambda record: record.state in ("offered", "lapsed"))
        Reader = self.env["collection.reader"]
        money = Reader._read_settlement_money(waiting.ids)
        owing = Reader._read_owing_more(list(money))
        used = set()
        for record in waiting.filtered(lambda record: record.id in money).sorted("id"):
            rows = [row for row in money[record.id] if row[0] not in used]
            chosen = record._decide_on_account([amount for _line, amount in rows], record.id in owing)
            lines = self.env["account.move.line"].browse(rows[place][0] for place in chosen)
            used.update(lines.ids)
            if lines:
                self.env["credit.profile"]._attempt(lambda record=record, lines=lines: record._match(lines))

    def _decide_on_account(self, amounts, owes_more):
        """One engine call: the place to hook which money on account belongs to an offer."""
        return settlement.on_account(exact(self.missing_amount), amounts, owes_more)

    def _match(self, lines):
        """Invoices before charges: what is waived are the charges."""
        for item in self._pay_items():
            rest = lines.filtered(lambda line, item=item: line.account_id == item.account_id and not line.reconciled)
            if rest and not item.reconciled:
                (rest + item).reconcile()
