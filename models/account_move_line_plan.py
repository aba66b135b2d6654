from odoo import api, fields, models
from odoo.exceptions import UserError

VIEWER = "account_credit_collection.group_viewer"


class AccountMoveLine(models.Model):
    """Contract and plan side by side: the item keeps its due date, the plan lays another one over it."""

    _inherit = "account.move.line"

    plan_id = fields.Many2one("collection.plan", "Payment plan", compute="_compute_plan", groups=VIEWER)
    plan_due_date = fields.Date("Due by the plan", compute="_compute_plan", groups=VIEWER)
    contract_days_late = fields.Integer("Days late by contract", compute="_compute_plan", groups=VIEWER)
    plan_days_late = fields.Integer("Days late by the plan", compute="_compute_plan", groups=VIEWER)

    def _compute_plan(self):
        lines = self.env["collection.plan.line"].search([("item_id", "in", self.ids), ("plan_id.state", "=", "active")]).grouped("item_id")
        for item in self:
            line = lines.get(item, self.env["collection.plan.line"])
            late = (item.company_id.root_id._collection_today() - item.date_maturity).days if item.date_maturity and not item.reconciled else 0
            item.plan_id, item.plan_due_date, item.plan_days_late = line.plan_id, line.plan_due, line.plan_days_late
            item.contract_days_late = max(0, late)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        """A plan ends before the installments of an invoice are made anew."""
        line = self.env["collection.plan.line"]._live_ones(self)[:1]
        if line:
            raise UserError(self.env._("%(item)s is in the payment plan %(plan)s. Cancel that plan before you change the invoice.",
                                       item=line.document, plan=line.plan_id.name))
