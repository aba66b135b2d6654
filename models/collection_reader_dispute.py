from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine import dispute
from ..engine.ledger import ZERO


class CollectionReader(models.AbstractModel):
    """What contested items were set off against, and the days in dispute at our fault."""

    _inherit = "collection.reader"

    @api.model
    def _read_disputes(self, item_ids, today):
        """The disputed part of each item: ``{item id: amount}``; as of ``today`` with what was decided on that very day."""
        if not item_ids:
            return {}
        self.env["collection.dispute"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT item_id, sum(COALESCE(open_amount, 0) + CASE WHEN decided_on >= %(today)s THEN resting_amount ELSE 0 END)::text
                 FROM collection_dispute WHERE item_id IN %(items)s AND (state = 'open' OR decided_on >= %(today)s) GROUP BY item_id""",
            items=tuple(item_ids), today=today))
        return {item: Decimal(amount) for item, amount in rows}

    @api.model
    def _claim_contested(self, item_ids):
        """Let one transaction at a time contest an item.

        The rows are written, not just locked: a second transaction that began earlier does not see the first dispute,
        and the database turns it away only for a row that changed since. Odoo then repeats it.
        """
        if item_ids:
            self.env.cr.execute(SQL("UPDATE account_move_line SET write_date = write_date WHERE id IN %s", tuple(sorted(item_ids))))

    @api.model
    def _flush_set_offs(self):
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model(["collection_dispute_id", "collection_handover_id", "move_type"])
        self.env["account.move.line"].flush_model(
            ["amount_currency", "amount_residual_currency", "currency_id", "date", "journal_id", "move_id", "parent_state"])

    @api.model
    def _read_contested(self, item_ids):
        """Contested items with all they are set off against: ``{item id: engine Item}``, posted ones only.

        What is open is reckoned from the entries: core writes its own figure a little later.
        """
        if not item_ids:
            return {}
        self._flush_set_offs()
        openings, entries = {}, defaultdict(list)
        for item, total, day, kind, made_for, amount in self.env.execute_query(SQL(
                """SELECT i.id, (i.amount_currency + COALESCE(g.amount, 0))::text, c.date,
                          CASE WHEN m.collection_dispute_id IS NOT NULL AND m.move_type = 'entry' THEN 'write_off'
                               WHEN j.type IN ('bank', 'cash', 'credit') THEN 'money'
                               WHEN m.move_type = 'out_refund' AND m.collection_handover_id IS NULL THEN 'credit' ELSE 'other' END,
                          m.collection_dispute_id, sum(r.debit_amount_currency)::text
                     FROM account_move_line i
                     LEFT JOIN LATERAL (SELECT sum(credit_amount_currency) AS amount FROM account_partial_reconcile
                                         WHERE credit_move_id = i.id) g ON TRUE
                     LEFT JOIN account_partial_reconcile r ON r.debit_move_id = i.id
                     LEFT JOIN account_move_line c ON c.id = r.credit_move_id
                     LEFT JOIN account_move m ON m.id = c.move_id
                     LEFT JOIN account_journal j ON j.id = c.journal_id
                    WHERE i.id IN %s AND i.parent_state = 'posted'
                    GROUP BY i.id, g.amount, c.date, 4, m.collection_dispute_id
                    ORDER BY 1, 3, 4, 5""", tuple(item_ids))):
            openings[item] = Decimal(total)
            if day:
                entries[item].append(dispute.Entry(day, Decimal(amount), kind, made_for))
        return {item: dispute.Item(total - sum((entry.amount for entry in entries[item]), ZERO), tuple(entries[item]))
                for item, total in openings.items()}

    @api.model
    def _read_other_items(self, disputes):
        """What the payments of contested items settled of other ones since, and what is open of these: ``{item id: (paid, open)}``."""
        self._flush_set_offs()
        return {item: (Decimal(paid), Decimal(rest)) for item, paid, rest in self.env.execute_query(SQL(
            """WITH payment AS (
                    SELECT DISTINCT i.id AS item_id, i.currency_id, r.credit_move_id AS id
                      FROM collection_dispute d
                      JOIN account_move_line i ON i.id = d.item_id
                      JOIN account_partial_reconcile r ON r.debit_move_id = i.id
                      JOIN account_move_line c ON c.id = r.credit_move_id AND c.date >= d.opened_on
                      JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                     WHERE d.id IN %s
                ), other AS (
                    SELECT p.item_id, o.id, sum(r.debit_amount_currency) AS paid,
                           o.amount_currency - (SELECT sum(debit_amount_currency) FROM account_partial_reconcile WHERE debit_move_id = o.id) AS rest
                      FROM payment p
                      JOIN account_partial_reconcile r ON r.credit_move_id = p.id AND r.debit_move_id <> p.item_id
                      JOIN account_move_line o ON o.id = r.debit_move_id AND o.currency_id = p.currency_id AND o.parent_state = 'posted'
                     GROUP BY p.item_id, o.id
                )
               SELECT item_id, sum(paid)::text, sum(rest)::text FROM other GROUP BY item_id""", tuple(disputes.ids) or (0,)))}

    # ------------------------------------------------------------------ behaviour

    @api.model
    def _excused_days(self, partners, today):
        """A subquery (item_id, day, share, closed): each day in dispute at our fault and the share of the item that was contested.

        ``partners`` is SQL. Disputes are few: their days are spelled out, so that overlapping ones count once,
        as ``engine.dispute.days_excused`` has it.
        """
        return SQL(
            """SELECT d.item_id, g.day::date AS day, LEAST(1, sum(d.amount / NULLIF(abs(e.amount_currency), 0))) AS share,
                      LEAST(1, COALESCE(sum(d.amount / NULLIF(abs(e.amount_currency), 0)) FILTER (WHERE d.state = 'closed'), 0)) AS closed
                 FROM collection_dispute d
                 JOIN account_move_line e ON e.id = d.item_id AND e.partner_id IN %(partners)s
                 CROSS JOIN LATERAL generate_series(GREATEST(d.opened_on, COALESCE(e.date_maturity, e.date) + 1)::timestamp,
                                                    LEAST(COALESCE(d.closed_on, %(today)s), %(today)s)::timestamp, '1 day') g(day)
                WHERE d.our_fault GROUP BY d.item_id, g.day""", partners=partners, today=today)
