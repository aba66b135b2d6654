from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class CreditPauseWizard(models.TransientModel):
    """Silence customers until a day, for a reason. A pause always ends."""

    _name = "credit.pause.wizard"
    _description = "Pause Follow-up"

    profile_ids = fields.Many2many("credit.profile", required=True, string="Customers")
    until = fields.Date("Until and including", required=True,
                        default=lambda self: fields.Date.context_today(self) + timedelta(days=14))
    reason = fields.Char(required=True)

    def action_pause(self):
        for wizard in self:
            if any(wizard.until < company._collection_today() for company in wizard.profile_ids.company_id):
                raise UserError(self.env._("The pause of %s would end in the past.", wizard.profile_ids[:1].display_name))
            wizard.profile_ids.write({"paused_until": wizard.until, "pause_reason": wizard.reason})
        return {"type": "ir.actions.act_window_close"}
