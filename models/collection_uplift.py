from odoo import api, fields, models

from ..engine import priority
from ..engine.money import exact
from .collection_worklist_rule import PAYERS


class CollectionUplift(models.Model):
    """What a call changes, by the way a customer pays: most of those who pay anyway need none (F-6)."""

    _name = "collection.uplift"
    _description = "What a Call Brings"
    _order = "sequence, id"
    _rec_name = "payer"

    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, ondelete="restrict", help="Empty: for all companies.")
    payer = fields.Selection(PAYERS, required=True)
    without_call = fields.Float("Pays without a call (%)", digits=(5, 1), required=True, aggregator=None)
    with_call = fields.Float("Pays with a call (%)", digits=(5, 1), required=True, aggregator=None)
    minutes = fields.Integer("Minutes of a call", default=8, required=True, aggregator=None)

    _payer_uniq = models.UniqueIndex("(payer, COALESCE(company_id, 0))", "There is one row for each kind of payer.")
    _figures = models.Constraint(
        "CHECK(without_call >= 0 AND with_call <= 100 AND without_call <= with_call AND minutes > 0)",
        "A call takes at least a minute and makes payment no less likely; chances lie between 0 and 100 %.")

    @api.model
    def _in_force(self, company):
        """The figures of a company by payer, its own before those for all: ``{payer: engine Uplift}``."""
        # sudo: as the rules of the worklist
        rows = self.sudo().search([("company_id", "in", (False, company.root_id.id))])
        return {row.payer: row._to_engine() for row in rows.sorted(lambda row: bool(row.company_id))}

    def _to_engine(self):
        self.ensure_one()
        return priority.Uplift(exact(self.without_call) / 100, exact(self.with_call) / 100, self.minutes)
