from odoo import api, models

TEMPLATE = "collection_handover_mail_template"


class CollectionChannel(models.AbstractModel):
    """The letter before action: queued for core's mail job, with the paper."""

    _inherit = "collection.channel"

    @api.model
    def _queue_handover(self, record):
        """The letter to the address that reminders go to; without one, a task to send it by post."""
        partner = record.partner_id
        who = self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].usable.get("email")
        subject = who and self._queue(TEMPLATE, record, who.lang or record._reader_lang(), who.address, self._handover_files(record, who))
        if not subject:
            record._ask(self.env._("print the letter and send it by post"), note=self.env._("It could not be mailed."))
            return
        record.mailed_to = who.address
        record._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject))

    @api.model
    def _handover_files(self, record, who):
        lang = who.lang or record._reader_lang()
        return [(record.with_context(lang=lang)._document_name(), record._document_raw())] if record.document_hash else []

    @api.model
    def _unqueue(self, profiles):
        """A letter that is called off before it left has not left."""
        announced = self.env["collection.handover"].sudo().search([  # sudo: as the queue
            ("profile_id", "in", profiles.ids), ("state", "=", "announced"), ("mailed_to", "!=", False)])
        announced.filtered(lambda record: record._letter_lacks()).mailed_to = False
        super()._unqueue(profiles)
