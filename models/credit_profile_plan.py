from datetime import timedelta

from odoo import api, fields, models

ASKED_DAYS = 60  # a wish for a plan is remembered so long


class CreditProfile(models.Model):
    """The payment plans of a customer."""

    _inherit = "credit.profile"

    plan_ids = fields.One2many("collection.plan", "profile_id", "Payment plans")
    plan_text = fields.Char("In a payment plan", compute="_compute_plan_text")

    @api.depends("plan_ids.state", "plan_ids.next_due", "plan_ids.next_amount")
    @api.depends_context("lang")
    def _compute_plan_text(self):
        for profile in self:
            plans = profile.plan_ids.filtered(lambda plan: plan.state in ("offered", "active"))
            profile.plan_text = ", ".join(plan._sentence() for plan in plans) or False

    def _refresh(self, company, today):
        """Plans before the rest: one that is broken tonight speaks tonight."""
        self.env["collection.plan"]._night(self, company, today)
        super()._refresh(company, today)

    def _plain_plans(self, today, known):
        """With those who pay in parts already, or may."""
        found = super()._plain_plans(today, known)
        plans = self.env["collection.plan"].search([("profile_id", "in", self.ids), "|", ("state", "=", "active"),
                                                    "&", ("state", "=", "offered"), ("accept_until", ">=", today)], order="id")
        for plan in plans:
            code = "late" if plan.days_late else "active"
            found[plan.profile_id.id] = ("plain_plan_offered", {"until": plan.accept_until.isoformat()}) if plan.state == "offered" else (
                f"plain_plan_{code}", {"on": plan.next_due and plan.next_due.isoformat()})
        return found

    def action_payment_plan(self):
        """Draw up a plan, with what the customer asked for on the telephone."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.collection_plan_wizard_action")
        return dict(action, context={"default_profile_id": self.id, "default_call_id": self._plan_wish().id})

    def _plan_wish(self):
        """The last call in which this customer asked for a plan, unless there is one since."""
        Call = self.env["collection.call"]
        since = self.company_id._collection_today() - timedelta(days=ASKED_DAYS)
        call = Call.search([("profile_id", "=", self.id), ("outcome", "=", "plan"), ("voided", "=", False), ("day", ">=", since)], limit=1)
        return call if not any(plan.made_on > call.day for plan in self.plan_ids if call) else Call
