from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_contract_required = fields.Boolean("Credit starts when the contract is signed", default=True)
    credit_offer_days = fields.Integer("An offer of credit stands for (days)", default=30)
    credit_retention_months = fields.Integer("Keep refused and withdrawn applications (months)", default=12)
    credit_terms_version = fields.Char("Version of the credit terms", default="1")
    credit_terms = fields.Html("Further terms of the credit contract", translate=True)
    credit_late_terms = fields.Html("What the credit contract says about late payment", translate=True,
                                    help="Empty: interest and compensation as the law provides.")

    _credit_application_days_positive = models.Constraint(
        "CHECK(credit_offer_days > 0 AND credit_retention_months > 0)",
        "An offer stands for at least a day, and applications are kept for at least a month.")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_contract_required = fields.Boolean(related="company_id.credit_contract_required", readonly=False)
    credit_offer_days = fields.Integer(related="company_id.credit_offer_days", readonly=False)
    credit_retention_months = fields.Integer(related="company_id.credit_retention_months", readonly=False)
    credit_terms_version = fields.Char(related="company_id.credit_terms_version", readonly=False)
    credit_terms = fields.Html(related="company_id.credit_terms", readonly=False)
    credit_late_terms = fields.Html(related="company_id.credit_late_terms", readonly=False)
