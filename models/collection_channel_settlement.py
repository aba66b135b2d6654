from odoo import api, models

TEMPLATE = "collection_settlement_mail_template"


class CollectionChannel(models.AbstractModel):
    """Settlement offers: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_settlement(self, record):
        """The offer to the address that reminders go to; without one, a task to send it another way."""
        partner = record.partner_id
        who = self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].usable.get("email")
        if not who:
            record._ask(self.env._("no usable e-mail address"), note=self.env._("Print the letter or call: the offer was not sent."))
            return
        lang = who.lang or record._reader_lang()
        files = [(record.with_context(lang=lang)._file_name(self.env._("Settlement offer")), record._document_raw())] if record.document_hash else []
        subject = self._queue(TEMPLATE, record, lang, who.address, files)
        record._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject))
