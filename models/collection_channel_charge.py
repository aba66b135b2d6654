from odoo import api, models


class CollectionChannel(models.AbstractModel):
    """Bills of charges with their proof sheets: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_charge(self, charge, email):
        """One mail with the bill and its proof sheet to one address; return whether it goes."""
        lang = charge.profile_id.partner_id.lang or self.env.lang
        files = [self._invoice_file(charge.move_id.with_context(lang=lang)), charge.with_context(lang=lang)._proof_file()]
        return bool(self._queue("mail_template_charge", charge, lang, email, files))
