import base64
import hashlib
from urllib.parse import urlencode

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize
from odoo.tools.misc import format_date


class CollectionAgreementMixin(models.AbstractModel):
    """A paper made once and kept: what is shown, accepted and proved later is that very file, by its hash."""

    _name = "collection.agreement.mixin"
    _description = "Record with a paper that is made once"

    # the report that makes the paper
    _document_report = None

    document_file = fields.Binary("Agreement", attachment=True, readonly=True, copy=False)
    document_hash = fields.Char("SHA-256 of the agreement", readonly=True, copy=False)

    def _make_document(self):
        """Render the paper, in the customer's language. What was accepted is not made again."""
        for record in self:
            raw = record._render(record._document_report)
            record.write({"document_file": base64.b64encode(raw), "document_hash": hashlib.sha256(raw).hexdigest()})

    def _document_raw(self):
        """The bytes of the paper as it was made, to give to anybody; UserError for any other."""
        self.ensure_one()
        raw = self._kept_raw() if self.document_hash else b""
        if self.document_hash and not self._is_intact():
            raise UserError(self.env._("The file of %s is not the one that was made: somebody changed it. It is not sent nor shown. "
                                       "End it and make a new one.", self.name))
        return raw

    def _kept_raw(self):
        """The bytes of the paper as they are kept."""
        return self.env["ir.attachment"].sudo().search([  # sudo: a file of a field belongs to its record
            ("res_model", "=", self._name), ("res_field", "=", "document_file"), ("res_id", "=", self.id)], limit=1).raw or b""

    def _is_intact(self):
        """Whether the kept file is still the one that was made."""
        self.ensure_one()
        return bool(self.document_hash) and hashlib.sha256(self._kept_raw()).hexdigest() == self.document_hash

    def _download(self):
        """The kept file, for who may read the record."""
        self._document_raw()
        return {"type": "ir.actions.act_url", "target": "download", "url": f"/web/content/{self._name}/{self.id}/document_file?" + urlencode(
            {"download": "true", "filename": self._document_name()})}

    def _check_document(self, shown):
        """Refuse an acceptance of anything but the file that is kept; ``shown`` is the hash on the page."""
        if not self._is_intact():
            raise UserError(self.env._("%s cannot be accepted: its file was changed. Please contact us.", self.name))
        if shown != self.document_hash:
            raise UserError(self.env._("What you saw has changed in the meantime. Please read it again before you accept."))

    def _render(self, report):
        """One PDF of this record, in the customer's language."""
        # sudo: a paper is made for whoever offers or accepts
        streams = self.env["ir.actions.report"].sudo()._render_qweb_pdf_prepare_streams(report, {}, res_ids=self.ids)
        return streams[self.id]["stream"].getvalue()

    def _file_name(self, title):
        return f"{title} {self.name.replace('/', '-')}.pdf"

    def _contact(self):
        """Name, plain e-mail and phone of whom to ask."""
        # sudo: the customer may know who looks after it
        company, user = self.company_id.sudo(), self.profile_id.sudo().collector_id
        return {"name": user.name or company.name, "email": email_normalize(user.email or "") or email_normalize(company.email or ""),
                "phone": user.phone or company.phone}

    def _reader(self):
        """Who is written to in these matters, as the follow-up knows it."""
        partner = self.profile_id.partner_id
        return self.env["collection.reader"]._read_recipients(partner.ids)[partner.id].via("email")

    def _reader_lang(self):
        """The language of who reads it where that is installed, else the company's."""
        installed = dict(self.env["res.lang"].get_installed())
        wanted = (self._reader().lang, self.profile_id.partner_id.lang, self.company_id.partner_id.lang)
        return next((code for code in wanted if code in installed), "en_US")

    def _reader_address(self):
        return self._reader().address or False

    def _day(self, value):
        """A day that is read the same on both sides of an ocean."""
        return format_date(self.env, value, date_format="medium")
