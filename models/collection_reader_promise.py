from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.ledger import ZERO, Pause
from ..engine.promise import Entry

# A promise this long past is history: what happens to its payments then changes it no more.
SETTLED_DAYS = 180
# What of disputes ``d`` was contested as the window of promises ``p`` ended, or is today, and of which disputes.
CONTESTED = SQL(
    """sum(COALESCE(d.open_amount, 0) + CASE WHEN d.opened_on >= p.made_on THEN COALESCE(d.paid_amount, 0) ELSE 0 END
           + CASE WHEN d.decided_on > p.grace_until THEN COALESCE(d.decided_amount, 0) ELSE 0 END)::text""")
IN_WINDOW = SQL("d.opened_on <= p.grace_until AND (d.state = 'open' OR d.closed_on > p.grace_until)")


class CollectionReader(models.AbstractModel):
    """What was promised, and the payments by which promises are judged."""

    _inherit = "collection.reader"

    # ------------------------------------------------------------------ for the follow-up

    @api.model
    def _read_pauses(self, rows, today):
        """Items all of which is promised are silent, and all items of a currency whose balance is."""
        pauses = super()._read_pauses(rows, today)
        whole = [(item, until) for item, until, amount, residual in self._read_promised(rows, today) if amount >= residual]
        for item, until in whole + self._read_balance_promises([row.id for row in rows], today):
            pauses.setdefault(item, Pause("promise", until))
        return pauses

    @api.model
    def _read_promised_parts(self, rows, today):
        """What is promised and not paid yet of items of which the rest is asked for: ``{item id: amount}``."""
        return {item: amount for item, _until, amount, residual in self._read_promised(rows, today) if amount < residual}

    @api.model
    def _read_promised(self, rows, today):
        """Items under an open promise: ``[(item id, last day, amount still promised, residual)]``."""
        if not rows:
            return []
        self._flush_promises()
        residuals = {row.id: row.residual for row in rows}
        return [(item, until, Decimal(amount), residuals[item]) for item, until, amount in self.env.execute_query(SQL(
            """SELECT l.item_id, p.grace_until, GREATEST(l.amount - COALESCE(l.paid_amount, 0), 0)::text
                 FROM collection_promise_line l JOIN collection_promise p ON p.id = l.promise_id
                WHERE l.is_open AND p.grace_until >= %s AND l.item_id IN %s""", today, tuple(residuals)))]

    @api.model
    def _read_balance_promises(self, item_ids, today):
        """The items that a promise on the balance covers: ``[(item id, last day)]``."""
        if not item_ids:
            return []
        return self.env.execute_query(SQL(
            """SELECT i.id, p.grace_until
                 FROM collection_promise p
                 JOIN credit_profile f ON f.id = p.profile_id
                 JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                 JOIN account_move_line i ON i.partner_id = o.id AND i.currency_id = p.currency_id AND i.id IN %s
                 JOIN res_company c ON c.id = i.company_id AND split_part(c.parent_path, '/', 1)::int = p.company_id
                WHERE p.state = 'open' AND p.on_balance AND p.grace_until >= %s""", tuple(item_ids), today))

    # ------------------------------------------------------------------ for judging

    @api.model
    def _flush_promises(self):
        self.env["collection.promise"].flush_model()
        self.env["collection.promise.line"].flush_model()

    @api.model
    def _read_promises_about(self, item_ids, today):
        """Promises that a payment of, or by, these journal items may change: ids. One look-up in an index each."""
        self._flush_promises()
        self.env["account.move.line"].flush_model(["partner_id", "company_id"])
        rows = self.env.execute_query(SQL(
            """SELECT l.promise_id FROM collection_promise_line l JOIN collection_promise p ON p.id = l.promise_id
                WHERE l.item_id IN %(items)s AND (p.grace_until >= %(since)s OR p.state = 'open')
                UNION
               SELECT p.id
                 FROM collection_promise p
                 JOIN credit_profile f ON f.id = p.profile_id
                 JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                 JOIN account_move_line i ON i.partner_id = o.id AND i.id IN %(items)s
                WHERE p.on_balance AND (p.grace_until >= %(since)s OR p.state = 'open')""",
            items=tuple(item_ids) or (0,), since=today - timedelta(days=SETTLED_DAYS)))
        return [row[0] for row in rows]

    @api.model
    def _flush_payments(self):
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(
            ["account_id", "amount_currency", "balance", "company_id", "currency_id", "date", "journal_id", "parent_state", "partner_id"])

    @api.model
    def _read_item_entries(self, line_ids):
        """What promised items amount to and what was set off against them: ``{promise line id: (total, (Entry, …))}``.

        Payments are recognised by the journal; a draft, which keeps what it was set off against, amounts to nothing.
        """
        if not line_ids:
            return {}
        self._flush_promises()
        self._flush_payments()
        totals, entries = {}, defaultdict(list)
        for line, total, day, amount, money in self.env.execute_query(SQL(
                """SELECT l.id, (CASE WHEN i.parent_state = 'posted' THEN abs(i.amount_currency) ELSE 0 END)::text,
                          c.date, sum(r.debit_amount_currency)::text, bool_and(j.type IN ('bank', 'cash', 'credit'))
                     FROM collection_promise_line l
                     JOIN account_move_line i ON i.id = l.item_id
                     LEFT JOIN account_partial_reconcile r ON r.debit_move_id = i.id
                     LEFT JOIN account_move_line c ON c.id = r.credit_move_id AND c.parent_state = 'posted'
                     LEFT JOIN account_journal j ON j.id = c.journal_id
                    WHERE l.id IN %s
                    GROUP BY l.id, i.id, c.date, j.type IN ('bank', 'cash', 'credit')""", tuple(line_ids))):
            totals[line] = Decimal(total)
            if day:
                entries[line].append(Entry(day, Decimal(amount), money))
        return {line: (total, tuple(entries[line])) for line, total in totals.items()}

    @api.model
    def _read_promised_disputes(self, line_ids):
        """What of promised items was contested as their window ended, or is today: ``{promise line id: amount}``.

        Whatever became of it later changes nothing: only a decision in the window makes it count again. What was
        credited for it is among the entries; what was paid of a dispute older than the promise came before it.
        """
        if not line_ids:
            return {}
        self._flush_promises()
        self.env["collection.dispute"].flush_model()
        return {line: Decimal(amount) for line, amount in self.env.execute_query(SQL(
            """SELECT l.id, %s
                 FROM collection_promise_line l
                 JOIN collection_promise p ON p.id = l.promise_id
                 JOIN collection_dispute d ON d.item_id = l.item_id AND %s
                WHERE l.id IN %s GROUP BY l.id""", CONTESTED, IN_WINDOW, tuple(line_ids)))}

    @api.model
    def _read_balance_disputes(self, promise_ids):
        """The same of promises on the balance, over all that the customer owes in their currency: ``{promise id: amount}``.

        Only what was contested after the promise: who promised an amount knew of the disputes there were.
        """
        if not promise_ids:
            return {}
        self._flush_promises()
        self.env["collection.dispute"].flush_model()
        return {promise: Decimal(amount) for promise, amount in self.env.execute_query(SQL(
            """SELECT p.id, %s
                 FROM collection_promise p
                 JOIN collection_dispute d ON d.profile_id = p.profile_id AND d.currency_id = p.currency_id AND %s
                      AND d.opened_on >= p.made_on AND d.create_date >= p.create_date
                WHERE p.id IN %s GROUP BY p.id""", CONTESTED, IN_WINDOW, tuple(promise_ids)))}

    @api.model
    def _read_balance_entries(self, promise_ids):
        """The payments of customers in the window of promises on their balance: ``{promise id: (Entry, …)}``.

        Matched or not; what was paid back out of the bank is no payment.
        """
        if not promise_ids:
            return {}
        self._flush_promises()
        self._flush_payments()
        entries = defaultdict(list)
        for promise, day, amount in self.env.execute_query(SQL(
                """WITH paid AS (
                        SELECT p.id AS promise_id, p.currency_id AS wanted, c.id, c.date, c.currency_id, -c.amount_currency AS amount
                          FROM collection_promise p
                          JOIN credit_profile f ON f.id = p.profile_id
                          JOIN res_partner o ON o.commercial_partner_id = f.partner_id
                          JOIN account_move_line c ON c.partner_id = o.id AND c.account_id IN (%(accounts)s) AND c.parent_state = 'posted'
                               AND c.balance < 0 AND c.date BETWEEN p.made_on AND p.grace_until
                          JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                          JOIN res_company b ON b.id = c.company_id AND split_part(b.parent_path, '/', 1)::int = p.company_id
                         WHERE p.id IN %(promises)s
                    ), matched AS (
                        SELECT paid.*, r.debit_amount_currency AS taken, r.credit_amount_currency AS used, d.currency_id AS owed,
                               k.type IN ('bank', 'cash', 'credit') AS returned
                          FROM paid JOIN account_partial_reconcile r ON r.credit_move_id = paid.id
                          JOIN account_move_line d ON d.id = r.debit_move_id
                          JOIN account_journal k ON k.id = d.journal_id
                    )
                    SELECT promise_id, date, sum(amount)::text FROM (
                        SELECT promise_id, date, taken AS amount FROM matched WHERE owed = wanted AND NOT returned
                         UNION ALL
                        SELECT promise_id, date, amount - COALESCE((
                               SELECT sum(m.used) FROM matched m WHERE m.id = paid.id AND m.promise_id = paid.promise_id), 0)
                          FROM paid WHERE currency_id = wanted
                    ) one WHERE amount > 0 GROUP BY promise_id, date ORDER BY 1, 2""",
                accounts=self._receivable_accounts().select(), promises=tuple(promise_ids))):
            entries[promise].append(Entry(day, Decimal(amount)))
        return {promise: tuple(found) for promise, found in entries.items()}

    # ------------------------------------------------------------------ for ladder and holds

    @api.model
    def _read_broken(self, profile_ids):
        """The days on which promises of customers were broken, oldest first: ``{profile id: [day]}``."""
        if not profile_ids:
            return {}
        self.env["collection.promise"].flush_model(["profile_id", "state", "judged_on"])
        return dict(self.env.execute_query(SQL(
            """SELECT profile_id, array_agg(judged_on ORDER BY judged_on) FROM collection_promise
                WHERE state = 'broken' AND judged_on IS NOT NULL AND profile_id IN %s GROUP BY profile_id""", tuple(profile_ids))))

    @api.model
    def _read_open_amounts(self, company, partner):
        """What a customer owes after credits, by currency: ``{currency id: amount}``."""
        owed = {}
        for row in self._read_items(company, partner.ids):
            owed[row.currency] = owed.get(row.currency, ZERO) + row.residual
        return owed
