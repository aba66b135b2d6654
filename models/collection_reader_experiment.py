from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class Outcome(NamedTuple):
    """What came in on a member's item while it was looked at; ``settled_on`` when nothing is left of it, ``on_time`` when by the due day."""

    paid: Decimal
    settled_on: date | None
    cured: bool
    on_time: bool


class CollectionReader(models.AbstractModel):
    """Who falls overdue and who pays then, for experiments."""

    _inherit = "collection.reader"

    @api.model
    def _late_items(self, company, segment_ids):
        """Receivable items of the company's customers, of some segments only where any are given; of ``i`` and profile ``f``."""
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        self.env["credit.profile"].flush_model()
        return SQL(
            """FROM account_move_line i
               JOIN res_partner o ON o.id = i.partner_id
               JOIN credit_profile f ON f.partner_id = o.commercial_partner_id AND f.company_id = %(root)s
              WHERE i.account_id IN (%(accounts)s) AND i.parent_state = 'posted' AND i.balance > 0 AND i.company_id IN %(companies)s
                AND f.active AND f.excluded IS NOT TRUE AND f.policy_id IS NULL AND i.no_followup IS NOT TRUE %(segments)s""",
            root=company.root_id.id, accounts=self._receivable_accounts().select(), companies=tuple(self._companies(company).ids) or (0,),
            segments=SQL("AND f.segment_id IN %s", tuple(segment_ids)) if segment_ids else SQL())

    @api.model
    def _read_overdue_customers(self, company, segment_ids, first, last, taken_ids=()):
        """How many customers had an item that fell overdue from ``first`` to ``last`` and was open the day after.

        Without those in a running experiment, and those of segments ``taken_ids``, which one takes.
        """
        self.env["collection.experiment.member"].flush_model()
        [[count]] = self.env.execute_query(SQL(
            """SELECT count(DISTINCT f.id) %s AND COALESCE(i.date_maturity, i.date) >= %s AND COALESCE(i.date_maturity, i.date) < %s
                  AND (i.reconciled IS NOT TRUE OR EXISTS (SELECT 1 FROM account_partial_reconcile r
                        WHERE r.debit_move_id = i.id AND r.max_date > COALESCE(i.date_maturity, i.date)))
                  AND NOT EXISTS (SELECT 1 FROM collection_experiment_member m WHERE m.profile_id = f.id AND m.is_live)
                  AND COALESCE(f.segment_id, 0) NOT IN %s""",
            self._late_items(company, segment_ids), first, last, tuple(taken_ids) or (-1,)))
        return count

    @api.model
    def _came_in(self, until):
        """Joins to an item ``i`` what was set off against it as ``p``: the last day, and the money dated by ``until``, told by the journal."""
        return SQL(
            """CROSS JOIN LATERAL (
                   SELECT max(r.max_date) AS last, COALESCE(sum(r.amount) FILTER (WHERE j.type IN ('bank', 'cash', 'credit') AND r.max_date <= %s), 0) AS money
                     FROM account_partial_reconcile r
                     JOIN account_move_line c ON c.id = r.credit_move_id
                     JOIN account_journal j ON j.id = c.journal_id WHERE r.debit_move_id = i.id) p""", until)

    @api.model
    def _is_cured(self, since, until, before):
        """Settled by ``until`` but after the due day, with money beyond what was paid ``before``; of ``i`` and ``p``."""
        return SQL("i.reconciled IS TRUE AND p.last > %s AND p.last <= %s AND p.money > %s", since, until, before)

    @api.model
    def _read_cure_rate(self, company, segment_ids, first, last, days):
        """Customers by their first item that fell overdue from ``first`` to ``last``, and those cured within ``days``: ``(overdue, cured)``."""
        due = SQL("COALESCE(i.date_maturity, i.date)")
        until = SQL("%s + 1 + %s", due, days)
        earlier = SQL("""(SELECT COALESCE(sum(r.amount), 0) FROM account_partial_reconcile r JOIN account_move_line c ON c.id = r.credit_move_id
                          JOIN account_journal j ON j.id = c.journal_id
                         WHERE r.debit_move_id = i.id AND r.max_date <= %s AND j.type IN ('bank', 'cash', 'credit'))""", due)
        [row] = self.env.execute_query(SQL(
            """WITH late AS (SELECT DISTINCT ON (f.id) i.id %(items)s AND %(due)s >= %(first)s AND %(due)s < %(last)s
                                AND (i.reconciled IS NOT TRUE OR EXISTS (SELECT 1 FROM account_partial_reconcile r
                                      WHERE r.debit_move_id = i.id AND r.max_date > %(due)s)) ORDER BY f.id, %(due)s, i.id)
               SELECT count(*), count(*) FILTER (WHERE %(cured)s)
                 FROM late JOIN account_move_line i ON i.id = late.id %(came_in)s""",
            items=self._late_items(company, segment_ids), due=due, first=first, last=last,
            cured=self._is_cured(due, until, earlier), came_in=self._came_in(until)))
        return row

    @api.model
    def _read_money(self, item_ids):
        """The money that came in on items so far: ``{item id: amount}``."""
        if not item_ids:
            return {}
        self._flush_payments()
        rows = self.env.execute_query(SQL("SELECT i.id, p.money::text FROM account_move_line i %s WHERE i.id IN %s",
                                          self._came_in(SQL("'infinity'")), tuple(item_ids)))
        return {item: Decimal(money) for item, money in rows}

    @api.model
    def _read_outcomes(self, member_ids):
        """What came of the items of members so far, by the days of the entries, whenever they were booked: ``{member id: Outcome}``."""
        if not member_ids:
            return {}
        self._flush_payments()
        self.env["collection.experiment.member"].flush_model()
        due = SQL("COALESCE(i.date_maturity, i.date)")
        rows = self.env.execute_query(SQL(
            """SELECT m.id, GREATEST(p.money - COALESCE(m.paid_before, 0), 0)::text, CASE WHEN i.reconciled THEN p.last END, %(cured)s,
                      i.reconciled IS TRUE AND p.last <= %(due)s
                 FROM collection_experiment_member m JOIN account_move_line i ON i.id = m.item_id %(came_in)s WHERE m.id IN %(ids)s""",
            cured=self._is_cured(due, SQL("m.seen_until"), SQL("COALESCE(m.paid_before, 0)")), due=due,
            came_in=self._came_in(SQL("m.seen_until")), ids=tuple(member_ids)))
        return {member: Outcome(Decimal(paid), *rest) for member, paid, *rest in rows}
