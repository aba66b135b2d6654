from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .credit_application import OPEN_STATES

CLOSED_STATES = ("refused", "withdrawn", "expired")


class CreditApplication(models.Model):
    """How long an application is kept, and all that goes with it (R-108, R-113).

    It is deleted by the purge of ``collection.retention.rule``, which counts from ``closed_on``.
    """

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
        """Documents go with their files, mails with what they are about, and a customer with the only thing known of it."""
        self.check_access("unlink")
        self._unlink_except_kept()
        record = self.sudo()  # sudo: who may delete the application deletes what belongs to it
        known = record.partner_id
        record._unlink_mails()
        record.document_ids.unlink()
        record.answer_ids.unlink()
        record.reference_ids.unlink()
        record.external_score_ids.unlink()
        result = super().unlink()
        known._forget_unused()
        return result

    def _unlink_mails(self):
        """Mails that never left, and those that came in answer."""
        origins = [f"{part._name},{part.id}" for parts in (self, self.reference_ids) for part in parts]
        self.env["mail.mail"].search([("collection_origin", "in", origins)]).unlink()

    def _create_partner(self):
        """As before; the customer bears that nothing was known of it."""
        partner = super()._create_partner()
        (partner | partner.child_ids).sudo().is_applicant = True  # sudo: nobody else writes it
        return partner

    @api.autovacuum
    def _gc_applications(self):
        """Nightly: offers nobody signed are void, and so is what nobody decides."""
        self._expire_offers()
        self._expire_undecided()
        self._end_replaced()

    @api.model
    def _end_replaced(self):
        """A limit without a last day ends with what took its place: only then does the time run for which the application is kept."""
        endless = self.search([("state", "=", "signed"), ("limit_until", "=", False)])
        for company, signed in endless.grouped("company_id").items():
            signed.filtered(lambda one: one._is_replaced()).write({"limit_until": company._collection_today()})

    def _is_replaced(self):
        """Whether the customer is archived, has no limit any more, or has signed again since."""
        profile = self.profile_id
        later = profile.application_ids.filtered(lambda one: one.state == "signed" and one.signed_on and self.signed_on and one.signed_on > self.signed_on)
        return not profile.active or profile.limit_meaning == "none" or bool(later)

    @api.model
    def _expire_undecided(self):
        """Applications under which nothing happened for long end, so that their data does not stay for ever; a person may take them on again."""
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            old = self.search(Domain("company_id", "=", company.id) & Domain("state", "in", OPEN_STATES) & self._domain_silent(company))
            for application in old:
                application._message_log(body=self.env._("Nothing happened here for %s months: it is closed.", company.credit_undecided_months))
            drafts = old.filtered(lambda application: application.state == "draft")
            drafts._withdraw()
            (old - drafts)._transition("expired", closed_on=fields.Datetime.now())
            (old - drafts)._link_revoke()

    @api.model
    def _domain_silent(self, company):
        """Nothing was handed in, asked or written for so long; states are tracked, so that who takes one on writes something too."""
        since = fields.Datetime.now() - relativedelta(months=company.credit_undecided_months)
        offers = Domain("offer_until", "=", False) | Domain("offer_until", "<", company._collection_today())
        return Domain.AND([
            Domain("create_date", "<", since), offers, Domain("message_ids", "not any", [("date", ">=", since)]),
            *(Domain(name, "=", False) | Domain(name, "<", since) for name in ("submitted_on", "asked_back_on", "decided_on"))])
