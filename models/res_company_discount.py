from odoo import fields, models

from ..engine.discount import Guard
from ..engine.money import exact


class ResCompany(models.Model):
    """When customers get no discount for paying early. Off unless set."""

    _inherit = "res.company"

    collection_discount_refuse_overdue = fields.Boolean("No discount while overdue")
    collection_discount_overdue = fields.Monetary("More than", default=0.0, help="A customer who owes more than this past its due date gets no discount.")
    collection_discount_defaulted = fields.Boolean("No discount after a broken payment plan")
    collection_discount_disputed = fields.Boolean("No discount on disputed invoices")

    def _discount_guard(self):
        self.ensure_one()
        overdue = exact(self.collection_discount_overdue) if self.collection_discount_refuse_overdue else None
        return Guard(overdue, self.collection_discount_defaulted, self.collection_discount_disputed)
