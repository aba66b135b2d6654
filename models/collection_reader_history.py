from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .collection_action import OPEN_STATES


class CollectionReader(models.AbstractModel):
    """What was done before: levels reached, days of contact, contacts under way."""

    _inherit = "collection.reader"

    @api.model
    def _read_history(self, item_ids):
        """The levels items were taken to: ``{item id: [step]}``, oldest first."""
        if not item_ids:
            return {}
        self.env["collection.action"].flush_model()
        self.env["collection.action.line"].flush_model()
        history = defaultdict(list)
        for row in self.env.execute_query_dict(SQL(
                """SELECT l.item_id, l.level_id, v.offset_days, l.round, l.live, l.channel, a.state, a.reason, a.recipient,
                          COALESCE(a.sent_on, a.planned_on) AS on
                     FROM collection_action_line l
                     JOIN collection_action a ON a.id = l.action_id
                     JOIN collection_level v ON v.id = l.level_id
                    WHERE l.advances AND l.item_id IN %s
                    ORDER BY l.id""", tuple(item_ids))):
            history[row["item_id"]].append(row)
        return history

    @api.model
    def _read_contacts(self, profiles, today, memory, skip_runs=()):
        """The days of the last ``memory`` on which each customer was contacted: ``{profile id: (day, …)}``, oldest first."""
        self.env["collection.action"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT profile_id, array_agg(DISTINCT sent_on ORDER BY sent_on) FROM collection_action
                WHERE sent_on IS NOT NULL AND state = 'sent' AND sent_on >= %s AND profile_id IN %s
                  AND COALESCE(run_id, 0) NOT IN %s GROUP BY profile_id""",
            today - timedelta(days=memory), tuple(profiles.ids) or (0,), tuple(skip_runs) or (-1,)))
        return {profile: tuple(days) for profile, days in rows}

    @api.model
    def _read_in_flight(self, profiles, skip_actions=()):
        """The kinds of contact each customer still has under way: ``{profile id: frozenset}``."""
        rows = self.env.execute_query(SQL(
            """SELECT profile_id, array_agg(DISTINCT kind) FROM collection_action
                WHERE state IN %s AND profile_id IN %s AND id NOT IN %s GROUP BY profile_id""",
            OPEN_STATES, tuple(profiles.ids) or (0,), tuple(skip_actions) or (0,)))
        return {profile: frozenset(kinds) for profile, kinds in rows}

    @api.model
    def _add_contacts_before(self, company, profiles, contacts):
        """Whom an earlier installation wrote to last is not known any more: its last day counts for every customer (R-60)."""
        day = company.root_id.collection_silent_since
        for profile in profiles.ids if day else ():
            contacts[profile] = tuple(sorted({*contacts.get(profile, ()), day}))

    @api.model
    def _add_contacts_elsewhere(self, profiles, rows, since, contacts, in_flight):
        """Count contacts about the same items under another customer, as after a change of parent (R-55)."""
        by_partner = {profile.partner_id.id: profile.id for profile in profiles}
        owner = {row.id: by_partner[row.partner] for row in rows}
        for item, state, kind, day in self.env.execute_query(SQL(
                """SELECT l.item_id, a.state, a.kind, a.sent_on
                     FROM collection_action_line l
                     JOIN collection_action a ON a.id = l.action_id
                     JOIN account_move_line i ON i.id = l.item_id
                     JOIN res_partner p ON p.id = i.partner_id
                    WHERE l.item_id IN %s AND l.live AND a.partner_id <> p.commercial_partner_id
                      AND (a.state IN %s OR a.state = 'sent' AND a.sent_on >= %s)""",
                tuple(owner) or (0,), OPEN_STATES, since)):
            profile = owner[item]
            if state == "sent":
                contacts[profile] = tuple(sorted({*contacts.get(profile, ()), day}))
            else:
                in_flight[profile] = in_flight.get(profile, frozenset()) | {kind}
