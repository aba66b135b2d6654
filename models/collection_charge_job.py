import logging
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .collection_charge_bill import BILL_BATCH
from .collection_charge_run import DIRECT

_logger = logging.getLogger(__name__)


class CollectionChargeRun(models.Model):
    """Long work of charge runs: prepared once a month where a company wants it, posted and sent in small steps."""

    _inherit = "collection.charge.run"

    @api.model
    def _cron_charge(self):
        """Go on with what is left to do; what fails for one customer stops no other, and nothing raises out of the job (R-21)."""
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_charge_day", ">", 0)]):
            self._open_monthly(company)
        if not self._go_on():
            self._wake()
            return
        failed = self.env["collection.charge"].search([("state", "=", "draft"), ("problem", "!=", False)])
        self.env["collection.heartbeat"]._beat("charge", ", ".join(f"charge {charge.id}" for charge in failed))
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _go_on(self):
        """Whether all that waited is prepared, posted and sent; False when the job's time is up before."""
        return (all(run._prepare(commit=True) for run in self.search([("state", "=", "preparing")]))
                and all(run._post_drafts(commit=True) for run in self.search([("state", "=", "posting")]))
                and self.env["collection.charge"]._send_waiting(commit=True))

    @api.model
    def _open_monthly(self, company):
        """The run of the month, on its day or on the first one after it that the job runs; a task asks to review it."""
        today = company._collection_today()
        last_day = today.replace(day=1) - timedelta(days=1)
        if today.day < company.collection_charge_day or self.search_count([("company_id", "=", company.id), ("last_day", ">=", last_day)], limit=1):
            return
        run = self.create({"company_id": company.id, "last_day": last_day})
        run._transition("preparing")

    # ------------------------------------------------------------------ posting

    def action_post(self):
        """Bill all drafts: a few at once, many by the job."""
        self._check_group()
        for run in self.sudo():  # sudo: the ledger of charges is written by methods only
            if not run.draft_count:
                raise UserError(self.env._("%s has no draft left to post.", run.display_name))
            run._transition("posting")
            if run.draft_count > BILL_BATCH:
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
        drafts = self.charge_ids.filtered(lambda charge: charge.state == "draft" and not charge.problem and not charge.changed)
        if commit:
            cron._commit_progress(remaining=len(drafts))
        for batch in split_every(BILL_BATCH, drafts.ids):
            self._post_batch(self.env["collection.charge"].browse(batch), commit)
            if commit and not cron._commit_progress(len(batch)) and batch[-1] != drafts.ids[-1]:
                return False
        self._transition("prepared" if self.charge_ids.filtered(lambda charge: charge.state == "draft") else "done")
        if self.company_id.collection_charge_send:
            self._wake()
        return True

    def _post_batch(self, charges, commit):
        """Bill a batch. The job goes on one by one where it fails, and the charge that cannot be billed says why; a person gets the error."""
        if not commit:
            charges._bill()
            return
        attempt = self.env["credit.profile"]._attempt
        if not attempt(charges._bill):
            return
        for charge in charges:
            error = attempt(charge._bill)
            if error:
                _logger.warning("charge %s could not be billed: %s", charge.id, type(error).__name__)
                charge.problem = str(error)[:200]

    def action_retry(self):
        """Look again at drafts that could not be billed, or that changed since."""
        self._check_group()
        drafts = self.sudo().charge_ids.filtered(lambda charge: charge.state == "draft")  # sudo: as above
        drafts.write({"problem": False, "changed": False})
        return self.action_post()


class CollectionCharge(models.Model):
    _inherit = "collection.charge"

    @api.model
    def _send_waiting(self, commit=False):
        """Queue the mails of bills that were posted by a run; returns False when the job's time is up."""
        waiting = self.search([("state", "=", "posted"), ("mailed_on", "=", False), ("run_id", "!=", False), ("move_id.move_type", "=", "out_invoice"),
                               ("company_id.collection_charge_send", "=", True), ("problem", "=", False)], order="id", limit=DIRECT)
        for charge in waiting:
            charge._queue_bill()
            if commit and not self.env["ir.cron"]._commit_progress(1):
                return False
        return True

    def _queue_bill(self):
        """The bill with its proof sheet to the customer, or a task where there is no address."""
        partner = self.move_id.partner_id
        if not partner.email:
            self.problem = self.env._("No e-mail address: print and post it.")
            self.profile_id._ask_once("address", self.env._("No address to send a bill of charges to"))
            return
        self.env["collection.channel"]._queue_charge(self, partner.email)
        self.mailed_on = self.company_id._collection_today()
