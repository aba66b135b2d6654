from odoo import models
from odoo.exceptions import UserError

from .collection_settlement import COLLECTOR, MANAGER

APPROVE = "account_credit_collection.mail_activity_collection_settlement_approve"


class CollectionSettlement(models.Model):
    """From a draft to an offer that the customer has, and back."""

    _inherit = "collection.settlement"

    # ------------------------------------------------------------------ offering

    def action_offer(self):
        """Offer it, or ask a credit manager where it is beyond one's rights."""
        self._check_group(COLLECTOR)
        self.check_access("read")
        for record in self:
            record._propose()

    def _propose(self):
        system = self._renewed(("draft",))
        objections = system._objections()
        if not objections:
            system._offer()
        elif not self._is_manager():
            system._transition("to_approve")
            system._ask_manager()
        elif not system.reason:
            raise UserError(self.env._("%s Say why it is offered all the same.", system._objection_text(objections)))
        else:
            system._offer(approved_by=self.env.uid, approve_reason=system.reason)

    def _renewed(self, states):
        """The offer as the system writes it, locked, with what is open today."""
        self.lock_for_update()
        system = self.sudo()  # sudo: figures and states are written by methods only
        if system.state not in states:
            raise UserError(self.env._("%(offer)s is “%(state)s” already.", offer=system.name, state=system._state_label()))
        system._take_stock()
        system._check_offer()
        return system

    def _offer(self, **values):
        """The customer has it from now on: the mail is queued, and nobody reminds of its items."""
        Reader = self.env["collection.reader"]
        self._transition("offered", made_on=self.company_id._collection_today(), seen_item=Reader._read_last_item(),
                         seen_partial=Reader._read_last_partial(self.line_ids.item_id.ids), **values)
        if self.env.ref(self._document_report, raise_if_not_found=False):
            self._make_document()
        self._drop_tasks(APPROVE)
        self._tell(dict.fromkeys(self, "offered"))
        self._send()

    def _send(self):
        """Queue the mail, once a day to the same address: two clicks are one wish."""
        self.ensure_one()
        self.lock_for_update()
        today, address = self.company_id._collection_today(), self._reader_address()
        if address and (self.mailed_on, self.mailed_to) == (today, address):
            raise UserError(self.env._("A mail about %s went to this address today already. Send it again tomorrow.", self.name))
        self.write({"mailed_on": today, "mailed_to": address})
        self.env["collection.channel"]._queue_settlement(self)

    def action_resend(self):
        """Send the offer once more."""
        self._check_group(COLLECTOR)
        self.check_access("read")
        for record in self:
            if record.state != "offered":
                raise UserError(self.env._("%(offer)s is “%(state)s”: there is nothing to send.", offer=record.name, state=record._state_label()))
            record.sudo()._link_revoke()  # sudo: as below; the last one may have gone to the wrong address
            record.sudo()._send()  # sudo: the link is made for the customer alone

    # ------------------------------------------------------------------ a manager's word

    def action_approve(self):
        return self._decision("approve")

    def action_refuse(self):
        return self._decision("refuse")

    def action_withdraw(self):
        return self._decision("withdraw")

    def action_take_back(self):
        return self._decision("take_back")

    def action_note(self):
        """Write down what was said; the customer does not see it."""
        return self._decision("note", default_note=self.note)

    def _check_decision(self, decision):
        self._check_group(COLLECTOR if decision in ("withdraw", "note") else MANAGER)
        self.check_access("read")

    def _decision(self, decision, **defaults):
        """Ask why; the dialog does it then."""
        self.ensure_one()
        self._check_decision(decision)
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_settlement_decision_action")
        return dict(action, context={"default_settlement_id": self.id, "default_decision": decision, "dialog_size": "medium", **defaults})

    def _decide_on(self, decision, reason):
        """What a person decided in the dialog, in the name of ``env.user``."""
        self.ensure_one()
        self._check_decision(decision)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        {"approve": self._approve, "refuse": self._refuse, "withdraw": self._withdraw, "take_back": self._take_back}[decision](reason)

    def _write_note(self, note):
        self.ensure_one()
        self._check_decision("note")
        self.sudo().note = note  # sudo: see _renewed

    def _approve(self, reason):
        self._renewed(("to_approve",))._offer(approved_by=self.env.uid, approve_reason=reason)

    def _refuse(self, reason):
        """The collector who asked is told by a note on the offer; what is refused is not offered in another form by itself."""
        if self.state != "to_approve":
            raise UserError(self.env._("%(offer)s is “%(state)s” already.", offer=self.name, state=self._state_label()))
        self._end(reason, "refused")

    def _withdraw(self, reason):
        """Take an offer back that is not taken yet. What came in of it stays on the invoices."""
        self.lock_for_update()
        if self.state not in ("draft", "to_approve", "offered"):
            raise UserError(self.env._("%(offer)s is “%(state)s”: what became of it stays.", offer=self.name, state=self._state_label()))
        flying = self.sudo()._pay_flying()  # sudo: whoever withdraws need not see online payments
        if self.state == "offered" and flying:
            raise UserError(self.env._("A payment of %(amount)s for %(offer)s is on its way. Wait until it has arrived or failed, then decide.",
                                       amount=self.currency_id.format(float(flying)), offer=self.name))
        self._end(reason, "withdrawn" if self.state == "offered" else None)

    def _end(self, reason, code):
        system = self.sudo()  # sudo: see _renewed
        system._transition("withdrawn", end_reason=reason, ended_by=self.env.uid, ended_on=self.company_id._collection_today())
        system._drop_tasks(APPROVE)
        if code:
            system._tell(dict.fromkeys(system, code))
