from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_policy_id = fields.Many2one(related="company_id.collection_policy_id", readonly=False)
    collection_user_id = fields.Many2one(related="company_id.collection_user_id", readonly=False)
    collection_automatic = fields.Boolean(related="company_id.collection_automatic", readonly=False)
    collection_bank_days = fields.Integer(related="company_id.collection_bank_days", readonly=False)
    collection_resend_unknown = fields.Boolean(related="company_id.collection_resend_unknown", readonly=False)
    collection_link_days = fields.Integer(related="company_id.collection_link_days", readonly=False)
    collection_window_months = fields.Integer(related="company_id.collection_window_months", readonly=False)
    collection_prompt_days = fields.Float(related="company_id.collection_prompt_days", readonly=False)
    collection_chronic_days = fields.Float(related="company_id.collection_chronic_days", readonly=False)
    collection_tolerance_days = fields.Float(related="company_id.collection_tolerance_days", readonly=False)

    def set_values(self):
        """Arming the first company starts the nightly run; disarming the last one stops it."""
        super().set_values()
        armed = self.env["res.company"].sudo().search_count([("collection_automatic", "=", True)])
        self.env.ref("account_credit_collection.ir_cron_collection_run").sudo().active = bool(armed)
