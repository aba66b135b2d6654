"""Papers of payment plans and settlement offers, on the lean paper of letters."""
from odoo import api, models
from odoo.tools.image import image_data_uri
from odoo.tools.misc import format_date, format_datetime

from .collection_letter import MODULE, head_of

PLAN, EVIDENCE, SETTLEMENT = (f"{MODULE}.report_{name}" for name in ("collection_plan", "plan_evidence", "collection_settlement"))


class CollectionAgreementMixin(models.AbstractModel):
    _inherit = "collection.agreement.mixin"

    def _prepare_paper(self):
        """The values of one paper, in the language of the environment."""
        company, partner = self.company_id, self.profile_id.partner_id
        return {
            "address": self._paper_address(), **head_of(company), "sender": self._contact(), "bank": self._pay_bank(), "money": self.currency_id.format,
            "day": self._day, "date_text": format_date(self.env, self._paper_day(), date_format="long"),
            "moment": lambda value: format_datetime(self.env, value, tz="UTC", dt_format="yyyy-MM-dd HH:mm:ss"), "customer": partner, "qr": False,
        }

    def _paper_address(self):
        """The lines in the window: names, street, town, and the country when it is abroad."""
        partner = self.profile_id.partner_id
        lines = [line.strip() for line in partner._display_address(without_company=True).splitlines() if line.strip()]
        country = partner.country_id.name
        if lines and lines[-1] == country:
            lines[-1:] = [] if partner.country_id == self.company_id.country_id else [country.upper()]
        return list(dict.fromkeys([partner.display_name, *lines]))

    def _paper_day(self):
        return self.company_id._collection_today()


class ReportCollectionPlan(models.AbstractModel):
    _name = f"report.{PLAN}"
    _description = "Agreement of a payment plan"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env["collection.plan"], docids)


class ReportCollectionPlanEvidence(models.AbstractModel):
    _name = f"report.{EVIDENCE}"
    _description = "Record of the acceptance of a payment plan"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env["collection.plan"], docids)


class ReportCollectionSettlement(models.AbstractModel):
    _name = f"report.{SETTLEMENT}"
    _description = "Letter with a settlement offer"

    @api.model
    def _get_report_values(self, docids, data=None):
        return _report_values(self.env["collection.settlement"], docids)


def _report_values(model, docids):
    """Papers in the language of each customer."""
    records = model.browse(docids)
    records.check_access("read")  # a report may be asked for by its address
    letters, logos = {}, {}
    for record in records.sudo():
        lang = record._reader_lang()
        reader = record.with_context(lang=lang)
        letters[record.id] = {**reader._prepare_paper(), "lang": lang, "o": reader}
        logo = record.company_id.partner_id.image_512
        if logo and not record.company_id.uses_default_logo:
            logos[record.company_id.id] = image_data_uri(logo)
    return {"doc_ids": docids, "doc_model": model._name, "docs": records, "letters": letters, "logos": logos}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name in (PLAN, EVIDENCE, SETTLEMENT) or super()._is_lean()
