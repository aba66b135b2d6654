import logging
import os
import random
import socket
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.modules import module as odoo_module
from odoo.tools import SQL

from ..exceptions import DeliveryError
from .collection_job import CONCURRENCY_ERRORS, RETRIES
from .collection_smtp import Sessions

_logger = logging.getLogger(__name__)

CHUNK = 80            # rows checked together
CHECK_LASTS = 2.0     # seconds a check may be old when its message leaves
BUDGET = 50.0         # seconds of one activation
BACKOFF = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))


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
        left = self._perform_ready(BUDGET)
        self.env["collection.heartbeat"]._beat("perform")
        self._commit()
        if left:
            self._wake()
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _perform_ready(self, budget):
        """Work for ``budget`` seconds; return whether rows are left that could go out now.

        A channel whose server is down is left alone for the rest of the activation.
        """
        self._retrying(self._reap)
        deadline = time.monotonic() + budget
        sessions = Sessions(self.env, CHUNK)
        try:
            while time.monotonic() < deadline:
                actions = self._retrying(self._take, sessions)
                if actions is None:
                    return False
                try:
                    self._deliver(actions, sessions)
                except CONCURRENCY_ERRORS:  # somebody else wrote the same rows: what is left is claimed again
                    if odoo_module.current_test:
                        raise
                    self.env.cr.rollback()
                    self._retrying(self._give_back, actions)
            return True
        finally:
            sessions.drop()

    @api.model
    def _retrying(self, step, *args):
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

    # ------------------------------------------------------------------ T1: send and conclude

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
        """Mark a row as leaving; False when someone called it off since the check."""
        try:
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
            # After the server took the mail, the row could not be written: that is not known any more.
            self.env.cr.rollback()
            outcome, reason, text = "unknown", "unknown_outcome", ""
        except Exception as error:
            _logger.exception("collection action %s failed", action.id)
            outcome, reason, text = ("unknown", "unknown_outcome", "") if taken else ("failed", "error", str(error)[:200])
        if outcome != "sent":
            self.env.cr.clear()  # nothing of what the savepoint took back may be written
            sessions.drop()
            self._conclude(action, outcome, reason, text)
        self._commit()
        return outcome

    @api.model
    def _sent(self, action, day):
        """Write that a message left, in one statement: reading the row again would cost more."""
        self.env.cr.execute(SQL(
            """UPDATE collection_action SET state = 'sent', sent_on = %s, sent_at = %s, worker = NULL,
                      reason = planned_reason, detail = planned_detail WHERE id = %s AND state = 'sending'""",
            day, fields.Datetime.now(), action.id))
        action.invalidate_recordset(flush=False)

    @api.model
    def _note_mails(self):
        """Put what was sent into the customers' chatter; after a crash the rest follows with the next activation."""
        Action = self.env["collection.action"]
        sent = Action.search([("state", "=", "sent"), ("channel", "=", "email"), ("noted", "=", False)], limit=200)
        sent = sent.try_lock_for_update(allow_referencing=True)
        if sent:
            self._note_together_or_apart(sent)
            self._commit()

    @api.model
    def _note_together_or_apart(self, actions):
        """Note mails; one that cannot be noted stops no other and is not tried again: it has been sent."""
        try:
            with self.env.cr.savepoint():
                self.env["collection.channel"]._note_mails(actions)
        except CONCURRENCY_ERRORS:
            raise
        except Exception:
            if len(actions) > 1:
                for action in actions:
                    self._note_together_or_apart(action)
                return
            _logger.exception("collection action %s could not be noted in the chatter", actions.id)
            actions.noted = True

    @api.model
    def _conclude(self, action, outcome, reason, text):
        """Write what became of a message that was not simply sent."""
        detail = {"error": text}
        if outcome in ("down", "retry") and action.attempt <= len(BACKOFF):
            later = fields.Datetime.now() + BACKOFF[max(0, action.attempt - 1)]
            action._transition("retry", reason=reason, detail=detail, worker=False, not_before=later)
            return
        action._transition("failed" if outcome in ("down", "retry") else outcome, reason=reason, detail=detail, worker=False)
        self._ask_person(action)

    @api.model
    def _ask_person(self, action):
        """A task for what a machine cannot settle: a bad address, an unknown outcome, a failure."""
        profile = action.profile_id
        if action.reason in ("bad_address", "bounced"):
            profile._ask_once("address", self.env._("No usable address for follow-up"))
        else:
            profile._task("account_credit_collection.mail_activity_collection_task",
                          self.env._("Follow-up message: %s", action.reason_text)[:200])

    @api.model
    def _together_or_apart(self, step, actions):
        """Do a step for rows together; when it breaks, one by one, so that a bad row stops no other."""
        if not actions:
            return
        try:
            with self.env.cr.savepoint():
                step(actions)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(actions) > 1:
                for action in actions:
                    self._together_or_apart(step, action)
                return
            _logger.exception("collection action %s could not be prepared", actions.id)
            actions.attempt += 1
            self._conclude(actions, "retry", "delivery_error", str(error)[:200])
        self._commit()

    @api.model
    def _hand_over(self, actions):
        """Letters become files, calls become tasks; both wait for a person."""
        channel = self.env["collection.channel"]
        letters = actions.filtered(lambda action: action.channel == "letter")
        if letters:
            channel._perform_letters(letters)
        for company, rows in letters.grouped("company_id").items():
            rows._transition("waiting", worker=False, waiting_on=company._collection_today())
        for action in actions - letters:
            action._transition("waiting", worker=False, waiting_on=action.company_id._collection_today(),
                               **channel._perform_call(action))

    @api.model
    def _attach_statements(self, actions):
        """Make the files of mails that carry one, and give the rows back."""
        self.env["collection.channel"]._attach_statements(actions)
        actions._transition("ready", worker=False)

    @api.model
    def _give_back(self, actions):
        """Rows checked but not sent are ready again."""
        if actions:
            mine = actions.filtered(lambda action: action.state == "checking" and action.worker == self._worker())
            mine._transition("ready", worker=False)
            self._commit()

    # ------------------------------------------------------------------ transaction

    @api.model
    def _worker(self):
        return f"{socket.gethostname()}:{os.getpid()}"[:64]

    @api.model
    def _commit(self):
        """Commit, except inside a test's transaction."""
        if odoo_module.current_test:
            self.env.flush_all()
        else:
            self.env.cr.commit()
