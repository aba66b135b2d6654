from decimal import Decimal

from odoo import api, fields, models

from ..engine import settlement
from ..engine.money import exact

WHOLE, MONTHS = Decimal(100), Decimal(12)


class ResCompany(models.Model):
    """What a debt brings without a settlement, and how long an offer lasts."""

    _inherit = "res.company"

    collection_settlement_days = fields.Integer("Settlement offers last (working days)", default=10)
    collection_settlement_max_days = fields.Integer("Settlement offers last at most (days)", default=60)
    collection_settlement_fee = fields.Float("An agency keeps (%)", default=25.0, digits=(5, 2))
    collection_settlement_interest = fields.Float("Money costs a year (%)", default=12.0, digits=(5, 2))
    collection_settlement_months = fields.Integer("An agency takes (months)", default=9)
    collection_settlement_handling = fields.Monetary("A case costs us", default=50.0)

    _collection_settlement_positive = models.Constraint(
        "CHECK(collection_settlement_days > 0 AND collection_settlement_max_days > 0 AND collection_settlement_fee BETWEEN 0 AND 100"
        " AND collection_settlement_interest >= 0 AND collection_settlement_months >= 0 AND collection_settlement_handling >= 0)",
        "The figures of settlement offers must be positive, the agency's fee at most 100 %.")

    def _settlement_prospect(self, currency, age, today):
        """What a debt in ``currency``, so many days late, brings otherwise, as the engine takes it (F-16)."""
        self.ensure_one()
        handling = self.currency_id._convert(self.collection_settlement_handling, currency, self, today)
        return settlement.Prospect(
            self.env["collection.settlement.chance"]._decide_chance(age), exact(self.collection_settlement_fee),
            exact(self.collection_settlement_interest), self.collection_settlement_months / MONTHS, exact(handling))


class CollectionSettlementChance(models.Model):
    """How likely a debt is still paid, by the days it is late. Data, the same for all companies."""

    _name = "collection.settlement.chance"
    _description = "Chance by Age"
    _order = "age_days_from"
    _rec_name = "age_days_from"

    age_days_from = fields.Integer("From days late", required=True, aggregator=None)
    percent = fields.Float("Chance (%)", required=True, digits=(5, 2), aggregator=None)
    note = fields.Char("Source", translate=True)

    _percent_share = models.Constraint("CHECK(percent BETWEEN 0 AND 100)", "A chance lies between 0 and 100 %.")
    _age_positive = models.Constraint("CHECK(age_days_from >= 0)", "The days late must not be negative.")
    _age_uniq = models.UniqueIndex("(age_days_from)", "There is a chance from this day on already.")

    @api.model
    def _decide_chance(self, age):
        """One engine call: the place to hook another way to tell how likely a debt is paid."""
        # sudo: the same for everybody
        points = [(record.age_days_from, exact(record.percent) / WHOLE) for record in self.sudo().search([])]
        return settlement.chance(points, age)
