import json
import logging
import tempfile

from psycopg2 import OperationalError
from psycopg2.errors import ReadOnlySqlTransaction
from werkzeug.exceptions import BadRequest, Forbidden, InternalServerError
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.http import request

from ..models.collection_metrics import note_failure
from .charge import XLSX
from .links import LAST_ID

_logger = logging.getLogger(__name__)
RETRIED = (ConcurrencyError, OperationalError, ReadOnlySqlTransaction)


class CollectionReport(http.Controller):
    """Reports as workbooks, for those who may see their rows."""

    @http.route("/collections/export.xlsx", type="http", auth="user", methods=["POST"], readonly=True)
    def export(self, model="", domain="[]", day="", companies="", **_kwargs):
        """The rows of a list as the user sees it: same filter, same day, same rights."""
        try:
            self._choose_companies(self._read_companies(companies))
            Export = request.env["collection.export"]
            Export._read_export(model)
            records = request.env[model].with_context(**self._read_day(day))
            wanted = self._read_domain(records, domain)
            return self._send(Export._file_name(records), lambda file: Export._write_workbook(records, wanted, file))
        except RETRIED:  # Odoo tries again, with a cursor that may write where this one may not
            raise
        except Exception as error:  # the client shows what it can read
            if not isinstance(error, UserError):
                note_failure(_logger, error, "a workbook failed")
            raise self._in_words(error) from error

    @http.route("/collections/statements/<int:wizard_id>.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def statement(self, wizard_id, **_kwargs):
        """The statements that a person asked for, as a workbook; the dialog is the person's own."""
        self._choose_companies(request.env.user.company_ids.ids)
        wizard = request.env["collection.statement.wizard"].search([("id", "=", wizard_id), ("create_uid", "=", request.env.uid)])
        if not wizard:
            raise request.not_found()
        return self._send(wizard._file_name("xlsx"), wizard._write_workbook)

    @http.route("/collections/subjects/<int:wizard_id>.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def subject(self, wizard_id, **_kwargs):
        """What is stored about a person, as a workbook; the dialog is the person's own who asked for it."""
        wizard = request.env["collection.subject.wizard"].search([("id", "=", wizard_id), ("create_uid", "=", request.env.uid)])
        if not wizard:
            raise request.not_found()
        return self._send(wizard._file_name("xlsx"), wizard._write_workbook)

    def _in_words(self, error):
        """The answer that the client shows; what the user can mend is no failure of the server, and has no trace."""
        data = http.serialize_exception(error)
        status = InternalServerError
        if isinstance(error, UserError):
            data["debug"], status = "", Forbidden if isinstance(error, AccessError) else BadRequest
        return status(json.dumps({"code": 0, "message": "Odoo Server Error", "data": data}))

    def _read_companies(self, text):
        ids = text.split(",") if text else []
        if not all(one.isdecimal() and len(one) <= len(str(LAST_ID)) and int(one) <= LAST_ID for one in ids):
            raise UserError(request.env._("The companies of this list cannot be read. Choose them again."))
        return [int(one) for one in ids]

    def _choose_companies(self, ids):
        """The companies that are ticked on the screen; Odoo refuses those that are not the user's."""
        if ids:
            request.update_context(allowed_company_ids=ids)

    def _read_domain(self, records, text):
        try:
            if "\0" in text or "\\u0000" in text:
                raise ValueError("no text holds it")
            domain = Domain(json.loads(text))
            domain.validate(records)
            records._search(domain)  # some fields show only here that nobody can search by them
            return domain
        except (TypeError, ValueError, RecursionError) as error:
            raise UserError(request.env._("The filter of this list cannot be read. Take it away and set it again.")) from error

    def _read_day(self, text):
        """The day of the report, as reports take it; nothing where none was given."""
        root = request.env.company.root_id.sudo()  # sudo: a branch has its root's day
        return {"collection_day": root._read_report_day(text).isoformat()} if text else {}

    def _send(self, name, write):
        """A file written by ``write(file)``, sent piece by piece: it may be large, and nobody keeps it."""
        file = tempfile.TemporaryFile()  # noqa: SIM115, closed when it is sent
        try:
            write(file)
        except BaseException:
            file.close()
            raise
        size = file.seek(0, 2)
        file.seek(0)
        return request.make_response(wrap_file(request.httprequest.environ, file), headers=[
            ("Content-Type", XLSX), ("Content-Length", size), ("Content-Disposition", http.content_disposition(name)), ("Cache-Control", "no-store")])
