
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MANAGER = "account_credit_collection.group_manager"


class CollectionSnapshotWizard(models.TransientModel):
    """Past months are built again from the ledger: after late entries, or to have more history."""

    _name = "collection.snapshot.wizard"
    _description = "Build Months Again"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company.root_id, domain="[('parent_id', '=', False)]")
    first_month = fields.Date("From", required=True, default=lambda self: self._default_month(12), help="Any day of the first month.")
    last_month = fields.Date("To", required=True, default=lambda self: self._default_month(1), help="Any day of the last month.")
    progress = fields.Integer("Done (%)", compute="_compute_progress")
    is_running = fields.Boolean(compute="_compute_progress")

    @api.model
    def _default_month(self, back):
        return self.env.company.root_id._collection_today() + relativedelta(months=-back, day=1)

    @api.depends("company_id")
    def _compute_progress(self):
        """How far the job is with what was asked for."""
        for wizard in self:
            company = wizard.company_id.sudo()  # sudo: where the job stands, read by who may ask for it
            first, last, asked = company.collection_snapshot_ask_from, company.collection_snapshot_ask_to, company.collection_snapshot_asked
            wizard.is_running = bool(last)
            left = (last.year - first.year) * 12 + last.month - first.month + 1 if last else 0
            wizard.progress = round(100 * (1 - left / asked)) if last and asked else 100

    def action_build(self):
        """Hand the months to the job."""
        self.ensure_one()
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Months are built again by a credit manager."))
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("You do not work for this company."))
        end = self.company_id._collection_last_month()
        if self.first_month > self.last_month or self.last_month > end:
            raise UserError(self.env._("Choose months that are over, the first one before the last one."))
        self.env["collection.snapshot"]._ask(self.company_id, self.first_month, self.last_month)
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "success", "message": self.env._("The months are being built, the newest first. You can leave: the list fills by itself."),
            "next": {"type": "ir.actions.act_window_close"}}}
