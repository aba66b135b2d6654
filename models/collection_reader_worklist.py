from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.ledger import ZERO, Item, Pause

# A payment older than this answers no reminder that still counts.
REACTION_DAYS = 90


class Owed(NamedTuple):
    """What one customer owes as the engine takes it, the rows behind it by item, and when each was last asked for."""

    items: tuple = ()
    credits: dict = {}
    rows: dict = {}
    noticed: dict = {}


class Trail(NamedTuple):
    """What happened lately with one customer, as days: see ``engine.priority.Case``."""

    broken_on: object = None
    call_due_on: object = None
    contacted_on: object = None
    reminded_on: object = None
    paid_on: object = None


class CollectionReader(models.AbstractModel):
    """What ranks the worklist, in a fixed number of queries a batch."""

    _inherit = "collection.reader"

    @api.model
    def _read_claims(self, company, partner_ids, today):
        """The open items of customers with all that is not called about: ``{partner id: Owed}``."""
        rows = self._read_items(company, partner_ids)
        debits = [row for row in rows if row.residual > 0]
        item_ids = [row.id for row in debits]
        disputed, transit = self._read_disputes(item_ids, today), self._read_transit(debits)
        pauses, promised = self._read_pauses(debits, today), self._read_promised_parts(debits, today)
        noticed = self._read_noticed(item_ids)
        items, credits, by_partner = defaultdict(list), defaultdict(dict), defaultdict(dict)
        for row in rows:
            if row.residual < 0:
                credits[row.partner][row.currency] = credits[row.partner].get(row.currency, ZERO) - row.residual
                continue
            by_partner[row.partner][row.id] = row
            items[row.partner].append(Item(
                row.id, row.currency, row.due, row.residual, min(disputed.get(row.id, ZERO), row.residual),
                transit.get(row.id, ZERO), pauses.get(row.id), promised=promised.get(row.id, ZERO)))
        return {partner: Owed(tuple(found), credits[partner], by_partner[partner], noticed) for partner, found in items.items()}

    @api.model
    def _read_noticed(self, item_ids):
        """The day on which each item was last asked for in writing: ``{item id: day}``."""
        if not item_ids:
            return {}
        self.env["collection.action"].flush_model(["state", "sent_on", "channel"])
        self.env["collection.action.line"].flush_model(["item_id", "action_id", "live"])
        return dict(self.env.execute_query(SQL(
            """SELECT l.item_id, max(a.sent_on) FROM collection_action_line l JOIN collection_action a ON a.id = l.action_id
                WHERE l.item_id IN %s AND l.live AND a.state = 'sent' AND a.channel <> 'call' AND a.kind = 'after'
                  AND a.sent_on IS NOT NULL GROUP BY l.item_id""",
            tuple(item_ids))))

    @api.model
    def _read_trails(self, company, profiles, today):
        """What happened lately with customers: ``{profile id: Trail}``."""
        if not profiles:
            return {}
        ids = tuple(profiles.ids)
        broken, calls = self._read_unanswered_promises(ids), self._read_calls(ids)
        waiting, sent = self._read_call_tasks(ids), self._read_sent(ids)
        paid = self._read_last_payments(company, profiles.partner_id.ids, today)
        return {profile.id: Trail(
            broken.get(profile.id), waiting.get(profile.id),
            max(filter(None, (sent.get(profile.id), calls.get(profile.id))), default=None),
            sent.get(profile.id), paid.get(profile.partner_id.id)) for profile in profiles}

    @api.model
    def _read_unanswered_promises(self, profile_ids):
        """Since when a promise is broken that nobody called about, and of which something is still open: ``{profile id: day}``."""
        for model in ("collection.promise", "collection.promise.line", "collection.call", "account.move.line"):
            self.env[model].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT p.profile_id, max(p.judged_on) FROM collection_promise p
                WHERE p.profile_id IN %s AND p.state IN ('broken', 'partly')
                  AND (p.on_balance OR EXISTS (SELECT 1 FROM collection_promise_line l JOIN account_move_line i ON i.id = l.item_id
                                                WHERE l.promise_id = p.id AND i.reconciled IS NOT TRUE))
                  AND NOT EXISTS (SELECT 1 FROM collection_call c WHERE c.profile_id = p.profile_id AND c.reached
                                     AND c.voided IS NOT TRUE AND c.day >= p.judged_on)
                  AND NOT EXISTS (SELECT 1 FROM collection_promise n WHERE n.previous_id = p.id)
                GROUP BY p.profile_id""", profile_ids)))

    @api.model
    def _read_calls(self, profile_ids):
        """The last day on which somebody was spoken to: ``{profile id: day}``."""
        return dict(self.env.execute_query(SQL(
            """SELECT profile_id, max(day) FROM collection_call WHERE profile_id IN %s AND reached AND voided IS NOT TRUE
                GROUP BY profile_id""", profile_ids)))

    @api.model
    def _read_call_tasks(self, profile_ids):
        """Since when the follow-up asks for a call: ``{profile id: day}``."""
        self.env["collection.action"].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT profile_id, min(COALESCE(waiting_on, planned_on)) FROM collection_action
                WHERE profile_id IN %s AND channel = 'call' AND state IN ('ready', 'checking', 'waiting') GROUP BY profile_id""", profile_ids)))

    @api.model
    def _read_sent(self, profile_ids):
        """The last day on which a contact went out: ``{profile id: day}``."""
        return dict(self.env.execute_query(SQL(
            """SELECT profile_id, max(sent_on) FROM collection_action
                WHERE profile_id IN %s AND state = 'sent' AND sent_on IS NOT NULL GROUP BY profile_id""", profile_ids)))

    @api.model
    def _read_last_payments(self, company, partner_ids, today):
        """The last day of the window on which a customer paid something, matched or not: ``{partner id: day}``."""
        if not partner_ids:
            return {}
        owners = self._read_family(partner_ids)
        days = {}
        for partner, day in self.env.execute_query(SQL(
                """SELECT c.partner_id, max(c.date) FROM account_move_line c JOIN account_journal j ON j.id = c.journal_id
                    WHERE c.partner_id IN %s AND c.account_id IN (%s) AND c.parent_state = 'posted' AND c.balance < 0
                      AND c.date > %s AND c.company_id IN %s AND j.type IN ('bank', 'cash', 'credit')
                    GROUP BY c.partner_id""",
                tuple(owners), self._receivable_accounts().select(), today - timedelta(days=REACTION_DAYS),
                tuple(self._companies(company).ids))):
            owner = owners[partner]
            days[owner] = max(day, days.get(owner, day))
        return days

    @api.model
    def _money_domain(self, company, partner_ids):
        """The journal items by which customers paid, by the journal of the entry; whoever searches them has the rights on entries."""
        accounts = self.env.execute_query(self._receivable_accounts().select())  # not as a sub-select: see _open_item_domain
        journals = self.env["account.journal"].sudo().search([("type", "in", ("bank", "cash", "credit"))])  # sudo: which ones bring money
        return [("partner_id", "in", list(self._read_family(partner_ids))), ("account_id", "in", [row[0] for row in accounts]),
                ("parent_state", "=", "posted"), ("balance", "<", 0), ("journal_id", "in", journals.ids), ("company_id", "child_of", company.root_id.id)]

    # ------------------------------------------------------------------ what a call means for the run

    @api.model
    def _read_pauses(self, rows, today):
        """With the items a payment plan was asked for: silent until it is offered, for some days at most."""
        pauses = super()._read_pauses(rows, today)
        item_ids = [row.id for row in rows if row.id not in pauses]
        if item_ids:
            self.env["collection.call"].flush_model()
            pauses.update({item: Pause("plan_asked", until) for item, until in self.env.execute_query(SQL(
                """SELECT r.account_move_line_id, max(c.silent_until) FROM collection_call c
                     JOIN account_move_line_collection_call_rel r ON r.collection_call_id = c.id
                    WHERE c.silent_until >= %s AND c.voided IS NOT TRUE AND r.account_move_line_id IN %s
                    GROUP BY r.account_move_line_id""", today, tuple(item_ids)))})
        return pauses

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """With the days on which somebody was spoken to: nobody is called and written to within the gap."""
        contacts = super()._read_contacts(profiles, today, memory, skip_runs)
        self.env["collection.call"].flush_model()
        for profile, days in self.env.execute_query(SQL(
                """SELECT profile_id, array_agg(DISTINCT day) FROM collection_call
                    WHERE profile_id IN %s AND reached AND voided IS NOT TRUE AND day >= %s GROUP BY profile_id""",
                tuple(profiles.ids) or (0,), today - timedelta(days=memory))):
            contacts[profile] = tuple(sorted({*contacts.get(profile, ()), *days}))
        return contacts

    @api.model
    def _in_base(self, row, amount):
        """An amount of an open item in company currency, at the item's own rate."""
        return row.base * amount / row.residual if row.residual else Decimal(0)
