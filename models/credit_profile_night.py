import logging

from odoo import api, models
from odoo.tools import split_every

from ..engine import limit
from .collection_job import RETRIED
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

REFRESH_BATCH = 2000
NAMED = 20  # failed customers named in the heartbeat; the log has them all


class CreditProfile(models.Model):
    """The nightly look at every customer: what fails for one stops no other."""

    _inherit = "credit.profile"

    @api.model
    def _cron_refresh(self):
        """Nightly: profiles of new customers, and behaviour, standing and limit of all.

        Each batch is a transaction of its own, and nothing raises out of the job (R-21).
        """
        problems = []
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            problems += self._refresh_company(company)
        named = problems[:NAMED] + ["…"] * (len(problems) > NAMED)
        self.env["collection.heartbeat"]._beat("refresh", ", ".join(named))
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _refresh_company(self, company):
        """Refresh the customers of one company; return what failed, as ids."""
        today, cron = company._collection_today(), self.env["ir.cron"]
        problems = [f"company {company.id}"] if self._attempt(lambda: self._ensure_missing(company)) else []
        cron._commit_progress()  # a batch that is rolled back must not take the new profiles along
        jobs = [(lambda some: some._refresh(company, today), self.search([("company_id", "=", company.id)]).ids),
                (lambda some: some._refresh_limits(today), self._archived_with_limits(company).ids)]
        cron._commit_progress(remaining=sum(len(ids) for _work, ids in jobs))
        for work, ids in jobs:
            for batch in split_every(REFRESH_BATCH, ids):
                problems += [f"profile {profile.id}" for profile in self.browse(batch)._attempt_all(work)]
                cron._commit_progress(len(batch))
        return problems

    @api.model
    def _archived_with_limits(self, company):
        """Archived customers still order, and core still shows their limit: a temporary one ends for them too."""
        found = self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("active", "=", False), ("limit_ids", "!=", False)])
        return self.browse(found.ids)

    # ------------------------------------------------------------------ one bad customer

    @api.model
    def _attempt(self, work):
        """Do ``work()`` whole or not at all; return the error that it met, or None."""
        job = self.env["collection.job"]
        within = job._is_retrying()
        try:
            job._retrying(work)
        except Exception as error:  # whatever it is, the others go on
            if within and isinstance(error, RETRIED):
                raise  # what this is a part of is done again
            self.env.invalidate_all(flush=False)
            return error
        return None

    def _attempt_all(self, work):
        """``work`` on a batch at once, a poisoned one customer by customer; return those that failed."""
        if not self._attempt(lambda: work(self)):
            return self.browse()
        _logger.warning("refresh: a batch of %s customers failed, going on one by one", len(self))
        failed = self.browse()
        for profile in self:
            error = self._attempt(lambda profile=profile: work(profile))
            if error:
                profile._report_failure(error)
                failed += profile
            self.env["ir.cron"]._commit_progress()
        return failed

    def _report_failure(self, error):
        """A line in the log with nothing personal, and one task for a person."""
        self.ensure_one()
        note_failure(_logger, error, "refresh: profile %s failed", self.id)
        self._ask_once("task", self.env._("The nightly look at this customer failed"), note=str(error)[:200])

    # ------------------------------------------------------------------ leaving

    @api.model
    def _restore_core(self, company):
        """Leave core with the base limits when the addon goes, as far as it can hold them.

        Core knows no temporary, insured or group amount and no last day. It knows no prepayment
        either: the smallest amount stays, which warns of every invoice, and is taken for
        prepayment again by the next installation.
        """
        profiles = self.with_context(active_test=False).search([("company_id", "=", company.id), ("limit_ids.state", "=", "approved")])
        grants, today = self.env["credit.limit"]._grants(profiles), company._collection_today()
        amounts = {profile: profile._base_for_core(grants[profile.id], today) for profile in profiles}
        for branch in self.env["res.company"].search([("id", "child_of", company.id)]):
            for amount, members in profiles.grouped(amounts.get).items():
                members._show_in_core(branch, "credit_limit", amount)

    def _base_for_core(self, lines, today):
        base = tuple(line._to_engine() for line in lines if line.kind == limit.BASE)
        return self._in_core(self._decide_limit(base, today).amount)
