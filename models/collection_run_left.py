import logging
import random
import time

from odoo import api, models
from odoo.tools import split_every

from .collection_job import RETRIES
from .collection_metrics import note_failure
from .collection_run import BATCH

_logger = logging.getLogger(__name__)


class CollectionRun(models.Model):
    """What a run that died has left: its customers, and itself."""

    _inherit = "collection.run"

    @api.model
    def _close_left(self):
        """A run of a day before that was broken off is over: today's decides on whom it did not come to. Returns those that cannot be closed."""
        stuck, broken_off = self.browse(), self.search([("state", "=", "running"), ("kind", "=", "auto")])
        for run in broken_off.filtered(lambda run: run.run_date < run.company_id._collection_today()):
            error = self.env["credit.profile"]._attempt(run._finish)
            if error:
                note_failure(_logger, error, "collection run %s could not be closed", run.id)
                stuck += run
            self.env["ir.cron"]._commit_progress()
        return stuck

    def _look_again(self, stale):
        """Customers that others held are decided on once they are free; a run that goes on with them is left to it. Whether none is left."""
        for attempt in range(RETRIES):
            ids = self._candidate_ids(True)
            if not ids:
                return True
            time.sleep(random.uniform(0.1, 0.5) * attempt)
            for batch in split_every(BATCH, ids):
                self._attempt_batch(self.env["credit.profile"].browse(batch), stale, True)
                self.env["ir.cron"]._commit_progress()
        return not self._candidate_ids(True)
