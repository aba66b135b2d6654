from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditReleaseWizard(models.TransientModel):
    """Let held documents go on: with a reason, until a day, and with the step that was stopped."""

    _name = "credit.release.wizard"
    _description = "Release from Credit Hold"

    hold_ids = fields.Many2many("credit.hold", required=True, string="Held")
    summary = fields.Text("Why it waits", compute="_compute_summary")
    reason = fields.Char(required=True)
    until = fields.Date("Until and including", required=True, default=lambda self: self._default_until())
    go_on = fields.Boolean("Confirm or post it now", default=True)

    @api.model
    def _default_until(self):
        company = self.env.company.root_id
        return company._collection_today() + timedelta(days=company.credit_grace_days)

    @api.depends("hold_ids")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(f"{hold.display_name}\n{hold.reason}" for hold in wizard.hold_ids)

    def action_release(self):
        self.ensure_one()
        if self.until < self.env.company.root_id._collection_today():
            raise UserError(self.env._("The release of %s would end in the past.", self.hold_ids[:1].display_name))
        self.hold_ids._release(self.reason, self.until)
        if self.go_on:
            self.hold_ids._go_on()
        return {"type": "ir.actions.act_window_close"}
