from odoo import models
from odoo.tools.misc import format_date

from ..engine.schedule import ZERO
from .collection_job import CONCURRENCY_ERRORS
from .collection_plan_judge import Booked


class CollectionPlan(models.Model):
    """The entries that follow from a plan: its bill, and credit for interest that was not earned.

    Whatever keeps accounting from booking them, the plan goes on, and a person is asked.
    """

    _inherit = "collection.plan"

    def _book(self, work, summary):
        """Do ``work()`` whole or not at all; a task says what was not booked. Return whether it was.

        Nothing is committed: whoever accepts a plan does it in one transaction.
        """
        try:
            self.env["collection.job"]._retrying(work, commit=False)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:  # lock dates, missing accounts, whatever else keeps an entry from being posted
            self.env.invalidate_all(flush=False)
            self._ask("task", summary, note=str(error)[:500])
            return False
        return True

    def _settle(self, booked, today):
        """Entries that follow from payments; not with the reconciliation itself, in which no other entry is made."""
        for plan in self.filtered(lambda plan: plan.state == "active" and plan in booked):
            plan._catch_up(booked[plan])
        for plan in self.filtered(lambda plan: plan.state == "finished"):
            plan._thank(today)
            plan._waive_charges(today)

    def _catch_up(self, booked):
        """What could not be billed before, what a payment taken back undoes, and what was paid before its time."""
        if not self.charge_id and self._costs():
            self._bill()
        elif self.unearned_move_id:
            self._take_back()
        else:
            self._pay_off(booked)

    # ------------------------------------------------------------------ its bill

    def _costs(self):
        """Interest and fee as ``_bill_agreement`` takes them."""
        parts = [("plan_interest", self.interest, self.env._("Interest of the payment plan %s", self.name)),
                 ("plan_fee", self.currency_id.round(self.total - self.principal - self.interest), self.env._("Fee of the payment plan %s", self.name))]
        return [part for part in parts if not self.currency_id.is_zero(part[1])]

    def _bill(self):
        """Interest and fee of the plan become a charge of their own, which its installments pay too; if not now, some night."""
        parts = self._costs()
        if parts and self._book(lambda: self._make_bill(parts), self.env._("%s: interest and fee cannot be billed yet", self.name)):
            self._tasks("task").filtered(lambda task: task.summary == self.env._("%s: interest and fee cannot be billed yet", self.name)).unlink()

    def _make_bill(self, parts):
        """What was agreed includes taxes: where the bill puts them on top, it is brought down to what was agreed.

        Where the bill comes to less, as with a tax that is withheld, the difference is as if credited.
        """
        agreed = sum(part[1] for part in parts)
        charge = self.env["collection.charge"]._bill_agreement(self.profile_id, self.currency_id, parts, self.last_on, self.name)
        self.charge_id = charge
        beyond = self.currency_id.round(charge.residual - agreed)
        if beyond > 0:
            charge._credit_part(beyond, self.profile_id._chatter_env()._("Taxes included in what was agreed"))
        [line] = self._prepare_lines(charge.item_id)
        self.env["collection.plan.line"].create({**line, "plan_id": self.id, "is_cost": True, "amount": agreed})

    def _bill_is_due(self, day):
        """Its own bill is due when everything is; the ledger entries of the customer's invoices stay as they are."""
        item = self.charge_id.item_id
        if item and not item.reconciled and item.date_maturity != day:
            self._book(lambda: item.write({"date_maturity": day}), self.env._("%(plan)s: the bill of its interest and fee is due on %(day)s now", plan=self.name, day=format_date(self.env, day)))

    # ------------------------------------------------------------------ interest that was not earned

    def _pay_off(self, booked):
        """Paid before its time, or some days later than was quoted: interest of days to come, and of those days, is credited."""
        last = max((entry.on for entry in booked.entries if entry.money), default=None)
        if self.interest and self.open_amount and last and not self._decide_payoff(booked, last, self.company_id.collection_promise_days):
            self._credit_cost(max(self.open_amount, float(self._decide_unearned(booked, last))))

    def _credit_unearned(self, on):
        """Interest of days after ``on`` is not owed."""
        if self.charge_id:
            self._credit_cost(float(self._decide_unearned(self._read_booked().get(self, Booked([], ZERO)), on)))

    def _credit_cost(self, amount):
        if self.charge_id and self.currency_id.compare_amounts(amount, 0) > 0:
            self._book(lambda: self._make_note(amount), self.env._("%(plan)s: credit %(amount)s of its interest by hand", plan=self.name,
                                                                   amount=self.currency_id.format(amount)))

    def _make_note(self, amount):
        """A credit note on the bill; where that is paid already, it pays what is open of the plan."""
        env = self.profile_id._chatter_env()
        note = self.charge_id._credit_part(amount, env._("Interest of %s for days to come", self.name))
        self.unearned_move_id = note
        line = note.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        for item in self._pay_items() if len(line) == 1 else ():
            if not line.reconciled and not item.reconciled and item.account_id == line.account_id:
                (line + item).reconcile()

    def _take_back(self):
        """In force again, interest runs on: the credit note for days to come is cancelled."""
        note = self.unearned_move_id
        self.unearned_move_id = False
        if note.state == "posted":
            self._book(lambda: (note.button_draft(), note.button_cancel()), self.env._(
                "%(plan)s is in force again: reverse the credit note %(note)s for interest of days to come", plan=self.name, note=note.name))

    # ------------------------------------------------------------------ paid

    def _thank(self, today):
        """Once; who paid nothing is not thanked."""
        if not self.thanked_on:
            self.thanked_on = today
            if not self.currency_id.is_zero(self.paid_amount):
                self.env["collection.channel"]._queue_plan(self, "thanks")

    def _waive_charges(self, today):
        """Charges on its invoices are given up some days after the last payment: it may bounce."""
        if not self.waive_charges or self.is_waived or (today - self.ended_on).days < self.company_id.collection_promise_days:
            return
        self.is_waived = True
        reason = self.profile_id._chatter_env()._("The payment plan %s was kept", self.name)
        self._book(lambda: [charge._forgive(lines, reason) for charge, lines in self._charges()], self.env._("%s: waive the charges on its invoices", self.name))

    def _charges(self):
        """Drafts and bills with charges on its invoices: ``[(charge, lines)]``."""
        items = self._items()
        lines = self.env["collection.charge.line"].sudo().search([("item_id", "in", items.ids), ("state", "in", ("draft", "posted"))])  # sudo: a look at the ledger
        standing = self.env["collection.charge"].sudo()._on(items) | lines.charge_id.filtered(lambda charge: charge.state == "draft")  # sudo: as above
        return [(charge, lines & charge.line_ids) for charge in standing]

    def _waivable(self):
        """What would be given up of charges on its invoices, in the currency of the company."""
        company, today = self.company_id, self.company_id._collection_today()
        return sum(charge.currency_id._convert(charge._open_of(lines), company.currency_id, company, today) for charge, lines in self._charges())


class CollectionCharge(models.Model):
    _inherit = "collection.charge"

    def _gross_of(self, lines):
        """What some of its lines came to, taxes included."""
        net, bill = sum(lines.mapped("amount")), self.move_id
        return self.currency_id.round(bill.amount_total * net / bill.amount_untaxed) if bill.amount_untaxed else net

    def _open_of(self, lines):
        """What is still open of some of its lines: what was paid paid the others first."""
        gross = self._gross_of(lines)
        return gross if self.state == "draft" else max(0.0, min(self.residual, gross))

    def _forgive(self, lines, reason):
        """Waive lines that are open, or what is left of them: no credit note on what was paid."""
        if self.state == "draft" or self.currency_id.compare_amounts(self._gross_of(lines), self.residual) <= 0:
            self._waive(reason, lines)
        else:
            self._credit_part(self._open_of(lines), reason)
