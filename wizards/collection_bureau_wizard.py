from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.date_utils import end_of


class CollectionBureauWizard(models.TransientModel):
    """The month of a new file for a credit bureau."""

    _name = "collection.bureau.wizard"
    _description = "File for a Credit Bureau: Month"
    _inherit = ["collection.items.dialog"]

    bureau_id = fields.Many2one("collection.bureau", "Credit bureau", required=True, default=lambda self: self._default_bureau())
    month = fields.Date(required=True, compute="_compute_month", store=True, readonly=False, help="Any day of the month.")

    @api.model
    def _default_bureau(self):
        return self.env["collection.bureau"].search([("company_id", "in", self.env.companies.root_id.ids)], limit=1)

    @api.depends("bureau_id")
    def _compute_month(self):
        for wizard in self:
            wizard.month = wizard.bureau_id._last_month() if wizard.bureau_id else False

    def action_make(self):
        """Work the file out, and show who is in and who is out."""
        self.ensure_one()
        self.bureau_id._check_manager()
        file = self.env["collection.bureau.file"]._make(self.bureau_id, end_of(self.month, "month"))
        return {"type": "ir.actions.act_window", "res_model": "collection.bureau.file", "res_id": file.id, "view_mode": "form", "views": [(False, "form")]}


class CollectionBureauConsentWizard(models.TransientModel):
    """A customer says that credit bureaus may be told how it pays, or takes that back."""

    _name = "collection.bureau.consent.wizard"
    _description = "Consent to Tell Credit Bureaus"

    profile_ids = fields.Many2many("credit.profile", "collection_bureau_consent_wizard_rel", "wizard_id", "profile_id", "Customers", required=True)
    given = fields.Selection([("yes", "Given"), ("no", "Taken back")], "Consent", required=True, default="yes")
    day = fields.Date("On", required=True, default=lambda self: self.env.company._collection_today())
    source = fields.Char("Where it stands", required=True, help="For example: contract of 3 May, section 7; or: letter of 12 June.")

    def action_note(self):
        """Note it with the customers, in their history too."""
        self.ensure_one()
        self.profile_ids._check_consent()
        if any(self.day > company._collection_today() for company in self.profile_ids.company_id):
            raise UserError(self.env._("A consent is noted on the day it was given, or later: choose a day that is not in the future."))
        if not (self.source or "").strip():
            raise UserError(self.env._("Say where the consent stands, so that it can be shown later."))
        self.profile_ids._take_consent(self.given == "yes", self.day, self.source.strip())
        return {"type": "ir.actions.act_window_close"}
