from odoo import api, models

# What the public form and the papers of an applicant say anyway.
TOLD = frozenset({"credit_apply_open", "credit_apply_url", "credit_privacy_text", "credit_privacy_version", "credit_retention_months",
                  "credit_terms", "credit_terms_version", "credit_late_terms", "credit_term_ids"})
OURS = ("collection_", "credit_")


class ResCompany(models.Model):
    """How patient a company is, and how much it would forgive, is for the people of the office.

    Odoo lets every visitor read the fields of a company: a customer who logs in would know when nobody writes to it yet.
    """

    _inherit = "res.company"

    @api.model
    def _has_field_access(self, field, operation):
        secret = field.name.startswith(OURS) and field.name not in TOLD
        return super()._has_field_access(field, operation) and (not secret or self.env.su or self.env.user._is_internal())
