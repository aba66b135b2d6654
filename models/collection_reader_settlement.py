from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.interest import Stop
from ..engine.ledger import Pause
from ..engine.promise import Entry
from .collection_payable_transaction import FLYING
from .collection_settlement_judge import SETTLED_DAYS

# A lapsed offer is history where something else was agreed on about its items since: no payment brings it back.
CURRENT = SQL(
    """(s.state <> 'lapsed' OR NOT EXISTS (
            SELECT 1 FROM collection_settlement_line o JOIN collection_settlement n ON n.id = o.settlement_id
              JOIN collection_settlement_line m ON m.item_id = o.item_id
             WHERE m.settlement_id = s.id AND n.id > s.id AND n.state IN ('to_approve', 'offered', 'taken')
        ) AND NOT EXISTS (
            SELECT 1 FROM collection_settlement_line m JOIN collection_plan_line o ON o.item_id = m.item_id JOIN collection_plan n ON n.id = o.plan_id
             WHERE m.settlement_id = s.id AND (o.is_live OR n.state IN ('finished', 'defaulted') AND n.agreed_on > s.until)
        ) AND NOT EXISTS (
            SELECT 1 FROM collection_settlement_line m JOIN collection_promise_line o ON o.item_id = m.item_id
             WHERE m.settlement_id = s.id AND o.is_open
        ) AND NOT EXISTS (
            SELECT 1 FROM collection_promise o
             WHERE o.profile_id = s.profile_id AND o.currency_id = s.currency_id AND o.on_balance AND o.state = 'open'))""")


