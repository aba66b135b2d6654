from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

ZERO = Decimal(0)


class CollectionReader(models.AbstractModel):
    """What customers did since they came to their stage of the ladder, in three queries a batch."""

    _inherit = "collection.reader"

    @api.model
    def _read_conduct(self, company, stays, today):
        """``stays`` are (partner id, first day of the stage, days late that make fall, invoices looked at).

        Returns ``{partner id: {late, paid, peak, worst}}`` as ``engine.ladder.Conduct`` takes
        them. An invoice is late for a stage when it became too late in it: one for which a
        customer fell already does not count again when it is paid at last.
        Days in dispute at our fault make nothing late.
        """
        if not stays:
            return {}
        self.env["account.move.line"].flush_model()
        self.env["collection.dispute"].flush_model()
        found = {stay[0]: {"late": (), "paid": ZERO, "peak": ZERO, "worst": 0} for stay in stays}
        scope = self._stays_scope(company, stays, today)
        since = today - relativedelta(months=company.collection_window_months)
        for partner, late, paid, worst in self.env.execute_query(self._paid_query(scope, since, today)):
            found[partner].update(late=tuple(late or ()), paid=Decimal(paid), worst=worst or 0)
        for partner, worst in self.env.execute_query(self._unpaid_query(scope, today)):
            found[partner]["worst"] = max(found[partner]["worst"], worst)
        for partner, peak in self.env.execute_query(self._peak_query(scope, today)):
            found[partner]["peak"] = max(ZERO, Decimal(peak))
        return found

    @api.model
    def _stays_scope(self, company, stays, today):
        """The stays with all contacts on which an entry may be booked, the receivable accounts, and days at our fault, for the queries below."""
        return SQL(
            """WITH stay AS MATERIALIZED (
                    SELECT v.owner, v.since, v.most, v.looked, p.id AS partner_id
                      FROM (VALUES %s) v(owner, since, most, looked) JOIN res_partner p ON p.commercial_partner_id = v.owner
                ), ar AS MATERIALIZED (%s), ours AS MATERIALIZED (%s), excused AS MATERIALIZED (%s)""",
            SQL(", ").join(SQL("(%s::int, %s::date, %s::int, %s::int)", *stay) for stay in stays),
            self._receivable_accounts().select(), self._family_of(company), self._excused_days(SQL("(SELECT partner_id FROM stay)"), today))

    @api.model
    def _paid_query(self, scope, since, today):
        return SQL(
            """%(scope)s, part AS (
                    SELECT s.owner, s.since, s.most, s.looked, i.id, COALESCE(i.date_maturity, i.date) AS due, i.reconciled,
                           r.amount, c.date AS day
                      FROM stay s
                      JOIN account_move_line i ON i.partner_id = s.partner_id AND i.account_id = ANY(ARRAY(SELECT id FROM ar))
                           AND i.parent_state = 'posted' AND i.company_id = ANY(ARRAY(SELECT id FROM ours)) AND i.balance > 0
                           AND i.no_followup IS NOT TRUE
                      JOIN account_partial_reconcile r ON r.debit_move_id = i.id
                      JOIN account_move_line c ON c.id = r.credit_move_id
                      JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                     WHERE c.date > %(since)s AND c.date <= %(today)s
                ), settled AS (
                    SELECT owner, since, most, looked, id, due, max(day) AS day, bool_and(reconciled) AS whole,
                           sum(amount) FILTER (WHERE day >= since) AS paid
                      FROM part GROUP BY owner, since, most, looked, id, due
                ), relief AS (
                    SELECT s.id, count(*) AS days FROM (SELECT DISTINCT id, due, day FROM settled WHERE id IN (SELECT item_id FROM excused)) s
                      JOIN excused x ON x.item_id = s.id AND x.day > s.due AND x.day <= s.day GROUP BY s.id
                ), numbered AS (
                    SELECT s.*, GREATEST(s.day - s.due - COALESCE(r.days, 0), 0)::int AS late,
                           row_number() OVER (PARTITION BY s.owner, s.whole ORDER BY s.day DESC, s.id DESC) AS place
                      FROM settled s LEFT JOIN relief r ON r.id = s.id
                )
               SELECT owner, array_agg(late ORDER BY place) FILTER (WHERE whole AND place <= looked),
                      COALESCE(sum(paid), 0)::text, max(late) FILTER (WHERE day >= since AND due + most + 1 > since)
                 FROM numbered GROUP BY owner""", scope=scope, since=since, today=today)

    @api.model
    def _unpaid_query(self, scope, today):
        return SQL(
            """%(scope)s
               SELECT s.owner, max(%(today)s - COALESCE(i.date_maturity, i.date) - COALESCE(x.days, 0))::int
                 FROM stay s
                 JOIN account_move_line i ON i.partner_id = s.partner_id AND i.account_id = ANY(ARRAY(SELECT id FROM ar))
                      AND i.parent_state = 'posted' AND i.company_id = ANY(ARRAY(SELECT id FROM ours))
                      AND i.reconciled IS NOT TRUE AND i.amount_residual > 0 AND i.no_followup IS NOT TRUE
                 LEFT JOIN LATERAL (SELECT sum(open_amount) AS amount FROM collection_dispute WHERE item_id = i.id AND state = 'open') d ON TRUE
                 LEFT JOIN (SELECT item_id, count(*) AS days FROM excused GROUP BY item_id) x ON x.item_id = i.id
                WHERE COALESCE(i.date_maturity, i.date) < %(today)s AND COALESCE(d.amount, 0) < i.amount_residual_currency
                GROUP BY s.owner""", scope=scope, today=today)

    @api.model
    def _peak_query(self, scope, today):
        """The highest balance at the end of a day of the stage: today's, less what was booked after that day."""
        return SQL(
            """%(scope)s, moved AS (
                    SELECT s.owner, s.since, i.date, sum(i.balance) AS amount
                      FROM stay s
                      JOIN account_move_line i ON i.partner_id = s.partner_id AND i.account_id = ANY(ARRAY(SELECT id FROM ar))
                           AND i.parent_state = 'posted' AND i.company_id = ANY(ARRAY(SELECT id FROM ours)) AND i.date <= %(today)s
                     GROUP BY s.owner, s.since, i.date
                ), balance AS (
                    SELECT owner, since, date, sum(amount) OVER (PARTITION BY owner ORDER BY date) AS amount,
                           lead(date) OVER (PARTITION BY owner ORDER BY date) AS next
                      FROM moved
                )
               SELECT owner, max(amount)::text FROM balance WHERE date >= since OR next IS NULL OR next > since GROUP BY owner""",
            scope=scope, today=today)
