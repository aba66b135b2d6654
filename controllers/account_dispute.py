import base64

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from . import account as accounts
from . import forms, links
from .account_say import find_one, listed, pick, query, read, say, say_on, show_form, uploads
from .credit_files import UPLOAD
from .forms import POST, SHOW

WITH_FILES = {**POST, "max_content_length": UPLOAD}


class AccountDispute(http.Controller):
    """“Something is wrong…”: what the customer contests, with its papers, and what becomes of it."""

    @http.route(accounts.paths("/dispute"), **SHOW)
    @accounts.visit
    def dispute_form(self, account, /, **_kwargs):
        items, answer = pick(account, query("item"))
        return answer or self._form(account, items[:1])

    @http.route(accounts.paths("/dispute"), **WITH_FILES)
    @forms.counted
    @accounts.visit
    def dispute(self, account, /, **_kwargs):
        texts = forms.posted("file")
        item, answer = pick(account, texts.pop("item", []))
        if answer or len(item) != 1:
            return answer or self._form(account, item[:0])
        said, errors = read(account, self._fields(account, item), texts)
        files, problem = ([], None) if errors else uploads()
        if problem:
            errors = {"": problem}
        if not errors:
            said.update(amount=float(said["amount"]), reason_id=int(said["reason_id"]))
            opened, errors = say(account.profile.env["collection.dispute"]._open_online, item, account.visitor(), said, files)
            if not errors:
                return links.go(account.url(f"/dispute/{opened.id}"))
        return self._form(account, item, forms.first(texts), errors)

    @http.route(accounts.paths("/dispute/<int:dispute_id>"), **SHOW)
    @accounts.visit
    def dispute_page(self, account, /, dispute_id, **_kwargs):
        dispute = find_one(account.profile.dispute_ids, dispute_id)
        return self._page(account, dispute) if dispute else links.refuse()

    @http.route(accounts.paths("/dispute/<int:dispute_id>/add"), **WITH_FILES)
    @forms.counted
    @accounts.visit
    def dispute_add(self, account, /, dispute_id, **_kwargs):
        """A note or a file more."""
        dispute = find_one(account.profile.dispute_ids, dispute_id)
        if not dispute:
            return links.refuse()
        texts = forms.posted("file")
        said, errors = read(account, self._note(account), texts)
        files, problem = ([], None) if errors else uploads()
        if not errors and (problem or not (said["text"] or files)):
            errors = {"": problem or request.env._("Please write something, or choose a file.")}
        if not errors:
            errors = say(dispute._say_more, account.visitor(), said["text"], files)[1]
        return self._page(account, dispute, forms.first(texts), errors) if errors else links.go(account.url(f"/dispute/{dispute_id}"))

    @http.route(accounts.paths("/dispute/<int:dispute_id>/withdraw"), **POST)
    @forms.counted
    @accounts.visit
    def dispute_withdraw(self, account, /, dispute_id, **_kwargs):
        dispute = find_one(account.profile.dispute_ids, dispute_id)
        if not dispute:
            return links.refuse()
        errors = say_on(account, dispute._withdraw_online)
        return self._page(account, dispute, None, errors) if errors else links.go(account.url(f"/dispute/{dispute_id}"))

    # ------------------------------------------------------------------ pages

    def _fields(self, account, item):
        return account.profile.env["credit.form"]._dispute(item.currency_id)

    def _note(self, account):
        return account.profile.env["credit.form"]._dispute_note()

    def _form(self, account, item, texts=None, errors=None):
        """The form about an item; without one, the items to choose from."""
        if not item:
            items = account.items().filtered(lambda one: one.amount_residual_currency > 0)
            items, more = listed(items, item)
            return accounts.show(account, "account_say_dispute_items", {"items": items, "more": more})
        form, free = account.profile.env["credit.form"], item.amount_residual_currency - self._contested(account, item)
        texts = texts or {"amount": form._amount_text(max(0.0, free), item.currency_id, account.company)}
        return show_form(account, "account_say_dispute", self._fields(account, item), texts, errors, item=item)

    def _contested(self, account, item):
        disputes = account.profile.dispute_ids.filtered(lambda one: one.item_id == item and one.state == "open")
        return sum(disputes.mapped("open_amount"))

    def _page(self, account, dispute, texts=None, errors=None):
        return show_form(account, "account_say_disputed", self._note(account), texts or {}, errors, dispute=dispute)


class DisputeFile(http.Controller):
    """A file of a customer, for people of the office: saved, never shown as part of the site (R-78)."""

    @http.route("/collections/dispute/file/<int:file_id>", type="http", auth="user", methods=["GET"], save_session=False)
    def dispute_file(self, file_id, **_kwargs):
        found = self._find(file_id)
        if not found:
            return request.not_found()
        raw = base64.b64decode(found.with_context(bin_size=False).file or b"")
        return request.make_response(raw, headers=[
            *links.FILE.items(), ("Content-Type", "application/octet-stream"), ("Content-Length", len(raw)),
            ("Content-Disposition", content_disposition(found.name))])

    def _find(self, file_id):
        """The file if this user may read it; the same answer for a foreign and for a missing one."""
        if not 0 < file_id <= links.LAST_ID:
            return None
        found = request.env["collection.dispute.file"].browse(file_id).exists()
        try:
            found.check_access("read")
            found.dispute_id.check_access("read")
        except AccessError:
            return None
        return found
