import logging

from odoo import api, fields, models
from odoo.tools.misc import format_date

from .collection_metrics import note_failure

_logger = logging.getLogger(__name__)


class CollectionDigest(models.Model):
    """The figures of a month for one person: made and mailed once, by the job."""

    _name = "collection.digest"
    _description = "Monthly Digest"
    _order = "month desc, id desc"
    _rec_name = "month"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    month = fields.Date(required=True, readonly=True, help="The last day of the month.")
    user_id = fields.Many2one("res.users", "For", required=True, readonly=True, index=True, ondelete="restrict")

    _once = models.UniqueIndex("(company_id, month, user_id)", "A person gets the digest of a month once.")

    @api.depends("month", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for digest in self:
            digest.display_name = self.env._("%(company)s, %(month)s", company=digest.company_id.name, month=digest._month_text())

    def _month_text(self):
        return format_date(self.env, self.month, date_format="MMMM yyyy")

    def _reader(self):
        """The digest as its reader may see it: in their name, company and language."""
        self.ensure_one()
        user = self.user_id
        return self.with_user(user).with_context(allowed_company_ids=self.company_id.ids, lang=user.lang or "en_US", tz=user.tz)

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_send(self):
        """Nightly: whoever has not had the digest of the last month gets it, from the chosen day on; nothing raises out of the job."""
        problems, cron = [], self.env["ir.cron"]
        for company in self.env["res.company"].search([("parent_id", "=", False), ("collection_digest_user_ids", "!=", False)]):
            today = company._collection_today()  # asked once: at midnight a second answer would be another month
            for user in self._due_readers(company, today):
                problem = self._try_send(company, company._collection_last_month(today), user)
                if problem:
                    problems.append(f"company {company.id}, user {user.id}: {problem}")
                cron._commit_progress()
        self.env["collection.heartbeat"]._beat("digest", ", ".join(problems[:20]))
        cron._commit_progress(remaining=0)

    @api.model
    def _try_send(self, company, month, user):
        """Send one digest, or return what is in its way; nothing personal is in it."""
        if not user.email_normalized:
            return "no e-mail address"
        error = self.env["credit.profile"]._attempt(lambda: self._send(company, month, user))
        if error:
            note_failure(_logger, error, "digest of company %s for user %s failed", company.id, user.id)
        return error and "failed"

    @api.model
    def _due_readers(self, company, today):
        """Who is to get the digest of the last month now: nobody before its figures are there."""
        month = company._collection_last_month(today)
        if today.day < company.collection_digest_day or not company.collection_snapshot_last or company.collection_snapshot_last < month:
            return self.env["res.users"]
        done = self.search([("company_id", "=", company.id), ("month", "=", month)]).user_id
        return (company.collection_digest_user_ids - done).filtered(lambda user: self._may_read(user, company))

    @api.model
    def _may_read(self, user, company):
        """A right that was taken away takes the digest along."""
        return user.active and not user.share and company in user.company_ids and user.has_group("account_credit_collection.group_viewer")

    @api.model
    def _send(self, company, month, user):
        """Make and queue one digest; nothing for who has no customer."""
        digest = self.create({"company_id": company.id, "month": month, "user_id": user.id})
        if digest._reader()._rows():
            self.env["collection.channel"]._queue_digest(digest)


class CollectionHeartbeat(models.Model):
    _inherit = "collection.heartbeat"

    @api.model
    def _jobs(self):
        return {**super()._jobs(), "digest": "ir_cron_collection_digest"}
