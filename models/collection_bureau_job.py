import logging

from odoo import api, models

from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)


class CollectionBureau(models.Model):
    """Each month by itself: a draft, and a task for the person who looks through it. Nothing is delivered by a job."""

    _inherit = "collection.bureau"

    @api.model
    def _cron_make(self):
        """Nightly: the file of the last month for each bureau that has none, once the month's figures are built; nothing raises out of the job."""
        problems, cron = [], self.env["ir.cron"]
        due = self.search([("is_monthly", "=", True)]).filtered(lambda one: one._is_due())
        cron._commit_progress(remaining=len(due))
        for bureau in due:
            error = self.env["credit.profile"]._attempt(lambda bureau=bureau: bureau._make_last())
            if error:
                note_failure(_logger, error, "file of bureau %s failed", bureau.id)
                problems.append(f"bureau {bureau.id}")
            if not cron._commit_progress(1):
                self.env.ref("account_credit_collection.ir_cron_collection_bureau")._trigger()
                return
        self.env["collection.heartbeat"]._beat("bureau", ", ".join(problems[:20]))

    def _is_due(self):
        """Whether the last month's figures are there and its file is not."""
        month, built = self._last_month(), self.company_id.collection_snapshot_last
        return bool(built and built >= month) and not self.file_ids.filtered(lambda file: file.month == month and file.state != "replaced")

    def _make_last(self):
        file = self.env["collection.bureau.file"]._make(self, self._last_month())
        if self.user_id.active:
            file.with_context(mail_activity_quick_update=True).activity_schedule(
                "account_credit_collection.mail_activity_collection_bureau", user_id=self.user_id.id,
                summary=self.env._("Look through the file, then deliver it"))


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "bureau": "ir_cron_collection_bureau"}
