import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.date_utils import end_of

from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)

FIRST_NIGHTS = 5  # nights of a month in which the last months are built again, for what was booked late
AGAIN = 3  # months


class CollectionSnapshot(models.Model):
    """Months are built from the ledger, as often as one likes: by the job in the first nights of a month, and on request."""

    _inherit = "collection.snapshot"

    @api.model
    def _rebuild(self, company, first_month, last_month):
        """Build the months from that of ``first_month`` to that of ``last_month``, whatever day of it each is, from the ledger."""
        company = company.root_id
        self.env["credit.profile"]._ensure_missing(company)
        month, last = end_of(first_month, "month"), end_of(last_month, "month")
        while month <= last:
            self.env["collection.reader"]._build_month(company, month)
            month = end_of(month + timedelta(days=1), "month")

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_snapshot(self):
        """Nightly: what is missing or was asked for, a month at a time, each a transaction of its own; nothing raises out of the job.

        A company whose month failed waits for the next night: a later month built and noted would leave a hole for good.
        """
        problems, failed, cron = [], set(), self.env["ir.cron"]
        work = [(company, month) for company in self.env["res.company"].search([("parent_id", "=", False)])
                for month in self._months_tonight(company, company._collection_today())]
        cron._commit_progress(remaining=len(work))
        for company, month in work:
            if company in failed:
                continue
            error = self.env["credit.profile"]._attempt(lambda company=company, month=month: self._build_asked(company, month))
            if error:
                note_failure(_logger, error, "snapshot of company %s, %s failed", company.id, month)
                problems.append(f"company {company.id}, {month}")
                failed.add(company)
            if not cron._commit_progress(1):
                self.env.ref("account_credit_collection.ir_cron_collection_snapshot")._trigger()
                return
        self.env["collection.heartbeat"]._beat("snapshot", ", ".join(problems[:20]))
        cron._commit_progress(remaining=0)

    @api.model
    def _build_asked(self, company, month):
        """Build a month and note it, so that the job goes on behind it."""
        self._rebuild(company, month, month)
        values = {}
        if not company.collection_snapshot_last or month > company.collection_snapshot_last:
            values["collection_snapshot_last"] = month
        if company.collection_snapshot_ask_to == month:  # asked for, from the newest on
            earlier = company._collection_last_month(month)
            more = earlier >= company.collection_snapshot_ask_from
            values.update({"collection_snapshot_ask_to": earlier} if more else
                          {"collection_snapshot_ask_from": False, "collection_snapshot_ask_to": False, "collection_snapshot_asked": 0})
        if values:
            company.write(values)

    @api.model
    def _months_tonight(self, company, today):
        """The months to build, by their last days: those missing, in the first nights the last ones again, and those asked for, the newest first."""
        last = company._collection_last_month(today)
        known = company.collection_snapshot_last
        first = end_of(known + timedelta(days=1), "month") if known else end_of(last - relativedelta(months=company.collection_snapshot_history - 1), "month")
        if today.day <= FIRST_NIGHTS:
            first = min(first, end_of(last - relativedelta(months=AGAIN - 1), "month"))
        asked = company.collection_snapshot_ask_to
        return _months(first, last) + (_months(company.collection_snapshot_ask_from, asked)[::-1] if asked else [])

    # ------------------------------------------------------------------ on request

    @api.model
    def _ask(self, company, first_month, last_month):
        """Have the job build months again, from the newest on; what was asked for before is done with it."""
        if not self.env.user.has_group("account_credit_collection.group_manager"):
            raise AccessError(self.env._("Months are built again by a credit manager."))
        company = company.root_id.sudo()  # sudo: where the job stands is nobody's field
        first, last = end_of(first_month, "month"), end_of(last_month, "month")
        if company.collection_snapshot_ask_to:
            first, last = min(first, company.collection_snapshot_ask_from), max(last, company.collection_snapshot_ask_to)
        company.write({"collection_snapshot_ask_from": first, "collection_snapshot_ask_to": last, "collection_snapshot_asked": len(_months(first, last))})
        self.env.ref("account_credit_collection.ir_cron_collection_snapshot").sudo()._trigger()  # sudo: as above


class CreditProfile(models.Model):
    _inherit = "credit.profile"

    @api.ondelete(at_uninstall=False)
    def _unlink_without_months(self):
        # sudo: rows of any portfolio stand in the way
        row = self.env["collection.snapshot"].sudo().search([("profile_id", "in", self.ids)], limit=1)
        if row:
            raise UserError(self.env._(
                "%s is part of the figures of past months, which would no longer equal the ledger. Archive it instead.", row.profile_id.display_name))


def _months(first, last):
    """The last days of the months from ``first`` to ``last``."""
    found = []
    while first <= last:
        found.append(first)
        first = end_of(first + timedelta(days=1), "month")
    return found
