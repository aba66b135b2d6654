import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module as odoo_module
from odoo.tools import split_every

from .collection_charge_bill import BILL_BATCH
from .collection_charge_run import OWN_PORTFOLIO
from .collection_job import CONCURRENCY_ERRORS, SOON
from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

REVIEW = "account_credit_collection.mail_activity_collection_charges"


class CollectionChargeRun(models.Model):
    """Long work of charge runs: prepared once a month where a company wants it, posted and sent in small steps."""

    _inherit = "collection.charge.run"

    @api.model
    def _cron_charge(self):
        """Go on with what is left to do; what fails for one customer stops no other, and nothing raises out of the job (R-21)."""
        attempt = self.env["credit.profile"]._attempt
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_charge_day", ">", 0)]):
            error = attempt(lambda company=company: self._open_monthly(company))
            if error:
                note_failure(_logger, error, "charge run of company %s could not be opened", company.id)
        if not self._go_on():
            self._wake(fields.Datetime.now() + SOON if self.env["ir.cron"]._commit_progress() else None)
            return
        failed = self.env["collection.charge"].search([("state", "in", ("draft", "posted")), ("problem", "!=", False), ("address_missing", "=", False)])
        self.env["collection.heartbeat"]._beat("charge", ", ".join(f"charge {charge.id}" for charge in failed))
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _go_on(self):
        """Whether all that waited is prepared, posted and sent; False when the job's time is up before, or others work on the same."""
        try:
            return self._do_waiting()
        except CONCURRENCY_ERRORS:
            if odoo_module.current_test:
                raise
            self.env.cr.rollback()
            _logger.warning("the job of charges met others at work and goes on later")
            return False

    @api.model
    def _do_waiting(self):
        """All runs and all mails have their turn: what one has to wait for holds up no other.

        A run that a person stopped while its last drafts were billed has nothing left to review.
        """
        self.search([("state", "=", "prepared")])._settle_reviewed()
        prepared = [run._prepare(commit=True) for run in self.search([("state", "=", "preparing")])]
        posted = [run._post_drafts(commit=True) for run in self.search([("state", "=", "posting")])]
        sent = self.env["collection.charge"]._send_waiting(commit=True)
        return all(prepared) and all(posted) and sent

    @api.model
    def _open_monthly(self, company):
        """The run of the month, on its day or on the first one after it that the job runs; a task asks to review it once it is prepared."""
        today = company._collection_today()
        last_day = company._collection_last_month(today)
        if today.day < company.collection_charge_day or self.search_count([("company_id", "=", company.id), ("last_day", ">=", last_day)], limit=1):
            return
        run = self.create({"company_id": company.id, "last_day": last_day})
        run._transition("preparing")

    # ------------------------------------------------------------------ the task

    def _prepare(self, commit=False):
        finished = super()._prepare(commit)
        if commit and finished and self.state == "prepared":
            self._ask_review()
        return finished

    def _ask_review(self):
        """What the job prepared waits for a person: who asked for it, or the default collector of the company."""
        asked = self.create_uid if self.create_uid.id != SUPERUSER_ID else self.env["res.users"]
        users = (asked | self.company_id.collection_user_id).filtered(lambda user: user.active and not user.has_group(OWN_PORTFOLIO) and self.company_id in user.company_ids)
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            REVIEW, summary=self.env._("Review the charges and post them"), user_id=(users[:1] or self.env.ref("base.user_admin")).id)

    def _transition(self, state, **values):
        moved = super()._transition(state, **values)
        if state != "prepared":
            moved.activity_unlink([REVIEW])
        return moved

    # ------------------------------------------------------------------ posting

    def action_post(self):
        """Bill all drafts: a few at once, many by the job."""
        self._check_all()
        for run in self.sudo():  # sudo: the ledger of charges is written by methods only
            count = len(run._drafts())
            if not count:
                raise UserError(self.env._("%s has no draft left to post.", run.display_name))
            run._transition("posting")
            if count > BILL_BATCH:
                run._wake()
            else:
                run._post_drafts()
        return True

    def _post_drafts(self, commit=False):
        """Bill the drafts, some at a time; with ``commit`` each time is a transaction of its own.

        Returns False when the job's time is up before all are done.
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        drafts = self._to_bill()
        if commit:
            cron._commit_progress(remaining=len(drafts))
        for batch in split_every(BILL_BATCH, drafts.ids):
            self._post_batch(self.env["collection.charge"].browse(batch), commit)
            if commit and not cron._commit_progress(len(batch)) and batch[-1] != drafts.ids[-1]:
                return False
            if commit and self._is_stopped("posting"):
                self._settle_stopped()
                return True
        if commit and self._to_bill():  # somebody worked on them all the time: soon once more
            return False
        self._settle()
        if self.company_id.collection_charge_send:
            self._wake()
        return True

    def _to_bill(self):
        """The drafts that nothing speaks against."""
        return self._drafts().filtered(lambda charge: not charge.problem and not charge.changed)

    def _post_batch(self, charges, commit):
        """Bill a batch. The job goes on one by one where it fails, and the charge that cannot be billed says why; a person gets the error.

        That others work on a charge is nothing against it: it waits for the next time.
        """
        if not commit:
            charges._bill()
            return
        attempt = self.env["credit.profile"]._attempt
        if not attempt(charges._bill):
            return
        for charge in charges:
            error = attempt(charge._bill)
            if isinstance(error, CONCURRENCY_ERRORS):
                _logger.warning("charge %s is worked on by others", charge.id)
            elif error:
                note_failure(_logger, error, "charge %s could not be billed", charge.id)
                charge.problem = str(error)[:200] or type(error).__name__
            self.env["ir.cron"]._commit_progress()  # the next one may be rolled back

    def action_retry(self):
        """Look again at drafts that could not be billed, or that changed since."""
        self._check_all()
        drafts = self.sudo()._drafts()  # sudo: as above
        drafts.write({"problem": False, "changed": False})
        return self.action_post()


class CollectionCharge(models.Model):
    _inherit = "collection.charge"

    def _transition(self, state, **values):
        moved = super()._transition(state, **values)
        if state != "draft":
            moved.run_id._settle_reviewed()
        return moved
