from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """Open items of invoices with discounts, and what speaks against one."""

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

    @api.model
    def _read_overdue_on(self, company, partner_ids, day, today):
        """What customers owed past its due date on a day: ``{partner id: [(item id, invoice id, amount)]}``, company currency.

        Of a day that is over, by what was set off until then.
        """
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        owners = self._read_family(partner_ids)
        since = SQL("OR EXISTS (SELECT 1 FROM account_partial_reconcile r WHERE r.debit_move_id = l.id AND r.max_date > %s)", day) if day < today else SQL()
        until = SQL("AND r.max_date <= %s", day) if day < today else SQL()
        found = defaultdict(list)
        for item, partner, move, amount in self.env.execute_query(SQL(
                """SELECT l.id, l.partner_id, l.move_id,
                          (l.balance - COALESCE((SELECT sum(r.amount) FROM account_partial_reconcile r WHERE r.debit_move_id = l.id %(until)s), 0))::text
                     FROM account_move_line l
                    WHERE l.partner_id IN %(owners)s AND l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND l.company_id IN %(companies)s
                      AND l.balance > 0 AND l.date <= %(day)s AND COALESCE(l.date_maturity, l.date) < %(day)s AND l.no_followup IS NOT TRUE
                      AND (l.reconciled IS NOT TRUE %(since)s)
                    ORDER BY l.id""",
                until=until, since=since, owners=tuple(owners) or (0,), accounts=self._receivable_accounts().select(), day=day,
                companies=tuple(self._companies(company).ids))):
            if Decimal(amount) > 0:
                found[owners[partner]].append((item, move, Decimal(amount)))
        return found