class CollectionReader(models.AbstractModel):
    """Settlement offers: what is silent for them, and the payments by which they are judged."""

    _inherit = "collection.reader"

    @api.model
    def _flush_settlements(self):
        self.env["collection.settlement"].flush_model()
        self.env["collection.settlement.line"].flush_model()

    @api.model
    def _flush_agreements(self):
        """What keeps a lapsed offer from coming back."""
        self._flush_settlements()
        for name in ("collection.plan", "collection.plan.line", "collection.promise", "collection.promise.line"):
            self.env[name].flush_model()

    @api.model
    def _read_pauses(self, rows, today):
        """The items of an offer are silent until its last day, and from when it is taken until that is booked."""
        pauses = super()._read_pauses(rows, today)
        item_ids = [row.id for row in rows]
        if item_ids:
            self._flush_settlements()
            for item, state, until in self.env.execute_query(SQL(
                    """SELECT l.item_id, s.state, GREATEST(s.until, s.held_until) FROM collection_settlement_line l JOIN collection_settlement s ON s.id = l.settlement_id
                        WHERE l.is_live AND s.state IN ('offered', 'taken') AND l.item_id IN %s""", tuple(item_ids))):
                pauses.setdefault(item, Pause("settlement", until) if state == "offered" else Pause("settlement_taken_silent"))
        return pauses

    @api.model
    def _read_charge_stops(self, rows, today):
        """No interest is billed on the items of an offer while it stands, and none at all once it is taken."""
        stops = super()._read_charge_stops(rows, today)
        item_ids = [row.id for row in rows]
        if item_ids:
            self._flush_settlements()
            for item, in self.env.execute_query(SQL(
                    """SELECT DISTINCT l.item_id FROM collection_settlement_line l JOIN collection_settlement s ON s.id = l.settlement_id
                        WHERE s.state IN ('offered', 'taken') AND l.item_id IN %s""", tuple(item_ids))):
                stops[item] = (*stops.get(item, ()), Stop(date.min))
        return stops

    # ------------------------------------------------------------------ for judging

    @api.model
    def _read_settlements_about(self, item_ids, today):
        """Offers that a payment of these journal items may change: ids. One look-up in an index each."""
        self._flush_agreements()
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT s.id FROM collection_settlement_line l JOIN collection_settlement s ON s.id = l.settlement_id
                WHERE l.item_id IN %s AND s.state IN ('offered', 'taken', 'lapsed') AND s.made_on IS NOT NULL
                    AND (s.until >= %s OR s.state = 'offered' OR s.state = 'taken' AND s.booked_on IS NULL) AND %s
                ORDER BY 1""", tuple(item_ids) or (0,), today - timedelta(days=SETTLED_DAYS), CURRENT))]

    @api.model
    def _read_current_settlements(self, ids):
        """Those of these offers that payments may still change."""
        self._flush_agreements()
        return [row[0] for row in self.env.execute_query(SQL(
            "SELECT s.id FROM collection_settlement s WHERE s.id IN %s AND %s ORDER BY 1", tuple(ids) or (0,), CURRENT))]

    @api.model
    def _read_settlement_entries(self, ids):
        """What was set off against the items of offers since they were made, by day: ``{offer id: (Entry, …)}``.

        Payments are recognised by the journal. What was there before on the first day is no answer to the offer, whenever it was
        matched. An online payment for the offer counts on the day on which it was begun.
        """
        if not ids:
            return {}
        self._flush_settlements()
        self._flush_payments()
        self.env["payment.transaction"].flush_model(["agreement_model", "agreement_id", "agreement_on"])
        self.env["account.payment"].flush_model(["move_id", "payment_transaction_id"])
        counted = SQL("CASE WHEN t.agreement_on < c.date AND c.date <= t.agreement_on + %s THEN t.agreement_on ELSE c.date END", FLYING.days)
        entries = defaultdict(list)
        for offer, day, amount, money in self.env.execute_query(SQL(
                """SELECT l.settlement_id, %s, sum(r.debit_amount_currency)::text,
                          j.type IN ('bank', 'cash', 'credit') AND c.id > COALESCE(s.seen_item, 0)
                     FROM collection_settlement_line l
                     JOIN collection_settlement s ON s.id = l.settlement_id
                     JOIN account_partial_reconcile r ON r.debit_move_id = l.item_id AND r.id > COALESCE(s.seen_partial, 0)
                     JOIN account_move_line c ON c.id = r.credit_move_id AND c.parent_state = 'posted'
                     JOIN account_journal j ON j.id = c.journal_id
                     LEFT JOIN account_payment p ON p.move_id = c.move_id
                     LEFT JOIN payment_transaction t ON t.id = p.payment_transaction_id AND t.agreement_model = 'collection.settlement'
                          AND t.agreement_id = s.id
                    WHERE l.settlement_id IN %s
                    GROUP BY 1, 2, 4 ORDER BY 1, 2""", counted, tuple(ids))):
            entries[offer].append(Entry(day, Decimal(amount), money))
        return {offer: tuple(found) for offer, found in entries.items()}

    @api.model
    def _read_last_partial(self, item_ids):
        """Up to where journal items are matched now; later matches have higher ids."""
        self.env["account.partial.reconcile"].flush_model()
        return self.env.execute_query(SQL(
            "SELECT COALESCE(max(id), 0) FROM account_partial_reconcile WHERE debit_move_id IN %s", tuple(item_ids) or (0,)))[0][0]

    @api.model
    def _read_last_item(self):
        """The newest journal item; what comes later has a higher id."""
        return self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM account_move_line"))[0][0]

    @api.model
    def _read_settlement_money(self, ids):
        """Money of the customers that came in the window of offers and is not matched: ``{offer id: [(journal item id, amount)]}``."""
        if not ids:
            return {}
        self._flush_settlements()
        self._flush_payments()
        self.env["account.move.line"].flush_model(["amount_residual_currency", "reconciled"])
        money = defaultdict(list)
        for offer, line, amount in self.env.execute_query(SQL(
                """SELECT s.id, c.id, (-c.amount_residual_currency)::text
                     FROM collection_settlement s
                     JOIN credit_profile f ON f.id = s.profile_id
                     JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                     JOIN account_move_line c ON c.partner_id = o.id AND c.account_id IN (%s) AND c.parent_state = 'posted'
                          AND c.amount_residual_currency < 0 AND c.reconciled IS NOT TRUE AND c.currency_id = s.currency_id
                          AND c.date BETWEEN s.made_on AND s.until AND c.id > COALESCE(s.seen_item, 0)
                     JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                     JOIN res_company b ON b.id = c.company_id AND split_part(b.parent_path, '/', 1)::int = s.company_id
                    WHERE s.id IN %s ORDER BY s.id, c.date, c.id""", self._receivable_accounts().select(), tuple(ids))):
            money[offer].append((line, Decimal(amount)))
        return dict(money)

    @api.model
    def _read_owing_more(self, ids):
        """The offers whose customers owe something in the currency that is not of the offer: ``{offer id}``."""
        if not ids:
            return set()
        return {row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT s.id
                 FROM collection_settlement s
                 JOIN credit_profile f ON f.id = s.profile_id
                 JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                 JOIN account_move_line i ON i.partner_id = o.id AND i.account_id IN (%s) AND i.parent_state = 'posted'
                      AND i.amount_residual_currency > 0 AND i.reconciled IS NOT TRUE AND i.currency_id = s.currency_id
                 JOIN res_company b ON b.id = i.company_id AND split_part(b.parent_path, '/', 1)::int = s.company_id
                WHERE s.id IN %s AND NOT EXISTS (
                      SELECT 1 FROM collection_settlement_line l WHERE l.settlement_id = s.id AND l.item_id = i.id)""",
            self._receivable_accounts().select(), tuple(ids)))}
