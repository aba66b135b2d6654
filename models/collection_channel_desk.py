from odoo import api, models


class CollectionChannel(models.AbstractModel):
    """Copies of invoices, asked for on the telephone: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_copies(self, call):
        """One mail with a copy of each invoice of a call, to the address that was given."""
        lang = (call.contact_id.lang or call.profile_id.partner_id.lang or self.env.lang)
        files = [self._invoice_file(move.with_context(lang=lang)) for move in call.item_ids.move_id]
        self._queue("mail_template_copies", call, lang, call.number, files)

    @api.model
    def _invoice_file(self, move):
        """Name and PDF of an invoice: the one that was sent, else as it would be sent."""
        known = move.sudo()._get_invoice_legal_documents("pdf")  # sudo: the customer's own document
        if known:
            return known["filename"], known["content"]
        report = self.env["ir.actions.report"].sudo()  # sudo: as above
        content, _kind = report._render_qweb_pdf("account.account_invoices", move.ids)
        return move._get_invoice_report_filename(), content
