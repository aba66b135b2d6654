import logging

from odoo import api, models

from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)


class CollectionOutbox(models.AbstractModel):
    """What stands beside the sending: files for mails, letters and calls for a person, notes in the chatter."""

    _inherit = "collection.outbox"

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
            note_failure(_logger, error, "collection action %s could not be prepared", actions.id)
            actions.attempt += 1
            self._conclude(actions, "retry", "delivery_error", str(error)[:200])
        self._commit()

    @api.model
    def _hand_over(self, actions):
        """Letters become files, calls become tasks; both wait for a person."""
        actions, channel = self._mine(actions), self.env["collection.channel"]
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
        actions = self._mine(actions)
        self.env["collection.channel"]._attach_statements(actions)
        actions._transition("ready", worker=False)

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
        except Exception as error:
            if len(actions) > 1:
                for action in actions:
                    self._note_together_or_apart(action)
                return
            note_failure(_logger, error, "collection action %s could not be noted in the chatter", actions.id)
            actions.noted = True
