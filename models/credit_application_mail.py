from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.mail import plaintext2html
from odoo.tools.misc import format_date

FORM_PATH, CONTRACT_PATH, REFERENCE_PATH = "/credit/application", "/credit/contract", "/credit/reference"
TEXT_FIELDS = ("mail_company", "mail_contact", "mail_requested", "mail_cap", "mail_start", "mail_terms", "mail_offer_until",
               "mail_conditions", "mail_next_step", "mail_reasons", "mail_refusal", "mail_needed", "mail_form_button", "mail_sign_button", "mail_sender")
REFERENCE_TEXT_FIELDS = ("mail_company", "mail_contact", "mail_applicant", "mail_button", "mail_sender")
BUTTON = Markup('<a href="%s" style="display:inline-block;padding:10px 18px;border-radius:4px;background-color:#714B67;color:#ffffff;'
                'text-decoration:none;font-weight:600">%s</a>')
SECRET = "."  # nobody; core calls it NO_ACCESS


class CreditApplication(models.Model):
    """The words of mails about an application, in the applicant's language.

    Templates hold placeholders only, so that a person without programming rights may edit
    them. Links are for the applicant alone: nobody of the office can read them.
    """

    _inherit = "credit.application"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_requested = fields.Char(compute="_compute_mail_texts")
    mail_cap = fields.Char(compute="_compute_mail_texts")
    mail_start = fields.Char(compute="_compute_mail_texts")
    mail_terms = fields.Char(compute="_compute_mail_texts")
    mail_offer_until = fields.Char(compute="_compute_mail_texts")
    mail_conditions = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_next_step = fields.Char(compute="_compute_mail_texts")
    mail_reasons = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_refusal = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_needed = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_sender = fields.Char(compute="_compute_mail_texts")
    mail_form_button = fields.Html(compute="_compute_mail_buttons", sanitize=False, groups=SECRET)
    mail_sign_button = fields.Html(compute="_compute_mail_buttons", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", "object.reference", "object.lang", "object.email",
                *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("name", "contact_name", "requested_limit", "approved_cap", "start_limit", "granted_term_id", "offer_until", "conditions",
                 "contract_hash", "refusal_reason_ids", "refusal_text", "asked_back_text", "company_id")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for application in self:
            application.update(application._prepare_mail_texts())

    def _prepare_mail_texts(self):
        """The texts of one application, formatted in the language of the environment."""
        return {
            "mail_company": self.company_id.name, "mail_sender": self.company_id.email_formatted,
            "mail_contact": self.contact_name or self.name,
            "mail_requested": self._amount(self.requested_limit), "mail_cap": self._amount(self.approved_cap),
            "mail_start": self._amount(self.start_limit), "mail_terms": self.granted_term_id.name or self.env._("immediate payment"),
            "mail_offer_until": format_date(self.env, self.offer_until) or "",
            "mail_conditions": plaintext2html(self.conditions) if self.conditions else "",
            "mail_next_step": self._next_step_text(),
            "mail_refusal": plaintext2html(self.refusal_text) if self.refusal_text else "",
            "mail_reasons": Markup("<ul>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % reason.name for reason in self.refusal_reason_ids),
            "mail_needed": plaintext2html(self.asked_back_text) if self.asked_back_text else "",
        }

    def _next_step_text(self):
        if self.contract_hash:
            return self.env._("The limit takes effect as soon as you have signed the contract. Please do so by %s.",
                              format_date(self.env, self.offer_until))
        return self.env._("The limit is in force from now on.")

    @api.depends("link_epoch", "state", "offer_until", "contract_hash")
    @api.depends_context("lang")
    def _compute_mail_buttons(self):
        for application in self:
            application.mail_form_button = BUTTON % (application._link_url(FORM_PATH), self.env._("Continue your application"))
            application.mail_sign_button = BUTTON % (
                application._link_url(CONTRACT_PATH), self.env._("Read and sign the contract")) if application.contract_hash else ""

    def _link_days(self):
        """An offer's link lives as long as the offer."""
        if self.state == "approved" and self.offer_until:
            return max(1, (self.offer_until - self.company_id._collection_today()).days + 1)
        return super()._link_days()

    def _reader_lang(self):
        """The applicant's language; never one that is not installed."""
        self.ensure_one()
        for code in (self.lang, self.company_id.sudo().partner_id.lang):  # sudo: the company's own language is no secret
            if code and self.env["res.lang"]._get_data(code=code):
                return code
        return self.env.lang or "en_US"

    def _after_submit(self):
        result = super()._after_submit()
        self.env["collection.channel"]._queue_application(self.sudo(), "received")  # sudo: who hands in may be an outsider
        self._tell_office()
        return result

    def _tell_office(self):
        """A task for who handles it, or for the company's default collector."""
        user = self.user_id or self.company_id.sudo().collection_user_id  # sudo: who hands in may be an outsider
        if user:
            self.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
                "account_credit_collection.mail_activity_credit_application", user_id=user.id,
                summary=self.env._("Look at the credit application"))


class CreditApplicationReference(models.Model):
    _inherit = "credit.application.reference"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_applicant = fields.Char(compute="_compute_mail_texts")
    mail_sender = fields.Char(compute="_compute_mail_texts")
    mail_button = fields.Html(compute="_compute_mail_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.application_id.lang", "object.email",
                *(f"object.{name}" for name in REFERENCE_TEXT_FIELDS))

    @api.depends("name", "contact_name", "application_id.name", "company_id")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for reference in self:
            company = reference.company_id
            reference.update({
                "mail_company": company.name, "mail_sender": company.email_formatted, "mail_applicant": reference.application_id.name,
                "mail_contact": reference.contact_name or reference.name})

    @api.depends("link_epoch")
    @api.depends_context("lang")
    def _compute_mail_button(self):
        for reference in self:
            reference.mail_button = BUTTON % (reference._link_url(REFERENCE_PATH), self.env._("Answer in two minutes"))
