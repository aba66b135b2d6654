from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .credit_profile import BEHAVIOUR_CLASSES


class CollectionPlanTemplate(models.Model):
    """The terms proposed to a kind of payer for an amount, and what a collector may agree on alone."""

    _name = "collection.plan.template"
    _description = "Payment Plan Template"
    _inherit = ["collection.plan.terms"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", ondelete="restrict", domain=[("parent_id", "=", False)], help="Empty: for all companies.")
    currency_id = fields.Many2one(default=lambda self: self.env.company.currency_id)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    payer = fields.Selection([("any", "Any"), *BEHAVIOUR_CLASSES], required=True, default="any")
    amount_from = fields.Monetary("From", aggregator=None)
    amount_to = fields.Monetary("To", aggregator=None, help="0 = no upper end.")
    first_days = fields.Integer("First part after (days)", help="0 = one step of the rhythm after today, or after the down payment.")
    accept_days = fields.Integer("Days to accept", default=10, help="So long the offer stands, and nobody is reminded.")
    minimum_part = fields.Monetary("Smallest part", aggregator=None, help="With smaller parts the dialog warns.")
    approve_amount = fields.Monetary("Ask a manager above", aggregator=None, help="0 = whatever the amount.")
    approve_count = fields.Integer("Ask a manager above (parts)", aggregator=None, help="0 = however many.")
    year_limit = fields.Integer("Plans a year", default=1, help="More plans of a customer within 365 days are for a manager to approve; 0 = any number.")

    _template_sane = models.Constraint(
        "CHECK(amount_from >= 0 AND amount_to >= 0 AND first_days >= 0 AND first_days <= 365 AND accept_days > 0 AND accept_days <= 90"
        " AND minimum_part >= 0 AND approve_amount >= 0 AND approve_count >= 0 AND year_limit >= 0)",
        "Amounts and days must not be negative; an offer stands 1 to 90 days, and the first part comes within a year.")

    @api.model
    def _fitting(self, profile, currency, amount):
        """The first template that fits a customer and an amount; else the first of those the company has."""
        company = profile.company_id
        found = self.search(Domain("company_id", "in", [False, company.id]) & Domain("payer", "in", ["any", profile.behaviour_class or "new"]))
        return found.filtered(lambda template: template._takes(currency, amount, company))[:1] or found[:1]

    def _fits(self, profile, currency, amount):
        """Whether it is meant for this customer and amount."""
        return self.active and self.company_id in (profile.company_id, self.env["res.company"]) and self.payer in (
            "any", profile.behaviour_class or "new") and self._takes(currency, amount, profile.company_id)

    def _takes(self, currency, amount, company):
        amount = self._own(currency, amount, company)
        compare = self.currency_id.compare_amounts
        return compare(amount, self.amount_from) >= 0 and (not self.amount_to or compare(amount, self.amount_to) <= 0)

    def _own(self, currency, amount, company):
        """An amount in the currency of the template."""
        return currency._convert(amount, self.currency_id, company, company._collection_today())

    def _term_values(self, names, currency, company):
        """The terms for a plan in another currency: amounts at the rate of today."""
        values = self._copy_terms(names)
        for name in {"part_amount", "fee_amount"} & set(names):
            values[name] = self.currency_id._convert(self[name], currency, company, company._collection_today())
        return values

    def _offer_time(self):
        return timedelta(days=self.accept_days)

    def copy_data(self, default=None):
        return [dict(vals, name=self.env._("%s (copy)", template.name)) for template, vals in zip(self, super().copy_data(default))]
