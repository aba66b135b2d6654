from datetime import timedelta

from odoo import api, fields, models

CHECK_LEASE = timedelta(minutes=10)
SEND_LEASE = timedelta(minutes=15)


class CollectionOutbox(models.AbstractModel):
    """What a dead worker or an idle person left behind."""

    _inherit = "collection.outbox"

    @api.model
    def _reap(self):
        """Rows of a dead worker: the checked go back, the sending one becomes unknown (R-10)."""
        self._commit()
        now = fields.Datetime.now()
        Action = self.env["collection.action"]
        stale = Action.search([("state", "=", "checking"), ("claimed_at", "<", now - CHECK_LEASE)]).try_lock_for_update()
        stale._transition("ready", worker=False)
        lost = Action.search([("state", "=", "sending"), ("claimed_at", "<", now - SEND_LEASE)]).try_lock_for_update()
        for action in lost:
            if action.company_id.collection_resend_unknown and action.attempt == 1:
                action._transition("ready", worker=False)
            else:
                self._conclude(action, "unknown", "unknown_outcome", "")
        self._expire_manual()
        self._commit()
        self._note_mails()

    @api.model
    def _expire_manual(self):
        """What nobody did or approved in time is over, and what was paid is called off (a pause always ends)."""
        waiting = self.env["collection.action"].search([("state", "in", ("waiting", "planned"))])
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
