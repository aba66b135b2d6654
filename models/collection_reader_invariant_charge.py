from odoo import api, models
from odoo.tools import SQL


class CollectionReader(models.AbstractModel):
    """What must be true of charges: their days, their sums, their bills."""

    _inherit = "collection.reader"

    @api.model
    def _read_charged_items(self, after, limit):
        """I-6: the next items that interest was charged for, ``(first, last)``; None when there are no more."""
        first, last = self.env.execute_query(SQL(
            """SELECT min(item_id), max(item_id) FROM (
                   SELECT DISTINCT item_id FROM collection_charge_line WHERE item_id > %s AND kind = 'interest' ORDER BY item_id LIMIT %s) item""", after, limit))[0]
        return first and (first, last)

    @api.model
    def _read_charged_days(self, first, last):
        """I-6: the days that items from ``first`` to ``last`` were charged.

        ``[(item, company, charge, document, currency unit, from, to, balance, rate, amount, basis, cut, currency)]``
        """
        return self.env.execute_query(SQL(
            """SELECT l.item_id, l.company_id, l.charge_id, l.document, c.rounding::text, l.date_from, l.date_to,
                      l.balance::text, l.rate::text, l.amount::text, l.basis, l.code IS NOT NULL, l.currency_id
                 FROM collection_charge_line l JOIN res_currency c ON c.id = l.currency_id
                WHERE l.kind = 'interest' AND l.state <> 'reversed' AND l.item_id BETWEEN %s AND %s AND l.basis IS NOT NULL
                ORDER BY l.item_id, l.currency_id, l.date_from""", first, last))

    @api.model
    def _read_days_twice(self):
        """I-7: days of an item that are charged twice."""
        return self._found_broken("days_twice", "collection.charge", SQL(
            """WITH span AS (
                   SELECT company_id, item_id, document, charge_id, date_from, max(date_to) OVER w AS taken, lag(charge_id) OVER o AS other
                     FROM collection_charge_line WHERE kind = 'interest' AND state <> 'reversed' AND item_id IS NOT NULL
                   WINDOW o AS (PARTITION BY item_id ORDER BY date_from, id), w AS (o ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
               SELECT min(company_id), array_agg(charge_id) || array_agg(other), jsonb_build_object('document', min(document), 'on', min(date_from)), ARRAY[item_id]
                 FROM span WHERE date_from < taken GROUP BY item_id"""))

    @api.model
    def _read_charged_once(self):
        """I-7: fixed sums of an invoice, and fees of a level, that were charged twice."""
        return self._found_broken("sum_twice", "collection.charge", SQL(
            """SELECT min(company_id), array_agg(charge_id), jsonb_build_object('document', min(document)),
                      ARRAY[kind, CASE kind WHEN 'fixed' THEN move_id ELSE item_id END::text, CASE kind WHEN 'fee' THEN level_id END::text]
                 FROM collection_charge_line
                WHERE state <> 'reversed' AND ((kind = 'fixed' AND move_id IS NOT NULL) OR (kind = 'fee' AND item_id IS NOT NULL AND level_id IS NOT NULL))
                GROUP BY kind, CASE kind WHEN 'fixed' THEN move_id ELSE item_id END, CASE kind WHEN 'fee' THEN level_id END HAVING count(*) > 1"""))

    @api.model
    def _read_bill_missing(self):
        """I-8: charges without a posted bill, bills that are not balanced, of two charges, or of another amount than their lines."""
        return self._found_broken("bill", "collection.charge", SQL(
            """WITH line AS (
                   SELECT charge_id, COALESCE(sum(amount) FILTER (WHERE state = 'posted' OR (state = 'waived' AND COALESCE(credit_move_id, invoice_line_id) IS NOT NULL)), 0) AS billed,
                          COALESCE(sum(amount) FILTER (WHERE state IN ('draft', 'posted')), 0) AS open,
                          bool_or(state = 'draft') AS drafts, bool_or(state = 'posted') AS posted
                     FROM collection_charge_line GROUP BY 1),
               bill AS (
                   SELECT h.id, count(l.id) FILTER (WHERE l.display_type = 'product') AS lines, COALESCE(sum(l.balance), 0) AS balance
                     FROM collection_charge h JOIN account_move_line l ON l.move_id = h.move_id GROUP BY 1)
               SELECT h.company_id, ARRAY[h.id], jsonb_build_object('amount', h.amount, 'lines', COALESCE(line.open, 0), 'billed', m.amount_untaxed, 'currency', h.currency_id)
                 FROM collection_charge h JOIN res_currency c ON c.id = h.currency_id
                 LEFT JOIN line ON line.charge_id = h.id LEFT JOIN account_move m ON m.id = h.move_id LEFT JOIN bill ON bill.id = h.id
                WHERE (h.state = 'posted' AND m.state IS DISTINCT FROM 'posted' AND abs(COALESCE(line.billed, 0)) > c.rounding / 2)
                   OR (h.state = 'draft' AND (m.state = 'posted' OR line.posted)) OR (h.state = 'posted' AND line.drafts)
                   OR abs(h.amount - COALESCE(line.open, 0)) > c.rounding / 2
                   OR (m.state = 'posted' AND abs(COALESCE(bill.balance, 0)) > c.rounding / 2)
                   OR (h.state = 'posted' AND m.state = 'posted' AND abs(line.billed - m.amount_untaxed * CASE m.move_type WHEN 'out_refund' THEN -1 ELSE 1 END)
                       > c.rounding * (GREATEST(1, bill.lines) + 0.5))
                   OR EXISTS (SELECT FROM collection_charge o WHERE o.move_id = h.move_id AND o.id <> h.id)"""))
