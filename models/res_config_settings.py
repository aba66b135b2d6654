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
    collection_promise_days = fields.Integer(related="company_id.collection_promise_days", readonly=False)
    collection_promise_max_days = fields.Integer(related="company_id.collection_promise_max_days", readonly=False)
    credit_check = fields.Selection(related="company_id.credit_check", readonly=False)
    credit_expired = fields.Selection(related="company_id.credit_expired", readonly=False)
    credit_horizon_days = fields.Integer(related="company_id.credit_horizon_days", readonly=False)
    credit_count_drafts = fields.Boolean(related="company_id.credit_count_drafts", readonly=False)
    credit_net_payables = fields.Boolean(related="company_id.credit_net_payables", readonly=False)
    credit_skip_intercompany = fields.Boolean(related="company_id.credit_skip_intercompany", readonly=False)
    credit_review_days = fields.Integer(related="company_id.credit_review_days", readonly=False)
    credit_grace_days = fields.Integer(related="company_id.credit_grace_days", readonly=False)
    credit_apply_open = fields.Boolean(related="company_id.credit_apply_open", readonly=False)
    credit_apply_url = fields.Char(related="company_id.credit_apply_url")
    credit_term_ids = fields.Many2many(related="company_id.credit_term_ids", readonly=False)
    credit_privacy_version = fields.Char(related="company_id.credit_privacy_version", readonly=False)
    credit_privacy_text = fields.Html(related="company_id.credit_privacy_text", readonly=False)

    def set_values(self):
        """Arming the first company starts the nightly run; disarming the last one stops it."""
        super().set_values()
        armed = self.env["res.company"].sudo().search_count([("collection_automatic", "=", True)])
        self.env.ref("account_credit_collection.ir_cron_collection_run").sudo().active = bool(armed)
