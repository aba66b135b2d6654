from odoo import api, fields, models
from odoo.tools.misc import format_date

from .collection_reason import describe

TEXT_FIELDS = ("mail_contact", "mail_company", "mail_sender", "mail_day", "mail_on", "mail_years")


class CollectionGreeting(models.Model):
    """The words of a greeting, in the language of whoever reads them. Templates hold placeholders only."""

    _inherit = "collection.greeting"

    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_sender = fields.Char(compute="_compute_mail_texts")
    mail_day = fields.Char(compute="_compute_mail_texts")
    mail_on = fields.Char(compute="_compute_mail_texts")
    mail_years = fields.Char(compute="_compute_mail_texts")

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("contact_id", "company_id", "occasion_id", "day", "years")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for greeting in self:
            company = greeting.company_id
            greeting.update({
                "mail_contact": greeting.contact_id.name or greeting.profile_id.partner_id.name, "mail_company": company.name,
                "mail_sender": greeting.user_id.name or company.name, "mail_day": greeting._day_name(), "mail_on": format_date(self.env, greeting.day),
                "mail_years": describe(self.env, "greeting_years_one" if greeting.years == 1 else "greeting_years", {"count": greeting.years})})

    def _day_name(self):
        """The name of the day: that of a holiday as it is called in the reader's language."""
        occasion = self.occasion_id
        if occasion.kind != "holiday":
            return occasion.name
        contact = self.contact_id
        country = contact.country_id or contact.commercial_partner_id.country_id or occasion._home()
        names = self.env["collection.reader"]._holiday_names(country.code, (self.day.year,), self.env.lang).get(self.day)
        return names[0] if names else occasion.holiday

    def _reader_lang(self, address):
        """An installed language: the contact's, else the company's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return next((code for code in (address["lang"], self.company_id.partner_id.lang) if code in installed), self.env.lang or "en_US")
