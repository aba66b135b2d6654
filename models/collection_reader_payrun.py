from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

MONTHS = 12


class CollectionReader(models.AbstractModel):
    """On which days customers pay, and how late."""

    _inherit = "collection.reader"

    @api.model
    def _read_payment_days(self, company, partner_ids, today):
        """The days of the last year on which money of customers came in: ``{partner id: [day]}``, by the journal of the entry."""
        self.env["account.move.line"].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT p.commercial_partner_id, array_agg(DISTINCT l.date)
                 FROM account_move_line l
                 JOIN res_partner p ON p.id = l.partner_id
                 JOIN account_journal j ON j.id = l.journal_id AND j.type IN ('bank', 'cash', 'credit')
                WHERE l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND l.balance < 0
                  AND l.company_id IN %(companies)s AND l.partner_id IN %(partners)s AND l.date > %(since)s AND l.date <= %(today)s
                GROUP BY 1""", **self._payment_window(company, partner_ids, today))))

    @api.model
    def _read_median_days(self, company, partner_ids, today):
        """The median of days late over the items paid in the last year: ``{partner id: (days, items)}``; early is negative."""
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT partner_id, (percentile_cont(0.5) WITHIN GROUP (ORDER BY late))::numeric::text, count(*) FROM (
                    SELECT p.commercial_partner_id AS partner_id, i.id, max(c.date) - COALESCE(i.date_maturity, i.date) AS late
                      FROM account_partial_reconcile r
                      JOIN account_move_line i ON i.id = r.debit_move_id
                      JOIN res_partner p ON p.id = i.partner_id
                      JOIN account_move_line c ON c.id = r.credit_move_id
                      JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                     WHERE i.account_id IN (%(accounts)s) AND i.parent_state = 'posted' AND i.reconciled AND i.company_id IN %(companies)s
                       AND i.partner_id IN %(partners)s AND COALESCE(i.no_followup, false) IS NOT TRUE
                       AND c.date > %(since)s AND c.date <= %(today)s
                     GROUP BY 1, 2) paid
                GROUP BY 1""", **self._payment_window(company, partner_ids, today)))
        return {partner: (Decimal(days), count) for partner, days, count in rows}

    @api.model
    def _read_class_days(self, company):
        """How late the median customer of each kind of payer pays: ``{class: days}``, from the last picture of each."""
        self.env["credit.profile"].flush_model(["behaviour_class", "average_days_late", "settled_count", "company_id"])
        return {name: Decimal(days) for name, days in self.env.execute_query(SQL(
            """SELECT behaviour_class, (percentile_cont(0.5) WITHIN GROUP (ORDER BY average_days_late))::numeric::text
                 FROM credit_profile WHERE company_id = %s AND settled_count > 0 GROUP BY 1""", company.root_id.id))}

    @api.model
    def _payment_window(self, company, partner_ids, today):
        return {"accounts": self._receivable_accounts().select(), "companies": tuple(self._companies(company).ids),
                "partners": tuple(self._read_family(partner_ids)) or (0,), "since": today - relativedelta(months=MONTHS), "today": today}
