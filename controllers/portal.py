import base64

from odoo import http
from odoo.http import request

from ..models.collection_message import LINK_SCOPE
from .links import PRIVATE, read_token

# The page needs no script and nothing from elsewhere.
HEADERS = {
    **PRIVATE,
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; form-action 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'",
}
ROUTE = "/collections/<int:action_id>/<string:token>"


class CollectionPortal(http.Controller):
    """What the link in a message opens: the items of that very message as they stand now, and the ways to pay."""

    @http.route(ROUTE, type="http", auth="public", methods=["GET"], sitemap=False)
    def statement(self, action_id, token, **_kwargs):
        action = self._find(action_id, token)
        return self._answer("account_credit_collection.portal_statement", self._prepare_page(action)) if action else self._refuse()

    @http.route(f"{ROUTE}/qr", type="http", auth="public", methods=["GET"], sitemap=False, save_session=False)
    def qr(self, action_id, token, **_kwargs):
        """The bank's QR code for what is open now, as messages show it."""
        action = self._find(action_id, token)
        code = action and action._bank_qr(action._statements()[action], action._bank_account())
        if not code:
            return self._refuse()
        picture = base64.b64decode(code.partition(",")[2])
        return request.make_response(picture, headers=[*HEADERS.items(), ("Content-Type", "image/png")])

    @http.route(f"{ROUTE}/pay/<int:line_id>", type="http", auth="public", methods=["POST"], sitemap=False)
    def pay(self, action_id, token, line_id, **_kwargs):
        """On to the invoice; by POST, since mail scanners follow links and this may give the invoice its access token."""
        action = self._find(action_id, token)
        items = self._items(action) if action else []
        item = next((item for item in items if item["line"].id == line_id and item["has_page"]), None)
        if not item:
            return self._refuse()
        response = request.redirect(item["line"]._pay_link(float(item["to_pay"])), local=True)
        response.headers.update(HEADERS)
        return response

    # ------------------------------------------------------------------ the link

    def _find(self, action_id, token):
        """The contact a link was made for, in the language of its reader; None for whatever is wrong with the link."""
        payload = self._payload(token)
        if not isinstance(payload, list) or len(payload) != 2 or payload[0] != action_id:
            return None
        action = request.env["collection.action"].sudo().browse(action_id).exists()
        if not action or action.partner_id.id != payload[1]:
            return None
        request.update_context(lang=action._reader_lang())
        return action.with_env(request.env(su=True))

    def _payload(self, token):
        """What a valid token says, None for any other text, also for another spelling of a valid one."""
        return read_token(LINK_SCOPE, token)

    # ------------------------------------------------------------------ answers

    def _items(self, action):
        return [item for group in action._statements()[action] for item in group["items"]]

    def _prepare_page(self, action):
        groups = action._statements()[action]
        account = action._bank_account()
        for item in (item for group in groups for item in group["items"]):
            item["online"] = item["has_page"] and item["line"]._online(float(item["to_pay"]))
        return {
            "action": action, "company": action.company_id, "groups": groups, "sender": action._sender(),
            "money": lambda amount, currency: action._money(float(amount), currency),
            "is_open": any(group["open"] for group in groups), "is_due": any(group["to_pay"] for group in groups),
            "bank": action._bank_block(groups, account), "qr": action._bank_qr(groups, account),
            "url": request.httprequest.path, "lang_code": request.env.lang,
        }

    def _answer(self, template, values, status=200):
        return request.render(template, values, status=status, headers=list(HEADERS.items()))

    def _refuse(self):
        """One answer for every bad link: it tells nothing about what exists."""
        return self._answer("account_credit_collection.portal_no_statement", {"lang_code": request.env.lang}, status=404)
