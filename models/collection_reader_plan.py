from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.interest import Stop
from ..engine.ledger import ZERO, Pause
from ..engine.promise import Entry

MONEY = SQL("j.type IN ('bank', 'cash', 'credit')")


class PlanItem(NamedTuple):
    """An item of a plan: the state of its entry, what it comes to now, and what was set off against it."""

    state: str
    total: Decimal
    entries: list


class CollectionReader(models.AbstractModel):
    """What is paid in parts, and what was set off against it."""

    _inherit = "collection.reader"

    # ------------------------------------------------------------------ for the follow-up

    @api.model
    def _read_pauses(self, rows, today):
        """With the items of plans in force, and of plans offered as long as the offer stands."""
        pauses = super()._read_pauses(rows, today)
        for item, state, until in self._read_planned([row.id for row in rows], today):
            if item not in pauses or pauses[item].reason == "plan_asked":
                pauses[item] = Pause("plan") if state == "active" else Pause("plan_offered", until)
        return pauses

    @api.model
    def _read_planned(self, item_ids, today):
        """Items of live plans: ``[(item id, state, day until which the offer stands)]``."""
        if not item_ids:
            return []
        self._flush_plans()
        return self.env.execute_query(SQL(
            """SELECT l.item_id, p.state, p.accept_until FROM collection_plan_line l JOIN collection_plan p ON p.id = l.plan_id
                WHERE l.item_id IN %s AND (p.state = 'active' OR p.state = 'offered' AND p.accept_until >= %s) ORDER BY p.state""", tuple(item_ids), today))

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """With the days on which a customer was reminded of an installment."""
        contacts = super()._read_contacts(profiles, today, memory, skip_runs)
        self._flush_plans()
        for profile, days in self.env.execute_query(SQL(
                """SELECT p.profile_id, array_agg(DISTINCT d.day) FROM collection_plan p JOIN collection_plan_installment i ON i.plan_id = p.id AND i.is_unreached IS NOT TRUE
                     JOIN LATERAL (VALUES (i.reminded_before_on), (i.reminded_after_on)) d(day) ON d.day >= %s
                    WHERE p.profile_id IN %s GROUP BY p.profile_id""",
                today - timedelta(days=memory), tuple(profiles.ids) or (0,))):
            contacts[profile] = tuple(sorted({*contacts.get(profile, ()), *days}))
        return contacts

    # ------------------------------------------------------------------ for charges

    @api.model
    def _read_charge_stops(self, rows, today):
        """With the days on which a plan that stops interest was kept to."""
        stops = super()._read_charge_stops(rows, today)
        item_ids = tuple(row.id for row in rows)
        if not item_ids:
            return stops
        self._flush_plans()
        for item, first, last in self.env.execute_query(SQL(
                """SELECT l.item_id, p.agreed_on, CASE p.state WHEN 'active' THEN NULL WHEN 'finished' THEN p.ended_on ELSE p.ended_on - 1 END
                     FROM collection_plan_line l JOIN collection_plan p ON p.id = l.plan_id
                    WHERE l.item_id IN %s AND p.agreed_on IS NOT NULL AND p.stops_interest
                      AND NOT (p.state = 'defaulted' AND COALESCE(p.revive_interest, FALSE)) ORDER BY 1, 2""", item_ids)):
            if last is None or last >= first:
                stops[item] = (*stops.get(item, ()), Stop(first, last))
        return stops

    # ------------------------------------------------------------------ for plans

    @api.model
    def _flush_plans(self):
        for name in ("collection.plan", "collection.plan.line", "collection.plan.installment"):
            self.env[name].flush_model()

    @api.model
    def _read_plan_items(self, line_ids):
        """What was set off against the items of plans: ``{plan line id: PlanItem}``.

        Payments are recognised by the journal. An item that is no more is not among them.
        """
        if not line_ids:
            return {}
        self._flush_plans()
        self._flush_payments()
        found = {}
        for line, state, total, day, amount, money in self.env.execute_query(SQL(
                """SELECT l.id, i.parent_state, i.amount_currency::text, c.date, sum(r.debit_amount_currency)::text, bool_and(%(money)s)
                     FROM collection_plan_line l
                     JOIN account_move_line i ON i.id = l.item_id
                     LEFT JOIN account_partial_reconcile r ON r.debit_move_id = i.id
                     LEFT JOIN account_move_line c ON c.id = r.credit_move_id AND c.parent_state = 'posted'
                     LEFT JOIN account_journal j ON j.id = c.journal_id
                    WHERE l.id IN %(lines)s GROUP BY l.id, i.id, c.date, %(money)s""", lines=tuple(line_ids), money=MONEY)):
            item = found.setdefault(line, PlanItem(state, Decimal(total), []))
            if day:
                item.entries.append(Entry(day, Decimal(amount), money))
        return found

    @api.model
    def _read_set_off(self, item_ids):
        """What was set off against items so far: ``{item id: (money, other)}``."""
        found = defaultdict(lambda: (ZERO, ZERO))
        if item_ids:
            self._flush_payments()
            for item, money, other in self.env.execute_query(SQL(
                    """SELECT r.debit_move_id, sum(CASE WHEN %(money)s THEN r.debit_amount_currency ELSE 0 END)::text,
                              sum(CASE WHEN %(money)s THEN 0 ELSE r.debit_amount_currency END)::text
                         FROM account_partial_reconcile r JOIN account_move_line c ON c.id = r.credit_move_id JOIN account_journal j ON j.id = c.journal_id
                        WHERE r.debit_move_id IN %(items)s GROUP BY 1""", items=tuple(item_ids), money=MONEY)):
                found[item] = (Decimal(money), Decimal(other))
        return found

    @api.model
    def _read_unmatched(self, profiles):
        """Payments and credit notes of customers that nobody matched yet: ``{(profile id, currency id): amount}``."""
        self.env["account.move.line"].flush_model()
        return {(profile, currency): Decimal(amount) for profile, currency, amount in self.env.execute_query(SQL(
            """SELECT f.id, i.currency_id, sum(-i.amount_residual_currency)::text
                 FROM credit_profile f
                 JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                 JOIN account_move_line i ON i.partner_id = o.id AND i.account_id IN (%(accounts)s) AND i.parent_state = 'posted'
                      AND i.reconciled IS NOT TRUE AND i.amount_residual < 0
                 JOIN res_company c ON c.id = i.company_id AND split_part(c.parent_path, '/', 1)::int = f.company_id
                WHERE f.id IN %(profiles)s GROUP BY 1, 2""", accounts=self._receivable_accounts().select(), profiles=tuple(profiles.ids) or (0,)))}

    @api.model
    def _read_new_overdue(self, plan_ids, today):
        """How many days late the oldest invoice is that fell due outside a plan since it is in force: ``{plan id: days}``.

        What is contested, left out or in another plan is not expected.
        """
        if not plan_ids:
            return {}
        self._flush_plans()
        self.env["account.move.line"].flush_model()
        self.env["collection.dispute"].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT p.id, max(%(today)s - COALESCE(i.date_maturity, i.date))
                 FROM collection_plan p
                 JOIN credit_profile f ON f.id = p.profile_id
                 JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                 JOIN account_move_line i ON i.partner_id = o.id AND i.account_id IN (%(accounts)s) AND i.parent_state = 'posted'
                      AND i.reconciled IS NOT TRUE AND i.amount_residual > 0 AND COALESCE(i.no_followup, FALSE) IS NOT TRUE
                      AND COALESCE(i.date_maturity, i.date) >= p.agreed_on AND COALESCE(i.date_maturity, i.date) < %(today)s
                 JOIN res_company c ON c.id = i.company_id AND split_part(c.parent_path, '/', 1)::int = p.company_id
                WHERE p.id IN %(plans)s AND p.current_days > 0
                  AND NOT EXISTS (SELECT 1 FROM collection_plan_line l WHERE l.item_id = i.id AND l.is_live)
                  AND NOT EXISTS (SELECT 1 FROM collection_dispute d WHERE d.item_id = i.id AND d.state = 'open')
                GROUP BY p.id""", today=today, accounts=self._receivable_accounts().select(), plans=tuple(plan_ids))))
