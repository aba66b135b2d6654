from odoo import api, models

TEMPLATE = "collection_handover_mail_template"


class CollectionChannel(models.AbstractModel):
    """The letter before action: queued for core's mail job, with the paper."""

    _inherit = "collection.channel"

    @api.model
    def _queue_handover(self, record):
        """The letter to the address that reminders go to; without one, a task to send it by post."""
        address = self._queue_paper(record, TEMPLATE)
        if address:
            record.mailed_to = address
        else:
            record._ask(self.env._("print the letter and send it by post"), note=self.env._("It could not be mailed."))

    @api.model
    def _unqueue(self, profiles):
        """A letter that is called off before it left has not left."""
        announced = self.env["collection.handover"].sudo().search([  # sudo: as the queue
            ("profile_id", "in", profiles.ids), ("state", "=", "announced"), ("mailed_to", "!=", False)])
        announced.filtered(lambda record: record._letter_lacks()).mailed_to = False
        super()._unqueue(profiles)
