import base64

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from . import links

MODEL = "credit.application.document"


class CreditDocument(http.Controller):
    """A file of an applicant, for people of the office: saved, never shown as part of the site (R-78)."""

    @http.route("/credit/document/<int:document_id>", type="http", auth="user", methods=["GET"], save_session=False)
    def document(self, document_id, **_kwargs):
        document = self._find(document_id)
        if not document:
            return request.not_found()
        raw = base64.b64decode(document.with_context(bin_size=False).file or b"")
        return request.make_response(raw, headers=[
            *links.FILE.items(), ("Content-Type", "application/octet-stream"), ("Content-Length", len(raw)),
            ("Content-Disposition", content_disposition(document.name))])

    def _find(self, document_id):
        """The document if this user may read it; the same answer for a foreign and for a missing one."""
        if not 0 < document_id <= links.LAST_ID:
            return None
        document = request.env[MODEL].browse(document_id).exists()
        try:
            document.check_access("read")
            document.application_id.check_access("read")
        except AccessError:
            return None
        return document
