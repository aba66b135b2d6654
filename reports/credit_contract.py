"""The decision letter, the contract and the record of its signature, on the lean paper of letters."""
from odoo import api, models
from odoo.tools.image import image_data_uri
from odoo.tools.misc import format_date, format_datetime

from .collection_letter import MODULE, head_of, town_of

DECISION, CONTRACT, EVIDENCE = (f"{MODULE}.report_credit_{name}" for name in ("decision_letter", "contract", "evidence"))


class CreditApplication(models.Model):
    _inherit = "credit.application"

    def _prepare_paper(self):
        """The values of one document, in the language of the environment."""
        company = self.company_id
        return {
            "address": self._paper_address(), **head_of(company), "day": lambda value: format_date(self.env, value),
            "moment": lambda value: format_datetime(self.env, value, tz="UTC", dt_format="yyyy-MM-dd HH:mm:ss"),
            "date_text": format_date(self.env, self._decision_day(), date_format="long"),
            "sender": {"name": self.decided_by.name, "email": company.email, "phone": company.phone}, "money": self._amount,
            "discounts": self._discount_texts(),
        }

    def _decision_day(self):
        """The day of the decision where the company is."""
        return self.company_id._collection_date(self.decided_on) if self.decided_on else self.company_id._collection_today()

    def _paper_address(self):
        """The lines in the window: names, street, town, and the country when it is abroad."""
        country = self.country_id
        abroad = country.name.upper() if country and country != self.company_id.country_id else False
        lines = (self.name, self.contact_name, self.street, self.street2, town_of(self), abroad)
        return [line for line in lines if line]

    def _discount_texts(self):
        """What the granted terms give for paying early."""
        term = self.granted_term_id
        if not term.early_discount:
            return []
        return [self.env._("%(percent)s %% discount for payment within %(days)s days of the invoice date",
                           percent=self._short(term.discount_percentage), days=term.discount_days)]


class ReportCreditDecisionLetter(models.AbstractModel):
    _name = f"report.{DECISION}"
    _description = "Decision on a credit application"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids)


class ReportCreditContract(models.AbstractModel):
    _name = f"report.{CONTRACT}"
    _description = "Credit contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids)


class ReportCreditEvidence(models.AbstractModel):
    _name = f"report.{EVIDENCE}"
    _description = "Record of the signature of a credit contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env, docids)


def _report_values(env, docids):
    """Documents in the language of each applicant."""
    applications = env["credit.application"].browse(docids)
    applications.check_access("read")  # a report may be asked for by its address
    # They hold what is for collectors: a viewer of applications prints none of them.
    if not env.su:
        applications.check_field_access_rights("read", ["signed_ip"])
    letters, logos = {}, {}
    for application in applications.sudo():
        lang = application._reader_lang()
        reader = application.with_context(lang=lang)
        letters[application.id] = {**reader._prepare_paper(), "lang": lang, "o": reader}
        logo = application.company_id.partner_id.image_512
        if logo:
            logos[application.company_id.id] = image_data_uri(logo)
    return {"doc_ids": docids, "doc_model": "credit.application", "docs": applications, "letters": letters, "logos": logos}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name in (DECISION, CONTRACT, EVIDENCE) or super()._is_lean()
