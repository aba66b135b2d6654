from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..engine.handover_case import Match
from ..engine.interest import Stop
from ..engine.ledger import Pause
from .collection_handover_judge import SETTLED_DAYS, WAIT

MONEY = SQL("j.type IN ('bank', 'cash', 'credit')")


class CollectionReader(models.AbstractModel):
    """What is handed over: silent for us, and what came of it."""

    _inherit = "collection.reader"

    @api.model
    def _flush_handovers(self):
        for name in ("collection.handover", "collection.handover.line", "collection.handover.event"):
            self.env[name].flush_model()

    @api.model
    def _read_handed(self, item_ids):
        """Items that are about to leave or have left: ``[(item id, state, approved on, deadline)]``."""
        if not item_ids:
            return []
        self._flush_handovers()
        return self.env.execute_query(SQL(
            """SELECT l.item_id, h.state, h.approved_on, h.deadline FROM collection_handover_line l JOIN collection_handover h ON h.id = l.handover_id
                WHERE l.is_live AND h.state IN ('approved', 'announced', 'handed') AND l.item_id IN %s""", tuple(item_ids)))

    @api.model
    def _read_pauses(self, rows, today):
        """What is handed over nobody asks for; what is about to be, only as long as somebody goes on with it.

        Until it has left, whatever else silences an item goes before.
        """
        pauses = super()._read_pauses(rows, today)
        handed = set()
        for item, state, approved, deadline in self._read_handed([row.id for row in rows]):
            pause = Pause("handover_announced", deadline + WAIT) if state == "announced" else Pause("handover_approved", approved + WAIT)
            if state == "handed":
                handed.add(item)
                pauses[item] = Pause("handed_over")
            elif pause.holds(today) and not (item in pauses and pauses[item].holds(today)):
                pauses[item] = pause
        pauses.update(dict.fromkeys(self._read_charges_of_handed(row.id for row in rows if row.id not in handed), Pause("handed_over")))
        return pauses

    @api.model
    def _read_charges_of_handed(self, item_ids):
        """Bills of charges on nothing but items that an agency collects: they wait with them, one look-up for all."""
        self._flush_handovers()
        self._flush_charges()
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT i.id
                 FROM account_move_line i
                 JOIN account_move m ON m.id = i.move_id
                 JOIN collection_charge_line c ON c.charge_id = m.collection_charge_id AND c.state IN ('draft', 'posted')
                 LEFT JOIN collection_handover_line l ON l.item_id = c.item_id AND l.is_live
                 LEFT JOIN collection_handover h ON h.id = l.handover_id AND h.state = 'handed'
                WHERE i.id IN %s GROUP BY i.id HAVING bool_and(h.id IS NOT NULL)""", tuple(item_ids) or (0,)))]

    @api.model
    def _read_charge_stops(self, rows, today):
        """Interest goes on, unless the agency reckoned its own from the handover on when it got the case."""
        stops = super()._read_charge_stops(rows, today)
        item_ids = [row.id for row in rows]
        if item_ids:
            self._flush_handovers()
            for item, first, last in self.env.execute_query(SQL(
                    """SELECT l.item_id, h.handed_on, h.ended_on FROM collection_handover_line l JOIN collection_handover h ON h.id = l.handover_id
                        WHERE h.stops_interest AND h.handed_on IS NOT NULL AND l.item_id IN %s""", tuple(item_ids))):
                stops[item] = (*stops.get(item, ()), Stop(first or date.min, last))
        return stops

    # ------------------------------------------------------------------ for judging

    @api.model
    def _read_handovers_about(self, item_ids, today):
        """Handovers that a payment of these journal items may change: ids. One look-up in an index."""
        if not item_ids:
            return []
        self._flush_handovers()
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT h.id FROM collection_handover_line l JOIN collection_handover h ON h.id = l.handover_id
                WHERE l.item_id IN %s AND (l.is_live OR h.state = 'closed' AND h.ended_on >= %s) ORDER BY 1""",
            tuple(item_ids), today - SETTLED_DAYS))]

    @api.model
    def _read_handover_matches(self, ids):
        """What is matched with the items of handovers: ``{handover line id: [Match]}``.

        Of an item that came back in part when its case was closed, only what came until then.
        """
        if not ids:
            return {}
        self._flush_handovers()
        self._flush_payments()
        self.env["account.move"].flush_model(["collection_handover_id", "collection_handover_use"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["collection.handover.event"].flush_model(["handover_id", "kind", "move_id"])
        matches = defaultdict(list)
        for line, by, day, amount, kind in self.env.execute_query(SQL(
                """SELECT l.id, c.id, c.date, sum(r.debit_amount_currency)::text,
                          CASE WHEN c.parent_state <> 'posted' THEN NULL
                               WHEN m.collection_handover_id = h.id AND m.collection_handover_use = 'write_off' THEN 'write_off'
                               WHEN m.collection_handover_id = h.id AND m.collection_handover_use IN ('recovery', 'fee') THEN 'agency'
                               WHEN EXISTS (SELECT 1 FROM collection_handover_event e WHERE e.move_id = m.id AND e.handover_id = h.id AND e.kind = 'recovery') THEN 'agency'
                               WHEN EXISTS (SELECT 1 FROM collection_handover_event e WHERE e.handover_id = h.id AND e.kind = 'recovery' AND e.move_id = m.id) THEN 'agency'
                               WHEN %s AND h.handed_on IS NOT NULL AND p.commercial_partner_id = q.commercial_partner_id THEN 'agency'
                               WHEN %s THEN 'money' ELSE 'credit' END AS kind
                     FROM collection_handover_line l
                     JOIN collection_handover h ON h.id = l.handover_id
                     LEFT JOIN collection_agency a ON a.id = h.agency_id
                     LEFT JOIN res_partner p ON p.id = a.partner_id
                     JOIN account_partial_reconcile r ON r.debit_move_id = l.item_id
                     JOIN account_move_line c ON c.id = r.credit_move_id
                     LEFT JOIN res_partner q ON q.id = c.partner_id
                     JOIN account_move m ON m.id = c.move_id
                     JOIN account_journal j ON j.id = c.journal_id
                    WHERE h.id IN %s AND (h.state <> 'closed' OR COALESCE(l.kept, 0) = 0 OR c.date <= h.ended_on OR m.collection_handover_id = h.id)
                    GROUP BY 1, 2, 3, 5 ORDER BY 3, 2""", MONEY, MONEY, tuple(ids))):
            matches[line].append(Match(by, day, Decimal(amount), kind))
        return matches

    @api.model
    def _read_matched(self, item_ids):
        """What is matched with items now: ``{item id: {journal item id: amount as text}}``."""
        self._flush_payments()
        found = defaultdict(dict)
        for item, by, amount in self.env.execute_query(SQL(
                """SELECT debit_move_id, credit_move_id, sum(debit_amount_currency)::text FROM account_partial_reconcile
                    WHERE debit_move_id IN %s GROUP BY 1, 2""", tuple(item_ids) or (0,))):
            found[item][by] = amount
        return found
