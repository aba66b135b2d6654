from odoo import models

# Files that somebody outside sent: nobody knows what they do when they are opened.
SENT = ("collection.dispute.file", "credit.application.document")


class IrBinary(models.AbstractModel):
    """Files from outside are saved, never shown as part of the site, whichever address leads to them (R-78)."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        stream = super()._get_stream_from(record, field_name, *args, **kwargs)
        if (record.res_model if record._name == "ir.attachment" else record._name) in SENT:
            stream.mimetype = "application/octet-stream"
        return stream
