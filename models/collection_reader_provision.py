from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """What became of the invoices of a period."""

    _inherit = "collection.reader"

    @api.model
    def _read_cohort(self, company, first, last, day):
        """By segment on ``day``: ``{segment id: (sold, paid by bucket, paid later)}``, company currency, as of the end of ``day``.

        Sold are the invoices dated from ``first`` to ``last`` with tax, without what was credited, discounted or is an exchange
        difference, and without what is open and not over 90 days late, of which nobody knows yet. What was given up is never paid.
        """
        for model in ("account.partial.reconcile", "account.move.line", "account.move", "credit.profile", "credit.segment.move", "res.partner"):
            self.env[model].flush_model()
        rows = self.env.execute_query(SQL(
            """WITH sold AS MATERIALIZED (
                   SELECT l.id, l.balance, COALESCE(l.date_maturity, l.date) AS due, %(segment)s AS segment
                     FROM account_move_line l JOIN account_move e ON e.id = l.move_id AND e.move_type IN ('out_invoice', 'out_receipt')
                     LEFT JOIN res_partner p ON p.id = l.partner_id
                     LEFT JOIN credit_profile f ON f.company_id = %(company)s AND f.partner_id = p.commercial_partner_id
                    WHERE %(some)s AND l.date >= %(first)s AND l.balance > 0
               ), off AS (
                   SELECT s.id, %(kind)s AS kind, n.date - s.due AS late, r.amount
                     FROM sold s JOIN account_partial_reconcile r ON r.debit_move_id = s.id AND r.max_date <= %(day)s
                     JOIN account_move_line n ON n.id = r.credit_move_id AND n.parent_state = 'posted'
                     JOIN account_move e ON e.id = n.move_id JOIN account_journal j ON j.id = n.journal_id
               ), item AS (
                   SELECT s.id, s.segment, s.balance, s.due, COALESCE(sum(off.amount), 0) AS gone,
                          COALESCE(sum(off.amount) FILTER (WHERE off.kind = 'less'), 0) AS less,
                          %(paid)s
                     FROM sold s LEFT JOIN off ON off.id = s.id GROUP BY 1, 2, 3, 4)
               SELECT segment, sum(balance - less - CASE WHEN %(day)s - due <= 90 THEN balance - gone ELSE 0 END)::text,
                      sum(in_time)::text, sum(b30)::text, sum(b60)::text, sum(b90)::text, sum(later)::text
                 FROM item GROUP BY 1""",
            segment=self.env["collection.report.mixin"]._segment_sql(SQL("%s::date", day)), company=company.root_id.id, first=first, day=SQL("%s::date", day),
            some=self.env["collection.report.mixin"]._items_condition(self._companies(company), last), kind=self._cohort_kind(), paid=self._cohort_paid()))
        return {row[0] or False: (Decimal(row[1]), tuple(map(Decimal, row[2:6])), Decimal(row[6])) for row in rows}

    @api.model
    def _cohort_kind(self):
        """What set an invoice off: money, or what makes it less: credit notes, discounts, exchange differences. The rest was given up."""
        return SQL(
            """CASE WHEN e.move_type = 'out_refund' THEN 'less'
                    WHEN e.id IN (SELECT x.exchange_move_id FROM account_partial_reconcile x WHERE x.exchange_move_id IS NOT NULL) THEN 'less'
                    WHEN e.id IN (SELECT x.discount_move_id FROM account_partial_reconcile x WHERE x.discount_move_id IS NOT NULL) THEN 'less'
                    WHEN j.type IN ('bank', 'cash', 'credit') THEN 'paid' ELSE 'lost' END""")

    @api.model
    def _cohort_paid(self):
        bounds = (("in_time", None, 0), ("b30", 0, 30), ("b60", 30, 60), ("b90", 60, 90), ("later", 90, None))
        return SQL(", ").join(
            SQL("COALESCE(sum(off.amount) FILTER (WHERE off.kind = 'paid' %s %s), 0) AS %s",
                SQL("AND off.late > %s", above) if above is not None else SQL(), SQL("AND off.late <= %s", upto) if upto is not None else SQL(),
                SQL.identifier(name)) for name, above, upto in bounds)
