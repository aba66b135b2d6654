from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """Open items of invoices with discounts."""

    _inherit = "collection.reader"

    @api.model
    def _read_discounted(self, company, partner_ids):
        """Open items whose invoice carries discounts: ids."""
        lines = self.env["account.move.line"]
        lines.flush_model()
        self.env["account.move"].flush_model(["discount_terms"])
        query = lines._search(self._open_item_domain(company, self._read_family(partner_ids)) + [("display_type", "=", "payment_term")])
        aml = SQL.identifier(query.table)
        # a look-up per row: a join would read all documents of the company
        query.add_where(SQL("EXISTS (SELECT 1 FROM account_move m WHERE m.id = %s.move_id AND m.discount_terms IS NOT NULL)", aml))
        return [row[0] for row in self.env.execute_query(query.select(SQL("%s.id", aml)))]
