from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from . import links


class CollectionKeptFile(http.Controller):
    """Files that leave the house, for people of the office: saved, never shown as part of the site, and noted each time (R-86)."""

    @http.route("/collections/handover/file/<int:file_id>", type="http", auth="user", methods=["GET"], save_session=False, readonly=False)
    def handover_file(self, file_id, **_kwargs):
        return self._send("collection.handover.file", file_id)

    @http.route("/collections/bureau/file/<int:file_id>", type="http", auth="user", methods=["GET"], save_session=False, readonly=False)
    def bureau_file(self, file_id, **_kwargs):
        return self._send("collection.bureau.file", file_id)

    def _send(self, model, file_id):
        record = self._find(model, file_id)
        if not record:
            raise request.not_found()
        raw = record._take_file()
        return request.make_response(raw, headers=[
            *links.FILE.items(), ("Content-Type", "application/octet-stream"), ("Content-Length", len(raw)),
            ("Content-Disposition", content_disposition(record.file_name))])

    def _find(self, model, file_id):
        """The record if this user may take its file; the same answer for a foreign and for a missing one."""
        if not 0 < file_id <= links.LAST_ID or not request.env.user._is_internal():
            return None
        request.update_context(allowed_company_ids=request.env.user.company_ids.ids)
        record = request.env[model].browse(file_id).exists()
        try:
            record.check_access("read")
            record._check_taker()
        except AccessError:
            return None
        return record
