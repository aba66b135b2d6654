import base64
import hashlib

from odoo import api, fields, models

from .upload import MAX_FILES, MAX_TOTAL, FileError

MOST = 100 * 1024 * 1024  # bytes that the files of one customer may take in all


class CollectionDisputeFile(models.Model):
    """A file that a customer sent with what it contests, under a name of ours (R-78). It was judged where it came in (R-77)."""

    _name = "collection.dispute.file"
    _description = "File of a Dispute"
    _order = "dispute_id, id"

    dispute_id = fields.Many2one("collection.dispute", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    name = fields.Char("Stored as", required=True, readonly=True)
    original_name = fields.Char("File name", readonly=True)
    file = fields.Binary(attachment=True, required=True, readonly=True)
    mimetype = fields.Char("Type", readonly=True)
    size = fields.Integer("Bytes", readonly=True)
    checksum = fields.Char("SHA-256", readonly=True)
    unsafe = fields.Boolean("Be careful", readonly=True, help="The file can run something when it is opened.")
    uploaded_on = fields.Datetime("Sent on", readonly=True, default=fields.Datetime.now)
    said_by_id = fields.Many2one("res.partner", "Sent by", readonly=True, ondelete="restrict", index="btree_not_null")

    @api.model
    def _keep(self, dispute, said_by, files):
        """Store judged files, ``[(name of the sender, Judged)]``; raises FileError when there are too many, too much, or one again."""
        kept = dispute.file_ids
        if len(kept) + len(files) > MAX_FILES:
            raise FileError("file_count")
        prints = [hashlib.sha256(judged.raw).hexdigest() for _name, judged in files]
        if len({*prints, *kept.mapped("checksum")}) < len(prints) + len(kept):
            raise FileError("file_again")
        size = sum(len(judged.raw) for _name, judged in files)
        if sum(kept.mapped("size")) + size > MAX_TOTAL:
            raise FileError("file_total")
        if files and self._customer_bytes(dispute.profile_id) + size > MOST:
            raise FileError("file_full")
        return self.create([{
            "dispute_id": dispute.id, "said_by_id": said_by.id, "name": f"dispute-{dispute.id}-{len(kept) + number}.{judged.extension}",
            "original_name": name, "file": base64.b64encode(judged.raw), "mimetype": judged.mimetype, "size": len(judged.raw),
            "checksum": checksum, "unsafe": judged.unsafe,
        } for number, ((name, judged), checksum) in enumerate(zip(files, prints), 1)])

    @api.model
    def _customer_bytes(self, profile):
        """What the files of a customer take in all; a flood of them must not fill the disk."""
        [(total,)] = self._read_group([("dispute_id.profile_id", "=", profile.id)], [], ["size:sum"])
        return total or 0

    def action_download(self):
        """The file, always as a download (R-78)."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/collections/dispute/file/{self.id}", "target": "new"}


class CollectionDispute(models.Model):
    _inherit = "collection.dispute"

    file_ids = fields.One2many("collection.dispute.file", "dispute_id", "Files of the customer", readonly=True)


class CollectionDisputeReason(models.Model):
    _inherit = "collection.dispute.reason"

    is_public = fields.Boolean("Customers choose it", default=True, help="Customers may give this reason by themselves, on the page of their account.")
