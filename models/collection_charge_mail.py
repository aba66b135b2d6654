from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.mail import plaintext2html

TEXT_FIELDS = ("mail_company", "mail_contact", "mail_number", "mail_last_day", "mail_total", "mail_waiver")


class CollectionCharge(models.Model):
    """The words of the mail with a bill, in the language of the reader: placeholders only, so that anybody may edit the text."""

    _inherit = "collection.charge"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_number = fields.Char(compute="_compute_mail_texts")
    mail_last_day = fields.Char(compute="_compute_mail_texts")
    mail_total = fields.Char(compute="_compute_mail_texts")
    mail_waiver = fields.Html(compute="_compute_mail_texts", sanitize=False)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("move_id", "date_to", "waive_until")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for charge in self:
            partner = charge.move_id.partner_id or charge.partner_id
            charge.update({
                "mail_company": charge.booking_company_id.name, "mail_contact": partner.name or charge.partner_id.name,
                "mail_number": charge.name, "mail_last_day": format_date(self.env, charge.last_day) if charge.date_to else "",
                "mail_total": charge.currency_id.format(charge.move_id.amount_total), "mail_waiver": charge._waiver_sentence()})

    def _waiver_sentence(self):
        if not self.waive_until:
            return ""
        return plaintext2html(self.env._("If the invoices named in it are paid by %s, you need not pay this bill: we cancel it then.",
                                         format_date(self.env, self.waive_until)))
