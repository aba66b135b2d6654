import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.modules import module as odoo_module
from odoo.tools import SQL

from ..exceptions import DeliveryError
from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

CHECK_LASTS = 2.0     # seconds a check may be old when its message leaves
BACKOFF = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))


class CollectionOutbox(models.AbstractModel):
    """T1: send what was checked, one by one, and write what became of it."""

    _inherit = "collection.outbox"

    @api.model
    def _deliver(self, actions, sessions):
        """Send checked rows one by one; what is not sent in time is ready again."""
        checked_at = time.monotonic()
        by_hand = actions.filtered(lambda action: action.channel in ("letter", "call"))
        self._together_or_apart(self._hand_over, by_hand)
        mails = (actions - by_hand).filtered(lambda action: action._wants_files())
        if mails:
            self._together_or_apart(self._attach_statements, mails)
            actions -= mails  # making files takes longer than a check lasts: they are checked again
        todo, begun = [(action, action.channel) for action in actions - by_hand], time.monotonic()
        sessions.mails = self.env["collection.channel"]._prepare_mails((actions - by_hand).filtered(lambda a: a.channel == "email"))
        sessions.today = {action.id: action.company_id._collection_today() for action, _channel in todo}
        if time.monotonic() - begun > CHECK_LASTS / 2:  # too many for this machine: their check would be over
            sessions.chunk = max(1, sessions.chunk // 2)
        while todo:
            if time.monotonic() - checked_at > CHECK_LASTS and sessions.chunk > 1 and not odoo_module.current_test:
                break
            action, channel = todo.pop(0)
            action = action.with_prefetch()  # each commit empties the cache: one row must not read all again
            if channel in sessions.down:
                self._give_back(action)
            elif self._begin(action) and self._send_one(action, channel, sessions) == "down":
                sessions.down.add(channel)
        self._give_back(actions.browse([action.id for action, _channel in todo]))
        self._note_mails()

    @api.model
    def _begin(self, action):
        """Mark a row as leaving; False when someone called it off since the check.

        The mark is on disk before the message leaves, also where the database may lose its last commits in a crash
        (``synchronous_commit = off``): else the row would be ready again, and the message leave twice.
        """
        try:
            self.env.execute_query(SQL(
                "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"))
            rows = self.env.execute_query(SQL(
                """UPDATE collection_action SET state = 'sending', attempt = COALESCE(attempt, 0) + 1
                    WHERE id = %s AND state = 'checking' AND worker = %s RETURNING id""", action.id, self._worker()))
            action.invalidate_recordset(["state", "attempt"], flush=False)
            self._commit()
        except CONCURRENCY_ERRORS:
            self.env.cr.rollback()
            return False
        return bool(rows)

    @api.model
    def _send_one(self, action, channel, sessions):
        """Send one row and write its outcome; returns the outcome."""
        perform = getattr(self.env["collection.channel"], f"_perform_{channel}")
        outcome, reason, text, taken = "sent", None, "", False
        try:
            with self.env.cr.savepoint(flush=False):
                perform(action, sessions)
                taken = True
                self._sent(action, sessions.today[action.id])
                self.env.flush_all()  # what cannot be written must come to light here, not at the commit
        except DeliveryError as error:
            outcome, reason, text = error.outcome, error.reason, str(error)
        except CONCURRENCY_ERRORS:
            self.env.cr.rollback()
            if not (taken and channel == "email" and self._sent_after_all(action, sessions.today[action.id])):
                outcome, reason, text = "unknown", "unknown_outcome", ""
        except Exception as error:
            note_failure(_logger, error, "collection action %s failed", action.id)
            outcome, reason, text = ("unknown", "unknown_outcome", "") if taken else ("failed", "error", str(error)[:200])
        if outcome != "sent":
            self.env.cr.clear()  # nothing of what the savepoint took back may be written
            sessions.drop()
            self._repeating(self._conclude_for_good, action, outcome, reason, text)
        self._commit()
        sessions.outcomes[outcome] += 1
        return outcome

    @api.model
    def _conclude_for_good(self, action, outcome, reason, text):
        self._conclude(action, outcome, reason, text)
        self._commit()

    @api.model
    def _sent_after_all(self, action, day):
        """The server took the mail while somebody else wrote its row: once that is done, what is known is written. Whether it could be."""
        try:
            self._repeating(self._sent, action, day)
        except CONCURRENCY_ERRORS:
            self.env.cr.rollback()
            return False
        return True

    @api.model
    def _sent(self, action, day):
        """Write that a message left, in one statement: reading the row again would cost more."""
        self.env.cr.execute(SQL(
            """UPDATE collection_action SET state = 'sent', sent_on = %s, sent_at = %s, worker = NULL,
                      reason = planned_reason, detail = planned_detail WHERE id = %s AND state = 'sending'""",
            day, fields.Datetime.now(), action.id))
        action.invalidate_recordset(flush=False)

    @api.model
    def _conclude(self, action, outcome, reason, text):
        """Write what became of a message that was not simply sent."""
        detail = {"error": text}
        if reason == "attachment_damaged":
            self._make_anew(action)
        if outcome in ("down", "retry") and action.attempt <= len(BACKOFF):
            later = fields.Datetime.now() + BACKOFF[max(0, action.attempt - 1)]
            action._transition("retry", reason=reason, detail=detail, worker=False, not_before=later)
            return
        action._transition("failed" if outcome in ("down", "retry") else outcome, reason=reason, detail=detail, worker=False)
        self._ask_person(action)

    @api.model
    def _make_anew(self, action):
        """A damaged file is made once more before the next attempt; the disk it lies on needs a person (R-15)."""
        action.attachment_hash = False
        action.profile_id._ask_once("task", self.env._("A file of a follow-up message was damaged and is made anew"))

    @api.model
    def _ask_person(self, action):
        """A task for what a machine cannot settle: a bad address, an unknown outcome, a failure."""
        profile = action.profile_id
        if action.reason in ("bad_address", "bounced"):
            profile._ask_once("address", self.env._("No usable address for follow-up"))
        else:
            profile._task("account_credit_collection.mail_activity_collection_task",
                          self.env._("Follow-up message: %s", action.reason_text)[:200])
