from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..models.collection_touch import BY_HAND, KINDS


class CollectionTouchWizard(models.TransientModel):
    """Write down that one was in touch with a customer: kind, day, a line."""

    _name = "collection.touch.wizard"
    _description = "Log a Touch"
    _inherit = ["collection.items.dialog"]

    contact_id = fields.Many2one("res.partner", "With", required=True)
    kind = fields.Selection([row for row in KINDS if row[0] in BY_HAND], required=True, default="call")
    day = fields.Date(required=True, default=lambda self: self.env.company.root_id._collection_today())
    note = fields.Text()
    last_text = fields.Char(compute="_compute_last_text")

    @api.depends("contact_id")
    def _compute_last_text(self):
        for wizard in self:
            last = self.env["collection.touch"].search([("partner_id", "=", wizard.contact_id.commercial_partner_id.id)], limit=1)
            wizard.last_text = last and self.env._("Last: %(what)s on %(day)s", what=last.title, day=format_date(self.env, last.day))

    def action_log(self):
        """The touch belongs to the customer, whichever of its contacts it was."""
        for wizard in self:
            wizard.contact_id.check_access("read")
            company = self.env.company.root_id
            if wizard.day > company._collection_today():
                raise UserError(self.env._("A touch is written down after it happened: choose today or a day before."))
            self.env["collection.touch"]._log([{
                "partner_id": wizard.contact_id.commercial_partner_id.id, "contact_id": wizard.contact_id.id, "company_id": company.id,
                "kind": wizard.kind, "day": wizard.day, "note": (wizard.note or "").strip() or False}])
        return {"type": "ir.actions.act_window_close"}
