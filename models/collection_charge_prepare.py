import logging
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, split_every

from .bulk import insert_rows
from .collection_job import CONCURRENCY_ERRORS
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

BATCH = 500
DIRECT = 1000  # customers done at once; more are left to the job


class CollectionChargeRun(models.Model):
    """The drafts of a charge run, a batch of customers at a time; one that cannot be worked out stops no other."""

    _inherit = "collection.charge.run"

    def action_prepare(self):
        """Reckon what customers are to be charged; a person reviews it before anything is billed."""
        self._check_all()
        for run in self.sudo():  # sudo: the ledger of charges is written by methods only
            run._check_last_day()
            run._begin_charges()
            if len(run._customers_left()) > DIRECT:
                run._transition("preparing")
                run._wake()
            else:
                run._prepare()
        return True

    @api.model
    def _wake(self, at=None):
        self.env.ref("account_credit_collection.ir_cron_collection_charge")._trigger(at)

    def _customers_left(self):
        """Ids of the customers that were not looked at yet, in their order."""
        return self.env["credit.profile"].search([("company_id", "=", self.company_id.id), ("id", ">", self.reached)], order="id").ids

    def _check_last_day(self):
        if self.last_day >= self.company_id._collection_today():
            raise UserError(self.env._("%s is not over yet: only days that are over are charged.", format_date(self.env, self.last_day)))

    def _begin_charges(self):
        """The first run of a company says from which day on anything is charged."""
        if self.company_id.collection_charge_from:
            return
        if not self.charge_from:
            raise UserError(self.env._("Say from which day on %s charges anything: no day before it is ever charged.", self.company_id.display_name))
        self.company_id.collection_charge_from = self.charge_from

    def _prepare(self, commit=False):
        """Drafts for all customers, a batch at a time; with ``commit`` each batch is a transaction of its own.

        Returns False when the job's time is up before all are done; the next call goes on.
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        self._begin_charges()
        ids = self._customers_left()
        if commit:
            cron._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids):
            self._attempt_batch(self.env["credit.profile"].browse(batch), commit)
            self.reached = batch[-1]
            if commit and not cron._commit_progress(len(batch)) and batch[-1] != ids[-1]:
                return False
            if commit and self._is_stopped("preparing"):
                self._settle_stopped()
                return True
        self._settle()
        return True

    def _attempt_batch(self, profiles, commit):
        """A batch at once, a poisoned one customer by customer: who fails is counted, and named in the log by id."""
        if not self._attempt(lambda: self._prepare_batch(profiles), commit):
            return
        for profile in profiles:
            error = self._attempt(lambda profile=profile: self._prepare_batch(profile), commit)
            if error:
                note_failure(_logger, error, "charge run %s: profile %s failed", self.id, profile.id)
                self._count({"error": 1})
            if commit:
                self.reached = profile.id
                self.env["ir.cron"]._commit_progress()  # the next one may be rolled back

    def _attempt(self, work, commit):
        """Do ``work()`` whole or not at all; return the error that it met, or None.

        At a screen, where another worker got in between, the whole request is done again.
        """
        if commit:
            return self.env["credit.profile"]._attempt(work)
        try:
            with self.env.cr.savepoint():
                work()
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:  # whatever it is, the others go on
            self.env.invalidate_all(flush=False)
            return error
        return None

    def _prepare_batch(self, profiles):
        """Reckon and record one batch of customers; the counts say why the others are not charged."""
        company = self.company_id
        found, counts = self.env["collection.charge.reckoner"]._reckon(
            company, profiles, self._until(), company._collection_today())
        self.env["collection.charge"]._record(self, {profiles.browse(profile): lines for profile, lines in found.items()})
        self._count(counts)

    def _until(self):
        """The first day that is not looked at."""
        return self.last_day + timedelta(days=1)

    def _count(self, counts):
        known = {row.code: row for row in self.count_ids}
        for code, count in counts.items():
            if code in known:
                known[code].count += count
        insert_rows(self.env["collection.charge.count"], [
            {"run_id": self.id, "company_id": self.company_id.id, "code": code, "count": count} for code, count in counts.items() if code not in known])
