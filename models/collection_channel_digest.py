from odoo import api, models

REPORT = "account_credit_collection.report_collection_digest"


class CollectionChannel(models.AbstractModel):
    """The digest of a month: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_digest(self, digest):
        """Queue the mail with its PDF to the reader of a digest."""
        content, _kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(REPORT, digest.ids)  # sudo: a paper shows what its reader may see
        self._queue("collection_mail_template_digest", digest, digest.user_id.lang, digest.user_id.email_normalized, [(digest._file_name(), content)])
