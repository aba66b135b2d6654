from odoo import api, models

from .collection_reason import describe

TEMPLATE = "collection_settlement_mail_template"


class CollectionChannel(models.AbstractModel):
    """Settlement offers: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_settlement(self, record):
        """The offer to the address that reminders go to; without one, a task to send it another way."""
        if not self._queue_paper(record, TEMPLATE):
            self._ask_unsent(record)

    @api.model
    def _ask_unsent(self, record):
        """Another way to offer it, or why there is none."""
        stop = record.profile_id._contact_stop()
        if stop:
            record._ask(describe(self.env, stop, {}), note=self.env._("The offer was not sent."))
        else:
            record._ask(self.env._("no usable e-mail address"), note=self.env._("Print the letter or call: the offer was not sent."))
