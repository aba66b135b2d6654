from datetime import timedelta

from odoo import fields, models

YEAR = 365


class ResCompany(models.Model):
    """When customers are reminded of installments of payment plans."""

    _inherit = "res.company"

    collection_plan_days_before = fields.Integer("Remind of an installment before (days)", default=3, help="0 = never.")
    collection_plan_days_after = fields.Integer("Remind of an installment after (days)", default=2, help="0 = never.")

    _collection_plan_days_positive = models.Constraint(
        "CHECK(collection_plan_days_before BETWEEN 0 AND 30 AND collection_plan_days_after BETWEEN 0 AND 30)",
        "Reminders of installments come 0 to 30 days before and after their day.")

    def _collection_year_ago(self):
        return self._collection_today() - timedelta(days=YEAR)
