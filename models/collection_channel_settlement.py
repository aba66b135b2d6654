from odoo import api, models

from .collection_reason import describe

TEMPLATE = "collection_settlement_mail_template"


class CollectionChannel(models.AbstractModel):
    """Settlement offers: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_settlement(self, record):
        """The offer to the address that reminders go to; without one, a task to send it another way."""
        partner = record.partner_id
        who = self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].usable.get("email")
        subject = who and self._queue(TEMPLATE, record, who.lang or record._reader_lang(), who.address, self._settlement_files(record, who))
        if not subject:
            self._ask_unsent(record)
            return
        record._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject))

    @api.model
    def _settlement_files(self, record, who):
        name = record.with_context(lang=who.lang or record._reader_lang())._file_name(self.env._("Settlement offer"))
        return [(name, record._document_raw())] if record.document_hash else []

    @api.model
    def _ask_unsent(self, record):
        """Another way to offer it, or why there is none."""
        stop = record.profile_id._contact_stop()
        if stop:
            record._ask(describe(self.env, stop, {}), note=self.env._("The offer was not sent."))
        else:
            record._ask(self.env._("no usable e-mail address"), note=self.env._("Print the letter or call: the offer was not sent."))
