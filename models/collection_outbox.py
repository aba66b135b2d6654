import os
import random
import socket
import time

from odoo import api, fields, models
from odoo.modules import module as odoo_module
from odoo.tools import SQL

from .collection_job import CONCURRENCY_ERRORS, RETRIES
from .collection_metrics import note
from .collection_smtp import Sessions

CHUNK = 80            # rows checked together
BUDGET = 50.0         # seconds of one activation
TOLD = 20             # contacts that the heartbeat names


class CollectionOutbox(models.AbstractModel):
    """Stage 5: claim, check, send, conclude. The only place that commits.

    A row is claimed and checked in one transaction, together with up to ``CHUNK``
    others; then each message leaves on its own: mark "sending" and commit, send,
    write the outcome and commit. A crash leaves at most one row "sending", which
    ends as "unknown" on a person's list; nothing is ever sent twice.
    """

    _name = "collection.outbox"
    _description = "Outbox of follow-up contacts"

    @api.model
    def _wake(self):
        self.env.ref("account_credit_collection.ir_cron_collection_perform").sudo()._trigger()

    @api.model
    def _cron_perform(self):
        """Send what is ready until the budget is used up, then ask to be called again."""
        stuck = self._repeating(self._reap)
        left = self._send_ready(BUDGET)
        self.env["collection.heartbeat"]._beat("perform", ", ".join(f"contact {action}" for action in stuck[:TOLD]))
        self._commit()
        if left:
            self._wake()
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _perform_ready(self, budget):
        """Clear up after dead workers, then send; see ``_send_ready``."""
        self._repeating(self._reap)
        return self._send_ready(budget)

    @api.model
    def _send_ready(self, budget):
        """Work for ``budget`` seconds; return whether rows are left that could go out now.

        A channel whose server is down is left alone for the rest of the activation.
        """
        begun = time.monotonic()
        deadline = begun + budget
        sessions = Sessions(self.env, CHUNK)
        try:
            while time.monotonic() < deadline:
                actions = self._repeating(self._take, sessions)
                if actions is None:
                    return False
                try:
                    self._deliver(actions, sessions)
                except CONCURRENCY_ERRORS:  # somebody else wrote the same rows: what is left is claimed again
                    if odoo_module.current_test:
                        raise
                    self.env.cr.rollback()
                    self._repeating(self._give_back, actions)
            return True
        finally:
            sessions.drop()
            if sessions.outcomes:
                note("outbox", seconds=round(time.monotonic() - begun, 1), **sessions.outcomes)

    @api.model
    def _repeating(self, step, *args):
        """Run a step that begins with a commit; again when another transaction got in between."""
        for attempt in range(RETRIES):
            try:
                return step(*args)
            except CONCURRENCY_ERRORS:
                if odoo_module.current_test or attempt == RETRIES - 1:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0.05, 0.3) * (attempt + 1))
        return None

    # ------------------------------------------------------------------ T0: claim and check

    @api.model
    def _take(self, sessions):
        """Claim rows and check them; the checked ones, or None when none was to be had."""
        self._commit()  # a fresh snapshot: nothing is read before the claim
        ids = self._claim(sessions.chunk, sessions.down)
        if not ids:
            return None
        checked = self._check(self.env["collection.action"].browse(ids), sessions.policies)
        self._commit()  # ledger locks end here
        return checked

    @api.model
    def _claim(self, limit, down=()):
        """Mark ready rows as being checked by this worker, skipping those of others (R-02)."""
        self.env["collection.action"].flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(SQL(
            """UPDATE collection_action SET state = 'checking', worker = %(worker)s, claimed_at = %(now)s
                WHERE id IN (SELECT id FROM collection_action
                              WHERE state IN ('ready', 'retry') AND (not_before IS NULL OR not_before <= %(now)s)
                                AND channel NOT IN %(down)s
                              ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING id""", worker=self._worker(), now=now, limit=limit, down=tuple(down) or ("",)))
        self.env["collection.action"].invalidate_model(["state", "worker", "claimed_at"], flush=False)
        return sorted(row[0] for row in rows)

    @api.model
    def _give_back(self, actions):
        """Rows checked but not sent are ready again."""
        if actions:
            self._mine(actions)._transition("ready", worker=False)
            self._commit()

    @api.model
    def _mine(self, actions):
        """Those that this worker still holds: others were called off since, or taken for a dead worker's and claimed by another one."""
        return actions.filtered(lambda action: action.state == "checking" and action.worker == self._worker())

    # ------------------------------------------------------------------ transaction

    @api.model
    def _worker(self):
        """Who works: host, process, and session in the database, by which a dead worker is known at once."""
        return f"{socket.gethostname()[:40]}:{os.getpid()}:{self.env.cr.connection.get_backend_pid()}"

    @api.model
    def _commit(self):
        """Commit, except inside a test's transaction."""
        if odoo_module.current_test:
            self.env.flush_all()
        else:
            self.env.cr.commit()  # pylint: disable=invalid-commit
