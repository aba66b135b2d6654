from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class Open(NamedTuple):
    """An item that was open at the end of a day; credits are negative. ``total`` is what it came to when booked."""

    id: int
    partner: int
    move: int
    currency: int
    document: str
    date: date
    due: date
    bucket: str
    residual: Decimal
    total: Decimal


class Movement(NamedTuple):
    """A receivable item as it was booked, in the currency of the document."""

    partner: int
    currency: int
    date: date
    document: str
    kind: str  # invoice, credit_note, payment, entry
    due: date | None
    amount: Decimal


class SetOff(NamedTuple):
    """What was set off between items of two currencies or of two customers, on the side of the statement's customer.

    Within a currency of a customer what one item loses the other loses too; here it changes a balance without an entry.
    The document and currency of the other item are those of the same customer only.
    """

    partner: int
    currency: int
    date: date
    document: str
    other_document: str | None
    other_currency: int | None
    amount: Decimal


class CollectionReader(models.AbstractModel):
    """What statements of account tell: what is open, and how it came about."""

    _inherit = "collection.reader"

    @api.model
    def _read_open_on(self, company, partner_ids, day):
        """What was open at the end of ``day``, as the ageing has it: ``[Open]`` by due date."""
        owners = self._read_family(partner_ids)
        rows = self.env.execute_query(SQL(
            """SELECT a.item_id, a.partner_id, a.move_id, a.currency_id, a.document, a.date, a.due, a.bucket, a.amount_currency::text, l.amount_currency::text
                 FROM (%s) a JOIN account_move_line l ON l.id = a.item_id WHERE a.root_id = %s AND a.partner_id IN %s AND a.amount_currency <> 0""",
            self.env["collection.ageing"]._ageing_sql(None, day, owners), company.root_id.id, tuple(partner_ids) or (0,)))
        found = [Open(*row[:8], Decimal(row[8]), Decimal(row[9])) for row in rows]
        return sorted(found, key=lambda row: (row.due, row.id))

    @api.model
    def _read_openings(self, company, partner_ids, day):
        """The balance of customers before ``day``: ``{(customer, currency): Decimal}``."""
        owners, base = self._statement_base(company, partner_ids)
        found = defaultdict(Decimal)
        for partner, currency, amount in self.env.execute_query(SQL(
                "SELECT l.partner_id, l.currency_id, sum(l.amount_currency)::text %s AND l.date < %s GROUP BY 1, 2", base, day)):
            found[owners[partner], currency] += Decimal(amount)
        return found

    @api.model
    def _read_booked(self, company, partner_ids, first, last):
        """What was booked from ``first`` to ``last``: ``[Movement]`` by date. What moved nothing in its currency is left out."""
        owners, base = self._statement_base(company, partner_ids)
        rows = self.env.execute_query(SQL(
            """SELECT l.partner_id, l.currency_id, l.date, COALESCE(l.move_name, l.name, ''),
                      CASE WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice' WHEN m.move_type = 'out_refund' THEN 'credit_note'
                           WHEN j.type IN ('bank', 'cash', 'credit') THEN 'payment' ELSE 'entry' END,
                      CASE WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN l.date_maturity END, l.amount_currency::text
               %s AND l.date BETWEEN %s AND %s AND l.amount_currency <> 0 ORDER BY l.date, m.name, l.id""", base, first, last))
        return [Movement(owners[row[0]], *row[1:6], Decimal(row[6])) for row in rows]

    @api.model
    def _read_statement_set_off(self, company, partner_ids, last):
        """What was set off up to ``last`` with items of another currency or another customer: ``[SetOff]`` by date."""
        owners, base = self._statement_base(company, partner_ids)
        self.env["account.partial.reconcile"].flush_model()
        side = """SELECT l.partner_id, l.currency_id, r.max_date, COALESCE(l.move_name, l.name, '') AS document,
                         CASE WHEN %(same)s THEN COALESCE(x.move_name, x.name, '') END AS other_document,
                         CASE WHEN %(same)s THEN x.currency_id END AS other_currency, %(amount)s AS amount, r.id
                    FROM (SELECT l.* %(base)s) l JOIN account_partial_reconcile r ON %(own)s = l.id
                    JOIN account_move_line x ON x.id = %(other)s AND x.parent_state = 'posted'
                    LEFT JOIN res_partner p ON p.id = x.partner_id
                    JOIN res_partner o ON o.id = l.partner_id
                   WHERE r.max_date <= %(last)s AND (x.currency_id <> l.currency_id OR NOT %(same)s)"""
        debit, credit = SQL("r.debit_move_id"), SQL("r.credit_move_id")
        scope = {"base": base, "last": last, "same": SQL("p.commercial_partner_id IS NOT DISTINCT FROM o.commercial_partner_id")}
        rows = self.env.execute_query(SQL(
            "SELECT partner_id, currency_id, max_date, document, other_document, other_currency, amount::text FROM (%s UNION ALL %s) s "
            "WHERE amount <> 0 ORDER BY max_date, id, amount",
            SQL(side, amount=SQL("- r.debit_amount_currency"), own=debit, other=credit, **scope),
            SQL(side, amount=SQL("r.credit_amount_currency"), own=credit, other=debit, **scope)))
        return [SetOff(owners[row[0]], *row[1:6], Decimal(row[6])) for row in rows]

    @api.model
    def _statement_base(self, company, partner_ids):
        """Posted receivable items ``l`` of the customers and their contacts, with entry ``m`` and journal ``j``."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["move_type", "name"])
        owners = self._read_family(partner_ids)
        return owners, SQL(
            """FROM account_move_line l JOIN account_move m ON m.id = l.move_id JOIN account_journal j ON j.id = l.journal_id
              WHERE l.parent_state = 'posted' AND l.partner_id IN %s AND l.account_id IN %s
                AND l.company_id IN (SELECT id FROM res_company WHERE parent_path LIKE %s)""",
            tuple(owners) or (0,), self._receivable_accounts().subselect(), f"{company.root_id.id}/%")
