from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from .credit_field_rules import plain

MODULE = "account_credit_collection"
ASKED = "mail_activity_collection_plan"


class CollectionPlan(models.Model):
    """The way of a plan: drawn up, approved, offered, accepted, ended."""

    _inherit = "collection.plan"

    # ------------------------------------------------------------------ offering

    def action_offer(self):
        """Offer the plan to the customer, or ask a manager where the template says so."""
        self._check_staff()
        for plan in self.filtered(lambda plan: plan.state in ("draft", "lapsed")):
            codes = plan._approval()
            if codes and not self.env.user.has_group(f"{MODULE}.group_manager") and not plan.approved_by:
                plan._ask_manager(codes)
            else:
                plan._offer(codes)

    def _ask_manager(self, codes):
        self._check_open()
        self.sudo()._transition("to_approve", approval_codes=codes)  # sudo: see the class
        self._ask("plan_approve", self.env._("Approve the payment plan %s", self.name))

    def action_approve(self):
        """Offer what waits for a manager."""
        self._check_staff("group_manager")
        for plan in self.filtered(lambda plan: plan.state == "to_approve"):
            plan.sudo().approved_by = self.env.uid  # sudo: see the class
            plan._offer(plan.approval_codes)

    def action_refuse(self):
        """Back to whoever drew it up."""
        self._check_staff("group_manager")
        waiting = self.filtered(lambda plan: plan.state == "to_approve")
        waiting.sudo()._transition("draft")  # sudo: see the class
        waiting._drop_tasks("plan_approve")
        for plan in waiting:
            plan.sudo()._message_log(body=self.env._("Not approved by %s. Change the terms, or cancel the plan.", self.env.user.name))

    def _check_open(self):
        """Whatever was drawn up some days ago must still hold."""
        self._check_items(self.profile_id, self.sudo().line_ids.item_id.with_env(self.env), (self | self.previous_id).ids)
        self._check_current()
        self._check_promised()
        if self.installment_ids.sorted("number")[:1].due < self.company_id._collection_today():
            raise UserError(self.env._("The first day of %s has passed. Choose “Change…” to draw it up anew.", self.name))

    def _offer(self, codes):
        """To the customer, by mail where there is an address; from now on nobody is reminded of its items."""
        self._check_open()
        today = self.company_id._collection_today()
        plan = self.sudo()  # sudo: see the class
        until = self._accept_until(self.company_id, plan.template_id, today, plan.installment_ids.sorted("number")[:1].due)
        plan._replace(("draft", "to_approve", "offered"))
        plan._transition("offered", offered_on=today, accept_until=until, approval_codes=codes,
                         approved_by=plan.approved_by.id or (codes and self.env.uid) or False)
        if codes and "year" in codes:
            plan._message_log(body=self.env._("More plans within a year than the template allows; approved by %s.", plan.approved_by.name))
        plan._end_asked()
        plan._drop_tasks("plan_approve")
        plan._make_document()
        plan._send_offer()
        plan.profile_id._note(("plan_note_offered", plan._told()))

    def action_resend(self):
        """Queue the offer, or the link of a plan in force, once more."""
        self._check_staff()
        for plan in self.filtered(lambda plan: plan.state in ("offered", "active")):
            plan._check_resend()
            plan._link_revoke()  # the last one may have gone to the wrong address
            plan.sudo()._send_offer()  # sudo: the link is for the customer alone

    def _check_resend(self):
        """No two mails a day, but to another address."""
        if self.mailed_on == self.company_id._collection_today() and (self.offered_to or "").endswith(self._reader_address() or " "):
            raise UserError(self.env._("A mail about %s went to this address today already. Send it again tomorrow.", self.name))

    def _send_offer(self):
        """The offer, or the link of what is in force."""
        kind = "offer" if self.state == "offered" else "link"
        if not self.env["collection.channel"]._queue_plan(self, kind, [(self._document_name(), self._document_raw())]):
            self._ask("task", self.env._("No e-mail address: hand the payment plan %s over in another way", self.name))

    def _end_asked(self):
        """The customer who asked for a plan has an answer: the silence until then and its task end."""
        calls = self.env["collection.call"].search([
            ("profile_id", "in", self.profile_id.ids), ("outcome", "=", "plan"), ("voided", "=", False), ("silent_until", "!=", False)])
        for call in calls:
            day = fields.Date.subtract(call.company_id._collection_today(), days=1)
            if call.silent_until > day:
                call.silent_until = day
        self.profile_id.activity_feedback([f"{MODULE}.{ASKED}"], feedback=self.env._("Payment plan %s", ", ".join(self.mapped("name"))))

    # ------------------------------------------------------------------ accepting

    def action_accept_by_hand(self):
        """Enter who accepted on paper, and when."""
        self._check_staff()
        return self._dialog("collection_plan_accept_action", default_plan_id=self.id)

    def _accept_by_hand(self, name, day):
        self._check_staff()
        self._accept_as("hand", name, day)

    def _accept(self, name, ip=None, agent=None, document_hash=None):
        """Whoever opened the signed link accepts the very file that was shown; twice is impossible."""
        plan = self.sudo()  # sudo: the customer is nobody here, its link was checked
        plan._check_document(document_hash)
        plan._accept_as("portal", name, plan.company_id._collection_today(), accepted_ip=(ip or "")[:45], accepted_agent=plain(agent, 500))

    def _accept_as(self, how, name, day, **evidence):
        self.ensure_one()
        plan = self.sudo()  # sudo: see the class
        plan.lock_for_update()
        plan.invalidate_recordset(["state", "accepted_on"])
        plan._check_acceptable(how, name, day)
        plan._activate(accepted_how=how, accepted_name=(name or "").strip()[:120], accepted_on=plan._at(day), **evidence)

    def _at(self, day):
        """Now, or the noon of an earlier day."""
        return fields.Datetime.now() if day == self.company_id._collection_today() else datetime.combine(day, time(12))

    def _check_acceptable(self, how, name, day):
        today = self.company_id._collection_today()
        if self.state == "active" or self.accepted_on:
            raise UserError(self.env._("%s is accepted already.", self.name))
        if self.state != "offered" or how == "portal" and self.accept_until < today:
            raise UserError(self.env._("The offer of %s does not stand any more. Please ask for a new one.", self.name))
        if not (name or "").strip():
            raise UserError(self.env._("Please enter the name of who accepts."))
        if not self.offered_on <= day <= today:
            raise UserError(self.env._("It was accepted between the day of the offer and today: choose that day."))
        taken = self._is_taken()
        if taken:
            raise UserError(taken._taken())

    def _is_taken(self):
        """The line of another plan that has one of its items in the meantime."""
        return self.env["collection.plan.line"]._live_ones(self._items()).filtered(lambda line: line.plan_id not in (self | self.previous_id))[:1]

    def _activate(self, **accepted):
        """In force: interest and fee are billed, and the items rest."""
        today = self.company_id._collection_today()
        self._replace(("draft", "to_approve", "offered", "active"))
        self._transition("active", agreed_on=today, **accepted)
        self._bill()
        self._judge(today)
        self.profile_id._note(("plan_note_active", self._told()), tell=True)

    def _replace(self, states):
        """The plan whose place it takes ends, where that is in one of ``states``: first, since an item is in one plan at a time."""
        if self.previous_id.state in states:
            self.previous_id._cancel(self.previous_id.profile_id._chatter_env()._("Drawn up anew as %s", self.name), renewed=True)
            self.env.flush_all()

    # ------------------------------------------------------------------ ending

    def action_cancel(self):
        """Ask why the plan ends."""
        self._check_staff()
        return self._dialog("collection_plan_cancel_action", default_plan_ids=self.ids)

    def _cancel(self, reason, renewed=False):
        """Before it is accepted nothing has happened; afterwards the interest of days to come is credited, and follow-up goes on.

        One that is ``renewed`` at once leaves whoever asked for it without an answer still.
        """
        self._check_staff()
        over = self.filtered(lambda plan: plan.state in ("finished", "defaulted", "cancelled"))[:1]
        if over:
            raise UserError(self.env._("%s is over already: there is nothing to cancel.", over.name))
        if not renewed:
            self._check_flying()
        for plan in self.sudo():  # sudo: see the class
            was = plan.state
            plan._transition("cancelled", ended_on=plan.company_id._collection_today(), ended_by=self.env.uid, end_reason=reason)
            plan._drop_tasks("plan_approve", "plan_late")
            if not renewed:
                plan._end_asked()
            if was == "active":
                plan._credit_unearned(plan.ended_on)
                plan._bill_is_due(plan.ended_on)
            if was in ("offered", "active"):
                plan.profile_id._note(("plan_note_cancelled", plan._told()))
                if not renewed:
                    self.env["collection.channel"]._queue_plan(plan, "cancelled")

    def _check_flying(self):
        """Nothing is cancelled for which the customer is paying right now."""
        for plan in self.sudo().filtered(lambda plan: plan.state in ("offered", "active")):  # sudo: payments are the accountants'
            if plan._flying(plan.company_id._collection_today()):
                raise UserError(self.env._("An online payment for %s is on its way. Wait until it has come in or failed, then cancel the plan.", plan.name))

    def action_renegotiate(self):
        """A new plan for the same items; this one is cancelled with it."""
        self.ensure_one()
        self._check_staff()
        return self._dialog("collection_plan_wizard_action", default_profile_id=self.profile_id.id, default_previous_id=self.id)

    def action_print(self):
        """The agreement as it was offered; of a draft as it would be."""
        self._check_staff()
        return self.env.ref(self._document_report).report_action(self)

    def action_payoff(self):
        """What ends the plan today."""
        self.ensure_one()
        self._check_staff("group_viewer")
        today = self.company_id._collection_today()
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "info", "sticky": True, "title": self.env._("Payoff on %s", format_date(self.env, today)),
            "message": self.env._("%s pays everything today; interest of days to come is not asked for.", self.currency_id.format(float(self._payoff(today))))}}

    def action_open_customer(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": self.profile_id.id, "views": [(False, "form")]}

    # ------------------------------------------------------------------ small things

    def _dialog(self, action, **context):
        return dict(self.env["ir.actions.act_window"]._for_xml_id(f"{MODULE}.{action}"), context=context)

    def _told(self):
        return {"plan": self.name, "items": ", ".join(self.line_ids.filtered(lambda line: not line.is_cost).mapped("document")),
                "until": self.accept_until and self.accept_until.isoformat()}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(plan.state != "draft" for plan in self):
            raise UserError(self.env._("A payment plan that was offered is kept. Cancel it instead."))
