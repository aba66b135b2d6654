from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_undecided_months = fields.Integer("Close applications that nobody decides (months)", default=12)

    _credit_undecided_months_positive = models.Constraint("CHECK(credit_undecided_months > 0)", "Applications stay open for at least a month.")

    @api.model_create_multi
    def create(self, vals_list):
        """A company that keeps data has rules for it from the first day."""
        companies = super().create(vals_list)
        for company in companies.filtered(lambda one: not one.parent_id):
            self.env["collection.retention.rule"].sudo()._ensure(company)  # sudo: whoever makes companies need not manage credit
        return companies


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_undecided_months = fields.Integer(related="company_id.credit_undecided_months", readonly=False)
