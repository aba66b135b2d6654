import base64

from odoo import http
from odoo.http import request

from . import account as accounts
from . import links
from .account_file import FILE


class CollectionPortal(http.Controller):
    """What a mail shows of the account: the bank's QR code for what the message lists."""

    @http.route("/collections/<int:action_id>/<string:token>/qr", **FILE)
    def qr(self, action_id, token, **_kwargs):
        """The QR code for what is open now; nothing once it is paid."""
        account = accounts.find(action_id=action_id, token=token)
        action = account and account.action
        code = action and action._bank_qr(action._statements()[action], action._bank_account())
        if not code:
            return links.refuse()
        picture = base64.b64decode(code.partition(",")[2])
        return request.make_response(picture, headers=[*links.FILE.items(), ("Content-Type", "image/png")])
