from odoo import api, fields, models

from ..engine import handover
from ..engine.money import exact


class CollectionHandoverRule(models.Model):
    """When a debt is proposed for a handover by itself. A person approves it, always."""

    _name = "collection.handover.rule"
    _description = "Handover Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", default=lambda self: self.env.company.root_id,
                                 help="Empty: for all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    age_days = fields.Integer("Days late from", required=True, default=90, aggregator=None)
    levels = fields.Integer("Levels reached", default=1, aggregator=None, help="How many levels after the due date an invoice was taken to. 0: it does not matter.")
    amount_from = fields.Monetary("Amount from", aggregator=None, help="In the currency of the company, credits taken off.")
    broken_promises = fields.Integer("Broken promises from", aggregator=None, help="0: it does not matter.")
    segment_ids = fields.Many2many("credit.segment", string="Segments", help="Empty: all of them.")
    agency_id = fields.Many2one("collection.agency", "To", ondelete="restrict", help="Who approves the proposal may choose another one.")

    _figures_positive = models.Constraint("CHECK(age_days >= 0 AND levels >= 0 AND amount_from >= 0 AND broken_promises >= 0)",
                                          "The figures of a handover rule must not be negative.")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.model
    def _of(self, company):
        """The rules of a company, in their order."""
        # sudo: the rules hold whoever starts the night
        return self.sudo().search([("company_id", "in", (False, company.root_id.id))])

    def _to_engine(self, company, currencies, today):
        """The rules with their amounts in each of the currencies."""
        own = company.currency_id
        return tuple(handover.Rule(
            rule.id, rule.age_days, rule.levels,
            {currency.id: exact(own._convert(rule.amount_from, currency, company, today)) for currency in currencies},
            rule.broken_promises, frozenset(rule.segment_ids.ids)) for rule in self)
