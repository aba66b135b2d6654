from odoo import fields, models


class CollectionPlanAcceptWizard(models.TransientModel):
    """Who accepted a plan on paper, and when."""

    _name = "collection.plan.accept.wizard"
    _description = "Payment Plan accepted on Paper"
    _inherit = ["collection.items.dialog"]

    plan_id = fields.Many2one("collection.plan", required=True, string="Payment plan")
    name = fields.Char("Signed by", required=True)
    day = fields.Date("Signed on", required=True, default=fields.Date.context_today)

    def action_accept(self):
        for wizard in self:
            wizard.plan_id._accept_by_hand(wizard.name, wizard.day)
        return {"type": "ir.actions.act_window_close"}


class CollectionPlanCancelWizard(models.TransientModel):
    """Why a plan ends."""

    _name = "collection.plan.cancel.wizard"
    _description = "Cancel a Payment Plan"

    plan_ids = fields.Many2many("collection.plan", required=True, string="Payment plans")
    reason = fields.Char(required=True)

    def action_cancel(self):
        for wizard in self:
            wizard.plan_ids._cancel(wizard.reason)
        return {"type": "ir.actions.act_window_close"}
