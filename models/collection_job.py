import random
import time

import psycopg2.errors

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.modules import module as odoo_module

RETRIES = 5
CONCURRENCY_ERRORS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable, ConcurrencyError)


class CollectionJob(models.AbstractModel):
    """What jobs share: work that is done again when another worker got in between."""

    _name = "collection.job"
    _description = "Work of a job"

    @api.model
    def _retrying(self, work, commit=True):
        """The result of ``work()``, done again on what is stored by then when another worker got in between.

        Only with ``commit``: what was not committed before is lost.
        """
        for attempt in range(RETRIES):
            try:
                with self.env.cr.savepoint():
                    return work()
            except (psycopg2.errors.UniqueViolation, *CONCURRENCY_ERRORS):
                if not commit or odoo_module.current_test or attempt == RETRIES - 1:
                    raise
                self.env.cr.rollback()
                time.sleep(random.uniform(0.1, 0.5) * (attempt + 1))
        return None
