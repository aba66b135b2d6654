from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..engine.ledger import ZERO


class Outlook(NamedTuple):
    """What bears on when money comes, besides habit: rows of the open items, and by item or currency what is known of them."""

    rows: list
    disputed: dict
    transit: dict
    promised: dict
    on_balance: dict


class CollectionReader(models.AbstractModel):
    """What is known of the money to come, in a fixed number of queries a batch."""

    _inherit = "collection.reader"

    @api.model
    def _read_outlook(self, company, profiles, today):
        """The open items of customers of one company, and what is contested, on its way and promised of them."""
        rows = self._read_items(company, profiles.partner_id.ids)
        debits = [row for row in rows if row.residual > 0]
        return Outlook(rows, self._read_disputes([row.id for row in debits], today), self._read_transit(debits),
                       self._read_promise_days([row.id for row in debits], today), self._read_balance_days(profiles, today))

    @api.model
    def _read_promise_days(self, item_ids, today):
        """What is promised of items and has not come yet: ``{item id: ((day, amount), …)}``."""
        if not item_ids:
            return {}
        self._flush_promises()
        found = defaultdict(tuple)
        for item, day, amount in self.env.execute_query(SQL(
                """SELECT l.item_id, p.promised_on, GREATEST(l.amount - COALESCE(l.paid_amount, 0), 0)::text
                     FROM collection_promise_line l JOIN collection_promise p ON p.id = l.promise_id
                    WHERE l.is_open AND p.grace_until >= %s AND l.item_id IN %s ORDER BY p.promised_on, l.id""", today, tuple(item_ids))):
            found[item] += ((day, Decimal(amount)),)
        return found

    @api.model
    def _read_balance_days(self, profiles, today):
        """What customers promised on their balance and has not come yet: ``{(profile id, currency id): (day, amount)}``."""
        self._flush_promises()
        return {(profile, currency): (day, Decimal(amount)) for profile, currency, day, amount in self.env.execute_query(SQL(
            """SELECT profile_id, currency_id, promised_on, GREATEST(amount - COALESCE(paid_amount, 0), 0)::text
                 FROM collection_promise WHERE state = 'open' AND on_balance AND grace_until >= %s AND profile_id IN %s""",
            today, tuple(profiles.ids) or (0,)))}

    @api.model
    def _to_credits(self, rows):
        """What customers may set off, by currency: ``{partner id: {currency id: amount}}``."""
        credits = defaultdict(dict)
        for row in rows:
            if row.residual < 0:
                credits[row.partner][row.currency] = credits[row.partner].get(row.currency, ZERO) - row.residual
        return credits
