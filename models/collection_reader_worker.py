import re
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

CLOCKS_DIFFER = timedelta(minutes=1)  # of the database and of the worker
SESSION = re.compile(r":\d+:(\d+)$")


class CollectionReader(models.AbstractModel):
    """Which workers still have their session in the database."""

    _inherit = "collection.reader"

    @api.model
    def _read_gone_workers(self, actions):
        """Those of ``actions`` whose worker's session has ended: it can write nothing any more (R-10).

        A session that began after the claim only has the same number. Behind a pooler the database knows none of the numbers,
        not even one's own: there the lease decides.
        """
        if not actions:
            return actions
        began = dict(self.env.execute_query(SQL(
            "SELECT pid, backend_start AT TIME ZONE 'UTC' FROM pg_stat_activity WHERE datname = current_database()")))
        if self._session(self.env["collection.outbox"]._worker()) not in began:
            return actions.browse()
        gone = actions.browse()
        for action in actions:
            session = self._session(action.worker)
            if session and self._is_gone(began, session, action.claimed_at):
                gone |= action
        return gone

    @api.model
    def _session(self, worker):
        """The number of a worker's session; None where an older version wrote who works."""
        found = SESSION.search(worker or "")
        return int(found[1]) if found else None

    @api.model
    def _is_gone(self, began, session, claimed_at):
        if session not in began:
            return True
        return bool(began[session] and claimed_at and began[session] > claimed_at + CLOCKS_DIFFER)
