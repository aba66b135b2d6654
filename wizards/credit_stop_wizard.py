from odoo import fields, models
from odoo.exceptions import UserError

from ..models.credit_profile_stop import STOP_KINDS


class CreditStopWizard(models.TransientModel):
    """Leave customers alone, or contact them again: each with a reason, for all companies at once."""

    _name = "credit.stop.wizard"
    _description = "Stop Contacting a Customer"
    _inherit = ["collection.items.dialog"]

    profile_ids = fields.Many2many("credit.profile", required=True, string="Customers")
    is_lift = fields.Boolean()
    kind = fields.Selection(STOP_KINDS, "Why", default="insolvent")
    contact_id = fields.Many2one("res.partner", "Who stands for the customer")
    note = fields.Char("Reason", required=True)

    def action_stop(self):
        """Every channel is silent from now on; what is planned or queued is called off."""
        self.ensure_one()
        if not self.kind:
            raise UserError(self.env._("Choose why %s must not be contacted.", self.profile_ids[:1].display_name))
        self.profile_ids._stop_by(self.kind, self.note, self.contact_id)
        return {"type": "ir.actions.act_window_close"}

    def action_lift(self):
        """Follow-up goes on with the next run."""
        self.ensure_one()
        self.profile_ids._lift_by(self.note)
        return {"type": "ir.actions.act_window_close"}
