import logging

from odoo import api, fields, models
from odoo.modules import module as odoo_module

from .collection_job import CONCURRENCY_ERRORS, SOON
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)


class CollectionRun(models.Model):
    """The nightly job: one run for each company that armed it."""

    _inherit = "collection.run"

    @api.model
    def _cron_run(self):
        """Decide for one company after the other; called again until all are finished.

        What fails for one company stops no other, and nothing raises out of the job (R-21).
        """
        failed, unfinished = self._close_left(), False
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_automatic", "=", True)]):
            run = self._open_auto(company, company._collection_today())
            self.env["ir.cron"]._commit_progress()  # what is rolled back must not take the run along
            finished, well = run._go_on()
            unfinished |= not finished
            failed += run.browse() if well else run
        self.env["collection.heartbeat"]._beat("run", ", ".join(f"run {run.id}" for run in failed))
        self.env["collection.outbox"]._wake()
        time_left = self.env["ir.cron"]._commit_progress()
        if unfinished:
            self.env.ref("account_credit_collection.ir_cron_collection_run")._trigger(fields.Datetime.now() + SOON if time_left else None)
        else:
            self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _open_auto(self, company, today):
        """The automatic run of ``company`` for ``today``, whoever made it first."""
        values = {"company_id": company.id, "run_date": today, "kind": "auto"}
        domain = [(name, "=", value) for name, value in values.items()]
        return self._retrying(lambda: self.search(domain, limit=1) or self.create(values))

    def _go_on(self):
        """Decide on those left; returns whether all are, and whether it went well."""
        try:
            finished = self.state != "running" or self._execute(commit=True)
            return finished, self.state != "error"
        except CONCURRENCY_ERRORS:
            if odoo_module.current_test:
                raise
            _logger.warning("collection run %s met others at work and goes on later", self.id)
            self.env.cr.rollback()
            return False, True
        except Exception as error:
            note_failure(_logger, error, "collection run %s stopped", self.id)
            if not odoo_module.current_test:
                self.env.cr.rollback()
            return True, False
