from odoo import api, models
from odoo.exceptions import UserError

TEMPLATE = "mail_template_copies"


class CollectionChannel(models.AbstractModel):
    """Copies of invoices, asked for on the telephone: queued for core's mail job."""

    _inherit = "collection.channel"

    @api.model
    def _queue_copies(self, call):
        """One mail with a copy of each invoice of a call, to the address that was given."""
        if not self.env.ref(f"account_credit_collection.{TEMPLATE}", raise_if_not_found=False):
            raise UserError(self.env._("The mail text “Copies of invoices” was deleted. Ask your administrator to update the application, which brings it back."))
        lang = (call.contact_id.lang or call.profile_id.partner_id.lang or self.env.lang)
        files = [self._invoice_file(move.with_context(lang=lang)) for move in call.item_ids.move_id]
        self._queue(TEMPLATE, call, lang, call.number, files)
        job = self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)
        if job:  # the customer waits for them: not when the hour is over
            job.sudo()._trigger()  # sudo: as any mail that is sent at once

    @api.model
    def _invoice_file(self, move):
        """Name and PDF of an invoice: the one that was sent, else (also where its file is damaged) as it would be sent."""
        kept = move.sudo().invoice_pdf_report_id  # sudo: the customer's own document
        known = (not kept or kept._is_whole()) and move.sudo()._get_invoice_legal_documents("pdf")  # sudo: as above
        if known:
            return known["filename"], known["content"]
        report = self.env["ir.actions.report"].sudo()  # sudo: as above
        content, _kind = report._render_qweb_pdf("account.account_invoices", move.ids)
        return move._get_invoice_report_filename(), content
