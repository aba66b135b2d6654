from odoo import api, fields, models

TEXT_FIELDS = ("mail_company", "mail_documents", "mail_sender")


class CollectionCall(models.Model):
    """What the mail with copies of invoices may name."""

    _inherit = "collection.call"

    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_documents = fields.Char(compute="_compute_mail_texts")
    mail_sender = fields.Char(compute="_compute_mail_texts")

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("item_ids", "user_id", "company_id")
    def _compute_mail_texts(self):
        for call in self:
            call.mail_company = call.company_id.name
            call.mail_documents = ", ".join(call.item_ids.move_id.mapped("name"))
            call.mail_sender = call.user_id.name
