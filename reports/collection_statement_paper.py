"""The paper of a statement of account, in the language of each customer."""
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.image import image_data_uri
from odoo.tools.mail import email_normalize
from odoo.tools.misc import format_date

from .collection_letter import MODULE, head_of
from .collection_statement import OPEN

ACCOUNT = f"{MODULE}.report_collection_account"


class CreditProfile(models.Model):
    """What a statement of account needs to know of a customer."""

    _inherit = "credit.profile"

    def _statement_lang(self):
        """The customer's language where it is installed, else the company's, else that of who asks."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self.partner_id.lang, self.company_id.partner_id.lang, self.env.lang)
        return next((lang for lang in wanted if lang in installed), "en_US")

    def _statement_name(self, last):
        """What the file is called; a customer's name may hold what a file name may not."""
        day = format_date(self.env, last).replace("/", "-")
        return self.env._("Statement of account %(customer)s %(day)s", customer=self.partner_id.name or self.id, day=day).replace("/", "-")

    def _statement_sender(self):
        """Name, plain e-mail and phone of whom to ask."""
        company, user = self.company_id.sudo(), self.sudo().collector_id  # sudo: the customer may know who looks after it
        return {"name": user.name or company.name, "email": email_normalize(user.email or "") or email_normalize(company.email or ""),
                "phone": user.phone or company.phone}

    def _statement_address(self):
        """The lines in the window: name, street, town, and the country when it is abroad."""
        partner = self.partner_id
        lines = [line.strip() for line in partner._display_address(without_company=True).splitlines() if line.strip()]
        country = partner.country_id.name
        if lines and lines[-1] == country:
            lines[-1:] = [] if partner.country_id == self.company_id.country_id else [country.upper()]
        return list(dict.fromkeys([partner.name, *lines]))

    def _statement_paper(self, sections, terms):
        """The values of the paper, in the language of the environment."""
        # sudo: the company's own account is for its customers to know; a contact that is not stored knows which
        action = self.env["collection.action"].sudo().new({"company_id": self.company_id.id, "partner_id": self.partner_id.id, "profile_id": self.id})
        account = action._bank_account()
        groups = [{"currency": one.currency, "to_pay": one.to_pay,
                   "items": [{"document": line.document, "to_pay": line.amount > 0} for line in one.lines]} for one in sections]
        return {
            "address": self._statement_address(), **head_of(self.company_id), "sender": self._statement_sender(),
            "bank": action._bank_block(groups if terms.kind == OPEN else [], account), "qr": action._bank_qr(groups, account) if terms.kind == OPEN else False,
            "date_text": format_date(self.env, self.company_id._collection_today(), date_format="long"), "terms": terms, "sections": sections,
            "period": self.env["collection.statement"]._period_text(terms),
            "day": lambda value: format_date(self.env, value) if value else "", "labels": self.env["collection.statement"]._bucket_labels(),
            "money": lambda amount, currency: currency.format(float(amount)),
        }


class ReportCollectionAccount(models.AbstractModel):
    _name = f"report.{ACCOUNT}"
    _description = "Statement of account"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Statements in the language of each customer; ``data`` may name the customers too, where core sends none."""
        profiles = self.env["credit.profile"].browse(docids or self._read_ids(data))
        profiles.check_access("read")  # a report may be asked for by its address
        Statement, letters, logos = self.env["collection.statement"], {}, {}
        for company, some in profiles.sudo().grouped("company_id").items():  # sudo: as the paper of the company shows it
            terms = Statement._read_terms(company, data)
            if company.partner_id.image_512 and not company.uses_default_logo:
                logos[company.id] = image_data_uri(company.partner_id.image_512)
            for lang, group in some.grouped(lambda one: one._statement_lang()).items():
                group = group.with_context(lang=lang)
                for profile, sections in Statement.with_context(lang=lang)._sections(group, terms).items():
                    letters[profile.id] = {**profile._statement_paper(sections, terms), "lang": lang, "o": profile}
        return {"doc_ids": profiles.ids, "doc_model": "credit.profile", "docs": profiles, "letters": letters, "logos": logos}

    @api.model
    def _read_ids(self, data):
        """The customers as an address gives them: a list, or numbers with commas between them."""
        given = (data or {}).get("profiles") or ()
        try:
            return [int(one) for one in (given.split(",") if isinstance(given, str) else given)]
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("The customers of the statement cannot be read. Choose them anew.")) from error


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_lean(self):
        return self.report_name == ACCOUNT or super()._is_lean()
