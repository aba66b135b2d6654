import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS


class CollectionKeptFileMixin(models.AbstractModel):
    """A file that leaves the house: made once, frozen by its hash, and each time it is taken is noted.

    Nobody reads the field itself, or a file could be taken without a trace: it goes out through our controller only.
    """

    _name = "collection.kept.file.mixin"
    _description = "Record with a file that is kept as it was made"

    file = fields.Binary(attachment=True, readonly=True, copy=False, groups=NO_ACCESS)
    file_name = fields.Char(readonly=True, copy=False)
    file_hash = fields.Char("SHA-256", readonly=True, copy=False)
    file_size = fields.Integer("Size in bytes", readonly=True, copy=False, aggregator=None)

    # where the file is taken, followed by the id
    _file_route = None

    def _keep(self, name, raw):
        """Freeze ``raw`` as the file of this record."""
        self.ensure_one()
        self.sudo().write({"file": base64.b64encode(raw), "file_name": name, "file_hash": hashlib.sha256(raw).hexdigest(),  # sudo: methods write it
                           "file_size": len(raw)})

    def _forget_file(self):
        self.sudo().write(dict.fromkeys(("file", "file_name", "file_hash", "file_size"), False))  # sudo: as above

    def _kept_raw(self):
        """The bytes as they are kept."""
        self.ensure_one()
        return self.env["ir.attachment"].sudo().search([  # sudo: a file of a field belongs to its record
            ("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)], limit=1).raw or b""

    def _is_intact(self):
        """Whether the kept file is still the one that was made."""
        return bool(self.file_hash) and hashlib.sha256(self._kept_raw()).hexdigest() == self.file_hash

    def _take_file(self):
        """The bytes for a person who takes them, noted; UserError for any but the file that was made."""
        self.ensure_one()
        self.check_access("read")
        self._check_taker()
        if not self.file_hash:
            raise UserError(self.env._("%s has no file yet.", self.display_name))
        if not self._is_intact():
            raise UserError(self.env._("The file of %s is not the one that was made: somebody changed it. Make it again.", self.display_name))
        self._note_taken()
        return self._kept_raw()

    def _check_taker(self):
        """Refuse who may see the record and yet not take its file."""

    def _note_taken(self):
        """Note who took the file, and when."""
        raise NotImplementedError

    def _take(self):
        """The button: to the file."""
        self.ensure_one()
        self.check_access("read")
        self._check_taker()
        return {"type": "ir.actions.act_url", "target": "download", "url": f"{self._file_route}/{self.id}"}
