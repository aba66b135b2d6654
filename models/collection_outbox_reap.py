import logging
from datetime import timedelta

from odoo import api, fields, models

from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

CHECK_LEASE = timedelta(minutes=10)
SEND_LEASE = timedelta(minutes=15)
AHEAD = timedelta(hours=1)  # a time so far ahead was written by a clock that was set back since


class CollectionOutbox(models.AbstractModel):
    """What a dead worker or an idle person left behind."""

    _inherit = "collection.outbox"

    @api.model
    def _reap(self):
        """Rows of a dead worker: the checked go back, at once where its session has ended; the sending one becomes unknown (R-10).

        Returns the ids of those that cannot be ended.
        """
        self._commit()
        now = fields.Datetime.now()
        Action = self.env["collection.action"]
        checking = Action.search([("state", "=", "checking")])
        stale = checking.filtered(lambda action: not action.claimed_at or not now - CHECK_LEASE < action.claimed_at < now + AHEAD)
        stale |= self.env["collection.reader"]._read_gone_workers(checking - stale)
        stale = stale.try_lock_for_update().filtered(lambda action: action.state == "checking")
        stale._transition("ready", worker=False)
        lost = Action.search([("state", "=", "sending"), "|", "|", ("claimed_at", "=", False),
                              ("claimed_at", "<", now - SEND_LEASE), ("claimed_at", ">", now + AHEAD)])
        lost = lost.try_lock_for_update()
        stuck = self._end_together_or_apart(self._end_lost, lost)
        self._forget_wrong_time(now)
        stuck += self._end_together_or_apart(self._expire_manual, Action.search([("state", "in", ("waiting", "planned"))]))
        self._commit()
        self._note_mails()
        return stuck

    @api.model
    def _end_together_or_apart(self, step, actions):
        """End contacts together; where one breaks that, half by half, so that it stops neither the others nor the sender (R-21).

        Returns the ids of those that broke it.
        """
        try:
            with self.env.cr.savepoint():
                step(actions)
                return []
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(actions) == 1:
                note_failure(_logger, error, "collection action %s could not be ended", actions.id)
                return actions.ids
        half = len(actions) // 2
        return self._end_together_or_apart(step, actions[:half]) + self._end_together_or_apart(step, actions[half:])

    @api.model
    def _end_lost(self, actions):
        """What a dead worker was sending is unknown, or goes once more where a company wants that."""
        for action in actions:
            if action.company_id.collection_resend_unknown and action.attempt == 1:
                action._transition("ready", worker=False)
            else:
                self._conclude(action, "unknown", "unknown_outcome", "")

    @api.model
    def _forget_wrong_time(self, now):
        """What a clock that was set back since told to wait would wait for weeks: its next check says anew until when (R-27)."""
        ahead = now + AHEAD
        wrong = self.env["collection.action"].search([
            ("state", "in", ("ready", "retry")), ("not_before", ">", ahead), "|", ("claimed_at", ">", ahead), ("create_date", ">", ahead)])
        wrong.try_lock_for_update().write({"not_before": False, "claimed_at": False})

    @api.model
    def _expire_manual(self, waiting):
        """What nobody did or approved in time is over, and what was paid is called off (a pause always ends)."""
        for company, actions in waiting.grouped("company_id").items():
            today = company._collection_today()
            for action in actions:
                since, days = action.waiting_on or action.planned_on, action.policy_id.manual_wait_days
                items = action.line_ids.filtered("advances").item_id
                if all(item.reconciled for item in items):
                    action._stop("settled")
                elif (today - since).days > days:
                    # A step not done counts as taken; one never approved is decided anew.
                    action._stop("not_done", {"days": days}, state="suppressed" if action.state == "waiting" else "cancelled")
                else:
                    continue
                action.activity_id.unlink()
