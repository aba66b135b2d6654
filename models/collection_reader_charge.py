from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.daycount import Span
from ..engine.interest import Stop
from ..engine.promise import Entry

MEMORY_DAYS = 400  # what was settled, or charged to a day, longer ago is not looked at again


class ChargeRow(NamedTuple):
    """A receivable item of an invoice that is or was late; ``total`` is that of the whole invoice, both in its currency."""

    id: int
    partner: int
    move: int
    company: int
    document: str
    currency: int
    due: date
    amount: Decimal
    total: Decimal
    reconciled: bool
    exempt: bool


class Charged(NamedTuple):
    """A line of the ledger of charges. ``move`` tells what it was on when the item was rewritten since."""

    item: int | None
    move: int
    kind: str
    start: date | None
    end: date | None
    balance: Decimal
    rate: Decimal
    amount: Decimal
    state: str
    level: int | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Reminder(NamedTuple):
    """A contact in writing that asked for an item after it was due; ``leads`` where the item stands for the contact."""

    action: int
    on: date
    level: int
    post: bool
    leads: bool


class CollectionReader(models.AbstractModel):
    """What charges are worked out from, in a fixed number of queries per batch."""

    _inherit = "collection.reader"

    @api.model
    def _read_charge_rows(self, company, partner_ids, since, until):
        """Items of invoices due before ``until`` that are open, or were settled late since ``since``: ``[ChargeRow]``.

        Charges bear no charges. What is settled and charged to the day it was settled is left out.
        """
        self._flush_charges()
        owners = self._read_family(partner_ids)
        rows = self.env.execute_query(SQL(
            """SELECT l.id, l.partner_id, l.move_id, l.company_id, COALESCE(m.name, ''), l.currency_id, COALESCE(l.date_maturity, l.date),
                      l.amount_currency::text, m.amount_total::text, l.reconciled, COALESCE(l.no_followup, false)
                 FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                WHERE l.partner_id IN %(owners)s AND l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND l.company_id IN %(companies)s
                  AND l.amount_currency > 0 AND COALESCE(l.date_maturity, l.date) < %(until)s
                  AND m.move_type IN ('out_invoice', 'out_receipt') AND m.collection_charge_id IS NULL
                  AND (l.reconciled IS NOT TRUE OR EXISTS (
                       SELECT 1 FROM account_partial_reconcile r WHERE r.debit_move_id = l.id
                          AND r.max_date > GREATEST(COALESCE(l.date_maturity, l.date), %(since)s))
                       -- a look-up per row: EXISTS would be planned as one pass over the whole ledger of charges
                       OR (SELECT max(c.date_to) FROM collection_charge_line c WHERE c.item_id = l.id AND c.state IN ('draft', 'posted')) > %(since)s)
                ORDER BY 2, 7, 1""",
            owners=tuple(owners) or (0,), accounts=self._receivable_accounts().select(), until=until,
            since=max(since, until - timedelta(days=MEMORY_DAYS)),
            companies=tuple(self._companies(company).ids)))
        return [ChargeRow(row[0], owners[row[1]], *row[2:7], Decimal(row[7]), Decimal(row[8]), bool(row[9]), row[10]) for row in rows]

    @api.model
    def _read_charge_bills(self, rows):
        """The documents of items that are bills of charges: ``{move id}``."""
        self.env["account.move"].flush_model(["collection_charge_id"])
        return {row[0] for row in self.env.execute_query(SQL(
            "SELECT id FROM account_move WHERE collection_charge_id IS NOT NULL AND id IN %s", tuple({row.move for row in rows}) or (0,)))}

    @api.model
    def _flush_charges(self):
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["name", "amount_total", "move_type", "collection_charge_id", "reversed_entry_id"])
        self.env["account.partial.reconcile"].flush_model()
        self.env["collection.charge.line"].flush_model()

    @api.model
    def _read_charge_entries(self, item_ids):
        """What was set off against items, by day: ``{item id: (Entry, …)}``.

        A credit note on the very invoice holds from the beginning: what was never owed bears no interest (edge case 30).
        """
        entries = defaultdict(list)
        if item_ids:
            for item, day, amount, money in self.env.execute_query(SQL(
                    """SELECT l.id, CASE WHEN m.reversed_entry_id = l.move_id THEN LEAST(c.date, COALESCE(l.date_maturity, l.date)) ELSE c.date END AS day,
                              sum(r.debit_amount_currency)::text, j.type IN ('bank', 'cash', 'credit') AS money
                         FROM account_partial_reconcile r
                         JOIN account_move_line l ON l.id = r.debit_move_id
                         JOIN account_move_line c ON c.id = r.credit_move_id
                         JOIN account_move m ON m.id = c.move_id
                         JOIN account_journal j ON j.id = c.journal_id
                        WHERE r.debit_move_id IN %s GROUP BY l.id, day, money ORDER BY 1, 2, 4""", tuple(item_ids))):
                entries[item].append(Entry(day, Decimal(amount), money))
        return {item: tuple(found) for item, found in entries.items()}

    @api.model
    def _read_charge_stops(self, rows, today):
        """The days on which items cost nothing: ``{item id: (Stop, …)}``. A place to hook more.

        A dispute stops its part as long as it is open, and afterwards the days it was, if the fault was ours.
        """
        stops = defaultdict(tuple)
        if rows:
            self.env["collection.dispute"].flush_model()
            for item, first, last, amount in self.env.execute_query(SQL(
                    """SELECT item_id, opened_on, CASE WHEN state = 'closed' THEN COALESCE(closed_on, opened_on) END,
                              (CASE WHEN state = 'open' THEN COALESCE(open_amount, amount) ELSE amount - COALESCE(credited_amount, 0) END)::text
                         FROM collection_dispute WHERE item_id IN %s AND (state = 'open' OR our_fault) ORDER BY id""", tuple(row.id for row in rows))):
                if Decimal(amount) > 0:
                    stops[item] += (Stop(first, last, Decimal(amount)),)
        return stops

    @api.model
    def _read_charged(self, rows):
        """The ledger of charges of items, without what was cancelled: ``{item id: [Charged]}``.

        Lines of an item that was rewritten since count for all items of its invoice.
        """
        found = defaultdict(list)
        if not rows:
            return found
        by_move = defaultdict(list)
        for row in rows:
            by_move[row.move].append(row.id)
        for values in self.env.execute_query(SQL(
                """SELECT item_id, move_id, kind, date_from, date_to, COALESCE(balance, 0)::text, COALESCE(rate, 0)::text, amount::text, state, level_id
                     FROM collection_charge_line WHERE move_id IN %s AND state <> 'reversed' ORDER BY date_from, id""", tuple(by_move))):
            line = Charged(*values[:5], *map(Decimal, values[5:8]), *values[8:])
            for item in [line.item] if line.item else by_move[line.move]:
                found[item].append(line)
        return found

    @api.model
    def _read_reminders(self, rows):
        """The reminders in writing that went out about items: ``{item id: [Reminder]}``, oldest first."""
        found = defaultdict(list)
        if rows:
            self.env["collection.action"].flush_model(["state", "sent_on", "channel", "kind", "level_id"])
            self.env["collection.action.line"].flush_model()
            for item, *values in self.env.execute_query(SQL(
                    """SELECT l.item_id, a.id, a.sent_on, a.level_id, a.channel = 'letter', l.advances AND l.level_id = a.level_id AND l.item_id = (
                              SELECT min(o.item_id) FROM collection_action_line o WHERE o.action_id = a.id AND o.advances AND o.level_id = a.level_id)
                         FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id
                        WHERE l.item_id IN %s AND l.live AND a.state = 'sent' AND a.channel <> 'call' AND a.kind = 'after' AND a.sent_on IS NOT NULL
                        ORDER BY a.sent_on, a.id""", tuple(row.id for row in rows))):
                found[item].append(Reminder(*values))
        return found
