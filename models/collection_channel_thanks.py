from odoo import api, models

TEMPLATE = "collection_thanks_mail_template"


class CollectionChannel(models.AbstractModel):
    """Thanks for paying: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_thanks(self, thanks, who):
        """Queue it in the language of who reads it; return whether it goes."""
        lang = who.lang or thanks.profile_id._reader_lang()
        subject = self._queue(TEMPLATE, thanks, lang, who.address, ())
        if subject:
            thanks.profile_id._message_log(body=self.env._("Mail to %(address)s: %(subject)s", address=who.address, subject=subject),
                                           message_type="email_outgoing")
        return bool(subject)
