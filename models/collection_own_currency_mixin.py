from odoo import api, fields, models
from odoo.tools import SQL

OWN, CURRENCY = "amount_own", "own_currency_id"


class CollectionOwnCurrencyMixin(models.AbstractModel):
    """Money that may be summed over companies of several currencies: in that of the company which is worked in, at the rates of today."""

    _name = "collection.own.currency.mixin"
    _description = "Sums over companies"

    own_currency_id = fields.Many2one("res.currency", "Our currency", compute="_compute_amount_own")
    amount_own = fields.Monetary("In our currency", currency_field=CURRENCY, compute="_compute_amount_own", aggregator="sum", help=(
        "In the currency of the company that you work in, at the rates of today: it can be added up over companies with several currencies."))

    @api.depends("amount")
    @api.depends_context("company")
    def _compute_amount_own(self):
        factors = self._own_factors()
        for row in self:
            row.own_currency_id = self.env.company.currency_id
            row.amount_own = row.amount * factors.get(row.company_currency_id.id, 1.0)

    @api.model
    def _own_factors(self):
        """Into our currency, of each currency that companies keep their books in."""
        # sudo: rates are no secret
        own, today = self.env.company.currency_id.id, self.env.company.root_id.sudo()._collection_today()
        rates = self.env["res.company"].sudo().with_context(active_test=False).search([]).currency_id._get_rates(self.env.company.root_id, today)
        return {currency: rates[own] / rate for currency, rate in rates.items()}

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """A measure for the client, though no column; of money it asks for the currency, too."""
        if aggregate_spec == f"{CURRENCY}:array_agg_distinct":
            return SQL("ARRAY[%s::integer]", self.env.company.currency_id.id)
        if aggregate_spec not in (f"{OWN}:sum", f"{OWN}:sum_currency"):
            return super()._read_group_select(aggregate_spec, query)
        currency = self._field_to_sql(self._table, "company_currency_id", query)
        factor = SQL(" ").join(SQL("WHEN %s THEN %s::numeric", one, repr(factor)) for one, factor in self._own_factors().items())
        return SQL("SUM(%s * CASE %s %s ELSE 1 END)", self._field_to_sql(self._table, "amount", query), currency, factor)
