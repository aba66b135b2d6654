from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date

TEXT_FIELDS = ("mail_opening", "mail_company", "mail_contact", "mail_claim", "mail_deadline", "mail_agency", "mail_items")
ROW = Markup('<tr><td style="padding:4px 12px 4px 0">%s</td><td style="padding:4px 12px 4px 0">%s</td><td style="padding:4px 0;text-align:right">%s</td></tr>')
SECRET = "."  # nobody; core calls it NO_ACCESS
BUTTON = Markup('<a href="%s" style="display:inline-block;padding:10px 18px;border-radius:4px;background-color:#714B67;color:#ffffff;'
                'text-decoration:none;font-weight:600">%s</a>')


class CollectionHandover(models.Model):
    """The words of the letter before action, in the customer's language; its link is for the customer alone."""

    _inherit = "collection.handover"

    mail_opening = fields.Char(compute="_compute_mail_texts")
    mail_company = fields.Char(compute="_compute_mail_texts")
    mail_contact = fields.Char(compute="_compute_mail_texts")
    mail_claim = fields.Char(compute="_compute_mail_texts")
    mail_deadline = fields.Char(compute="_compute_mail_texts")
    mail_agency = fields.Char(compute="_compute_mail_texts")
    mail_items = fields.Html(compute="_compute_mail_texts", sanitize=False)
    mail_pay_button = fields.Html(compute="_compute_mail_pay_button", sanitize=False, groups=SECRET)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.name", *(f"object.{name}" for name in TEXT_FIELDS))

    @api.depends("profile_id", "claim", "deadline", "agency_id", "line_ids.amount")
    @api.depends_context("lang")
    def _compute_mail_texts(self):
        for record in self:
            record.update({
                "mail_opening": record._opening(), "mail_company": record.company_id.name, "mail_contact": record.partner_id.display_name,
                "mail_claim": record.currency_id.format(record.claim), "mail_agency": record.agency_id.name,
                "mail_deadline": format_date(self.env, record.deadline), "mail_items": record._mail_table()})

    def _opening(self):
        """How the letter begins: reminders are named only where there were some about these invoices."""
        # sudo: what was sent counts, whoever reads the letter
        reminded = self.env["collection.action"].sudo().search_count([
            ("profile_id", "=", self.profile_id.id), ("sent_on", "!=", False), ("line_ids.item_id", "in", self.line_ids.item_id.ids)], limit=1)
        return self.env._("in spite of our reminders these amounts are open:") if reminded else self.env._("these amounts are open:")

    def _mail_table(self):
        rows = [(line.document, format_date(self.env, line.due), self.currency_id.format(line.amount)) for line in self.line_ids if line.amount]
        if self.costs:
            rows.append((self.env._("Costs"), "", self.currency_id.format(self.costs)))
        return Markup('<table style="border-collapse:collapse">%s</table>') % Markup("").join(ROW % row for row in rows)

    @api.depends("profile_id")
    @api.depends_context("lang")
    def _compute_mail_pay_button(self):
        for record in self:
            record.mail_pay_button = BUTTON % (record.profile_id._account_url(), self.env._("See your account and pay"))

    # ------------------------------------------------------------------ whether it left

    def _letter_lacks(self):
        """What keeps an announced handover from counting its days, in words: the letter has not left. None where it has."""
        if self.state != "announced" or self.printed_on:
            return None
        if not self.mailed_to:
            return self.env._("print the last letter and send it by post")
        waiting = self.env["mail.mail"].sudo().search([  # sudo: whether our own mail left; what was sent is deleted, or says so
            ("collection_origin", "=", f"collection.handover,{self.id}"), ("state", "!=", "sent")], limit=1)
        if waiting.state == "outgoing":
            return self.env._("the mail with the last letter waits to be sent")
        return self.env._("the mail with the last letter failed: print the letter and send it by post") if waiting else None

    def _note_printed(self):
        """The letter leaves by post: made with the days the customer has from today on."""
        system = self._locked("announced")
        today = system.company_id._collection_today()
        system.write({"printed_on": today, "deadline": today + timedelta(days=system.company_id.collection_handover_days), "task_given": False, "warned": False})
        system._make_document()
        self._log("letter", self.env._("Last letter printed, to pay by %s", format_date(self.env, system.deadline)))

    # ------------------------------------------------------------------ the paper

    def _document_name(self):
        """What the letter's file is called."""
        return self._file_name(self.env._("Letter before action"))

    def _pay_moves(self):
        """What the letter's bank details are for; online the customer pays on its own page."""
        return self.line_ids.item_id.move_id

    def _paper_items(self):
        """The rows of the letter's table."""
        return [{"document": line.document, "on": line.item_id.date or line.due, "due": line.due, "amount": line.amount} for line in self.line_ids if line.amount]

    def _paper_day(self):
        return self.announced_on or super()._paper_day()
