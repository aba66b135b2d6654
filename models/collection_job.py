import random
import time
from datetime import timedelta
from weakref import WeakSet

import psycopg2.errors

from odoo import api, models
from odoo.exceptions import ConcurrencyError, LockError
from odoo.modules import module as odoo_module

RETRIES = 5
SOON = timedelta(minutes=1)  # when a job asks again for what others hold
CONCURRENCY_ERRORS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable, ConcurrencyError, LockError)
RETRIED = (psycopg2.errors.UniqueViolation, *CONCURRENCY_ERRORS)  # a row that another worker inserted first is there the next time
# Cursors on which work goes on that is done again as a whole. Their own cache is emptied with each savepoint that is rolled back.
RETRYING = WeakSet()


class CollectionJob(models.AbstractModel):
    """What jobs share: work that is done again when another worker got in between."""

    _name = "collection.job"
    _description = "Work of a job"

    @api.model
    def _retrying(self, work, commit=True):
        """The result of ``work()``, done again on what is stored by then when another worker got in between.

        Only with ``commit``: what was not committed before is lost. Work within such work is not done again by itself:
        that would take back what is around it, which then is neither done nor undone. All of it is done again.
        """
        if self._is_retrying():
            with self.env.cr.savepoint():
                return work()
        RETRYING.add(self.env.cr)
        try:
            return self._retry(work, commit)
        finally:
            RETRYING.discard(self.env.cr)

    @api.model
    def _is_retrying(self):
        """Whether this is within work that is done again as a whole."""
        return self.env.cr in RETRYING

    @api.model
    def _retry(self, work, commit):
        for attempt in range(RETRIES):
            try:
                with self.env.cr.savepoint():
                    return work()
            except RETRIED:
                if not commit or odoo_module.current_test or attempt == RETRIES - 1:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0.1, 0.5) * (attempt + 1))
        return None
