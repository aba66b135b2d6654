from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ..engine import behaviour


class CollectionReader(models.AbstractModel):
    """Questions about a whole company or a long time: who is to be looked at, how they pay, how fresh the bank is."""

    _inherit = "collection.reader"

    @api.model
    def _read_candidates(self, company, day=None):
        """Customers with open items, or whose last picture was not empty: profile ids in a stable order.

        With ``day`` only those not yet evaluated on it.
        """
        query = self.env["account.move.line"]._search(self._open_item_domain(company))
        self.env["credit.profile"].flush_model()
        rows = self.env.execute_query(SQL(
            # materialized: merged into the rest, it is read in the order of customers, past every line of the ledger
            """WITH owing AS MATERIALIZED (%s)
               SELECT id FROM credit_profile
                WHERE company_id = %s AND active AND (%s::date IS NULL OR evaluated_on IS DISTINCT FROM %s) AND (
                      partner_id IN (SELECT p.commercial_partner_id FROM res_partner p JOIN owing ON owing.partner_id = p.id)
                   OR balance <> 0 OR overdue <> 0 OR next_reason IS DISTINCT FROM 'nothing_open')
                ORDER BY id""", query.select(SQL("DISTINCT %s", SQL.identifier(query.table, "partner_id"))),
            company.root_id.id, day, day))
        return [row[0] for row in rows]

    @api.model
    def _read_partners_without_profile(self, company, open_only=False):
        """Commercial partners with a posted receivable item (an open one) and no profile: ids."""
        self.env["account.move.line"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        accounts = self._receivable_accounts()
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT c.commercial_partner_id
                 FROM account_move_line l JOIN res_partner c ON c.id = l.partner_id
                WHERE l.account_id IN (%s) AND l.parent_state = 'posted' AND l.company_id IN %s %s
                  AND NOT EXISTS (SELECT 1 FROM credit_profile p WHERE p.partner_id = c.commercial_partner_id AND p.company_id = %s)
                ORDER BY 1""",
            accounts.select(), tuple(self._companies(company).ids),
            SQL("AND l.reconciled IS NOT TRUE") if open_only else SQL(), company.root_id.id))
        return [row[0] for row in rows]

    @api.model
    def _companies(self, company):
        return self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)])

    @api.model
    def _read_payments(self, company, partner_ids, today, months):
        """Payment figures of customers over the last ``months``: ``{partner id: engine Payments}``.

        Payments are recognised by the journal of the entry; a credit note settles an
        item but is no payment. Days in dispute at our fault do not count, nor does what is contested.
        """
        self.env["account.move.line"].flush_model()
        self.env["collection.dispute"].flush_model()
        family = tuple(self._read_family(partner_ids)) or (0,)
        scope = {"accounts": self._receivable_accounts().select(), "companies": tuple(self._companies(company).ids), "partners": family,
                 "since": today - relativedelta(months=months), "today": today}
        rows = self.env.execute_query(SQL(
            """
            WITH excused AS MATERIALIZED (%s), %s, %s
            SELECT COALESCE(done.partner_id, late.partner_id), COALESCE(done.settled, 0), COALESCE(done.on_time, 0),
                   COALESCE(done.amount, 0)::text, COALESCE(done.amount_days, 0)::text,
                   COALESCE(late.amount, 0)::text, COALESCE(late.amount_days, 0)::text
              FROM done FULL JOIN late ON late.partner_id = done.partner_id
            """, self._excused_days(SQL("%s", family), today), self._done_part(scope), self._late_part(scope)))
        return {row[0]: behaviour.Payments(row[1], row[2], *map(Decimal, row[3:])) for row in rows}

    @api.model
    def _done_part(self, scope):
        """``done``: what was paid in the window, by customer, each payment less the days that were our fault."""
        return SQL(
            """
            paid AS (
                SELECT p.commercial_partner_id AS partner_id, i.id, COALESCE(i.date_maturity, i.date) AS due, i.reconciled,
                       r.amount, c.date AS day
                  FROM account_partial_reconcile r
                  JOIN account_move_line i ON i.id = r.debit_move_id
                  JOIN res_partner p ON p.id = i.partner_id
                  JOIN account_move_line c ON c.id = r.credit_move_id
                  JOIN account_journal j ON j.id = c.journal_id
                 WHERE r.max_date > %(since)s AND j.type IN ('bank', 'cash', 'credit')
                   AND c.date > %(since)s AND c.date <= %(today)s
                   AND i.account_id IN (%(accounts)s) AND i.parent_state = 'posted' AND i.company_id IN %(companies)s
                   AND i.partner_id IN %(partners)s AND COALESCE(i.no_followup, false) IS NOT TRUE
            ), relief AS (
                SELECT p.id, p.day, count(*)::int AS days, sum(x.share) AS shared
                  FROM (SELECT DISTINCT id, due, day FROM paid WHERE id IN (SELECT item_id FROM excused)) p
                  JOIN excused x ON x.item_id = p.id AND x.day > p.due AND x.day <= p.day GROUP BY p.id, p.day
            ), settled AS (
                SELECT p.partner_id, p.id, p.due, max(p.day) AS day, max(r.days) AS excused, bool_and(p.reconciled) AS whole,
                       sum(p.amount) AS amount, sum(p.amount * GREATEST(p.day - p.due - COALESCE(r.shared, 0), 0)) AS amount_days
                  FROM paid p LEFT JOIN relief r ON r.id = p.id AND r.day = p.day GROUP BY p.partner_id, p.id, p.due
            ), done AS (
                SELECT partner_id, count(*) FILTER (WHERE whole) AS settled,
                       count(*) FILTER (WHERE whole AND day - COALESCE(excused, 0) <= due) AS on_time,
                       sum(amount) AS amount, sum(amount_days) AS amount_days
                  FROM settled GROUP BY partner_id
            )
            """, **scope)

    @api.model
    def _late_part(self, scope):
        """``late``: what is overdue today, by customer, without what is contested and the days that were our fault."""
        return SQL(
            """
            contested AS (
                SELECT item_id, sum(d.open_amount / NULLIF(l.amount_residual_currency, 0)) AS share
                  FROM collection_dispute d JOIN account_move_line l ON l.id = d.item_id
                 WHERE d.state = 'open' GROUP BY item_id
            ), spared AS (
                SELECT item_id, sum(closed) AS days FROM excused GROUP BY item_id
            ), late AS (
                SELECT partner_id, sum(rest) AS amount, sum(rest * GREATEST(0, %(today)s - due - spared)) AS amount_days
                  FROM (SELECT p.commercial_partner_id AS partner_id, COALESCE(l.date_maturity, l.date) AS due,
                               l.amount_residual * GREATEST(0, 1 - COALESCE(c.share, 0)) AS rest, COALESCE(x.days, 0) AS spared
                          FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id
                          LEFT JOIN contested c ON c.item_id = l.id
                          LEFT JOIN spared x ON x.item_id = l.id
                         WHERE l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND l.company_id IN %(companies)s
                           AND l.partner_id IN %(partners)s AND COALESCE(l.no_followup, false) IS NOT TRUE
                           AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
                           AND COALESCE(l.date_maturity, l.date) < %(today)s) o
                 GROUP BY partner_id
            )
            """, **scope)

    @api.model
    def _read_bank_age(self, company, today):
        """Days since the newest bank or cash entry of the company, or None when there is none."""
        rows = self.env.execute_query(SQL(
            """SELECT max(m.date) FROM account_move m JOIN account_journal j ON j.id = m.journal_id
                WHERE j.type IN ('bank', 'cash', 'credit') AND m.state = 'posted' AND m.company_id IN %s AND m.date <= %s""",
            tuple(self._companies(company).ids), today))
        newest = rows and rows[0][0]
        return (today - newest).days if newest else None
