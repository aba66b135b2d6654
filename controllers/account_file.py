import functools

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from . import account as accounts
from . import forms, links
from .charge import XLSX
from .forms import SHOW

FILE = {**SHOW, "save_session": False}
TYPES = {"pdf": "application/pdf", "xlsx": XLSX}
PAPERS = "contract,plan,settlement,proof,invoice"


def counted(endpoint):
    """Papers take long to make: who opens too many has to wait."""
    @functools.wraps(endpoint)
    def wrapper(*args, **kwargs):
        sender = request.httprequest.remote_addr
        refused = forms.over("file", sender)
        if not refused:
            forms.note("file", sender)
        return refused or endpoint(*args, **kwargs)
    return wrapper


class AccountFile(http.Controller):
    """The papers of an account: its statement, what was agreed, and its invoices."""

    @http.route(accounts.paths("/statement.<any(pdf,xlsx):kind>"), **FILE)
    @accounts.visit
    @counted
    def account_statement(self, account, /, kind, first="", last="", **_kwargs):
        """What is open today; with a first day all movements from there on."""
        data = {"kind": "moves" if first else "open", "first": first, "last": last if first else ""}
        try:
            name, content = account.profile._account_statement(data, kind)
        except UserError as error:
            return accounts.show(account, "account_portal_problem", {"sentence": str(error)}, 400)
        return self._send(name, content, TYPES[kind], "attachment")

    @http.route(accounts.paths(f"/file/<any({PAPERS}):kind>/<int:record_id>"), **FILE)
    @accounts.visit
    @counted
    def account_paper(self, account, /, kind, record_id, **_kwargs):
        """One paper of this very customer; any other number opens nothing."""
        found = account.profile._account_file(kind, record_id) if 0 < record_id <= links.LAST_ID else None
        return self._send(*found, TYPES["pdf"], "inline") if found else links.refuse()

    def _send(self, name, content, kind, disposition):
        return request.make_response(content, headers=[
            *links.SITE.items(), ("Content-Type", kind), ("Content-Length", len(content)), ("Content-Disposition", content_disposition(name, disposition))])
