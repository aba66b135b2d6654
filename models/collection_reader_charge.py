from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.daycount import Span
from ..engine.interest import Stop
from ..engine.promise import Entry

MEMORY_DAYS = 400  # what was charged longer ago, and settled, is not corrected any more


class ChargeRow(NamedTuple):
    """A receivable item of an invoice that is or was late; ``total`` is that of the whole invoice, both in its currency.

    ``cancelled``: it was charged, and its invoice was cancelled since.
    """

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
    cancelled: bool


class Charged(NamedTuple):
    """A line of the ledger of charges, as an item has it.

    ``seen``: the first day its run did not look at. ``billed``: on a bill, though that may be set back for a moment.
    ``own``: it is corrected with this item. ``taken``: its days are not charged again on this item.
    ``rewritten``: the invoice has other due dates now than when it was charged.
    """

    item: int | None
    move: int
    kind: str
    due: date | None
    start: date | None
    end: date | None
    balance: Decimal
    rate: Decimal
    amount: Decimal
    state: str
    level: int | None
    code: str | None
    basis: str | None
    seen: date | None
    billed: bool
    own: bool = True
    taken: bool = True
    rewritten: bool = False

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
    def _read_charge_rows(self, company, partner_ids, since, until, spared_ids=()):
        """Items to charge or to correct: ``[ChargeRow]``. Charges bear no charges.

        To charge: due before ``until`` and open, or settled after the last day that was charged, or after the day charges
        began. To correct, also of customers who are ``spared`` charges: all items of invoices that were charged lately,
        cancelled or not due by now among them.
        """
        self._flush_charges()
        owners = self._read_family(partner_ids)
        due = SQL("COALESCE(l.date_maturity, l.date)")
        scope = {
            "owners": tuple(owners) or (0,), "payers": tuple(one for one, owner in owners.items() if owner not in spared_ids) or (0,),
            "accounts": self._receivable_accounts().select(), "companies": tuple(self._companies(company).ids), "due": due, "since": since,
            "until": until, "company": company.id, "partners": tuple(partner_ids) or (0,), "memory": until - timedelta(days=MEMORY_DAYS)}
        rows = self.env.execute_query(SQL(
            """SELECT l.id, l.partner_id, l.move_id, l.company_id, COALESCE(m.name, ''), l.currency_id, %(due)s,
                      l.amount_currency::text, m.amount_total::text, l.reconciled, COALESCE(l.no_followup, false), l.parent_state = 'cancel'
                 FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                WHERE l.id IN (%(open)s UNION ALL %(charged)s) AND l.account_id IN (%(accounts)s) AND l.amount_currency > 0
                  AND l.company_id IN %(companies)s AND m.move_type IN ('out_invoice', 'out_receipt') AND m.collection_charge_id IS NULL
                ORDER BY 2, 7, 1""",
            open=self._charge_open(scope), charged=self._charge_charged(scope), **scope))
        return [ChargeRow(row[0], owners[row[1]], *row[2:7], Decimal(row[7]), Decimal(row[8]), bool(row[9]), *row[10:]) for row in rows]

    def _charge_open(self, scope):
        """Items of which days may be left to charge.

        Look-ups per row, the ledger of charges last: joins would be planned as passes over all payments and charges.
        """
        return SQL(
            """SELECT l.id FROM account_move_line l
                WHERE l.partner_id IN %(payers)s AND l.account_id IN (%(accounts)s) AND l.parent_state = 'posted' AND %(due)s < %(until)s
                  AND (l.reconciled IS NOT TRUE OR (
                       (SELECT max(r.max_date) FROM account_partial_reconcile r WHERE r.debit_move_id = l.id) >= GREATEST(%(due)s + 1, %(since)s)
                       AND (SELECT max(r.max_date) FROM account_partial_reconcile r WHERE r.debit_move_id = l.id) >= COALESCE(
                           (SELECT max(c.date_to) FROM collection_charge_line c WHERE c.item_id = l.id AND c.state <> 'reversed'), %(since)s)))""",
            **scope)

    def _charge_charged(self, scope):
        """All items of invoices that were charged lately; of cancelled ones where something of it still stands."""
        return SQL(
            """SELECT l.id
                 FROM (SELECT c.move_id, sum(c.amount) AS amount FROM collection_charge_line c JOIN collection_charge h ON h.id = c.charge_id
                        WHERE c.profile_id IN (SELECT id FROM credit_profile WHERE company_id = %(company)s AND partner_id IN %(partners)s)
                          AND c.state IN ('draft', 'posted') AND c.kind <> 'fee'
                        GROUP BY c.move_id HAVING max(h.date_to) > %(memory)s) k
                 JOIN account_move_line l ON l.move_id = k.move_id
                WHERE l.partner_id IN %(owners)s AND (l.parent_state = 'posted' OR (l.parent_state = 'cancel' AND k.amount <> 0))""", **scope)

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
        self.env["collection.charge"].flush_model(["date_to", "move_id"])
        self.env["collection.charge.line"].flush_model()
        self.env["credit.profile"].flush_model(["company_id", "partner_id"])

    @api.model
    def _read_charge_entries(self, item_ids):
        """What was set off against items, by day: ``{item id: (Entry, …)}``.

        A credit note on the very invoice holds from the beginning: what was never owed bears no interest (edge case 30). An early
        discount holds from the day of its payment, whenever a lock date lets it be booked.
        """
        entries = defaultdict(list)
        if item_ids:
            self.env["account.partial.reconcile"].flush_model()
            for item, day, amount, money in self.env.execute_query(SQL(
                    """SELECT l.id, CASE WHEN m.reversed_entry_id = l.move_id THEN LEAST(c.date, COALESCE(l.date_maturity, l.date))
                                   ELSE COALESCE(paid.day, c.date) END AS day,
                              sum(r.debit_amount_currency)::text, j.type IN ('bank', 'cash', 'credit') AS money
                         FROM account_partial_reconcile r
                         JOIN account_move_line l ON l.id = r.debit_move_id
                         JOIN account_move_line c ON c.id = r.credit_move_id
                         JOIN account_move m ON m.id = c.move_id
                         JOIN account_journal j ON j.id = c.journal_id
                         LEFT JOIN LATERAL (SELECT min(k.date) AS day FROM account_partial_reconcile p JOIN account_move_line k ON k.id = p.credit_move_id
                                             WHERE p.discount_move_id = c.move_id) paid ON TRUE
                        WHERE r.debit_move_id IN %s GROUP BY l.id, 2, 4 ORDER BY 1, 2, 4""", tuple(item_ids))):
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
        """The ledger of charges of items, without what was cancelled: ``{item id: [Charged]}``."""
        found = defaultdict(list)
        if not rows:
            return found
        by_move, lines = defaultdict(list), defaultdict(list)
        for row in rows:
            by_move[row.move].append(row)
        for values in self.env.execute_query(SQL(
                """SELECT c.item_id, c.move_id, c.kind, c.due, c.date_from, c.date_to, COALESCE(c.balance, 0)::text, COALESCE(c.rate, 0)::text, c.amount::text,
                          c.state, c.level_id, c.code, c.basis, h.date_to, c.state = 'posted' OR (c.state = 'draft' AND h.move_id IS NOT NULL)
                     FROM collection_charge_line c JOIN collection_charge h ON h.id = c.charge_id
                    WHERE c.move_id IN %s AND c.state <> 'reversed' ORDER BY c.date_from, c.id""", tuple(by_move))):
            lines[values[1]].append(Charged(*values[:6], *map(Decimal, values[6:9]), *values[9:]))
        for move, some in lines.items():
            self._share_charged(some, by_move[move], found)
        return found

    def _share_charged(self, lines, rows, found):
        """Which items of an invoice its lines belong to, also when an accountant wrote its terms anew."""
        ids, dues = {row.id for row in rows}, {row.due: row.id for row in reversed(rows)}
        lines = [line for line in lines if line.item is None or line.item in ids]
        rewritten = any(line.due not in dues or (line.item is None) for line in lines)
        for line in lines:
            kept = next((row for row in rows if row.id == line.item), None)
            # the item itself; else that of its day; else the one that took its place; else none
            home = line.item if kept and kept.due == line.due else dues.get(line.due) or line.item or (rows[0].id if len(rows) == 1 else None)
            for row in rows:
                own, taken = row.id == home, row.id == line.item or (line.item is None and home in (row.id, None))
                if own or taken:
                    found[row.id].append(line._replace(own=own, taken=taken, rewritten=rewritten))

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
