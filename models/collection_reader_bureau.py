from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class OpenItem(NamedTuple):
    """An item open at the end of a month, as ``collection.ageing`` has it; ``total`` is what it came to."""

    profile: int
    currency: int
    id: int
    move: int
    document: str
    date: date
    due: date
    bucket: str
    amount: Decimal
    worth: Decimal
    total: Decimal


class PaidItem(NamedTuple):
    """An invoice of which the last part was paid in a month."""

    profile: int
    currency: int
    id: int
    move: int
    document: str
    date: date
    due: date
    amount: Decimal
    paid_on: date


class CollectionReader(models.AbstractModel):
    """What a credit bureau is told of a month."""

    _inherit = "collection.reader"

    @api.model
    def _read_bureau_open(self, company, month):
        """All items of customers open at the end of ``month``, with a company and its branches."""
        Ageing = self.env["collection.ageing"].sudo()._at(month)  # sudo: of all customers, checked by who calls
        Ageing._flush_depends()
        rows = self.env.execute_query(SQL(
            """SELECT a.profile_id, a.currency_id, a.item_id, a.move_id, a.document, a.date, a.due, a.bucket, a.amount_currency::text, a.amount::text,
                      l.amount_currency::text
                 FROM (%s) a JOIN account_move_line l ON l.id = a.item_id
                WHERE a.root_id = %s AND a.profile_id IS NOT NULL ORDER BY a.due, a.item_id""", Ageing._table_query, company.root_id.id))
        return [OpenItem(*row[:8], *map(Decimal, row[8:])) for row in rows]

    @api.model
    def _read_bureau_paid(self, company, first, last):
        """Invoices of which the last part was paid between two days: what was written off, wholly or in part, was not paid."""
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type", "journal_id"])
        branches = self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)])  # sudo: as above
        rows = self.env.execute_query(SQL(
            """SELECT f.id, l.currency_id, l.id, l.move_id, COALESCE(l.move_name, l.name, ''), l.date, COALESCE(l.date_maturity, l.date),
                      l.amount_currency::text, paid.on
                 FROM (SELECT r.debit_move_id AS item_id, max(r.max_date) AS on FROM account_partial_reconcile r
                        WHERE r.debit_move_id IN (SELECT debit_move_id FROM account_partial_reconcile WHERE max_date BETWEEN %(first)s AND %(last)s)
                        GROUP BY r.debit_move_id HAVING max(r.max_date) <= %(last)s) paid
                 JOIN account_move_line l ON l.id = paid.item_id AND l.reconciled AND l.parent_state = 'posted'
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 JOIN account_move m ON m.id = l.move_id AND m.move_type IN ('out_invoice', 'out_receipt')
                 JOIN res_partner p ON p.id = l.partner_id
                 JOIN credit_profile f ON f.partner_id = p.commercial_partner_id AND f.company_id = %(root)s
                WHERE l.company_id IN %(companies)s AND (
                      SELECT bool_and(c.parent_state = 'posted' AND (j.type IN ('bank', 'cash', 'credit') OR o.move_type = 'out_refund'))
                             AND bool_or(j.type IN ('bank', 'cash', 'credit') AND r.max_date = paid.on)
                        FROM account_partial_reconcile r JOIN account_move_line c ON c.id = r.credit_move_id
                        JOIN account_move o ON o.id = c.move_id JOIN account_journal j ON j.id = c.journal_id
                       WHERE r.debit_move_id = l.id AND r.debit_amount_currency <> 0)
                ORDER BY paid.on, l.id""", first=first, last=last, root=company.root_id.id, companies=tuple(branches.ids)))
        return [PaidItem(*row[:7], Decimal(row[7]), row[8]) for row in rows]
