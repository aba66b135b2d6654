from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date

PATH = "/collections/settlement"
TEXT_FIELDS = ("mail_company", "mail_contact", "mail_debt", "mail_amount", "mail_saved", "mail_until", "mail_items")
BUTTON = Markup('<a href="%s" style="display:inline-block;padding:10px 18px;border-radius:4px;background-color:#714B67;color:#ffffff;'
                'text-decoration:none;font-weight:600">%s</a>')
ROW = Markup('<tr><td style="padding:4px 12px 4px 0">%s</td><td style="padding:4px 12px 4px 0">%s</td><td style="padding:4px 0;text-align:right">%s</td></tr>')
SECRET = "."  # nobody; core calls it NO_ACCESS


class CollectionSettlement(models.Model):
    """The words of the mail with an offer, in the customer's language; its link is for the customer alone."""

    _inherit = "collection.settlement"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_debt = fields.Char(compute="_compute_mail_texts")
    mail_amount = fields.Char(compute="_compute_mail_texts")
    mail_saved = fields.Char(compute="_compute_mail_texts")
    mail_until = fields.Char(compute="_compute_mail_texts")
    mail_items = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_pay_button = fields.Html(compute="_compute_mail_pay_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("profile_id", "debt", "amount", "conceded", "until", "line_ids.amount")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for record in self:
            money = record.currency_id.format
            record.update({
                "mail_company": record.company_id.name, "mail_contact": record.partner_id.display_name, "mail_debt": money(record.debt),
                "mail_amount": money(record.amount), "mail_saved": money(record.conceded), "mail_until": format_date(self.env, record.until),
                "mail_items": record._mail_table()})

    def _mail_table(self):
        rows = Markup("").join(ROW % (line.document, format_date(self.env, line.due), self.currency_id.format(line.amount)) for line in self.line_ids)
        return Markup('<table style="border-collapse:collapse">%s</table>') % rows

    @api.depends("link_epoch", "until")
    @api.depends_context("lang")
    def _compute_mail_pay_button(self):
        for record in self:
            record.mail_pay_button = BUTTON % (record._link_url(PATH), self.env._("See the offer and pay"))
