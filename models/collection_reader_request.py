from odoo import api, models
from odoo.tools import SQL

from ..engine.ledger import Pause


class CollectionReader(models.AbstractModel):
    """What customers asked online, as the follow-up sees it."""

    _inherit = "collection.reader"

    @api.model
    def _read_pauses(self, rows, today):
        """With the items that a customer asked online to pay in parts: silent until it has an answer, for some days at most."""
        pauses = super()._read_pauses(rows, today)
        item_ids = [row.id for row in rows if row.id not in pauses]
        if item_ids:
            self.env["collection.request"].flush_model()
            pauses.update({item: Pause("plan_asked", until) for item, until in self.env.execute_query(SQL(
                """SELECT r.account_move_line_id, max(q.silent_until) FROM collection_request q
                     JOIN account_move_line_collection_request_rel r ON r.collection_request_id = q.id
                    WHERE q.silent_until >= %s AND r.account_move_line_id IN %s GROUP BY r.account_move_line_id""", today, tuple(item_ids)))})
        return pauses
