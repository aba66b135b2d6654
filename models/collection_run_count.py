from odoo import api, fields, models

from .collection_level import CHANNELS
from .collection_reason import heading


class CollectionRunCount(models.Model):
    """How many customers of a run had an outcome, and how much money that is about."""

    _name = "collection.run.count"
    _description = "Outcome of a Follow-up Run"
    _order = "outcome, count desc"

    run_id = fields.Many2one("collection.run", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    currency_id = fields.Many2one(related="run_id.company_id.currency_id")
    outcome = fields.Selection([("contact", "Contacted"), ("silent", "Not contacted")], required=True)
    level_id = fields.Many2one("collection.level", ondelete="cascade")
    channel = fields.Selection(CHANNELS)
    reason = fields.Char("Reason code")
    reason_text = fields.Char("Reason", compute="_compute_reason_text")
    count = fields.Integer("Customers")
    amount = fields.Monetary()

    @api.depends("reason", "level_id")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for row in self:
            row.reason_text = row.level_id.name if row.outcome == "contact" else heading(self.env, row.reason)
