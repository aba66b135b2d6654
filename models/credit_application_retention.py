from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

CLOSED_STATES = ("refused", "withdrawn", "expired")
PURGE_BATCH = 200


class CreditApplication(models.Model):
    """How long an application is kept (R-108, R-113)."""

    _inherit = "credit.application"

    keep_until = fields.Date("Kept until", compute="_compute_keep_until",
                             help="When it is deleted with its documents; empty while it is worked on or in force.")

    @api.depends("state", "closed_on", "company_id.credit_retention_months")
    def _compute_keep_until(self):
        for application in self:
            closed = application.state in CLOSED_STATES and application.closed_on
            application.keep_until = closed and closed.date() + relativedelta(months=application.company_id.credit_retention_months)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        """Nobody deletes what must be kept; a draft nobody handed in is nothing to keep."""
        for application in self:
            if application.state == "draft" and not application.submitted_on:
                continue
            if not application.keep_until:
                raise UserError(self.env._("%s is kept as long as it is worked on or its limit is in force.", application.display_name))
            if application.keep_until >= application.company_id._collection_today():
                raise UserError(self.env._("%(application)s is kept until %(date)s and deleted by itself after that day.",
                                           application=application.display_name, date=format_date(self.env, application.keep_until)))

    def unlink(self):
        """Documents go with their files, which the database alone would leave behind."""
        self._unlink_except_kept()
        record = self.sudo()  # sudo: who may delete the application deletes what belongs to it
        record.document_ids.unlink()
        record.answer_ids.unlink()
        record.reference_ids.unlink()
        record.external_score_ids.unlink()
        return super().unlink()

    @api.autovacuum
    def _gc_applications(self):
        """Nightly: offers nobody signed are void, and what was kept long enough goes. Drafts nobody handed in go sooner."""
        self._expire_offers()
        old = self._outdated(PURGE_BATCH)
        count = len(old)
        old.unlink()
        return count, len(self._outdated(1))

    @api.model
    def _outdated(self, limit):
        """What is to be deleted now."""
        old = self.browse()
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            # a day of margin, since keep_until is a day of the company and closed_on a moment
            until = fields.Datetime.now() - relativedelta(months=company.credit_retention_months, days=1)
            old |= self.search([("company_id", "=", company.id), ("state", "in", CLOSED_STATES), ("closed_on", "<", until)], limit=limit)
        today = {company: company._collection_today() for company in old.company_id}
        return old.filtered(lambda one: one.keep_until < today[one.company_id])[:limit]
