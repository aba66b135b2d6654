import base64
import hashlib
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from .credit_field_rules import sentence
from .upload import EXTENSIONS, MIMETYPES, FileError, clean_name, judge

ALLOWED_TYPES = {MIMETYPES[kind]: EXTENSIONS[kind] for kind in MIMETYPES}


class CreditApplicationDocument(models.Model):
    """A file of an application, under a name of ours (R-78); only collectors see it (R-112).

    A file from the form was judged there (R-77); one from the office is judged here, in the same way.
    """

    _name = "credit.application.document"
    _description = "Document of a Credit Application"
    _inherit = ["credit.application.part"]
    _order = "application_id, id"

    _guarded = frozenset({"company_id", "uploaded_on"})

    application_id = fields.Many2one("credit.application", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="application_id.company_id", store=True, index=True)
    question_id = fields.Many2one("credit.question", "Asked for", index=True, ondelete="restrict", domain=[("kind", "=", "file")])
    name = fields.Char("Stored as", readonly=True, copy=False)
    original_name = fields.Char("File name", size=120)
    file = fields.Binary(attachment=True, required=True)
    mimetype = fields.Char("Type", readonly=True)
    size = fields.Integer("Bytes", readonly=True)
    checksum = fields.Char("SHA-256", readonly=True)
    unsafe = fields.Boolean("Download only", readonly=True, help="The file can run something when it is opened.")
    uploaded_on = fields.Datetime(readonly=True, default=fields.Datetime.now)

    @api.model_create_multi
    def create(self, vals_list):
        """Name, size, type and fingerprint are taken from the content, whatever the sender says."""
        numbers = Counter()
        vals_list = [{"application_id": self.env.context.get("default_application_id"), **vals} for vals in vals_list]
        for vals in vals_list:
            application = self.env["credit.application"].browse(vals["application_id"])
            application._check_open()
            numbers[application] += 1
            if not self.env.su:
                vals.update(self._judge(vals))
            vals.update(self._prepare_file(vals.get("file")))
            number = len(application.sudo().document_ids) + numbers[application]  # sudo: a number shows nothing of them; nosemgrep: public-method-with-sudo
            vals["name"] = f"app-{application.id}-{number}.{ALLOWED_TYPES[vals['mimetype']]}"
        return super().create(vals_list)

    @api.model
    def _judge(self, vals):
        """A file of the office as it may be stored."""
        name = clean_name(vals.get("original_name") or "")
        try:
            judged = judge(name, base64.b64decode(vals.get("file") or b""))
        except FileError as error:
            problem = sentence(self.env, error.code)
            raise UserError(self.env._("%(file)s: %(problem)s", file=name, problem=problem)) from error
        return {"original_name": name, "file": base64.b64encode(judged.raw), "unsafe": judged.unsafe}

    @api.model
    def _prepare_file(self, encoded):
        raw = base64.b64decode(encoded or b"")
        kind = guess_mimetype(raw, default="application/octet-stream")
        if kind not in ALLOWED_TYPES:
            raise UserError(self.env._("Only PDF, JPEG and PNG files can be kept with an application."))
        return {"mimetype": kind, "size": len(raw), "checksum": hashlib.sha256(raw).hexdigest()}

    def write(self, vals):
        """What was handed in stays as it is."""
        if {"application_id", "file", "name", "mimetype", "size", "checksum", "unsafe"} & set(vals):
            raise UserError(self.env._("A document is not changed: add another one."))
        return super().write(vals)

    def action_download(self):
        """The file, always as a download (R-78)."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/credit/document/{self.id}", "target": "new"}
